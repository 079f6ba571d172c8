//! `GET /health`, `GET /metrics`, `GET /openapi.json`.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::serve::answer::Json;
use crate::serve::service::Shared;

/// Tells that the service answers.
pub(in crate::serve) async fn health() -> Response {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION") })).into_response()
}

/// Returns the counters in Prometheus's format.
pub(in crate::serve) async fn metrics(State(service): State<Shared>) -> Response {
    let text = service.metrics.text(&service.models());
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

/// Returns the description of the routes.
pub(in crate::serve) async fn openapi() -> Response {
    let text = include_str!("openapi.json").replace("VERSION", env!("CARGO_PKG_VERSION"));
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use crate::serve::ROUTES;

    #[test]
    fn the_description_has_every_route_and_no_other() {
        let description: Value = serde_json::from_str(include_str!("openapi.json")).expect("JSON");
        let mut described = BTreeSet::new();
        for (path, methods) in description["paths"].as_object().expect("paths") {
            for (method, route) in methods.as_object().expect("methods") {
                assert!(route["summary"].is_string() && route["responses"].is_object(), "{method} {path}");
                described.insert((method.as_str(), path.as_str()));
            }
        }
        assert_eq!(described, BTreeSet::from(ROUTES));
    }
}
