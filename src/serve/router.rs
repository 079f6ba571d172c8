//! Routes of the service, and the layers that every request passes.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use tower_http::compression::CompressionLayer;

use super::answer::Failure;
use super::guard::{self, Gate};
use super::service::Shared;
use super::{api, page};

/// Routes that answer in JSON or plain text, each with its method; the description at `/openapi.json` has them all.
pub const ROUTES: [(&str, &str); 11] = [
    ("get", "/search"),
    ("get", "/documents/{id}"),
    ("post", "/rank"),
    ("get", "/recommend"),
    ("get", "/judgements"),
    ("post", "/judgements"),
    ("post", "/judgements/undo"),
    ("post", "/judgements/queries"),
    ("get", "/health"),
    ("get", "/metrics"),
    ("get", "/openapi.json"),
];

/// Returns all routes behind their layers, for a service that listens at the addresses that `gate` lets through.
pub(super) fn router(service: Shared, gate: Gate) -> Router {
    let limits = service.config.limits;
    let json = Router::new()
        .route("/search", get(api::search))
        .route("/documents/{*id}", get(api::document))
        .route("/rank", post(api::rank))
        .route("/recommend", get(api::recommend))
        .route("/judgements", get(api::judgements).post(api::judge))
        .route("/judgements/undo", post(api::undo))
        .route("/judgements/queries", post(api::add_query))
        .route("/health", get(api::health))
        .route("/metrics", get(api::metrics))
        .route("/openapi.json", get(api::openapi));
    let pages = Router::new()
        .route("/", get(page::search))
        .route("/document", get(page::document))
        .route("/judge", get(page::queries))
        .route("/judge/query", get(page::query))
        .route("/judge/add", post(page::add))
        .route("/judge/grade", post(page::grade))
        .route("/judge/undo", post(page::undo))
        .route("/style.css", get(page::style))
        .route("/script.js", get(page::script))
        .route("/icon.svg", get(page::icon));
    json.merge(pages)
        .fallback(nothing_here)
        .method_not_allowed_fallback(another_method)
        .with_state(service.clone())
        // The layers from the inside to the outside.
        .layer(DefaultBodyLimit::max(limits.body))
        .layer(from_fn_with_state(service.clone(), guard::admit))
        .layer(from_fn_with_state(Arc::new(gate), guard::check))
        .layer(from_fn_with_state(service, guard::measure))
        .layer(CompressionLayer::new())
        .layer(from_fn(guard::add_headers))
}

async fn nothing_here(headers: HeaderMap) -> Response {
    Failure::not_found("there is nothing at this address; /openapi.json describes those that there are")
        .for_request(&headers)
}

async fn another_method(headers: HeaderMap) -> Response {
    let message = "this address takes another method; /openapi.json describes them";
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, message).for_request(&headers)
}
