//! The page around pictures and tables: HTML with everything in it, and text made harmless.

use crate::evaluation::Table;

/// The page's own style sheet.
const STYLE: &str = include_str!("report.css");

/// Text of others as it may stand in a page, between tags and in quoted attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // A page may not hold control characters.
            other if other.is_control() && !other.is_whitespace() => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// A document under construction.
pub(super) struct Page {
    title: String,
    body: String,
}

/// How a note is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Warn,
    Bad,
    Plain,
}

impl Page {
    pub fn new(title: &str, subtitle: &str) -> Self {
        let mut page = Self { title: title.to_owned(), body: String::new() };
        page.html(&format!("<header><h1>{}</h1>\n", escaped(title)));
        page.html(&format!("<p class=\"soft\">{}</p></header>\n<main>\n", escaped(subtitle)));
        page
    }

    /// Adds what is HTML already.
    pub fn html(&mut self, html: &str) {
        self.body.push_str(html);
    }

    pub fn section(&mut self, title: &str) {
        self.html(&format!("<h2>{}</h2>\n", escaped(title)));
    }

    pub fn paragraph(&mut self, text: &str) {
        self.html(&format!("<p>{}</p>\n", escaped(text)));
    }

    /// A statement that must not be overlooked; its lines stay lines.
    pub fn note(&mut self, tone: Tone, title: &str, text: &str) {
        let class = match tone {
            Tone::Good => "note good",
            Tone::Warn => "note warn",
            Tone::Bad => "note bad",
            Tone::Plain => "note",
        };
        self.html(&format!("<div class=\"{class}\"><b>{}</b> {}</div>\n", escaped(title), escaped(text)));
    }

    /// A section of pictures; none when there is nothing to show.
    pub fn figures(&mut self, title: &str, about: &str, figures: &[String]) {
        let figures: String = figures.concat();
        if !figures.is_empty() {
            self.section(title);
            if !about.is_empty() {
                self.paragraph(about);
            }
            self.html(&format!("<div class=\"figures\">\n{figures}</div>\n"));
        }
    }

    /// Tables beside each other where there is room.
    pub fn beside(&mut self, tables: &[String]) {
        self.html(&format!("<div class=\"beside\">\n{}</div>\n", tables.concat()));
    }

    /// The whole document.
    pub fn finish(self) -> String {
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n{}</main>\n</body>\n</html>\n",
            escaped(&self.title),
            self.body
        )
    }
}

/// A table that scrolls in its own box; the row that `is_chosen` holds of is marked.
pub(super) fn table(caption: &str, table: &Table, is_chosen: impl Fn(usize) -> bool) -> String {
    let class = |column: usize| if table.is_numeric(column) { " class=\"n\"" } else { "" };
    let mut out = String::from("<thead><tr>");
    for (column, name) in table.header().iter().enumerate() {
        out += &format!("<th scope=\"col\"{}>{}</th>", class(column), escaped(name));
    }
    out += "</tr></thead>\n<tbody>\n";
    for (index, row) in table.rows().iter().enumerate() {
        out += if is_chosen(index) { "<tr class=\"chosen\">" } else { "<tr>" };
        for (column, cell) in row.iter().enumerate() {
            let text = escaped(&cell.shown());
            out += &match column {
                0 => format!("<th scope=\"row\">{text}</th>"),
                _ => format!("<td{}>{text}</td>", class(column)),
            };
        }
        out += "</tr>\n";
    }
    boxed(caption, "", &(out + "</tbody>"))
}

/// The parts of a table in a box that scrolls, also by the keyboard.
fn boxed(caption: &str, class: &str, parts: &str) -> String {
    let caption = escaped(caption);
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table class=\"{class}\">\
         <caption>{caption}</caption>\n{parts}</table></div>\n"
    )
}

/// Names and their values in each of `columns`, which are named when there are several.
pub(super) fn facts(caption: &str, columns: &[&str], rows: &[(String, Vec<String>)]) -> String {
    let mut out = String::new();
    if columns.len() > 1 {
        let name = |name: &&str| format!("<th scope=\"col\">{}</th>", escaped(name));
        out +=
            &format!("<thead><tr><td></td>{}</tr></thead>\n", columns.iter().map(name).collect::<String>());
    }
    out += "<tbody>\n";
    for (name, values) in rows {
        let cells: String = values.iter().map(|value| format!("<td>{}</td>", escaped(value))).collect();
        out += &format!("<tr><th scope=\"row\">{}</th>{cells}</tr>\n", escaped(name));
    }
    boxed(caption, "facts", &(out + "</tbody>"))
}

/// What unfolds on request.
pub(super) fn details(summary: &str, html: &str) -> String {
    format!("<details><summary>{}</summary>\n{html}</details>\n", escaped(summary))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evaluation::table::Cell;

    #[test]
    fn text_cannot_leave_its_place() {
        assert_eq!(escaped("<a b='\"'>&\u{1b}\t"), "&lt;a b=&#39;&quot;&#39;&gt;&amp;\u{fffd}\t");
        let mut page = Page::new("<script>", "</main>");
        page.note(Tone::Warn, "<b>", "<i>");
        page.html(&facts("<u>", &["<em>", "<q>"], &[("<s>".into(), vec!["</td>".into(), "<q>".into()])]));
        let html = page.finish();
        for tag in ["<script>", "</main></p>", "<i>", "<u>", "<s>", "<em>", "<q>", "</td></td>"] {
            assert!(!html.contains(tag), "{tag} in {html}");
        }
    }

    #[test]
    fn a_table_marks_the_chosen_row() {
        let mut rows = Table::new(["ranker", "AP"]);
        rows.row(["a".into(), Cell::score(0.5)]).row(["b".into(), Cell::score(f64::NAN)]);
        let html = table("which", &rows, |row| row == 1);
        assert!(html.contains("<tr><th scope=\"row\">a</th><td class=\"n\">0.5000</td></tr>"), "{html}");
        assert!(
            html.contains("<tr class=\"chosen\"><th scope=\"row\">b</th><td class=\"n\">–</td></tr>"),
            "{html}"
        );
    }
}
