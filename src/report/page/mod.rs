//! HTML page around pictures and tables, with everything in it.

mod figure;
mod tables;

pub(super) use tables::{facts, table};

use super::escape::escaped;
use super::plot::{Picture, page_rules};

/// Layout of the page; its colours come from the plotter.
const STYLE: &str = include_str!("report.css");

/// Document under construction.
pub(super) struct Page {
    title: String,
    body: String,
}

/// Meaning of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Good,
    Warn,
    Bad,
    Plain,
}

impl Page {
    /// Page with a title and a line below it.
    pub fn new(title: &str, subtitle: &str) -> Self {
        let mut page = Self { title: title.to_owned(), body: String::new() };
        page.html(&format!("<header><h1>{}</h1>\n", escaped(title)));
        page.html(&format!("<p class=\"soft\">{}</p></header>\n<main>\n", escaped(subtitle)));
        page
    }

    /// Adds HTML as it is.
    pub fn html(&mut self, html: &str) {
        self.body.push_str(html);
    }

    /// Adds a heading.
    pub fn section(&mut self, title: &str) {
        self.html(&format!("<h2>{}</h2>\n", escaped(title)));
    }

    /// Adds a paragraph.
    pub fn paragraph(&mut self, text: &str) {
        self.html(&format!("<p>{}</p>\n", escaped(text)));
    }

    /// Adds a statement that must not be overlooked; its lines stay lines.
    pub fn note(&mut self, tone: Tone, title: &str, text: &str) {
        let class = match tone {
            Tone::Good => "note good",
            Tone::Warn => "note warn",
            Tone::Bad => "note bad",
            Tone::Plain => "note",
        };
        self.html(&format!("<div class=\"{class}\"><b>{}</b> {}</div>\n", escaped(title), escaped(text)));
    }

    /// Adds a section of pictures; none when there is nothing to show.
    pub fn figures(&mut self, title: &str, about: &str, pictures: impl IntoIterator<Item = Option<Picture>>) {
        let figures: String = pictures.into_iter().flatten().map(|picture| figure::html(&picture)).collect();
        if !figures.is_empty() {
            self.section(title);
            if !about.is_empty() {
                self.paragraph(about);
            }
            self.html(&format!("<div class=\"figures\">\n{figures}</div>\n"));
        }
    }

    /// Adds blocks beside each other where there is room.
    pub fn beside(&mut self, blocks: &[String]) {
        self.html(&format!("<div class=\"beside\">\n{}</div>\n", blocks.concat()));
    }

    /// Adds tables beside each other where they fit whole.
    pub fn tables(&mut self, tables: &[String]) {
        self.html(&format!("<div class=\"tables\">\n{}</div>\n", tables.concat()));
    }

    /// Returns the whole document.
    pub fn finish(self) -> String {
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n\
             <style>\n{}{STYLE}</style>\n</head>\n<body>\n{}</main>\n</body>\n</html>\n",
            escaped(&self.title),
            page_rules(),
            self.body
        )
    }
}

/// Returns a block that unfolds on request.
pub(super) fn details(summary: &str, html: &str) -> String {
    format!("<details><summary>{}</summary>\n{html}</details>\n", escaped(summary))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_place() {
        let mut page = Page::new("<script>", "</main>");
        page.note(Tone::Warn, "<b>", "<i>");
        page.html(&facts("<u>", &["<em>", "<q>"], &[("<s>".into(), vec!["</td>".into(), "<q>".into()])]));
        let html = page.finish();
        for tag in ["<script>", "</main></p>", "<i>", "<u>", "<s>", "<em>", "<q>", "</td></td>"] {
            assert!(!html.contains(tag), "{tag} in {html}");
        }
    }
}
