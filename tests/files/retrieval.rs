//! Retrieval over a real index on disk: scores against sums over the documents themselves, whatever the segments.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use irgan::data::documents::{Document, SyntheticCollection, SyntheticCollectionConfig, generate};
use irgan::event::Silent;
use irgan::retrieval::{
    Bm25, BuildOptions, FeatureSet, Feedback, Language, Scoring, TextIndex, WeightedQuery, build,
};

fn document(id: &str, fields: &[(&str, &str)]) -> Document {
    let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    Document { id: id.to_owned(), fields }
}

fn options(language: Language) -> BuildOptions {
    BuildOptions { language, memory: 60 << 20, force: true, shards: None }
}

fn index(folder: &Path, language: Language, documents: &[Document]) -> TextIndex {
    let path = folder.join("idx");
    build(&path, &options(language), documents.iter().cloned().map(Ok), &mut Silent).expect("an index");
    TextIndex::open(&path).expect("just made")
}

fn collection() -> SyntheticCollection {
    generate(&SyntheticCollectionConfig { documents: 700, queries: 30, ..Default::default() })
        .expect("valid settings")
}

/// Terms of a text without stems and stop words.
fn words(text: &str) -> Vec<String> {
    let split = text.split(|c: char| !c.is_alphanumeric());
    split.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// A collection as plain lists of words.
struct Plain {
    ids: Vec<String>,
    words: Vec<Vec<String>>,
}

impl Plain {
    fn new(documents: &[Document]) -> Self {
        let all = |d: &Document| d.fields.iter().flat_map(|(_, text)| words(text)).collect();
        Self {
            ids: documents.iter().map(|d| d.id.clone()).collect(),
            words: documents.iter().map(all).collect(),
        }
    }

    /// Every document with a word of the query, by the formula in the docs of [`Scoring`]; best first.
    fn ranking(&self, query: &str, scoring: Scoring) -> Vec<(String, f64)> {
        let mut weights: BTreeMap<String, f64> = BTreeMap::new();
        words(query).into_iter().for_each(|word| *weights.entry(word).or_default() += 1.0);
        let total: f64 = weights.values().sum();
        let n = self.words.len() as f64;
        let tokens: f64 = self.words.iter().map(|words| words.len() as f64).sum();
        let count = |words: &[String], term: &str| words.iter().filter(|word| *word == term).count() as f64;
        let mut found = vec![];
        for (id, words) in self.ids.iter().zip(&self.words) {
            let len = words.len() as f64;
            let (mut score, mut matched) = (0.0, false);
            for (term, weight) in &weights {
                let tf = count(words, term);
                if tf == 0.0 {
                    continue;
                }
                matched = true;
                let having = self.words.iter().filter(|words| words.contains(term)).count() as f64;
                let share = self.words.iter().map(|words| count(words, term)).sum::<f64>() / tokens;
                score += weight
                    * match scoring {
                        Scoring::Bm25(Bm25 { k1, b }) => {
                            let (k1, b) = (f64::from(k1), f64::from(b));
                            let idf = (1.0 + (n - having + 0.5) / (having + 0.5)).ln();
                            idf * tf * (k1 + 1.0) / (tf + k1 * (1.0 - b + b * len / (tokens / n)))
                        }
                        Scoring::LmDirichlet { mu } => (1.0 + tf / (f64::from(mu) * share)).ln(),
                        Scoring::LmJelinekMercer { lambda } => {
                            let lambda = f64::from(lambda);
                            (1.0 + (1.0 - lambda) * tf / (lambda * len * share)).ln()
                        }
                        Scoring::TfIdf => (1.0 + tf.ln()) * (1.0 + n / having).ln(),
                    };
            }
            if let (true, Scoring::LmDirichlet { mu }) = (matched, scoring) {
                score += total * (f64::from(mu) / (len + f64::from(mu))).ln();
            }
            if matched {
                found.push((id.clone(), score));
            }
        }
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| b.0.cmp(&a.0)));
        found
    }
}

const SCORINGS: [Scoring; 4] = [
    Scoring::Bm25(Bm25 { k1: 0.9, b: 0.4 }),
    Scoring::LmDirichlet { mu: 300.0 },
    Scoring::LmJelinekMercer { lambda: 0.3 },
    Scoring::TfIdf,
];

#[test]
fn every_score_is_that_of_the_documents_themselves() {
    let (folder, data) = (tempfile::tempdir().expect("a folder"), collection());
    let index = index(folder.path(), Language::None, &data.documents);
    let plain = Plain::new(&data.documents);
    for topic in data.parts[0].topics.iter().take(8) {
        let query = WeightedQuery::parse(&index, &topic.text);
        let together = index.search_by(&query, 0, &SCORINGS, 10_000).expect("a search");
        for (scoring, hits) in SCORINGS.into_iter().zip(together) {
            let expected = plain.ranking(&topic.text, scoring);
            assert_eq!(hits.len(), expected.len(), "{scoring}: {}", topic.text);
            let scores: HashMap<&str, f64> =
                expected.iter().map(|(id, score)| (id.as_str(), *score)).collect();
            for (hit, (_, expected)) in hits.iter().zip(&expected) {
                let own = scores[index.id(hit.document)];
                assert!(
                    (f64::from(hit.score) - own).abs() < 1e-4 * (1.0 + own.abs()),
                    "{scoring}: {hit:?} {own}"
                );
                assert!(
                    (f64::from(hit.score) - expected).abs() < 1e-4 * (1.0 + expected.abs()),
                    "{scoring}: order"
                );
            }
            // The best few are the first of all.
            let few = index.search(&query, 0, scoring, 7).expect("a search");
            assert_eq!(few, hits[..few.len()], "{scoring}");
            assert_eq!(few.len(), hits.len().min(7));
        }
    }
}

#[test]
fn segments_threads_and_the_order_of_documents_do_not_matter() {
    let data = collection();
    let run = |threads: usize, reversed: bool| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let folder = tempfile::tempdir().expect("a folder");
        let mut documents = data.documents.clone();
        if reversed {
            documents.reverse();
        }
        pool.install(|| {
            let index = index(folder.path(), Language::En, &documents);
            let mut lines = vec![];
            for topic in &data.parts[0].topics {
                let query = WeightedQuery::parse(&index, &topic.text);
                let hits = index.search(&query, 0, SCORINGS[0], 50).expect("a search");
                let grown = Feedback::default().expand(&index, &query, &hits).expect("stored texts");
                let again = index.search(&grown, 0, SCORINGS[0], 50).expect("a search");
                let name =
                    |hit: &irgan::retrieval::Hit| (index.id(hit.document).to_owned(), hit.score.to_bits());
                lines.push((
                    hits.iter().map(name).collect::<Vec<_>>(),
                    again.iter().map(name).collect::<Vec<_>>(),
                ));
            }
            lines
        })
    };
    let first = run(1, false);
    assert_eq!(first, run(4, false));
    assert_eq!(first, run(3, true));
}

#[test]
fn equal_scores_are_in_descending_order_of_ids() {
    let folder = tempfile::tempdir().expect("a folder");
    let documents: Vec<_> = ["a", "c", "b", "aa"].map(|id| document(id, &[("body", "same words")])).to_vec();
    let index = index(folder.path(), Language::En, &documents);
    let hits = index.search(&WeightedQuery::parse(&index, "words"), 0, SCORINGS[0], 3).expect("a search");
    let ids: Vec<_> = hits.iter().map(|hit| index.id(hit.document)).collect();
    assert_eq!(ids, ["c", "b", "aa"]);
}

#[test]
fn shards_are_one_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let texts = ["red wing", "red wing", "a boundary layer", "red wing", "red"];
    let documents: Vec<_> = ["c", "a", "e", "d", "b"]
        .into_iter()
        .zip(texts)
        .map(|(id, text)| document(id, &[("body", text)]))
        .collect();
    let open = |shards: Option<usize>| {
        let path = folder.path().join(format!("{shards:?}"));
        let options = BuildOptions { shards, ..options(Language::En) };
        build(&path, &options, documents.iter().cloned().map(Ok), &mut Silent).expect("an index");
        TextIndex::open(&path).expect("just made")
    };
    for index in [None, Some(1), Some(2), Some(5)].map(open) {
        let hits =
            index.search(&WeightedQuery::parse(&index, "red wing"), 0, SCORINGS[0], 3).expect("a search");
        let ids: Vec<_> = hits.iter().map(|hit| index.id(hit.document)).collect();
        assert_eq!(ids, ["d", "c", "a"], "equal scores by descending ids, in whatever shard");
        let ids: Vec<_> = (0..5).map(|place| index.id(index.in_order_of_ids(place)).to_owned()).collect();
        assert_eq!(ids, ["a", "b", "c", "d", "e"]);
        let text = |id: &str| index.texts(index.find(id).expect("known")).expect("stored")[0].1.clone();
        assert_eq!(["e", "b"].map(text), ["a boundary layer", "red"]);
        assert_eq!(index.find("f"), None);
    }
}

#[test]
fn fields_are_searched_on_their_own_and_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let documents = [
        document("1", &[("title", "red wing"), ("body", "a long text of birds")]),
        document("2", &[("title", "birds"), ("body", "red red red")]),
        document("3", &[("body", "")]),
    ];
    let index = index(folder.path(), Language::En, &documents);
    assert_eq!(index.fields(), ["all", "title", "body"]);
    let ids = |field: usize, text: &str| {
        let hits =
            index.search(&WeightedQuery::parse(&index, text), field, SCORINGS[0], 10).expect("a search");
        hits.iter().map(|hit| index.id(hit.document).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(1, "red"), ["1"]);
    assert_eq!(ids(2, "red"), ["2"]);
    assert_eq!(ids(0, "red"), ["2", "1"]);
    assert_eq!(ids(0, "of the"), [""; 0], "stop words find nothing");
    assert_eq!(index.find("3").map(|document| index.id(document)), Some("3"));
    assert_eq!(index.find("4"), None);
    let texts = index.texts(index.find("1").expect("known")).expect("stored");
    assert_eq!(texts, [("title", "red wing".to_owned()), ("body", "a long text of birds".to_owned())]);
}

/// Three documents, one query, and every feature by hand.
#[test]
fn features_by_hand() {
    let folder = tempfile::tempdir().expect("a folder");
    let documents = [
        document("1", &[("body", "swept wing of a swept wing plane")]), // 7 words
        document("2", &[("body", "plane wing")]),
        document("3", &[("body", "")]),
        document("4", &[("body", "something else")]),
    ];
    let index = index(folder.path(), Language::None, &documents);
    let query = WeightedQuery::parse(&index, "swept wing plane");
    let pool: Vec<u32> = {
        let mut pool: Vec<u32> =
            ["1", "2", "3", "4"].iter().map(|id| index.find(id).expect("known")).collect();
        pool.sort_unstable();
        pool
    };
    let names = FeatureSet::names(&index);
    let set = FeatureSet { bm25: Bm25 { k1: 1.0, b: 0.5 }, ..Default::default() };
    let features = set.compute(&index, &query, &query, &pool).expect("features");
    assert_eq!(features.dim(), (4, names.len()));
    let value = |id: &str, name: &str| {
        let row = pool.iter().position(|&document| index.id(document) == id).expect("in the pool");
        let column =
            names.iter().position(|known| known == name).unwrap_or_else(|| panic!("{name} in {names:?}"));
        features[[row, column]]
    };
    let near = |id: &str, name: &str, expected: f64| {
        let found = f64::from(value(id, name));
        assert!(
            (found - expected).abs() < 1e-5 * (1.0 + expected.abs()),
            "{id} {name}: {found}, expected {expected}"
        );
    };
    // N = 4, average length (7 + 2 + 0 + 2)/4 = 2.75; swept is in 1 document, wing and plane in 2.
    let idf = |n: f64| (1.0 + (4.0 - n + 0.5) / (n + 0.5)).ln();
    let bm25 = |n: f64, tf: f64, len: f64| idf(n) * tf * 2.0 / (tf + 0.5 + 0.5 * len / 2.75);
    near("1", "body.bm25", bm25(1.0, 2.0, 7.0) + bm25(2.0, 2.0, 7.0) + bm25(2.0, 1.0, 7.0));
    near("2", "body.bm25", 2.0 * bm25(2.0, 1.0, 2.0));
    // The query was not grown, has no word twice, and is shorter than what stands for a long one.
    for name in ["feedback", "bm25-once", "bm25-lead", "bm25-rare"] {
        near("1", name, f64::from(value("1", "body.bm25")));
    }
    near("2", "feedback-lm", f64::from(value("2", "body.lm-dirichlet")));
    assert!(value("4", "feedback").is_nan(), "no term of the query");
    near("1", "body.coverage", 1.0);
    near("2", "body.coverage", 2.0 / 3.0);
    near("2", "body.idf-coverage", 2.0 * idf(2.0) / (idf(1.0) + 2.0 * idf(2.0)));
    near("1", "body.tf-min", 1.0);
    near("2", "body.tf-min", 0.0); // swept is missing
    near("1", "body.tf-mean", 5.0 / 3.0);
    near("1", "body.tf-max", 2.0);
    near("4", "body.tf-max", 0.0);
    near("1", "body.length", 7.0);
    near("1", "body.tf-idf", (1.0 + 2f64.ln()) * (5f64.ln() + 3f64.ln()) + 3f64.ln());
    // 10 words in 11 tokens: swept 2/11, wing 3/11, plane 2/11; λ = 0.4, so (1 − λ)/λ = 1.5.
    let jm = |tf: f64, share: f64, len: f64| (1.0 + 1.5 * tf / len / (share / 11.0)).ln();
    near("1", "body.lm-jm", jm(2.0, 2.0, 7.0) + jm(2.0, 3.0, 7.0) + jm(1.0, 2.0, 7.0));
    let dirichlet = |tf: f64, share: f64| (1.0 + tf / (1000.0 * share / 11.0)).ln();
    near(
        "2",
        "body.lm-dirichlet",
        dirichlet(1.0, 3.0) + dirichlet(1.0, 2.0) + 3.0 * (1000.0f64 / 1002.0).ln(),
    );
    // swept wing plane stand in the last three words of 1; plane wing are two words of 2.
    near("1", "window", 1.0);
    near("2", "window", 1.0);
    let pair = |n: f64, m: f64, count: f64| (idf(n) + idf(m)) / 2.0 * (1.0 + count).ln();
    near("1", "ordered-pairs", pair(1.0, 2.0, 2.0) + pair(2.0, 2.0, 1.0));
    near("2", "ordered-pairs", 0.0);
    near("2", "near-pairs", pair(2.0, 2.0, 1.0));
    near("2", "query-terms", 3.0);
    near("4", "query-idf-max", idf(1.0));
    near("4", "query-idf-mean", (idf(1.0) + 2.0 * idf(2.0)) / 3.0);
    // What is not there is not 0: no text, no two words to be near to each other.
    assert!(value("3", "body.bm25").is_nan() && value("3", "body.length").is_nan());
    assert!(value("4", "window").is_nan());
    near("4", "body.bm25", 0.0);
}

#[test]
fn feedback_adds_the_words_of_the_first_documents() {
    let folder = tempfile::tempdir().expect("a folder");
    let documents = [
        document("1", &[("body", "wing flutter flutter")]),
        document("2", &[("body", "wing")]),
        document("3", &[("body", "flutter elsewhere")]),
    ];
    let index = index(folder.path(), Language::None, &documents);
    let query = WeightedQuery::parse(&index, "wing");
    let hits: Vec<_> = [("1", 3.0), ("2", 1.0)]
        .map(|(id, score)| irgan::retrieval::Hit { document: index.find(id).expect("known"), score })
        .to_vec();
    let feedback = Feedback { documents: 2, terms: 10, original: 0.4 };
    let grown = feedback.expand(&index, &query, &hits).expect("stored texts");
    assert_eq!(grown.terms(), ["wing", "flutter"]);
    // P(wing|R) = ¾ · ⅓ + ¼ · 1 = ½, P(flutter|R) = ¾ · ⅔ = ½; the query keeps 0.4 of the whole.
    let [wing, flutter] = grown.weights() else { panic!("two weights") };
    assert!((wing - (0.4 + 0.6 * 0.5)).abs() < 1e-6 && (flutter - 0.6 * 0.5).abs() < 1e-6, "{grown:?}");
    // One document and one term: the heaviest alone takes the whole share.
    let narrow =
        Feedback { documents: 1, terms: 1, original: 0.4 }.expand(&index, &query, &hits).expect("texts");
    assert_eq!(narrow.terms(), ["wing", "flutter"]);
    assert!((narrow.weights()[1] - 0.6).abs() < 1e-6);
}

#[test]
fn snippets_mark_the_words_of_the_query() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "Nothing here. The boundary layers over a wing are thin.";
    let index = index(folder.path(), Language::En, &[document("1", &[("body", text)])]);
    let query = WeightedQuery::parse(&index, "boundary layer");
    let snippet = index.snippets(&query, &[text], 60).expect("a snippet").swap_remove(0);
    let words: Vec<_> = snippet.words.iter().map(|range| &snippet.text[range.clone()]).collect();
    assert_eq!(words, ["boundary", "layers"]);
}
