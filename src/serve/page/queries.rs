//! `GET /judge`: the queries to judge, how far each is, and the commands that train on the judgements.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect};
use maud::{Markup, html};

use super::frame::Part;
use super::layout::{Page, address, page};
use crate::data::documents::Assessments;
use crate::serve::judging::{self, Progress};
use crate::serve::parameters::{Parameters, check_length};
use crate::serve::service::{Service, Shared, work};

/// Number of queries of a page.
const QUERIES: usize = 100;
/// Number of judged queries after which a ranker usually gains.
const ENOUGH: usize = 50;

/// Returns the page of the queries.
pub(in crate::serve) async fn queries(State(service): State<Shared>, RawQuery(query): RawQuery) -> Page {
    let parameters = Parameters::of_query(query.as_deref(), &["from"])?;
    let from = parameters.number("from", 1..=usize::MAX, 1)?;
    let answer = work(&service, move |service, models| {
        let assessments = service.assessments()?;
        let all = assessments.topics().len();
        let shown = assessments.topics().skip(from - 1).take(QUERIES);
        let shown: Vec<Progress> = shown.map(|topic| Progress::of(topic, &assessments, models)).collect();
        let body = html! {
            h1 { "Judge" }
            (summary(&assessments))
            @if !service.config.read_only { (add_form()) }
            (table(&shown))
            (others(from, all))
            (training(service, &assessments))
        };
        Ok(page(service, Part::Judge, "Judge", &body))
    });
    Ok(answer.await?)
}

fn summary(assessments: &Assessments) -> Markup {
    let (count, judged) = (assessments.count(), assessments.judged_topics());
    html! {
        p {
            (count) " judgements of " (judged) " queries. " a href="#train" { "Train" } " "
            @if judged < ENOUGH { span.soft { "With " (ENOUGH) " judged queries a ranker usually gains." } }
        }
        progress max=(ENOUGH) value=(judged.min(ENOUGH)) aria-label="Judged queries" { (judged) }
    }
}

fn add_form() -> Markup {
    html! {
        form.search action="/judge/add" method="post" {
            input name="text" placeholder="Another query" aria-label="Another query" required;
            input.short name="id" placeholder="id (t1, t2, …)" aria-label="Id" maxlength="100";
            button { "Add" }
        }
    }
}

fn table(shown: &[Progress]) -> Markup {
    html! {
        @if shown.is_empty() { p.soft { "No query yet. Type one above." } }
        @else {
            ul.queries {
                @for Progress { id, text, judged, pool, left } in shown {
                    li {
                        a href=(address("/judge/query", &[("id", id)])) { span.id { (id) } (text) }
                        @match (pool, left) {
                            (Some(_), Some(0)) => span.done { "✓ " (judged) },
                            (Some(pool), Some(left)) => span.soft { (pool - left) " of " (pool) },
                            _ => span.soft { @if *judged > 0 { (judged) " judged" } @else { "–" } },
                        }
                    }
                }
            }
        }
    }
}

/// Returns links to the queries before and after.
fn others(from: usize, all: usize) -> Markup {
    let link = |from: usize, text: &str| html! { a href=(address("/judge", &[("from", &from.to_string())])) { (text) } " " };
    html! {
        p {
            @if from > 1 { (link(from.saturating_sub(QUERIES).max(1), "← before")) }
            @if from.saturating_add(QUERIES) <= all { (link(from + QUERIES, "after →")) }
        }
    }
}

fn training(service: &Service, assessments: &Assessments) -> Markup {
    let commands = (service.config.voice.commands)();
    html! {
        h2 #train { "Train" }
        p {
            "These commands train a ranker on the judgements, and serve it. Every judgement is in "
            code { (assessments.path().display()) } ", every judged query in " code { (assessments.topics_path().display()) } "."
        }
        @for command in commands { pre.command { code { (command) } } }
    }
}

/// Adds a typed query, and goes to it.
pub(in crate::serve) async fn add(
    State(service): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Page {
    let parameters = Parameters::of_form(&headers, body, &["text", "id"])?;
    let text = parameters.text("text", service.config.limits.query)?.to_owned();
    let id = parameters.get("id").map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned);
    if let Some(id) = &id {
        check_length("id", id, service.config.limits.query)?;
    }
    let topic = work(&service, move |service, _| judging::add(service, id.as_deref(), &text)).await?;
    Ok(Redirect::to(&address("/judge/query", &[("id", &topic.id)])).into_response())
}
