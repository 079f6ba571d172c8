//! The generated collection keeps its promises: BM25 finds much, features it does not see find more, and
//! the bytes are the same everywhere.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use assert_cmd::Command;
use irgan::data::documents::{
    Collection, Document, JudgementOptions, Judgements, SyntheticCollection, SyntheticCollectionConfig,
    TopicIds, generate, read_topics,
};
use irgan::evaluation::{Judged, Measure, rank_order};
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;

/// Words as a simple analyser sees them: lower case, without a plural's s.
fn words(text: &str) -> Vec<String> {
    let bare = |word: &str| word.trim_end_matches('.').to_lowercase().trim_end_matches('s').to_owned();
    text.split_whitespace().map(bare).collect()
}

/// An inverted index of one field, small enough for a test.
struct Field {
    postings: HashMap<String, Vec<(usize, f64)>>, // document, term frequency
    texts: Vec<Vec<String>>,
    mean: f64,
}

impl Field {
    fn new(documents: &[Document], text: impl Fn(&Document) -> String) -> Self {
        let texts: Vec<Vec<String>> = documents.iter().map(|document| words(&text(document))).collect();
        let mut postings: HashMap<String, Vec<(usize, f64)>> = HashMap::new();
        for (document, text) in texts.iter().enumerate() {
            for word in text {
                let list = postings.entry(word.clone()).or_default();
                match list.last_mut() {
                    Some((last, count)) if *last == document => *count += 1.0,
                    _ => list.push((document, 1.0)),
                }
            }
        }
        let mean = texts.iter().map(Vec::len).sum::<usize>() as f64 / texts.len() as f64;
        Self { postings, texts, mean }
    }

    /// BM25 (Robertson and Walker) with k1 = 0.9 and the given b.
    fn bm25(&self, query: &[String], b: f64) -> Vec<f64> {
        let mut scores = vec![0.0; self.texts.len()];
        for list in query.iter().filter_map(|word| self.postings.get(word)) {
            let n = list.len() as f64;
            let idf = (1.0 + (self.texts.len() as f64 - n + 0.5) / (n + 0.5)).ln();
            for &(document, tf) in list {
                let norm = 0.9 * (1.0 - b + b * self.texts[document].len() as f64 / self.mean);
                scores[document] += idf * tf / (tf + norm);
            }
        }
        scores
    }
}

struct Bench {
    synthetic: SyntheticCollection,
    all: Field,
    title: Field,
    measure: Measure,
}

impl Bench {
    fn new(config: &SyntheticCollectionConfig) -> Self {
        let synthetic = generate(config).expect("a valid configuration");
        let text = |name: &str, document: &Document| document.field(name).expect("every field").to_owned();
        let title = |document: &Document| text("title", document);
        let all = Field::new(&synthetic.documents, |d| title(d) + " " + &text("body", d));
        let title = Field::new(&synthetic.documents, title);
        Self { synthetic, all, title, measure: "nDCG@10".parse().expect("a measure") }
    }

    /// nDCG@10 over all topics of the ranking by `score`.
    fn value(&self, score: impl Fn(&[String]) -> Vec<f64>) -> f64 {
        let parts = self.synthetic.parts.iter();
        let values =
            parts.flat_map(|part| part.topics.iter().map(|topic| (topic, part.judgements.of(&topic.id))));
        let values: Vec<f64> = values
            .map(|(topic, judged)| {
                let grades: HashMap<&str, i32> =
                    judged.iter().map(|(id, grade)| (id.as_str(), *grade)).collect();
                let scores: Vec<f32> = score(&words(&topic.text)).iter().map(|&score| score as f32).collect();
                let documents = &self.synthetic.documents;
                let order = rank_order(&scores, |i| documents[i].id.as_str());
                let ranked: Vec<i32> =
                    order.iter().map(|&i| grades.get(&*documents[i].id).copied().unwrap_or(0)).collect();
                self.measure.value(&ranked, &Judged::new(judged.iter().map(|(_, grade)| *grade)))
            })
            .collect();
        self.measure.aggregate(values)
    }
}

/// The twelve words that weigh most in the ten best documents: relevance feedback without judgements.
fn feedback(field: &Field, query: &[String]) -> Vec<String> {
    let scores = field.bm25(query, 0.4);
    let mut best: Vec<usize> = (0..scores.len()).collect();
    best.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut weights: HashMap<&String, f64> = HashMap::new();
    for &document in &best[..10] {
        for word in &field.texts[document] {
            let idf = (scores.len() as f64 / field.postings[word].len() as f64).ln();
            *weights.entry(word).or_default() += idf * scores[document] / field.texts[document].len() as f64;
        }
    }
    let mut words: Vec<(&String, f64)> = weights.into_iter().collect();
    words.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    words.into_iter().take(12).map(|(word, _)| word.clone()).collect()
}

#[test]
fn bm25_finds_much_and_feedback_over_fields_more() {
    for seed in 1..=3 {
        let bench = Bench::new(&SyntheticCollectionConfig { seed, ..SyntheticCollectionConfig::default() });
        let bm25 = [0.0, 0.4, 0.75].map(|b| bench.value(|query| bench.all.bm25(query, b)));
        let bm25 = bm25.into_iter().fold(0.0, f64::max);
        let combined = bench.value(|query| {
            let more = feedback(&bench.all, query);
            let parts =
                [bench.all.bm25(query, 0.4), bench.all.bm25(&more, 0.4), bench.title.bm25(&more, 0.4)];
            (0..parts[0].len()).map(|document| parts.iter().map(|scores| scores[document]).sum()).collect()
        });
        println!("seed {seed}: BM25 {bm25:.3}, with feedback over fields {combined:.3}");
        assert!((0.5..0.75).contains(&bm25), "seed {seed}: BM25 has {bm25}");
        assert!(combined > 1.1 * bm25, "seed {seed}: {combined} against {bm25}");
    }
}

#[test]
fn every_topic_has_an_answer_and_every_judgement_a_document() {
    let synthetic = small(1);
    let ids: HashSet<&str> = synthetic.documents.iter().map(|document| document.id.as_str()).collect();
    assert_eq!((ids.len(), synthetic.parts.each_ref().map(|part| part.topics.len())), (300, [24, 8, 8]));
    for part in &synthetic.parts {
        assert_eq!(part.judgements.queries().len(), part.topics.len());
        for topic in &part.topics {
            let judged = part.judgements.of(&topic.id);
            assert!(judged.iter().all(|(id, grade)| ids.contains(&**id) && (0..=3).contains(grade)));
            let relevant = judged.iter().filter(|(_, grade)| *grade > 0).count();
            assert!(relevant > 0 && relevant < judged.len(), "{}: {relevant} of {}", topic.id, judged.len());
        }
    }
}

fn small(seed: u64) -> SyntheticCollection {
    let config =
        SyntheticCollectionConfig { documents: 300, queries: 40, subjects: 8, vocabulary: 1500, seed };
    generate(&config).expect("a valid configuration")
}

#[test]
fn another_seed_is_another_collection() {
    let [one, other] = [small(1), small(2)];
    assert!(one.documents.iter().zip(&other.documents).all(|(one, other)| one != other));
    assert_ne!(one.parts[0].topics, other.parts[0].topics);
}

#[test]
fn bad_settings_are_errors() {
    let good = SyntheticCollectionConfig { documents: 20, queries: 5, subjects: 2, vocabulary: 500, seed: 1 };
    generate(&good).expect("the smallest");
    for (bad, reason) in [
        (SyntheticCollectionConfig { documents: 19, ..good.clone() }, "20 to 5,000,000 documents"),
        (SyntheticCollectionConfig { queries: 4, ..good.clone() }, "5 to 1,000,000 queries"),
        (SyntheticCollectionConfig { subjects: 1, ..good.clone() }, "2 to 100,000 subjects"),
        (SyntheticCollectionConfig { vocabulary: usize::MAX, ..good.clone() }, "500 to 1,000,000 words"),
        (
            SyntheticCollectionConfig { documents: 5_000_000, queries: 1_000_000, ..good.clone() },
            "10^11 pairs",
        ),
    ] {
        let error = generate(&bad).expect_err(reason);
        assert!(error.to_string().contains(reason) && error.exit_code() == 2, "{error}");
    }
}

const FILES: [&str; 10] = [
    "documents.jsonl",
    "topics.tsv",
    "qrels.txt",
    "topics.train.tsv",
    "topics.valid.tsv",
    "topics.test.tsv",
    "qrels.train.txt",
    "qrels.valid.txt",
    "qrels.test.txt",
    "collection.toml",
];

#[test]
fn the_committed_sample_is_what_its_command_makes_on_any_number_of_threads() {
    let read =
        |path: &Path| std::fs::read(path).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
    let readme = String::from_utf8(read(Path::new("datasets/README.md"))).expect("text");
    let line = readme
        .lines()
        .find_map(|line| line.strip_prefix("irgan synth --collection --out datasets/collection "));
    let arguments: Vec<&str> = line.expect("the README gives the command").split_whitespace().collect();
    for threads in ["1", "3"] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let irgan = || {
            let mut command = Command::new(assert_cmd::cargo::cargo_bin!("irgan"));
            command.current_dir(folder.path()).args([
                "synth",
                "--collection",
                "--out",
                "made",
                "--threads",
                threads,
            ]);
            command.args(&arguments).assert()
        };
        irgan().success();
        for name in FILES {
            let made = read(&folder.path().join("made").join(name));
            assert!(made == read(&Path::new("datasets/collection").join(name)), "{name} differs");
        }
        irgan().code(2).stderr(contains("not empty").and(contains("--force")));
    }
}

#[test]
fn what_is_written_is_what_was_generated() {
    let (synthetic, folder) = (small(1), Path::new("datasets/collection"));
    let documents = Collection::open(&[folder.join("documents.jsonl")], None).expect("the sample is there");
    assert_eq!(
        documents.documents().collect::<irgan::Result<Vec<_>>>().expect("well formed"),
        synthetic.documents
    );
    for part in &synthetic.parts {
        let topics = folder.join(format!("topics.{}.tsv", part.name));
        assert_eq!(read_topics(&topics, TopicIds::AsWritten).expect("well formed"), part.topics);
        let qrels = folder.join(format!("qrels.{}.txt", part.name));
        let judgements = Judgements::read(&qrels, &JudgementOptions::default()).expect("well formed");
        assert_eq!(judgements, part.judgements);
    }
}
