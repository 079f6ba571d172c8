//! Colours and dashes of every picture and of the page around them, for light and dark screens and for paper.

use std::fmt::Write as _;

/// Number of line colours, and of dash patterns.
pub(in crate::report) const STYLES: usize = 8;

/// Colour by name, with its value on a light screen, on a dark screen and on paper.
type Colour = (&'static str, [&'static str; 3]);

const COLOURS: [Colour; 19] = [
    ("paper", ["#ffffff", "#15181c", "#ffffff"]),
    ("ink", ["#1f2328", "#e6e8ea", "#000000"]),
    ("soft", ["#57606a", "#a3abb3", "#444444"]),
    ("rule", ["#d0d7de", "#3b424a", "#999999"]),
    ("grid", ["#e4e8ec", "#2b3138", "#dddddd"]),
    ("box", ["#f6f8fa", "#1e2329", "#ffffff"]),
    ("good", ["#0b6e4f", "#4cc9a0", "#0b6e4f"]),
    ("warn", ["#9a4b00", "#f2a65a", "#9a4b00"]),
    ("bad", ["#a3123a", "#ff8fa8", "#a3123a"]),
    ("gain", ["#0065a8", "#5cb3f0", "#0065a8"]),
    ("loss", ["#c44e00", "#ff9352", "#c44e00"]),
    ("c0", ["#0065a8", "#5cb3f0", "#0065a8"]),
    ("c1", ["#c44e00", "#ff9352", "#c44e00"]),
    ("c2", ["#00795c", "#43c9a0", "#00795c"]),
    ("c3", ["#a04a82", "#e3a0cb", "#a04a82"]),
    ("c4", ["#8a6500", "#e8bd4e", "#8a6500"]),
    ("c5", ["#1f2328", "#e6e8ea", "#000000"]),
    ("c6", ["#3f7fbf", "#9ccbf5", "#3f7fbf"]),
    ("c7", ["#7a7f85", "#9aa1a8", "#7a7f85"]),
];

/// Lengths of dashes and gaps, in units of a picture; the first line is solid.
const DASHES: [&[u32]; STYLES] =
    [&[], &[16, 8], &[4, 7], &[18, 7, 4, 7], &[30, 8], &[8, 5], &[18, 6, 4, 6, 4, 6], &[2, 4]];

/// Classes of a picture: name, property and colour.
fn classes() -> Vec<(String, &'static str, String)> {
    let mut all: Vec<(String, &str, String)> = [
        ("s-ink", "stroke", "ink"),
        ("f-ink", "fill", "ink"),
        ("s-grid", "stroke", "grid"),
        ("f-gain", "fill", "gain"),
        ("f-loss", "fill", "loss"),
        ("mark", "stroke", "ink"),
    ]
    .map(|(class, property, colour)| (class.to_owned(), property, colour.to_owned()))
    .into();
    for index in 0..STYLES {
        all.push((format!("s{index}"), "stroke", format!("c{index}")));
        all.push((format!("f{index}"), "fill", format!("c{index}")));
    }
    all
}

/// Returns the rules of a page: its colours as variables, and the classes of the pictures in it.
pub(in crate::report) fn page_rules() -> String {
    let variables = |medium: usize| {
        COLOURS.iter().map(|(name, values)| format!("--{name}: {}; ", values[medium])).collect::<String>()
    };
    let mut rules = format!(
        ":root {{ color-scheme: light dark; {}}}\n\
         @media (prefers-color-scheme: dark) {{ :root {{ {}}} }}\n\
         @media print {{ :root {{ color-scheme: light; {}}} }}\n",
        variables(0),
        variables(1),
        variables(2)
    );
    for (class, property, colour) in classes() {
        let _ = writeln!(rules, ".{class} {{ {property}: var(--{colour}); }}");
    }
    for (index, dash) in DASHES.iter().enumerate().skip(1) {
        // A line of the legend is half as wide as one of a picture.
        let halves: Vec<f64> = dash.iter().map(|&length| f64::from(length) / 2.0).collect();
        let _ = writeln!(rules, ".d{index} {{ stroke-dasharray: {}; }}", spaced(dash));
        let _ = writeln!(rules, ".legend .d{index} {{ stroke-dasharray: {}; }}", spaced(&halves));
    }
    rules
}

/// Returns the rules of a picture that stands alone: those of the classes in `body`, with plain colours, since not
/// every viewer of SVG knows variables.
pub(super) fn picture_rules(body: &str) -> String {
    let value = |colour: &str, medium: usize| {
        COLOURS.iter().find(|(name, _)| *name == colour).map_or("none", |(_, values)| values[medium])
    };
    let is_used = |class: &str| {
        [format!("\"{class}\""), format!("\"{class} "), format!(" {class}\"")]
            .iter()
            .any(|part| body.contains(part))
    };
    let mut used = classes();
    used.retain(|(class, ..)| is_used(class));
    used.push(("paper".to_owned(), "fill", "paper".to_owned()));
    used.push(("soft".to_owned(), "fill", "soft".to_owned()));
    let rules = |medium: usize| {
        used.iter()
            .map(|(class, property, colour)| format!(".{class}{{{property}:{}}}", value(colour, medium)))
            .collect::<String>()
    };
    let dashes: String = (1..STYLES)
        .filter(|index| is_used(&format!("d{index}")))
        .map(|index| format!(".d{index}{{stroke-dasharray:{}}}", spaced(DASHES[index])))
        .collect();
    format!("{}{dashes}@media (prefers-color-scheme:dark){{{}}}", rules(0), rules(1))
}

fn spaced(lengths: &[impl ToString]) -> String {
    lengths.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_colour_of_the_table() {
        for (class, _, colour) in classes() {
            assert!(COLOURS.iter().any(|(name, _)| *name == colour), "{class}: {colour}");
        }
    }

    #[test]
    fn a_picture_has_the_rules_of_its_own_classes_only() {
        let rules = picture_rules("<path class=\"s1 d1\"/><text class=\"f-ink\">");
        assert!(
            rules.contains(".s1{stroke:#c44e00}") && rules.contains(".d1{stroke-dasharray:16 8}"),
            "{rules}"
        );
        assert!(rules.contains(".f-ink{fill:#e6e8ea}") && !rules.contains(".s0") && !rules.contains("var("));
    }
}
