//! Frame of every page, and the page of a failure.

use axum::http::StatusCode;
use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

/// Part of the site that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::serve) enum Part {
    Search,
    Judge,
    Failure,
}

/// Returns a whole page; one of a service that `judges` leads to judging.
pub(super) fn frame(part: Part, judges: bool, title: &str, body: &Markup) -> Markup {
    let current = |own: Part| (part == own).then_some("page");
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – irgan" }
                link rel="icon" href="/icon.svg" type="image/svg+xml";
                link rel="stylesheet" href="/style.css";
                script src="/script.js" defer {}
            }
            body {
                header.bar {
                    a.brand href="/" { img src="/icon.svg" alt="" width="24" height="24"; "irgan" }
                    nav {
                        a href="/" aria-current=[current(Part::Search)] { "Search" }
                        @if judges {
                            a href="/judge" aria-current=[current(Part::Judge)] { "Judge" }
                        }
                    }
                }
                main { (body) }
            }
        }
    }
}

/// Returns the page of a failure.
pub(in crate::serve) fn failure(status: StatusCode, message: &str) -> Html<String> {
    let name = status.canonical_reason().unwrap_or("Failure");
    let body = html! {
        h1 { (name) }
        p.failure { (message) }
        p { a href="/" { "To the search" } }
    };
    Html(frame(Part::Failure, false, name, &body).into_string())
}
