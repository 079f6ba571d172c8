//! `GET /document`: all texts of a document.

use axum::extract::{RawQuery, State};
use maud::{Markup, html};

use super::frame::Part;
use super::layout::{Page, address, page};
use super::marked::marked;
use crate::error::Result;
use crate::retrieval::{TextIndex, WeightedQuery};
use crate::serve::answer::Failure;
use crate::serve::parameters::Parameters;
use crate::serve::service::{Shared, work};

/// Returns the page of a document, with the words of a query marked.
pub(in crate::serve) async fn document(State(service): State<Shared>, RawQuery(query): RawQuery) -> Page {
    let parameters = Parameters::of_query(query.as_deref(), &["id", "q"])?;
    let most = service.config.limits.query;
    let id = parameters.text("id", most.max(1024))?.to_owned();
    let query = match parameters.get("q") {
        Some(_) => parameters.text("q", most)?.to_owned(),
        None => String::new(),
    };
    let answer = work(&service, move |service, models| {
        let index = models.finder.index();
        let number = index
            .find(&id)
            .ok_or_else(|| Failure::not_found("there is no document with this id in the index"))?;
        let body = html! {
            @if !query.is_empty() {
                p { a href=(address("/", &[("q", &query)])) { "← " (query) } }
            }
            article.document {
                p.soft { (id) }
                (texts(index, number, &query)?)
            }
        };
        Ok(page(service, Part::Search, &id, &body))
    });
    Ok(answer.await?)
}

/// Returns the texts of a document, the title first, with the words of `query` marked.
pub(super) fn texts(index: &TextIndex, document: u32, query: &str) -> Result<Markup> {
    let query = WeightedQuery::parse(index, query);
    let fields: Vec<_> =
        index.texts(document)?.into_iter().filter(|(_, text)| !text.trim().is_empty()).collect();
    let (titles, others): (Vec<_>, Vec<_>) = fields.iter().partition(|(name, _)| *name == "title");
    Ok(html! {
        @for (_, text) in titles { h1 { (marked(&index.marked(&query, text))) } }
        @for (name, text) in &others {
            @if others.len() > 1 { h2 { (name) } }
            @for paragraph in paragraphs(text) { p.text { (marked(&index.marked(&query, paragraph))) } }
        }
        @if fields.is_empty() { p.soft { "This document has no text." } }
    })
}

/// Returns the parts of a text between blank lines; other line ends are only where its file wraps it.
fn paragraphs(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty())
}
