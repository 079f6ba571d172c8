//! Judgements that a person is making: queries, their grades on disk, and the way back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::topic_file::{TopicFile, on_one_line};
use super::{Topic, check_topic_id};
use crate::error::{Error, Result};
use crate::evaluation::JudgementFile;

/// Queries that are being judged, with a file of judgements and, beside it, one of the queries: together what a training reads.
///
/// Every change is on disk when the call returns, so that a kill loses none of them.
///
/// ```
/// use irgan::data::documents::{Assessments, Topic};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("qrels.txt");
/// let topics = vec![Topic { id: "q1".into(), text: "boundary layer".into() }];
/// let (mut assessments, notices) = Assessments::open(&path, topics)?;
/// assert!(notices.is_empty());
/// let typed = assessments.add(None, "salt  and wind")?;
/// assert_eq!((typed.id.as_str(), typed.text.as_str()), ("t1", "salt and wind"));
/// assessments.judge("t1", "d7", 3)?;
/// assessments.judge("t1", "d8", 0)?;
/// let undone = assessments.undo()?.expect("there was a judgement");
/// assert_eq!((undone.document.as_str(), undone.grade, undone.before), ("d8", Some(0), None));
/// assert_eq!(std::fs::read_to_string(&path)?, "t1 0 d7 3\n");
/// assert_eq!(std::fs::read_to_string(assessments.topics_path())?, "id\ttext\nt1\tsalt and wind\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Assessments {
    judgements: JudgementFile,
    file: TopicFile,
    topics: Vec<Known>,
    places: HashMap<String, usize>, // in `topics`
    history: Vec<Undone>,           // of this process, the last one last
}

/// A topic, and whether it stands in the file beside the judgements.
#[derive(Debug)]
struct Known {
    topic: Topic,
    is_kept: bool,
}

/// Judgement that was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// Id of the query.
    pub query: String,
    /// Id of the document.
    pub document: String,
    /// Grade that was taken back; `None` where the judgement had been withdrawn.
    pub grade: Option<i32>,
    /// Grade before it, which holds again; `None` where there was none.
    pub before: Option<i32>,
}

/// Beginning of the ids that typed queries get.
const TYPED: &str = "t";

/// Most judgements that can be undone one after the other.
const HISTORY: usize = 10_000;

impl Assessments {
    /// Opens the judgements in `path` and the topics beside it, both made when missing, for `topics` and those of the file. Also
    /// returns sentences on what was mended, and on judged queries whose text is not known.
    ///
    /// # Errors
    /// When a file cannot be written or read, or a topic of the file has another text in `topics`.
    pub fn open(path: &Path, topics: Vec<Topic>) -> Result<(Self, Vec<String>)> {
        let (judgements, mended) = JudgementFile::open(path)?;
        let (file, kept, torn) = TopicFile::open(&Self::topics_beside(path))?;
        let mut notices: Vec<String> = mended.into_iter().chain(torn).collect();
        let mut all = Self { judgements, file, topics: vec![], places: HashMap::new(), history: vec![] };
        for topic in topics {
            let text = on_one_line(&topic.text);
            all.know(Topic { text, ..topic }, false);
        }
        for topic in kept {
            match all.places.get(&topic.id) {
                Some(&place) if all.topics[place].topic.text != topic.text => {
                    let id = &topic.id;
                    let message = format!(
                        "topic {id} has another text in the file of queries; give one of them another id"
                    );
                    return Err(Error::data(all.file.path(), message));
                }
                Some(&place) => all.topics[place].is_kept = true,
                None => all.know(topic, true),
            }
        }
        notices.extend(all.keep_judged()?);
        Ok((all, notices))
    }

    /// Returns the path of the topics that belong to a file of judgements: `qrels.topics.tsv` beside `qrels.txt`.
    pub fn topics_beside(judgements: &Path) -> PathBuf {
        judgements.with_extension("topics.tsv")
    }

    /// Puts all judged topics into the file of topics, and tells of judged queries that are no topic.
    fn keep_judged(&mut self) -> Result<Option<String>> {
        let judged: Vec<String> = self.judgements.queries().map(str::to_owned).collect();
        let (known, unknown): (Vec<_>, Vec<_>) =
            judged.into_iter().partition(|id| self.places.contains_key(id));
        known.iter().try_for_each(|id| self.keep(id))?;
        Ok(unknown.first().map(|first| {
            let path = self.judgements.path().display();
            let count = unknown.len();
            format!("{path}: judged queries whose text is not known: {count}, the first is {first}: a training leaves them out")
        }))
    }

    fn know(&mut self, topic: Topic, is_kept: bool) {
        self.places.insert(topic.id.clone(), self.topics.len());
        self.topics.push(Known { topic, is_kept });
    }

    /// Puts a topic into the file unless it stands there.
    fn keep(&mut self, id: &str) -> Result<()> {
        let known = &mut self.topics[self.places[id]];
        if !known.is_kept {
            self.file.append(&known.topic)?;
            known.is_kept = true;
        }
        Ok(())
    }

    /// Returns the path of the judgements.
    pub fn path(&self) -> &Path {
        self.judgements.path()
    }

    /// Returns the path of the file of topics, which holds every topic with a judgement and every typed one.
    pub fn topics_path(&self) -> &Path {
        self.file.path()
    }

    /// Iterates over the topics: those given first, then typed ones.
    pub fn topics(&self) -> impl ExactSizeIterator<Item = &Topic> {
        self.topics.iter().map(|known| &known.topic)
    }

    /// Returns the topic with this id.
    pub fn topic(&self, id: &str) -> Option<&Topic> {
        self.places.get(id).map(|&place| &self.topics[place].topic)
    }

    /// Returns the judged documents of a query with their grades, in the order of the file.
    pub fn of(&self, query: &str) -> &[(String, i32)] {
        self.judgements.of(query)
    }

    /// Counts the judgements of all queries.
    pub fn count(&self) -> usize {
        self.judgements.queries().map(|query| self.of(query).len()).sum()
    }

    /// Counts the topics with a judgement.
    pub fn judged_topics(&self) -> usize {
        self.topics().filter(|topic| !self.of(&topic.id).is_empty()).count()
    }

    /// Adds a typed query by this id, or by the next free one, `t1`, `t2`, …; a known text without an id gives its topic.
    ///
    /// # Errors
    /// When the text is empty, the id is not valid or taken by another text, or the file cannot be written.
    pub fn add(&mut self, id: Option<&str>, text: &str) -> Result<Topic> {
        let text = on_one_line(text);
        if text.is_empty() {
            return Err(Error::Config("expected a query of a word or more".into()));
        }
        let known = match id {
            Some(id) => self.topic(id),
            None => self.topics().find(|topic| topic.text == text),
        };
        match known {
            Some(topic) if topic.text == text => return Ok(topic.clone()),
            Some(topic) => {
                let message =
                    format!("query {} is another one, `{}`; expected a new id", topic.id, topic.text);
                return Err(Error::Config(message));
            }
            None => {}
        }
        let id = id.map_or_else(|| self.free_id(), str::to_owned);
        check_topic_id(&id)?;
        let topic = Topic { id, text };
        self.file.append(&topic)?;
        self.know(topic.clone(), true);
        Ok(topic)
    }

    /// Returns the first id for a typed query that neither a topic nor a judgement has.
    fn free_id(&self) -> String {
        let is_free = |id: &String| !self.places.contains_key(id) && self.of(id).is_empty();
        (1..).map(|number: u64| format!("{TYPED}{number}")).find(is_free).expect("not all numbers are taken")
    }

    /// Sets the grade of a document for a known query.
    ///
    /// # Errors
    /// When the query is not known, an id is not valid, or a file cannot be written.
    pub fn judge(&mut self, query: &str, document: &str, grade: i32) -> Result<()> {
        self.change(query, document, Some(grade))
    }

    /// Takes the judgement of a document back, if there is one.
    ///
    /// # Errors
    /// As [`Self::judge`].
    pub fn withdraw(&mut self, query: &str, document: &str) -> Result<()> {
        self.change(query, document, None)
    }

    fn change(&mut self, query: &str, document: &str, grade: Option<i32>) -> Result<()> {
        if self.topic(query).is_none() {
            return Err(Error::Config(format!(
                "query {query} is not known; expected one of the queries to judge"
            )));
        }
        self.keep(query)?;
        let before = self.judgements.set(query, document, grade)?;
        if before != grade {
            if self.history.len() == HISTORY {
                self.history.remove(0);
            }
            self.history.push(Undone { query: query.into(), document: document.into(), grade, before });
        }
        Ok(())
    }

    /// Returns the judgement that [`Self::undo`] would take back.
    pub fn last(&self) -> Option<&Undone> {
        self.history.last()
    }

    /// Takes back the last judgement that was made since the files were opened; `None` when there is none.
    ///
    /// # Errors
    /// When the file cannot be written; the judgement stays then.
    pub fn undo(&mut self) -> Result<Option<Undone>> {
        let Some(last) = self.history.last() else { return Ok(None) };
        self.judgements.set(&last.query, &last.document, last.before)?;
        Ok(self.history.pop())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::documents::{JudgementOptions, Judgements, TopicIds, read_topics};

    fn topic(id: &str, text: &str) -> Topic {
        Topic { id: id.into(), text: text.into() }
    }

    #[test]
    fn files_are_those_of_a_training_and_are_taken_up_again() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("mine.qrels");
        std::fs::write(&path, "q2 0 d1 1\nold 0 d1 1\n").expect("writable");
        let given = || vec![topic("q1", "one\ttwo"), topic("q2", "three")];
        let (mut open, notices) = Assessments::open(&path, given()).expect("opened");
        assert_eq!(notices.len(), 1);
        assert!(notices[0].contains("not known: 1, the first is old"), "{notices:?}");
        assert_eq!(open.add(None, "three").expect("known").id, "q2");
        assert_eq!(open.add(Some("id"), "text \u{0} title").expect("new").text, "text title");
        assert_eq!(open.add(None, "\"quoted, words").expect("new").id, "t1");
        for (id, text) in
            [(Some("q1"), "another"), (Some("a b"), "x"), (Some("#1"), "x"), (Some(""), "x"), (None, " \n")]
        {
            assert!(open.add(id, text).is_err(), "{id:?} {text}");
        }
        assert!(open.judge("nobody", "d1", 1).is_err());
        open.judge("t1", "d4", 4).expect("written");
        open.judge("t1", "d4", 2).expect("written");
        open.judge("q1", "d5", 0).expect("written");
        open.withdraw("q2", "d1").expect("written");
        let undone: Vec<_> = std::iter::from_fn(|| open.undo().expect("written")).collect();
        assert_eq!(
            undone.iter().map(|one| (one.grade, one.before)).collect::<Vec<_>>(),
            [(None, Some(1)), (Some(0), None), (Some(2), Some(4)), (Some(4), None)]
        );
        open.judge("t1", "d9", 3).expect("written");
        assert_eq!((open.count(), open.judged_topics()), (3, 2));
        let kept = open.topics_path().to_owned();
        drop(open);

        let topics = read_topics(&kept, TopicIds::AsWritten).expect("topics");
        let expected = [("q2", "three"), ("id", "text title"), ("t1", "\"quoted, words"), ("q1", "one two")];
        assert_eq!(topics, expected.map(|(id, text)| topic(id, text)));
        let judgements = Judgements::read(&path, &JudgementOptions::default()).expect("judgements");
        assert_eq!(judgements.of("t1"), [("d9".to_owned(), 3)]);
        let (again, _) = Assessments::open(&path, given()).expect("opened again");
        assert_eq!(
            again.topics().map(|topic| topic.id.as_str()).collect::<Vec<_>>(),
            ["q1", "q2", "id", "t1"]
        );
        drop(again);
        let error = Assessments::open(&path, vec![topic("t1", "other")]).expect_err("two texts").to_string();
        assert!(error.contains("topic t1 has another text"), "{error}");
    }
}
