//! `POST /rank`, `GET /recommend`.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Response};
use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::data::documents::check_topic_id;
use crate::evaluation::rank_order_to;
use crate::ranking::Ranker as _;
use crate::ranking::documents::RankedBy;
use crate::ranking::interactions::ItemPools;
use crate::retrieval::Hit;
use crate::serve::answer::{Failure, Json};
use crate::serve::models::Models;
use crate::serve::parameters::{Parameters, check_length, json as json_body};
use crate::serve::service::{Service, Shared, work};

/// Most queries of one request.
const MOST_QUERIES: usize = 100;
/// Number of items unless a request says otherwise.
const ITEMS: usize = 10;

/// Body of a request to rank: queries over the index, or the feature vectors of one query's documents.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToRank {
    queries: Option<Vec<Query>>,
    features: Option<Vec<Vec<Option<f32>>>>,
    /// Ids of the documents of `features`; their numbers from 1 without it.
    ids: Option<Vec<String>>,
    k: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    id: String,
    text: String,
}

#[derive(Serialize)]
struct Scored {
    id: String,
    score: f32,
}

#[derive(Serialize)]
struct RankedQueries<'a> {
    ranker: String,
    rankings: Vec<RankedQuery<'a>>,
}

#[derive(Serialize)]
struct RankedQuery<'a> {
    query: &'a str,
    documents: Vec<Scored>,
}

#[derive(Serialize)]
struct RankedVectors {
    ranker: String,
    documents: Vec<Scored>,
}

#[derive(Serialize)]
struct Recommended<'a> {
    user: &'a str,
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Item<'a> {
    rank: usize,
    item: &'a str,
    score: f32,
}

/// Ranks what retrieval finds for queries, or feature vectors, by the trained ranker.
pub(in crate::serve) async fn rank(
    State(service): State<Shared>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Failure> {
    let ToRank { queries, features, ids, k } = json_body(&headers, body)?;
    let most = service.config.limits.k;
    if k.is_some_and(|k| !(1..=most).contains(&k)) {
        return Err(Failure::bad_request(format!("k: expected a number from 1 to {most}")));
    }
    let k = k.unwrap_or(most);
    match (queries, features) {
        (Some(queries), None) if ids.is_none() => {
            work(&service, move |service, models| texts(service, models, &queries, k)).await
        }
        (None, Some(features)) => {
            work(&service, move |service, models| vectors(service, models, &features, ids, k)).await
        }
        _ => Err(Failure::bad_request("expected `queries`, or `features` with or without `ids`")),
    }
}

/// Ranks what is found for `queries`.
fn texts(service: &Service, models: &Models, queries: &[Query], k: usize) -> Result<Response, Failure> {
    let Some(ranker) = models.finder.ranker() else {
        let message = "no ranker of texts is served: expected `model.folder`";
        return Err(Failure::not_found(service.explained(message)));
    };
    if queries.is_empty() || queries.len() > MOST_QUERIES {
        let found = queries.len();
        return Err(Failure::bad_request(format!("queries: expected 1 to {MOST_QUERIES}, found {found}")));
    }
    let mut rankings = vec![];
    for Query { id, text } in queries {
        check_topic_id(id)?;
        check_length("text", text, service.config.limits.query)?;
        let hits = models.finder.search(RankedBy::Model, text, k)?;
        let index = models.finder.index();
        let scored = |hit: &Hit| Scored { id: index.id(hit.document).to_owned(), score: hit.score };
        rankings.push(RankedQuery { query: id, documents: hits.iter().map(scored).collect() });
    }
    Ok(Json(RankedQueries { ranker: ranker.name(), rankings }).into_response())
}

/// Ranks documents by their feature vectors.
fn vectors(
    service: &Service,
    models: &Models,
    features: &[Vec<Option<f32>>],
    ids: Option<Vec<String>>,
    k: usize,
) -> Result<Response, Failure> {
    let Some(model) = &models.vectors else {
        let message = "no ranker of feature vectors is served: expected `model.folder`";
        return Err(Failure::not_found(service.explained(message)));
    };
    let width = model.feature_count();
    if let Some((row, found)) = features.iter().enumerate().find(|(_, row)| row.len() != width) {
        let (row, found) = (row + 1, found.len());
        return Err(Failure::bad_request(format!(
            "features: expected {width} values in row {row}, found {found}"
        )));
    }
    let ids = ids.unwrap_or_else(|| (1..=features.len()).map(|number| number.to_string()).collect());
    if ids.len() != features.len() {
        let (rows, found) = (features.len(), ids.len());
        return Err(Failure::bad_request(format!(
            "ids: expected one for each of {rows} rows, found {found}"
        )));
    }
    let values = features.iter().flatten().map(|value| value.unwrap_or(f32::NAN)).collect();
    let values = Array2::from_shape_vec((features.len(), width), values).expect("every row has this width");
    let scores = model.predict(values.view())?;
    let order = rank_order_to(k, &scores, |place| ids[place].as_str());
    let scored = |place: usize| Scored { id: ids[place].clone(), score: scores[place] };
    let ranker = format!("{}-{}", model.method(), model.chosen());
    Ok(Json(RankedVectors { ranker, documents: order.into_iter().map(scored).collect() }).into_response())
}

/// Recommends items to a user.
pub(in crate::serve) async fn recommend(
    State(service): State<Shared>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let parameters = Parameters::of_query(query.as_deref(), &["user", "k"])?;
    let limits = service.config.limits;
    let user = parameters.text("user", limits.query)?.to_owned();
    let k = parameters.number("k", 1..=limits.k, ITEMS)?;
    work(&service, move |service, models| {
        let Some(model) = &models.recommender else {
            let message = "no recommender is served: expected `serve.recommender`";
            return Err(Failure::not_found(service.explained(message)));
        };
        let missing =
            || Failure::not_found(format!("user {user:?} is not in the training data of the recommender"));
        let number = model.known().users().find(&user).ok_or_else(missing)?;
        let pools = ItemPools::unseen(model.known(), vec![number]);
        let best = model.top(&pools, model.chosen(), k)?.swap_remove(0);
        let item = |(rank, (item, score)): (usize, (u32, f32))| Item {
            rank,
            item: model.known().items().name(item),
            score,
        };
        let items = (1..).zip(best).map(item).collect();
        Ok(Json(Recommended { user: &user, items }).into_response())
    })
    .await
}
