//! HTML of the tables that the terminal and Markdown print too.

use crate::evaluation::Table;
use crate::evaluation::table::Cell;
use crate::report::escape::escaped;

/// Tables of more columns are set smaller, so that they fit on a screen of 1280 pixels and on paper.
const MOST_COLUMNS: usize = 10;

/// Returns a table that scrolls in its own box; the row that `is_chosen` holds of is marked.
pub(in crate::report) fn table(caption: &str, table: &Table, is_chosen: impl Fn(usize) -> bool) -> String {
    let class = if table.header().len() > MOST_COLUMNS { "wide" } else { "" };
    boxed(caption, class, &format!("{}{}", head(table), body(table, is_chosen)))
}

/// Returns a table of named values, one row a name, with a column for each of `columns`; a single column has no
/// header.
pub(in crate::report) fn facts(caption: &str, columns: &[&str], rows: &[(String, Vec<String>)]) -> String {
    let mut table = Table::new([""].iter().chain(columns).copied());
    for (name, values) in rows {
        table.row([name].into_iter().chain(values).map(|text| Cell::from(text.as_str())));
    }
    let head = if columns.len() > 1 { head(&table) } else { String::new() };
    boxed(caption, "facts", &(head + &body(&table, |_| false)))
}

fn head(table: &Table) -> String {
    let mut out = String::from("<thead><tr>");
    for (column, name) in table.header().iter().enumerate() {
        out += &match name.is_empty() {
            true => "<td></td>".to_owned(),
            false => format!("<th scope=\"col\"{}>{}</th>", class(table, column), escaped(name)),
        };
    }
    out + "</tr></thead>\n"
}

fn body(table: &Table, is_chosen: impl Fn(usize) -> bool) -> String {
    let mut out = String::from("<tbody>\n");
    for (index, row) in table.rows().iter().enumerate() {
        out += if is_chosen(index) { "<tr class=\"chosen\">" } else { "<tr>" };
        for (column, cell) in row.iter().enumerate() {
            let text = escaped(&cell.shown());
            out += &match column {
                0 => format!("<th scope=\"row\">{text}</th>"),
                _ => format!("<td{}>{text}</td>", class(table, column)),
            };
        }
        out += "</tr>\n";
    }
    out + "</tbody>"
}

/// Returns the attribute of a cell in a column of numbers.
fn class(table: &Table, column: usize) -> &'static str {
    if table.is_numeric(column) { " class=\"n\"" } else { "" }
}

/// Returns the parts of a table in a box that scrolls, also by the keyboard.
fn boxed(caption: &str, class: &str, parts: &str) -> String {
    let caption = escaped(caption);
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{caption}\" tabindex=\"0\"><table class=\"{class}\">\
         <caption>{caption}</caption>\n{parts}</table></div>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn facts_of_one_run_have_no_header() {
        let rows = [("seed".to_owned(), vec!["1".to_owned()])];
        let html = facts("Settings", &["a"], &rows);
        assert!(
            html.contains("<th scope=\"row\">seed</th><td>1</td>") && !html.contains("<thead>"),
            "{html}"
        );
    }
}
