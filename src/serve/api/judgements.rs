//! `GET /judgements`, `POST /judgements`, `POST /judgements/undo`, `POST /judgements/queries`.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::serve::answer::{Failure, Json};
use crate::serve::judging::{self, Progress};
use crate::serve::parameters::{Parameters, check_length, json as json_body};
use crate::serve::service::{Shared, work};

/// Body of a judgement; a grade of `null` withdraws it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Judgement {
    query: String,
    document: String,
    #[serde(deserialize_with = "Option::deserialize")] // it must be there, even as null
    grade: Option<i32>,
}

/// Body of a typed query.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    id: Option<String>,
    text: String,
}

/// Returns the queries to judge and how far they are or, with `query`, the pool of one with its grades.
pub(in crate::serve) async fn judgements(
    State(service): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let parameters = Parameters::of_query(query.as_deref(), &["query"])?;
    let query = parameters.get("query").map(str::to_owned);
    work(&service, move |service, models| {
        let Some(id) = query else {
            let assessments = service.assessments()?;
            let queries: Vec<Progress> =
                assessments.topics().map(|topic| Progress::of(topic, &assessments, models)).collect();
            let (judgements, judged) = (assessments.count(), assessments.judged_topics());
            let answer = json!({ "judgements": judgements, "judged-queries": judged, "queries": queries });
            return Ok(Json(answer).into_response());
        };
        let topic = judging::known(&*service.assessments()?, &id)?;
        let pool = models.pool(&topic)?; // without holding up those who judge
        let assessments = service.assessments()?;
        let grade = |document: &str| {
            assessments.of(&id).iter().find(|(known, _)| known == document).map(|(_, grade)| *grade)
        };
        let outside = assessments.of(&id).iter().filter(|(document, _)| !pool.contains(document));
        let documents = pool.iter().chain(outside.map(|(document, _)| document));
        let documents: Vec<Value> =
            documents.map(|document| json!({ "id": document, "grade": grade(document) })).collect();
        let progress = Progress::of(&topic, &assessments, models);
        Ok(Json(json!({ "query": progress, "documents": documents })).into_response())
    })
    .await
}

/// Sets the grade of a document for a query.
pub(in crate::serve) async fn judge(
    State(service): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let Judgement { query, document, grade } = json_body(&headers, body)?;
    let judge = move |service: &_, models: &_| judging::judge(service, models, &query, &document, grade);
    Ok(Json(work(&service, judge).await?).into_response())
}

/// Takes back the last judgement.
pub(in crate::serve) async fn undo(State(service): State<Shared>) -> Result<Response, Failure> {
    let undone = work(&service, |service, _| judging::undo(service)).await?;
    let (query, document) = (undone.query, undone.document);
    Ok(Json(json!({ "query": query, "document": document, "grade": undone.before, "undone": undone.grade }))
        .into_response())
}

/// Adds a query to judge.
pub(in crate::serve) async fn add_query(
    State(service): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let Typed { id, text } = json_body(&headers, body)?;
    check_length("text", &text, service.config.limits.query)?;
    let topic = work(&service, move |service, _| judging::add(service, id.as_deref(), &text)).await?;
    Ok(Json(json!({ "id": topic.id, "text": topic.text })).into_response())
}
