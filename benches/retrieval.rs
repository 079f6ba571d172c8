//! Indexing, searching and features beside tantivy's own calls, on one generated collection.
//!
//! `cargo bench --bench retrieval` takes 500,000 documents; `cargo bench --bench retrieval -- 20000` as many as
//! you say. Every figure is the median of runs that alternate between the two.

use std::path::Path;
use std::time::{Duration, Instant};

use irgan::data::documents::{Document, SyntheticCollectionConfig, Topic, generate};
use irgan::event::Silent;
use irgan::math::parallel::ordered_map;
use irgan::ranking::documents::{CandidateConfig, Retriever};
use irgan::retrieval::{Bm25, BuildOptions, FeatureSet, Scoring, TextIndex, WeightedQuery, build};
use irgan::team::Team;
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, Occur, TermQuery};
use tantivy::schema::{FAST, Field, IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{
    Language as Stems, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, StopWordFilter, TextAnalyzer,
};
use tantivy::{Index, TantivyDocument, Term};

const RUNS: usize = 3;
const QUERIES: usize = 1000;
const K: usize = 1000;
const MEMORY: usize = 256 << 20;

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(500_000);
    let config = SyntheticCollectionConfig { documents: count, queries: QUERIES, ..Default::default() };
    let collection = generate(&config).expect("valid settings");
    let topics: Vec<&Topic> = collection.parts.iter().flat_map(|part| &part.topics).collect();
    let words: usize =
        collection.documents.iter().flat_map(|d| &d.fields).map(|(_, t)| t.split(' ').count()).sum();
    println!("{count} documents of {} words, {} queries", words / count, topics.len());
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, theirs) = (folder.path().join("ours"), folder.path().join("theirs"));

    let (mut index_times, mut bare_times) = (vec![], vec![]);
    for _ in 0..RUNS {
        index_times.push(time(|| index(&ours, &collection.documents)));
        bare_times.push(time(|| bare(&theirs, &collection.documents)));
    }
    compare("index", &mut index_times, &mut bare_times, count);

    let opened = TextIndex::open(&ours).expect("just made");
    let bare = Index::open_in_dir(&theirs).expect("just made");
    bare.tokenizers().register("en", analyzer());
    let (mut search_times, mut bare_times) = (vec![], vec![]);
    for _ in 0..RUNS {
        search_times.push(time(|| search(&opened, &topics)));
        bare_times.push(time(|| search_bare(&bare, &topics)));
    }
    compare(&format!("top {K}"), &mut search_times, &mut bare_times, topics.len());

    // Term statistics alone: no second search, no positions beyond those of the features.
    let queries: Vec<WeightedQuery> =
        topics.iter().map(|topic| WeightedQuery::parse(&opened, &topic.text)).collect();
    let scoring = Scoring::Bm25(Bm25::default());
    let pools: Vec<Vec<u32>> = queries
        .iter()
        .map(|query| {
            let hits = opened.search(query, 0, scoring, K).expect("a search");
            let mut pool: Vec<u32> = hits.iter().map(|hit| hit.document).collect();
            pool.sort_unstable();
            pool
        })
        .collect();
    let rows: usize = pools.iter().map(Vec::len).sum();
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let features = FeatureSet::default();
    let statistics = || {
        for (query, pool) in queries.iter().zip(&pools) {
            std::hint::black_box(features.term_statistics(&opened, query, pool).expect("features"));
        }
    };
    let mut times: Vec<_> = (0..RUNS).map(|_| time(|| one.install(statistics))).collect();
    report("term statistics, 1 thread", median(&mut times), rows);
    let mut times: Vec<_> = (0..RUNS)
        .map(|_| {
            time(|| {
                let config = CandidateConfig::default();
                let candidates = Retriever { index: &opened, config: &config, run: None, team: Team::ALONE };
                std::hint::black_box(candidates.retrieved(&topics, None).expect("candidates"));
            })
        })
        .collect();
    report("search, feedback and all features", median(&mut times), rows);
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn report(name: &str, time: Duration, items: usize) {
    println!("{name:<36} {time:>10.3?}  {:>12.0} a second", items as f64 / time.as_secs_f64());
}

fn compare(name: &str, ours: &mut [Duration], theirs: &mut [Duration], items: usize) {
    let (ours, theirs) = (median(ours), median(theirs));
    report(&format!("{name}, irgan"), ours, items);
    report(&format!("{name}, tantivy"), theirs, items);
    println!("{name}: {:.2} of tantivy's speed", theirs.as_secs_f64() / ours.as_secs_f64());
}

fn index(path: &Path, documents: &[Document]) {
    let options = BuildOptions { memory: MEMORY, force: true, ..Default::default() };
    build(path, &options, documents.iter().cloned().map(Ok), &mut Silent).expect("an index");
}

fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(255))
        .filter(LowerCaser)
        .filter(StopWordFilter::new(Stems::English).expect("a list"))
        .filter(Stemmer::new(Stems::English))
        .build()
}

/// The same fields, with tantivy alone.
fn bare(path: &Path, documents: &[Document]) {
    let _ = std::fs::remove_dir_all(path);
    std::fs::create_dir(path).expect("a folder");
    let mut schema = Schema::builder();
    let text = |option| {
        let indexing = TextFieldIndexing::default().set_tokenizer("en").set_index_option(option);
        TextOptions::default().set_indexing_options(indexing)
    };
    let all = schema.add_text_field("all", text(IndexRecordOption::WithFreqsAndPositions));
    let named: Vec<Field> = ["title", "body"]
        .map(|name| schema.add_text_field(name, text(IndexRecordOption::WithFreqs) | STORED))
        .to_vec();
    let number = schema.add_u64_field("number", FAST);
    let index = Index::create_in_dir(path, schema.build()).expect("an index");
    index.tokenizers().register("en", analyzer());
    let mut writer = index.writer_with_num_threads(rayon::current_num_threads(), MEMORY).expect("a writer");
    for (i, document) in documents.iter().cloned().enumerate() {
        let mut texts = TantivyDocument::new();
        texts.add_u64(number, i as u64);
        for (name, value) in &document.fields {
            texts.add_text(all, value);
            texts.add_text(named[usize::from(name != "title")], value);
        }
        writer.add_document(texts).expect("added");
    }
    writer.commit().expect("committed");
    writer.wait_merging_threads().expect("merged");
}

fn search(index: &TextIndex, topics: &[&Topic]) {
    let found = ordered_map(topics.len(), |i| {
        let query = WeightedQuery::parse(index, &topics[i].text);
        index.search(&query, 0, Scoring::Bm25(Bm25::default()), K).expect("a search").len()
    });
    std::hint::black_box(found);
}

fn search_bare(index: &Index, topics: &[&Topic]) {
    let searcher = index.reader().expect("a reader").searcher();
    let all = index.schema().get_field("all").expect("the field");
    let found = ordered_map(topics.len(), |i| {
        let mut terms = vec![];
        analyzer().token_stream(&topics[i].text).process(&mut |token| {
            let term = TermQuery::new(Term::from_field_text(all, &token.text), IndexRecordOption::WithFreqs);
            terms.push((Occur::Should, Box::new(term) as Box<dyn tantivy::query::Query>));
        });
        let query = BooleanQuery::new(terms);
        searcher.search(&query, &TopDocs::with_limit(K).order_by_score()).expect("a search").len()
    });
    std::hint::black_box(found);
}
