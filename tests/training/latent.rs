//! The latent space of documents: its cosines against those of bags, words of one subject, and sameness over segments.

use irgan::data::documents::{Document, Topic};
use irgan::data::features::{Query, RankingSet};
use irgan::event::Silent;
use irgan::ranking::documents::{LatentSpace, Texts};
use irgan::retrieval::{BuildOptions, Language, TermWeights, TextIndex, build};
use irgan::seed::Stream;
use ndarray::Array2;
use rand::Rng as _;

/// Texts in a folder of their own, with an index.
fn index(texts: &[(String, String)]) -> (tempfile::TempDir, TextIndex) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("idx");
    let options = BuildOptions { language: Language::None, memory: 60 << 20, ..Default::default() };
    let document = |(id, text): &(String, String)| Document {
        id: id.clone(),
        fields: vec![("body".into(), text.clone())],
    };
    build(&path, &options, texts.iter().map(|text| Ok(document(text))), &mut Silent).expect("an index");
    let index = TextIndex::open(&path).expect("just made");
    (folder, index)
}

fn named(texts: &[&str]) -> Vec<(String, String)> {
    texts.iter().enumerate().map(|(i, text)| (format!("d{i:03}"), (*text).to_owned())).collect()
}

/// Documents of 12 words each, some of them many times over.
fn random(count: usize) -> Vec<(String, String)> {
    let mut rng = Stream::new(4).rng();
    let mut word = || format!("w{}", (60.0 * rng.random::<f32>().powi(2)) as u32);
    let texts: Vec<String> =
        (0..count).map(|_| (0..12).map(|_| word()).collect::<Vec<_>>().join(" ")).collect();
    named(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// All documents as the pool of each query, with `feedback` as their feature for every query.
fn set(queries: &[Topic], documents: &[(String, String)], feedback: impl Fn(usize) -> f32) -> RankingSet {
    let count = documents.len();
    let rows = queries.len() * count;
    let query =
        |(i, topic): (usize, &Topic)| Query { id: topic.id.clone(), rows: i * count..(i + 1) * count };
    let queries = queries.iter().enumerate().map(query).collect();
    let features = Array2::from_shape_fn((rows, 1), |(row, _)| feedback(row % count));
    let ids = (0..rows).map(|row| &documents[row % count].0);
    RankingSet::new(features, vec![0; rows], queries, ids, vec!["feedback".into()])
}

fn topic(id: &str, text: &str) -> Topic {
    Topic { id: id.into(), text: text.into() }
}

/// `(1 + ln tf) · ln(1 + (N − n + ½)/(n + ½))` over the words that two documents or more have, of norm 1.
fn weights(text: &str, all: &[(String, String)]) -> Vec<f64> {
    let has = |text: &str, word: &str| text.split(' ').any(|other| other == word);
    let weight = |word: String| {
        let tf = text.split(' ').filter(|&other| other == word).count() as f64;
        let n = all.iter().filter(|(_, text)| has(text, &word)).count() as f64;
        let idf = (1.0 + (all.len() as f64 - n + 0.5) / (n + 0.5)).ln();
        if tf == 0.0 || n < 2.0 { 0.0 } else { (1.0 + tf.ln()) * idf }
    };
    normalized((0..60).map(|i| weight(format!("w{i}"))).collect())
}

fn normalized(vector: Vec<f64>) -> Vec<f64> {
    let norm = dot(&vector, &vector).sqrt();
    vector.into_iter().map(|value| value / norm).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn the_whole_space_has_the_cosines_of_the_bags() {
    let documents = random(40);
    let (_folder, index) = index(&documents);
    let topics = [3, 17, 39].map(|i: usize| topic(&i.to_string(), &documents[i].1));
    // Twelve documents have a score, and ten of them count.
    let feedback = |i: usize| if i < 12 { 1.0 + (i * 7 % 12) as f32 } else { 0.0 };
    let space = LatentSpace::learn(&index, 1000).expect("an index");
    let texts = Texts::new(&index, &topics);
    let described = space.describe(&texts, set(&topics, &documents, feedback)).expect("texts");
    assert_eq!(described.feature_names(), ["feedback", "latent", "latent-feedback"]);
    let bags: Vec<Vec<f64>> = documents.iter().map(|(_, text)| weights(text, &documents)).collect();
    let first: Vec<usize> = (0..12).filter(|&i| feedback(i) > 2.0).collect();
    assert_eq!(first.len(), 10);
    let sum = |word: usize| first.iter().map(|&i| f64::from(feedback(i)) * bags[i][word]).sum::<f64>();
    let centroid = normalized((0..60).map(sum).collect());
    for (q, document) in [3, 17, 39].into_iter().enumerate() {
        for (i, bag) in bags.iter().enumerate() {
            let found = described.features().row(q * documents.len() + i).to_vec();
            let expected = [dot(&bags[document], bag), dot(&centroid, bag)];
            for (found, expected) in found[1..].iter().zip(expected) {
                assert!((f64::from(*found) - expected).abs() < 1e-4, "{q} {i}: {found}, {expected}");
            }
        }
    }
}

#[test]
fn a_word_of_the_same_subject_is_near_and_an_unknown_one_nowhere() {
    let documents = named(&[
        "automobile engine wheel",
        "automobile engine brake",
        "car engine wheel",
        "car wheel brake",
        "car brake engine",
        "rose garden petal",
        "rose garden leaf",
        "tulip petal leaf",
        "tulip garden petal",
        "nothing", // a word of its own
    ]);
    let (_folder, index) = index(&documents);
    let topics = [topic("a", "automobile"), topic("b", "submarine")];
    let space = LatentSpace::learn(&index, 2).expect("an index");
    let texts = Texts::new(&index, &topics);
    let described = space.describe(&texts, set(&topics, &documents, |_| 0.0)).expect("texts");
    let latent = described.feature_scores(1);
    assert!(latent[3] > 0.9, "a car without an engine: {latent:?}");
    assert!(latent[5..9].iter().all(|value| value.abs() < 0.1), "flowers: {latent:?}");
    assert_eq!(latent[9], 0.0);
    assert!(latent[10..].iter().all(|&value| value == 0.0), "submarine: {latent:?}");
    assert!(described.feature_scores(2).iter().all(|&value| value == 0.0), "no document has a score");
}

#[test]
fn documents_without_common_terms_span_no_space() {
    let documents = named(&["one", "two", ""]);
    let (_folder, index) = index(&documents);
    let topics = [topic("a", "one")];
    let space = LatentSpace::learn(&index, 5).expect("an index");
    let texts = Texts::new(&index, &topics);
    let described = space.describe(&texts, set(&topics, &documents, |_| 1.0)).expect("texts");
    assert!(described.features().columns().into_iter().skip(1).flatten().all(|&value| value == 0.0));
    let refused = space.describe(&texts, set(&topics, &documents, |_| 1.0).without_features());
    assert!(refused.expect_err("no feature").to_string().contains("feedback"));
}

#[test]
fn segments_and_threads_do_not_matter() {
    let documents = random(3000);
    let topics = [topic("a", "w0 w1 w30"), topic("b", "w59")];
    let run = |threads: usize, reversed: bool| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let mut written = documents.clone();
        if reversed {
            written.reverse();
        }
        pool.install(|| {
            let (_folder, index) = index(&written);
            let space = LatentSpace::learn(&index, 10).expect("an index");
            let texts = Texts::new(&index, &topics);
            let described = space.describe(&texts, set(&topics, &documents, |i| i as f32)).expect("texts");
            described.features().iter().map(|value| value.to_bits()).collect::<Vec<_>>()
        })
    };
    let first = run(1, false);
    assert!(first == run(4, false) && first == run(3, true));
}

#[test]
fn terms_are_chosen_by_the_number_of_their_documents() {
    let (_folder, index) = index(&named(&["b a a d", "b a c", "b c e", "b d"]));
    let (terms, bags) = TermWeights::learn(&index, &[0, 1, 2, 3], 3).expect("an index");
    assert_eq!(terms.terms(), ["a", "b", "c"], "of a, c and d, which tie, the first in order");
    for (document, bag) in (0..).zip(&bags) {
        assert_eq!(*bag, terms.document(&index, document).expect("a text"));
    }
    // Documents are numbered as the threads of the writer took them.
    let first = index.find("d000").expect("a document") as usize;
    assert_eq!(terms.query(&index, "a b a d x"), bags[first]);
    let parts = |terms: &[&str], idf: &[f32]| {
        TermWeights::new(terms.iter().map(|&term| term.into()).collect(), idf.to_vec())
    };
    assert_eq!(parts(&["a", "b", "c"], terms.idf()).as_ref(), Some(&terms));
    assert!(parts(&["b", "a"], &[1.0, 1.0]).is_none() && parts(&["a", "a"], &[1.0, 1.0]).is_none());
    assert!(parts(&["a"], &[0.0]).is_none() && parts(&["a"], &[]).is_none());
}
