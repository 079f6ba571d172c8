//! `GET /judge/query`: one document of a query's pool with its grades, and the way to the next.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect};
use maud::{Markup, html};

use super::document::texts;
use super::frame::Part;
use super::layout::{Page, address, page};
use crate::data::documents::{Assessments, Topic};
use crate::serve::answer::Failure;
use crate::serve::judging::{self, GRADES, Progress};
use crate::serve::models::Models;
use crate::serve::parameters::Parameters;
use crate::serve::service::{Service, Shared, work};

/// Returns the page of a query: the document that is asked for, or the next one that is not judged, behind `after` if that is given.
pub(in crate::serve) async fn query(State(service): State<Shared>, RawQuery(query): RawQuery) -> Page {
    let parameters = Parameters::of_query(query.as_deref(), &["id", "document", "after"])?;
    let most = service.config.limits.query.max(1024);
    let id = parameters.text("id", most)?.to_owned();
    let [document, after] = ["document", "after"].map(|name| parameters.get(name).map(str::to_owned));
    let answer = work(&service, move |service, models| {
        let topic = judging::known(&*service.assessments()?, &id)?;
        let pool = models.pool(&topic)?; // without holding up those who judge
        let assessments = service.assessments()?;
        let document = document.or_else(|| next(&pool, assessments.of(&id), after.as_deref()));
        let body = html! {
            (head(&topic, &assessments, models))
            @match &document {
                Some(document) => (judged(service, models, &topic, document, &assessments)?),
                None => (done(&topic, &assessments, models, pool.is_empty())),
            }
            (list(&topic, assessments.of(&id)))
        };
        Ok(page(service, Part::Judge, &topic.text, &body))
    });
    Ok(answer.await?)
}

/// Returns the first document of `pool` that is not judged, behind `after` and, when none is there, from the start.
fn next(pool: &[String], judged: &[(String, i32)], after: Option<&str>) -> Option<String> {
    let start = after
        .and_then(|after| pool.iter().position(|document| document == after))
        .map_or(0, |place| place + 1);
    let is_left = |document: &&String| !judged.iter().any(|(judged, _)| judged == *document);
    pool[start..].iter().chain(&pool[..start]).find(is_left).cloned()
}

fn head(topic: &Topic, assessments: &Assessments, models: &Models) -> Markup {
    let Progress { pool, left, .. } = Progress::of(topic, assessments, models);
    let (pool, left) = (pool.unwrap_or(0), left.unwrap_or(0));
    html! {
        p { a href="/judge" { "← all queries" } }
        h1.query { span.id { (topic.id) } (topic.text) }
        div.progress {
            progress max=(pool.max(1)) value=(pool - left) aria-label="Judged documents" {}
            span.soft { (pool - left) " of " (pool) }
        }
    }
}

/// Returns the document with its grades.
fn judged(
    service: &Service,
    models: &Models,
    topic: &Topic,
    document: &str,
    assessments: &Assessments,
) -> Result<Markup, Failure> {
    let index = models.finder.index();
    let missing = || Failure::not_found("this document is not in the index");
    let number = index.find(document).ok_or_else(missing)?;
    let known = assessments.of(&topic.id).iter().find(|(id, _)| id == document).map(|(_, grade)| *grade);
    let grades = html! {
        form.grades action="/judge/grade" method="post" {
            input type="hidden" name="query" value=(topic.id);
            input type="hidden" name="document" value=(document);
            @for (grade, meaning) in GRADES {
                button name="grade" value=(grade) data-key=(grade) class=[(known == Some(grade)).then_some("chosen")] {
                    b { (grade) } span { (meaning) }
                }
            }
            @if known.is_some() { button.quiet name="grade" value="" { "Withdraw" } }
        }
        div.beside {
            a.quiet.button href=(address("/judge/query", &[("id", &topic.id), ("after", document)])) data-key="s" { "Skip" }
            (undo_form(&topic.id, assessments))
            span.soft.keys { "Keys: 0–4 grade, s skips, u undoes" }
        }
    };
    Ok(html! {
        article.document { (texts(index, number, &topic.text)?) p.soft { (document) } }
        @if service.config.read_only { p.soft { "This service only reads." } }
        @else { div.desk { (grades) } }
    })
}

fn undo_form(query: &str, assessments: &Assessments) -> Markup {
    html! {
        @if let Some(last) = assessments.last() {
            form.inline action="/judge/undo" method="post" {
                input type="hidden" name="query" value=(query);
                button.quiet data-key="u" title=(format!("{} of query {}", last.document, last.query)) { "Undo" }
            }
        }
    }
}

/// Returns what follows when all documents are judged.
fn done(topic: &Topic, assessments: &Assessments, models: &Models, is_empty: bool) -> Markup {
    let is_open = |other: &&Topic| {
        other.id != topic.id
            && Progress::of(other, assessments, models)
                .left
                .map_or_else(|| assessments.of(&other.id).is_empty(), |left| left > 0)
    };
    let place = assessments.topics().position(|other| other.id == topic.id).unwrap_or(0);
    let following =
        assessments.topics().skip(place).find(is_open).or_else(|| assessments.topics().find(is_open));
    html! {
        p.done {
            @if is_empty { "Nothing is found for this query, so that there is nothing to judge." }
            @else { "All documents of this query are judged." }
        }
        div.beside {
            @if let Some(following) = following {
                a.button href=(address("/judge/query", &[("id", &following.id)])) data-key="n" { "Next query: " (following.text) }
            }
            (undo_form(&topic.id, assessments))
        }
    }
}

/// Returns the judged documents with their grades, each with the way to change it.
fn list(topic: &Topic, judged: &[(String, i32)]) -> Markup {
    html! {
        @if !judged.is_empty() {
            details {
                summary { "Judged: " (judged.len()) }
                ul.judged {
                    @for (document, grade) in judged.iter().rev() {
                        li {
                            a href=(address("/judge/query", &[("id", &topic.id), ("document", document)])) { (document) }
                            b { (grade) }
                        }
                    }
                }
            }
        }
    }
}

/// Sets a grade, which is on disk before the answer goes out, and goes to the next document.
pub(in crate::serve) async fn grade(
    State(service): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Page {
    let parameters = Parameters::of_form(&headers, body, &["query", "document", "grade"])?;
    let most = service.config.limits.query.max(1024);
    let query = parameters.text("query", most)?.to_owned();
    let document = parameters.text("document", most)?.to_owned();
    let number =
        |text: &str| text.parse::<i32>().map_err(|_| Failure::bad_request("grade: expected a number"));
    let grade = parameters.get("grade").map(number).transpose()?;
    let next = address("/judge/query", &[("id", &query), ("after", &document)]);
    work(&service, move |service, models| judging::judge(service, models, &query, &document, grade)).await?;
    Ok(Redirect::to(&next).into_response())
}

/// Takes back the last judgement, and goes to its document.
pub(in crate::serve) async fn undo(
    State(service): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Page {
    Parameters::of_form(&headers, body, &["query"])?;
    let undone = work(&service, |service, _| judging::undo(service)).await?;
    let parameters = [("id", undone.query.as_str()), ("document", undone.document.as_str())];
    Ok(Redirect::to(&address("/judge/query", &parameters)).into_response())
}
