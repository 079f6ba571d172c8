//! Parameters of retrieval, chosen on training queries: a grid of BM25's, then one of feedback's.

use crate::data::documents::{Judgements, Topic};
use crate::error::Result;
use crate::evaluation::{Judged, Measure, UNJUDGED};
use crate::retrieval::{Bm25, FeatureSet, Feedback, Hit, Scoring, TextIndex, WeightedQuery};
use crate::team::Team;

const K1: [f32; 8] = [0.5, 0.8, 1.2, 1.6, 2.0, 2.5, 3.0, 4.0];
const B: [f32; 7] = [0.1, 0.25, 0.4, 0.55, 0.7, 0.8, 0.9];
const FEEDBACK_DOCUMENTS: [usize; 3] = [3, 5, 10];
const FEEDBACK_TERMS: [usize; 3] = [10, 30, 60];
const ORIGINAL: [f32; 3] = [0.3, 0.5, 0.7];
/// Documents a query is judged on.
const DEPTH: usize = 100;

/// The chosen parameters and their values of the measure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tuned {
    /// The parameters.
    pub features: FeatureSet,
    /// BM25's mean over the queries.
    pub bm25: f64,
    /// The mean with feedback.
    pub feedback: f64,
}

/// The parameters that do best by `measure` over the judged ones of `topics`, of which each process of the `team` searches a share; the
/// first of equals.
pub fn tune(
    index: &TextIndex,
    topics: &[&Topic],
    judgements: &Judgements,
    measure: &Measure,
    team: Team,
) -> Result<Tuned> {
    let topics: Vec<_> = topics.iter().filter(|topic| !judgements.of(&topic.id).is_empty()).collect();
    let grid: Vec<Bm25> = K1.iter().flat_map(|&k1| B.iter().map(move |&b| Bm25 { k1, b })).collect();
    let scorings: Vec<Scoring> = grid.iter().map(|&bm25| Scoring::Bm25(bm25)).collect();
    let values = team.try_map(topics.len(), |i| {
        let topic = topics[i];
        let query = WeightedQuery::parse(index, &topic.text);
        let found = index.search_by(&query, 0, &scorings, DEPTH)?;
        let value = |hits: &Vec<Hit>| value(index, hits, judgements.of(&topic.id), measure);
        Ok(found.iter().map(value).collect::<Vec<f64>>())
    })?;
    let (best, bm25_value) = best_of(&values, measure);
    let bm25 = grid[best];

    let grid: Vec<Feedback> = FEEDBACK_DOCUMENTS
        .iter()
        .flat_map(|&documents| FEEDBACK_TERMS.iter().map(move |&terms| (documents, terms)))
        .flat_map(|(documents, terms)| {
            ORIGINAL.iter().map(move |&original| Feedback { documents, terms, original })
        })
        .collect();
    let scoring = Scoring::Bm25(bm25);
    let values = team.try_map(topics.len(), |i| {
        let topic = topics[i];
        let query = WeightedQuery::parse(index, &topic.text);
        let first = index.search(&query, 0, scoring, DEPTH)?;
        let of_feedback = |feedback: &Feedback| {
            let expanded = feedback.expand(index, &query, &first)?;
            let hits = index.search(&expanded, 0, scoring, DEPTH)?;
            Ok(value(index, &hits, judgements.of(&topic.id), measure))
        };
        grid.iter().map(of_feedback).collect::<Result<Vec<f64>>>()
    })?;
    let (best, feedback_value) = best_of(&values, measure);
    let features = FeatureSet { bm25, feedback: grid[best] };
    Ok(Tuned { features, bm25: bm25_value, feedback: feedback_value })
}

/// The setting with the best mean over the topics, and that mean.
fn best_of(values: &[Vec<f64>], measure: &Measure) -> (usize, f64) {
    let settings = values.first().map_or(0, Vec::len);
    let mean = |setting: usize| measure.aggregate(values.iter().map(|of_topic| of_topic[setting]));
    (0..settings)
        .map(|setting| (setting, mean(setting)))
        .fold((0, f64::NEG_INFINITY), |best, found| if found.1 > best.1 { found } else { best })
}

fn value(index: &TextIndex, hits: &[Hit], judged: &[(String, i32)], measure: &Measure) -> f64 {
    let grade = |id: &str| judged.iter().find(|(known, _)| known == id).map_or(UNJUDGED, |(_, grade)| *grade);
    let ranked: Vec<i32> = hits.iter().map(|hit| grade(index.id(hit.document))).collect();
    measure.value(&ranked, &Judged::new(judged.iter().map(|(_, grade)| (*grade).max(0))))
}
