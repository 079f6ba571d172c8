//! Judging by requests: grades within their range, of documents that are there, and how far each query is.

use serde::Serialize;

use super::answer::Failure;
use super::models::Models;
use super::service::Service;
use crate::data::documents::{Assessments, Topic, Undone};

/// Grades, from not relevant to perfect, with what they say.
pub(super) const GRADES: [(i32, &str); 5] =
    [(0, "not relevant"), (1, "on the subject"), (2, "helpful"), (3, "relevant"), (4, "perfect")];

/// Judgement that was made.
#[derive(Debug, Serialize)]
pub(super) struct Judged {
    query: String,
    document: String,
    /// Grade that holds now; none after a judgement was withdrawn.
    grade: Option<i32>,
    /// Judged documents of the query.
    judged: usize,
}

/// State of a query to judge.
#[derive(Debug, Serialize)]
pub(super) struct Progress {
    pub(super) id: String,
    pub(super) text: String,
    /// Number of judged documents.
    pub(super) judged: usize,
    /// Number of documents in the pool, once it was looked for.
    pub(super) pool: Option<usize>,
    /// Number of documents of the pool that are not judged.
    pub(super) left: Option<usize>,
}

impl Progress {
    /// Returns the state of a query.
    pub(super) fn of(topic: &Topic, assessments: &Assessments, models: &Models) -> Self {
        let judged = assessments.of(&topic.id);
        let pool = models.known_pool(&topic.id);
        let is_left = |id: &&String| !judged.iter().any(|(judged, _)| judged == *id);
        Self {
            id: topic.id.clone(),
            text: topic.text.clone(),
            judged: judged.len(),
            pool: pool.as_ref().map(|pool| pool.len()),
            left: pool.map(|pool| pool.iter().filter(is_left).count()),
        }
    }
}

/// Sets the grade of a document for a query, or withdraws it; it is on disk when this returns.
pub(super) fn judge(
    service: &Service,
    models: &Models,
    query: &str,
    document: &str,
    grade: Option<i32>,
) -> Result<Judged, Failure> {
    let mut assessments = service.changing()?;
    known(&assessments, query)?;
    if let Some(grade) = grade {
        let (least, most) = (GRADES[0].0, GRADES[GRADES.len() - 1].0);
        if !(least..=most).contains(&grade) {
            let message = format!("grade: expected a number from {least} to {most}, found {grade}");
            return Err(Failure::bad_request(message));
        }
        if models.finder.index().find(document).is_none() {
            let shown: String = document.chars().take(40).collect();
            return Err(Failure::not_found(format!("document {shown:?} is not in the index")));
        }
        assessments.judge(query, document, grade)?;
    } else {
        assessments.withdraw(query, document)?;
    }
    service.metrics.count_judgement();
    let judged = assessments.of(query).len();
    Ok(Judged { query: query.to_owned(), document: document.to_owned(), grade, judged })
}

/// Takes back the last judgement.
pub(super) fn undo(service: &Service) -> Result<Undone, Failure> {
    let undone = service.changing()?.undo()?;
    let nothing = || {
        Failure::new(
            axum::http::StatusCode::CONFLICT,
            "nothing to undo: nothing was judged since the service began",
        )
    };
    let undone = undone.ok_or_else(nothing)?;
    service.metrics.count_judgement();
    Ok(undone)
}

/// Adds a typed query.
pub(super) fn add(service: &Service, id: Option<&str>, text: &str) -> Result<Topic, Failure> {
    Ok(service.changing()?.add(id, text)?)
}

/// Returns the query with this id.
pub(super) fn known(assessments: &Assessments, id: &str) -> Result<Topic, Failure> {
    let shown: String = id.chars().take(40).collect();
    let missing =
        || Failure::not_found(format!("query {shown:?} is not one of those to judge; add it first"));
    assessments.topic(id).cloned().ok_or_else(missing)
}
