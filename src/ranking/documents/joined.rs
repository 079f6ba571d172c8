//! Topics joined with judgements by their ids, and the ids on either side that find no partner.

use crate::data::documents::{Judgements, Topic};
use crate::error::{Error, Result};
use crate::evaluation::counted_by_position;
use crate::event::Listener;

/// Topics that have judgements, and what the join leaves out.
#[derive(Clone, Debug)]
pub struct Joined<'a> {
    /// Topics with judgements, in the order of the file.
    pub judged: Vec<&'a Topic>,
    /// Ids of the topics without judgements.
    pub unjudged: Vec<&'a str>,
    /// Ids of the judged queries that are no topic.
    pub without_topic: Vec<String>,
    /// Sentence on ids that join topics with the judgements of others, if there is one to say.
    pub suspicion: Option<String>,
}

impl<'a> Joined<'a> {
    /// Joins `topics` with `judgements`.
    ///
    /// # Errors
    /// When no topic has a judgement.
    pub fn new(topics: &'a [Topic], judgements: &Judgements) -> Result<Self> {
        let (judged, rest): (Vec<&Topic>, Vec<&Topic>) =
            topics.iter().partition(|topic| !judgements.of(&topic.id).is_empty());
        let known: std::collections::HashSet<&str> = judged.iter().map(|topic| topic.id.as_str()).collect();
        let queries = judgements.queries().map(|(query, _)| query);
        let without_topic: Vec<String> =
            queries.filter(|query| !known.contains(query)).map(str::to_owned).collect();
        let unjudged: Vec<&str> = rest.into_iter().map(|topic| topic.id.as_str()).collect();
        match (judged.first(), unjudged.first(), without_topic.first()) {
            (None, Some(topic), Some(query)) => Err(Error::Unfit(format!(
                "no topic has a judgement: topics have ids such as {topic}, judgements such as {query}; \
                 see `topics.ids`, or change one of the files"
            ))),
            _ => Ok(Self { judged, unjudged, without_topic, suspicion: suspicion(topics, judgements) }),
        }
    }

    /// Warns `listener` about everything that is left out, with its number.
    pub fn warn(&self, listener: &mut dyn Listener) {
        let judged = self.judged.len();
        let mut left_out = |count: usize, first: Option<&str>, whole: &str, fault: &str| {
            if let Some(first) = first {
                let all = judged + count;
                listener
                    .warning(&format!("{count} of {all} {whole} {fault}, the first is {first}: left out"));
            }
        };
        let Self { without_topic, unjudged, suspicion, .. } = self;
        left_out(
            without_topic.len(),
            without_topic.first().map(String::as_str),
            "judged queries",
            "have no topic",
        );
        left_out(unjudged.len(), unjudged.first().copied(), "topics", "have no judgement");
        suspicion.iter().for_each(|suspicion| listener.warning(suspicion));
    }
}

/// Returns a sentence on topics that the judgements seem to count by position, though they have other ids.
pub fn suspicion(topics: &[Topic], judgements: &Judgements) -> Option<String> {
    let judged = judgements.queries().map(|(query, _)| query.as_bytes());
    counted_by_position(topics.iter().map(|topic| topic.id.as_bytes()), judged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(ids: &[&str]) -> Vec<Topic> {
        ids.iter().map(|id| Topic { id: (*id).into(), text: "x".into() }).collect()
    }

    #[test]
    fn both_sides_of_the_join_name_what_has_no_partner() {
        let mut judgements = Judgements::default();
        ["a", "b", "c", "d"].iter().for_each(|query| judgements.push(query, "d1".into(), 1));
        let three = topics(&["b", "x", "a"]);
        let joined = Joined::new(&three, &judgements).expect("two in common");
        let ids: Vec<&str> = joined.judged.iter().map(|topic| topic.id.as_str()).collect();
        assert_eq!(ids, ["b", "a"]);
        assert_eq!(
            (joined.unjudged, joined.without_topic),
            (vec!["x"], vec!["c".to_owned(), "d".to_owned()])
        );
        let others = topics(&["1", "2"]);
        let error = Joined::new(&others, &judgements).expect_err("nothing in common").to_string();
        assert!(error.contains("such as 1, judgements such as a"), "{error}");
    }

    #[test]
    fn topics_with_gaps_and_judgements_by_position_are_suspicious() {
        let mut judgements = Judgements::default();
        ["1", "2", "3"].iter().for_each(|query| judgements.push(query, "d1".into(), 1));
        let (gaps, plain) = (topics(&["1", "2", "4"]), topics(&["1", "2", "3"]));
        let of = |topics| Joined::new(topics, &judgements).expect("some in common").suspicion;
        assert!(of(&gaps).expect("a sentence").contains("go up to 4"));
        assert_eq!(of(&plain), None);
    }
}
