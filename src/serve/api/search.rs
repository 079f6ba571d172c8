//! `GET /search`, `GET /documents/ID`.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::json;

use crate::ranking::documents::{Finder, RankedBy};
use crate::retrieval::HitRecord;
use crate::serve::answer::{Failure, Json};
use crate::serve::parameters::Parameters;
use crate::serve::service::{Shared, work};

/// Number of hits unless a request says otherwise.
const HITS: usize = 10;

/// Answer to a search.
#[derive(Serialize)]
struct Found<'a> {
    query: &'a str,
    ranker: String,
    hits: Vec<HitRecord<'a>>,
}

/// Returns the best documents for a query.
pub(in crate::serve) async fn search(
    State(service): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let parameters = Parameters::of_query(query.as_deref(), &["q", "k", "ranker"])?;
    let limits = service.config.limits;
    let text = parameters.text("q", limits.query)?.to_owned();
    let k = parameters.number("k", 1..=limits.k, HITS)?;
    let by = parameters.get("ranker").map(str::parse::<RankedBy>).transpose();
    let by = by.map_err(|cause| Failure::bad_request(format!("ranker: {cause}")))?;
    work(&service, move |service, models| {
        let finder = &models.finder;
        let by = by.unwrap_or_else(|| usual(finder));
        let found = finder.find(by, &text, k);
        let found = found.map_err(|cause| explained(Failure::from(cause), |text| service.explained(text)))?;
        let hits: Vec<HitRecord> =
            (1..).zip(&found).map(|(rank, found)| HitRecord::new(rank, found)).collect();
        Ok(Json(Found { query: &text, ranker: by.to_string(), hits }).into_response())
    })
    .await
}

/// Returns the ranking that is used unless a request names one: the trained ranker, or BM25.
fn usual(finder: &Finder) -> RankedBy {
    if finder.ranker().is_some() { RankedBy::Model } else { RankedBy::Bm25 }
}

/// Adds to a failure how the settings that it names are set.
fn explained(failure: Failure, explain: impl Fn(&str) -> String) -> Failure {
    Failure { message: explain(&failure.message), ..failure }
}

/// Returns the texts of a document.
pub(in crate::serve) async fn document(
    State(service): State<Shared>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Failure> {
    let Path(id) = path.map_err(|cause| Failure::bad_request(cause.body_text()))?;
    work(&service, move |_, models| {
        let index = models.finder.index();
        let missing = || Failure::not_found("there is no document with this id in the index");
        let number = index.find(&id).ok_or_else(missing)?;
        let fields = index.texts(number)?.into_iter().filter(|(_, text)| !text.is_empty());
        let fields: serde_json::Map<_, _> =
            fields.map(|(name, text)| (name.to_owned(), text.into())).collect();
        Ok(Json(json!({ "id": id, "fields": fields })).into_response())
    })
    .await
}
