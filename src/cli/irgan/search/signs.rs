//! Signs that other search engines give a meaning, and that are plain words here.

/// Returns the signs in `query` that a user may expect to work, as they are written; `fields` are those of the index.
pub(super) fn signs(query: &str, fields: &[&str]) -> Vec<String> {
    let mut signs: Vec<String> = vec![];
    let mut add = |sign: &str| {
        if !signs.iter().any(|known| known == sign) {
            signs.push(sign.to_owned());
        }
    };
    let words: Vec<&str> = query.split_whitespace().collect();
    if query.matches(['"', '“', '”', '„']).count() > 1 {
        add("quotes");
    }
    for word in &words {
        let inner = word.trim_start_matches(['+', '-', '(', '"']);
        match inner.split_once(':') {
            Some((field, rest)) if !rest.is_empty() && fields.contains(&field) => add(&format!("{field}:")),
            _ => {}
        }
        let begins =
            |sign| word.strip_prefix(sign).is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
        ['+', '-'].iter().filter(|&&sign| begins(sign)).for_each(|sign| add(&sign.to_string()));
        if words.len() > 1 && ["AND", "OR", "NOT"].contains(word) {
            add(word);
        }
        if word.len() > 1 && word.ends_with('*') {
            add("*");
        }
        let boost = |sign| {
            let end = word.rsplit_once(sign).map(|(_, end): (&str, &str)| end);
            end.is_some_and(|end| end.parse::<f32>().is_ok())
        };
        ['^', '~'].iter().filter(|&&sign| boost(sign)).for_each(|sign| add(&sign.to_string()));
    }
    signs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_other_engines_are_named_once_and_plain_words_are_not() {
        let fields = ["all", "title", "body"];
        for (query, expected) in [
            ("boundary-layer control at 3:30 (laminar) AND", vec!["AND"]),
            ("title:wing \"boundary layer\" title:x", vec!["quotes", "title:"]),
            ("+wing -tail flutter^2 roam~1 wing*", vec!["+", "-", "^", "~", "*"]),
            ("salt OR wind NOT (+body:sea)", vec!["OR", "NOT", "body:"]),
            ("AND", vec![]),
            ("state of the art - 5\" pipes", vec![]),
        ] {
            assert_eq!(signs(query, &fields), expected, "{query}");
        }
    }
}
