//! Pictures of a page with their legends and captions.

use crate::report::escape::escaped;
use crate::report::plot::{Key, Picture};

/// Returns a `figure` element.
pub(super) fn html(picture: &Picture) -> String {
    let Picture { svg, title, caption, legend } = picture;
    let legend = match legend.is_empty() {
        true => String::new(),
        false => format!("<ul class=\"legend\">{}</ul>\n", legend.iter().map(entry).collect::<String>()),
    };
    format!(
        "<figure>{svg}\n{legend}<figcaption><b>{}.</b> {}</figcaption></figure>\n",
        escaped(title),
        escaped(caption)
    )
}

fn entry(Key { name, style }: &Key) -> String {
    let sign = match style {
        Some(style) => format!("<path class=\"{}\" d=\"M0 4H30\"/>", style.classes()),
        None => "<circle class=\"mark\" cx=\"15\" cy=\"4\" r=\"3\"/>".to_owned(),
    };
    format!("<li><svg viewBox=\"0 0 30 8\" aria-hidden=\"true\">{sign}</svg>{}</li>", escaped(name))
}
