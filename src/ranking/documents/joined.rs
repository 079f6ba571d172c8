//! Topics joined with judgements by their ids, and the ids on either side that find no partner.

use crate::data::documents::{Judgements, Topic};
use crate::error::{Error, Result};
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
            _ => Ok(Self { judged, unjudged, without_topic }),
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
        let Self { without_topic, unjudged, .. } = self;
        left_out(
            without_topic.len(),
            without_topic.first().map(String::as_str),
            "judged queries",
            "have no topic",
        );
        left_out(unjudged.len(), unjudged.first().copied(), "topics", "have no judgement");
    }
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
}
