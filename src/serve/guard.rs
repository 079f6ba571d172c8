//! What every request passes: the secret, the host, the site that sent it, and the limits of time and number.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq as _;

use super::answer::{Failure, too_large};
use super::service::Shared;

/// Rules by which requests are let through.
#[derive(Debug)]
pub(super) struct Gate {
    address: SocketAddr,
    token: Option<String>,
}

/// Address that answers without a secret.
const OPEN: &str = "/health";
/// Addresses that answer those who watch the service, however many requests there are.
const WATCHED: [&str; 2] = [OPEN, "/metrics"];

impl Gate {
    /// Makes the rules of a service that listens at `address`, whose requests must name `token`.
    pub(super) fn new(address: SocketAddr, token: Option<String>) -> Self {
        Self { address, token }
    }

    fn check(&self, request: &Request) -> Result<(), Failure> {
        let headers = request.headers();
        let host = request.uri().authority().map(|authority| authority.as_str());
        let host = host.or_else(|| text(headers, &header::HOST));
        self.check_host(host)?;
        if let (Some(token), false) = (&self.token, request.uri().path() == OPEN) {
            check_token(headers, token)?;
        }
        match *request.method() {
            Method::GET | Method::HEAD => Ok(()),
            _ => check_site(headers, host),
        }
    }

    /// Refuses a name that a foreign site made point here, so that its pages could read what is served (DNS rebinding). A service
    /// that others reach knows no names of its own; there the secret, which browsers keep by name, keeps such pages out.
    fn check_host(&self, host: Option<&str>) -> Result<(), Failure> {
        let Some(host) = host else { return Err(Failure::bad_request("expected a Host header")) };
        if !self.address.ip().is_loopback() {
            return Ok(());
        }
        // Any port: it may be forwarded from another one, and foreign pages are known by their names.
        let name = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => name,
            _ => host,
        };
        let own = [self.address.ip().to_string(), format!("[{}]", self.address.ip())];
        match ["localhost", "127.0.0.1", "[::1]"].contains(&name) || own.iter().any(|own| own == name) {
            true => Ok(()),
            false => {
                let message = format!("this service is at {}, and answers to no other name", self.address);
                Err(Failure::new(StatusCode::MISDIRECTED_REQUEST, message))
            }
        }
    }
}

/// Refuses a request that names another secret than `token`, or none: `Authorization: Bearer TOKEN`, or the password of `Basic`,
/// which browsers ask their users for.
fn check_token(headers: &HeaderMap, token: &str) -> Result<(), Failure> {
    let given = text(headers, &header::AUTHORIZATION).and_then(|value| value.split_once(' '));
    let given = given.and_then(|(scheme, value)| match scheme.to_ascii_lowercase().as_str() {
        "bearer" => Some(value.trim().as_bytes().to_vec()),
        "basic" => {
            let pair = STANDARD.decode(value.trim()).ok()?;
            let colon = pair.iter().position(|&byte| byte == b':')?;
            Some(pair[colon + 1..].to_vec())
        }
        _ => None,
    });
    // The time that this takes tells the length of the secret at most.
    match given.is_some_and(|given| bool::from(given.as_slice().ct_eq(token.as_bytes()))) {
        true => Ok(()),
        false => {
            let message = "expected the token of this service: Authorization: Bearer TOKEN, or as the password in a browser";
            Err(Failure::new(StatusCode::UNAUTHORIZED, message))
        }
    }
}

/// Refuses a change that another site's page sends. Browsers say where it comes from; programs say nothing, and are let through.
fn check_site(headers: &HeaderMap, host: Option<&str>) -> Result<(), Failure> {
    const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
    let is_own = match (text(headers, &SITE), headers.get(header::ORIGIN)) {
        (Some(site), _) => ["same-origin", "none"].contains(&site),
        (None, Some(origin)) => {
            let origin = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
            origin.is_some_and(|(_, origin)| Some(origin) == host)
        }
        (None, None) => !headers.contains_key(SITE),
    };
    match is_own {
        true => Ok(()),
        false => Err(Failure::forbidden("the page of another site sent this; nothing was changed")),
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Lets a request through that keeps the rules.
pub(super) async fn check(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    match gate.check(&request) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.for_request(request.headers()),
    }
}

/// Answers a request within its time, unless its body is too large or too many others are being answered.
pub(super) async fn admit(State(service): State<Shared>, request: Request, next: Next) -> Response {
    if WATCHED.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let headers = request.headers().clone();
    let length = text(&headers, &header::CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if length.is_some_and(|length| length > service.config.limits.body as u64) {
        return too_large().for_request(&headers);
    }
    let Ok(_permit) = service.admission.try_acquire() else {
        let message = "too many requests at a time; come again in a second";
        return Failure::new(StatusCode::SERVICE_UNAVAILABLE, message).for_request(&headers);
    };
    let limit = service.config.limits.timeout;
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let message = format!("not answered within {} s", limit.as_secs_f64());
            Failure::new(StatusCode::REQUEST_TIMEOUT, message).for_request(&headers)
        }
    }
}

/// Measures the time until a request is answered; those that match no route count together.
pub(super) async fn measure(State(service): State<Shared>, request: Request, next: Next) -> Response {
    let _in_flight = service.metrics.begin();
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("other".to_owned(), |path| path.as_str().to_owned());
    let begun = Instant::now();
    let response = next.run(request).await;
    service.metrics.count(&route, response.status().as_u16(), begun.elapsed());
    response
}

/// Headers of every answer: scripts and styles from here alone, shown in no other page, kept by nobody.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Not `no-referrer`: browsers would not say where a form comes from.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Adds the headers of every answer, where it has not its own.
pub(super) async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await.into_response();
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;

    fn status(gate: &Gate, method: &str, headers: &[(&str, &str)]) -> u16 {
        let mut request = axum::http::Request::builder().method(method).uri("/search");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        gate.check(&request).map_or_else(|failure| failure.status.as_u16(), |()| 200)
    }

    #[test]
    fn only_its_own_names_and_pages_reach_a_service_on_loopback() {
        let gate = Gate::new("127.0.0.1:7700".parse().expect("an address"), None);
        for (host, expected) in [
            ("127.0.0.1:7700", 200),
            ("localhost:7700", 200),
            ("[::1]:7700", 200),
            ("localhost:8080", 200), // forwarded
            ("localhost", 200),
            ("evil.example:7700", 421),
            ("localhost.evil.example:7700", 421),
            ("", 421),
        ] {
            assert_eq!(status(&gate, "GET", &[("host", host)]), expected, "{host}");
        }
        assert_eq!(status(&gate, "GET", &[]), 400);
        let own = ("host", "localhost:7700");
        for (headers, expected) in [
            (vec![], 200),
            (vec![("sec-fetch-site", "same-origin"), ("origin", "null")], 200),
            (vec![("sec-fetch-site", "none")], 200),
            (vec![("sec-fetch-site", "cross-site")], 403),
            (vec![("sec-fetch-site", "same-site")], 403), // another port
            (vec![("sec-fetch-site", "\u{e9}")], 403),
            (vec![("origin", "http://localhost:7700")], 200),
            (vec![("origin", "http://localhost:7701")], 403),
            (vec![("origin", "http://evil.example")], 403),
            (vec![("origin", "null")], 403),
        ] {
            let all = [vec![own], headers.clone()].concat();
            assert_eq!(status(&gate, "POST", &all), expected, "{headers:?}");
            assert_eq!(status(&gate, "GET", &all), 200, "{headers:?}");
        }
    }

    #[test]
    fn a_service_for_others_asks_for_its_token() {
        let token = "correct-horse-battery";
        let gate = Gate::new("0.0.0.0:7700".parse().expect("an address"), Some(token.into()));
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        for (value, expected) in [
            (format!("Bearer {token}"), 200),
            (format!("bearer {token}"), 200),
            (basic(&format!("me:{token}")), 200),
            (basic(&format!(":{token}")), 200),
            (basic(token), 401),
            (format!("Bearer {token}x"), 401),
            ("Bearer correct-horse-batterx".into(), 401),
            ("Bearer".into(), 401),
            ("Basic ###".into(), 401),
            (token.into(), 401),
        ] {
            let headers = [("host", "ranker.example"), ("authorization", value.as_str())];
            assert_eq!(status(&gate, "GET", &headers), expected, "{value}");
        }
        assert_eq!(status(&gate, "GET", &[("host", "ranker.example")]), 401);
    }
}
