//! Failures of requests, in JSON or HTML, and answers in JSON.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use super::page;
use crate::error::Error;

/// Cause for which a request is not answered as it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl Failure {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// Returns the failure as a page, for a browser.
    pub(super) fn into_page(self) -> Response {
        let page = page::failure(self.status, &self.message);
        self.with_headers((self.status, page).into_response())
    }

    /// Returns the failure as a page or in JSON, whichever a request with these headers asks for.
    pub(super) fn for_request(self, headers: &HeaderMap) -> Response {
        if wants_page(headers) { self.into_page() } else { self.into_response() }
    }

    /// Adds what a client needs to know to come again.
    fn with_headers(&self, mut response: Response) -> Response {
        let (name, value) = match self.status {
            StatusCode::UNAUTHORIZED => {
                (header::WWW_AUTHENTICATE, "Basic realm=\"irgan\", charset=\"UTF-8\"")
            }
            StatusCode::SERVICE_UNAVAILABLE => (header::RETRY_AFTER, "1"),
            _ => return response,
        };
        response.headers_mut().insert(name, HeaderValue::from_static(value));
        response
    }
}

/// Returns the failure of a body that is larger than the service takes.
pub(super) fn too_large() -> Failure {
    Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than this service takes")
}

/// Returns true for the headers of a browser that opens a page.
pub(super) fn wants_page(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

/// Settings that do not fit are the client's fault, all else is the server's.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Config(message) | Error::Unfit(message) => Self::bad_request(message),
            other => Self::internal(other.to_string()),
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "status": self.status.as_u16(), "message": &self.message } });
        let response = (self.status, Json(body)).into_response();
        self.with_headers(response)
    }
}

/// Answer in JSON.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => ([(header::CONTENT_TYPE, "application/json")], bytes).into_response(),
            Err(cause) => (StatusCode::INTERNAL_SERVER_ERROR, cause.to_string()).into_response(),
        }
    }
}
