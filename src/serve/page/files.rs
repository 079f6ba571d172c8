//! Files that pages load: the style, the script and the icon.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};

/// Lets browsers keep a file until the program may be another one.
fn file(kind: &'static str, text: &'static str) -> Response {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "max-age=300")], text).into_response()
}

pub(in crate::serve) async fn style() -> Response {
    file("text/css; charset=utf-8", include_str!("style.css"))
}

pub(in crate::serve) async fn script() -> Response {
    file("text/javascript; charset=utf-8", include_str!("script.js"))
}

pub(in crate::serve) async fn icon() -> Response {
    file("image/svg+xml", include_str!("icon.svg"))
}
