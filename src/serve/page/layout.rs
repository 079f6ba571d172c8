//! Answers of pages: whole pages, failures as pages, and their addresses.

use axum::response::{Html, IntoResponse as _, Response};
use maud::Markup;

use super::frame::{Part, frame};
use crate::serve::answer::Failure;
use crate::serve::service::Service;

/// Answer of a page: HTML, a way elsewhere, or a failure, which is a page too.
pub(super) type Page = Result<Response, PageFailure>;

/// Failure that is shown as a page.
pub(in crate::serve) struct PageFailure(Failure);

impl<F: Into<Failure>> From<F> for PageFailure {
    fn from(failure: F) -> Self {
        Self(failure.into())
    }
}

impl axum::response::IntoResponse for PageFailure {
    fn into_response(self) -> Response {
        self.0.into_page()
    }
}

/// Returns a page of the service.
pub(super) fn page(service: &Service, part: Part, title: &str, body: &Markup) -> Response {
    Html(frame(part, service.judges(), title, body).into_string()).into_response()
}

/// Returns the address of a page with parameters.
pub(super) fn address(path: &str, parameters: &[(&str, &str)]) -> String {
    let start = path.len() + 1;
    let mut address = form_urlencoded::Serializer::for_suffix(format!("{path}?"), start);
    address.extend_pairs(parameters);
    address.finish()
}
