//! The learned similarity of texts: gradients, its start, what it may and may not learn from, and what is saved.

use std::path::Path;
use std::sync::Arc;

use crate::support::Differences;
use irgan::data::documents::{Judgements, SyntheticCollection, SyntheticCollectionConfig, Topic, generate};
use irgan::data::features::{Query, RankingSet};
use irgan::event::Silent;
use irgan::game::Checkpoints;
use irgan::nn::Parameters as _;
use irgan::ranking::documents::towers::{TextPools, Towers};
use irgan::ranking::documents::{
    CandidateConfig, LatentSpace, LearnedFeatures, Neighbours, Reranker, Retriever, Similarity,
    SimilarityConfig, Texts,
};
use irgan::ranking::{
    Candidates, Extras, FitConfig, Method, Player, Ranker as _, Scorer as _, TrainConfig, train,
    train_scorers,
};
use irgan::retrieval::{Bag, BuildOptions, TextIndex, build};
use irgan::seed::Stream;
use irgan::team::Team;
use ndarray::Array2;

const BUCKETS: usize = 12;

fn bag(buckets: &[u32]) -> Bag {
    Bag::new(buckets.iter().zip(1..).map(|(&bucket, weight)| (bucket, weight as f32)))
}

/// Two queries over five documents, of which the last is empty.
fn pools() -> TextPools {
    let grades = [1, 0, 0, 0, 1, 0, 0];
    let queries = vec![Query { id: "a".into(), rows: 0..4 }, Query { id: "b".into(), rows: 4..7 }];
    let ids = ["0", "1", "2", "4", "1", "2", "3"];
    let set = RankingSet::new(Array2::zeros((7, 0)), grades.to_vec(), queries, ids, vec![]);
    let documents = [&[0, 1, 2][..], &[1, 3], &[4, 5, 6, 0], &[7, 2], &[]].map(bag).to_vec();
    let queries = [&[0, 3][..], &[2, 5, 9]].map(bag).to_vec();
    TextPools::new(&set, queries, documents, vec![0, 1, 2, 4, 1, 2, 3])
}

/// Towers with values everywhere.
fn towers() -> Towers {
    let mut towers = Towers::new(BUCKETS, 3);
    let count = towers.count();
    let values = crate::support::random(1, count, 0.5, 2);
    let mut values = values.iter();
    for mut tensor in towers.tensors_mut() {
        tensor.values.map_inplace(|value| *value += values.next().expect("as many as counted"));
    }
    towers
}

#[test]
fn gradients_are_those_of_finite_differences() {
    let (pools, towers) = (pools(), towers());
    let scattered = [(1, 2), (0, 1), (0, 3), (1, 0), (0, 1)];
    for candidates in [Candidates::Pools(&[1, 0]), Candidates::Pairs(&scattered)] {
        let mut rng = Stream::new(3).rng();
        let (scores, cache) = towers.forward(&pools, candidates, &mut rng);
        assert_eq!(scores, towers.score(&pools, candidates));
        let weights: Vec<f32> = (0..scores.len()).map(|i| 0.02 * (1.0 + i as f32)).collect();
        let mut gradient = towers.zeros_like();
        towers.backward(&cache, &weights, &mut gradient);
        Differences::default().parameters(&towers, &gradient, |towers| {
            let scores = towers.score(&pools, candidates);
            scores.iter().zip(&weights).map(|(&s, &w)| f64::from(s) * f64::from(w)).sum()
        });
    }
}

#[test]
fn it_starts_at_the_cosine_and_nothing_is_like_an_empty_text() {
    let pools = pools();
    let untrained = Towers::new(BUCKETS, 3);
    let scores = untrained.score(&pools, Candidates::Pools(&[0, 1]));
    let places = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 1), (1, 2)];
    for (score, (q, c)) in scores.into_iter().zip(places) {
        let cosine = pools.query(q).cosine(pools.text(q, c));
        assert!((score - 20.0 * cosine).abs() < 1e-5, "{q} {c}: {score}, cosine {cosine}");
    }
    assert_eq!(towers().score(&pools, Candidates::Pairs(&[(0, 3)])), [0.0]);
}

/// Queries share no word with what answers them: the words 0 to 3 ask for word 6, and 4 and 5 for word 7.
#[test]
fn it_learns_words_that_mean_the_same() {
    let asked = |q: u32| if q % 2 == 1 { [4, 5] } else { [q / 2 % 2, 2 + q / 4 % 2] };
    let pools = |first: u32, count: u32| {
        let (mut grades, mut queries, mut ids, mut rows) = (vec![], vec![], vec![], vec![]);
        for q in 0..count {
            let answer = (first + q) % 2;
            queries.push(Query { id: q.to_string(), rows: 4 * q as usize..4 * q as usize + 4 });
            for document in 0..4 {
                grades.push(i8::from(document == answer));
                ids.push(document.to_string());
                rows.push(document);
            }
        }
        let set = RankingSet::new(Array2::zeros((grades.len(), 0)), grades, queries, ids, vec![]);
        let documents = [&[6, 8][..], &[7, 8], &[8, 9], &[9]].map(bag).to_vec();
        TextPools::new(&set, (first..first + count).map(|q| bag(&asked(q))).collect(), documents, rows)
    };
    let (learn, held_out) = (pools(0, 12), pools(12, 4));
    let config = TrainConfig { measure: "nDCG@1".into(), ..Default::default() };
    let fresh = |_| Towers::new(BUCKETS, 16);
    let trained = train_scorers(&config, &Extras::default(), &learn, &held_out, &fresh, &mut Silent);
    let trained = trained.expect("enough to learn from");
    assert_eq!(trained.contenders[0].values[0], 1.0, "{:?}", trained.contenders);
}

/// An index over a small generated collection, and candidates of its queries.
struct Data {
    folder: tempfile::TempDir,
    index: TextIndex,
    topics: Vec<Topic>,
    sets: [RankingSet; 3],
}

fn config() -> CandidateConfig {
    let similarity =
        SimilarityConfig { bits: 10, width: 4, rounds: 2, learning_rate: 1e-2, ..Default::default() };
    CandidateConfig {
        depth: 60,
        training_depth: 60,
        neighbours: true,
        latent: 8,
        similarity: Some(similarity),
        ..Default::default()
    }
}

fn data() -> Data {
    let SyntheticCollection { documents, parts } =
        generate(&SyntheticCollectionConfig { documents: 300, queries: 40, ..Default::default() })
            .expect("valid settings");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("idx");
    let options = BuildOptions { memory: 60 << 20, force: true, ..Default::default() };
    build(&path, &options, documents.into_iter().map(Ok), &mut Silent).expect("an index");
    let index = TextIndex::open(&path).expect("just made");
    let config = config();
    let retriever = Retriever { index: &index, config: &config, run: None, team: Team::ALONE };
    let set = |part: usize| {
        let topics: Vec<&Topic> = parts[part].topics.iter().collect();
        let judgements: &Judgements = &parts[part].judgements;
        let found = match part {
            0 => retriever.judged(&topics, judgements, Stream::new(1)),
            _ => retriever.retrieved(&topics, Some(judgements)),
        };
        found.expect("candidates").0
    };
    let sets = [set(0), set(1), set(2)];
    let topics = parts.iter().flat_map(|part| part.topics.clone()).collect();
    Data { folder, index, topics, sets }
}

/// Learned features, and `train` with them; nothing is kept on the way.
fn learn(
    training: &TrainConfig,
    index: &TextIndex,
    texts: &Texts<'_>,
    train: RankingSet,
    valid: &RankingSet,
) -> (LearnedFeatures, RankingSet) {
    let latent = LatentSpace::wanted(&config(), index).expect("an index");
    let nowhere = Checkpoints::default();
    let judgements = judgements_of(&train);
    let sets = (train, valid, &judgements);
    LearnedFeatures::learn(&config(), training, texts, sets, latent, &nowhere).expect("features")
}

/// The grades of `set` above 0 as judgements.
fn judgements_of(set: &RankingSet) -> Judgements {
    let mut judgements = Judgements::default();
    for query in set.queries() {
        for row in query.rows.clone().filter(|&row| set.grades()[row] > 0) {
            judgements.push(&query.id, set.document(row).to_owned(), i32::from(set.grades()[row]));
        }
    }
    judgements
}

impl Data {
    /// The features of the training documents that are learned from judgements, neighbours first: `[2][D]`.
    fn learned(&self, train: &RankingSet) -> [Vec<f32>; 2] {
        let texts = Texts::new(&self.index, &self.topics);
        let (_, described) =
            learn(&TrainConfig::default(), &self.index, &texts, train.clone(), &self.sets[1]);
        let before = train.feature_count();
        let names = ["judged-neighbours", "similarity", "latent", "latent-feedback"];
        assert_eq!(described.feature_names()[before..], names);
        [before, before + 1].map(|column| described.features().column(column).to_vec())
    }
}

#[test]
fn no_training_query_is_described_by_its_own_judgements() {
    let data = data();
    let train = &data.sets[0];
    let before = data.learned(train);
    let has_neighbours = |query: &&Query| before[0][query.rows.clone()].iter().any(|&value| value > 0.0);
    let rows = train.queries().iter().find(has_neighbours).expect("queries of one subject").rows.clone();
    let mut grades = train.grades().to_vec();
    grades[rows.clone()].iter_mut().for_each(|grade| *grade = if *grade > 0 { 0 } else { 2 });
    let after = data.learned(&train.clone().with_grades(grades));
    for (before, after) in before.iter().zip(&after) {
        assert!(before[rows.clone()] == after[rows.clone()], "its own feature saw the change");
        assert!(before != after, "nobody learned from the change");
    }
}

#[test]
fn same_bits_on_any_number_of_threads() {
    let data = data();
    let learned = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| data.learned(&data.sets[0]))
            .map(|column| column.into_iter().map(f32::to_bits).collect::<Vec<_>>())
    };
    let first = learned(1);
    assert_eq!(first, learned(2));
    assert_eq!(first, learned(4));
}

#[test]
fn neighbours_add_up_grades_by_cosine() {
    let data = data();
    let texts = Texts::new(&data.index, &data.topics);
    let ids: Vec<String> = data.topics.iter().take(2).map(|topic| topic.id.clone()).collect();
    let set = |ids: &[String], grades: &[i8]| {
        let each = grades.len() / ids.len();
        let query = |(i, id): (usize, &String)| Query { id: id.clone(), rows: i * each..(i + 1) * each };
        let documents: Vec<&str> = (0..grades.len()).map(|row| data.index.id((row % each) as u32)).collect();
        let queries = ids.iter().enumerate().map(query).collect();
        RankingSet::new(Array2::zeros((grades.len(), 0)), grades.to_vec(), queries, documents, vec![])
    };
    let both = set(&ids, &[3, 0, -1, 0, 2, 1]);
    let neighbours = Neighbours::new(&texts, &both, &judgements_of(&both)).expect("texts");
    let described = neighbours.describe(&texts, both.clone()).expect("texts");
    let column = described.features().column(0).to_vec();
    // Each query sees only the other: the pattern of its grades times one cosine.

    let cosine = column[2];
    assert_eq!(column, [0.0, 2.0 * cosine, cosine, 3.0 * cosine, 0.0, 0.0]);
    assert!((0.0..=1.0).contains(&cosine), "{cosine}");
    // The same query is its own neighbour only under another name.
    let text = data.topics[0].text.clone();
    let twin = Topic { id: "twin".into(), text };
    let topics: Vec<Topic> = data.topics.iter().cloned().chain([twin]).collect();
    let texts = Texts::new(&data.index, &topics);
    let one = set(&ids[..1], &[3, 0, 1]);
    let neighbours = Neighbours::new(&texts, &one, &judgements_of(&one)).expect("texts");
    let described = neighbours.describe(&texts, set(&["twin".to_owned()], &[0, 0, 0])).expect("texts");
    for (found, expected) in described.features().column(0).iter().zip([3.0, 0.0, 1.0]) {
        assert!((found - expected).abs() < 1e-5, "{found}, expected {expected}");
    }
}

#[test]
fn what_is_saved_ranks_as_before_and_what_is_damaged_is_refused() {
    let data = data();
    let texts = Texts::new(&data.index, &data.topics);
    let training = TrainConfig {
        method: Method::Mle,
        fit: FitConfig { epochs: 3, ..Default::default() },
        ..Default::default()
    };
    let [train_set, valid, _] = data.sets.clone();
    let (learned, train_set) = learn(&training, &data.index, &texts, train_set, &valid);
    let valid = learned.describe(&texts, valid).expect("texts");
    let trained = train(&training, &Extras::default(), train_set, valid, &mut Silent).expect("a model");
    let saved = Reranker { model: trained.model, config: config(), learned: Arc::new(learned) };
    let folder = data.folder.path().join("model");
    saved.save(&folder).expect("a writable folder");
    let loaded = Reranker::load(&folder).expect("just written");
    assert_eq!(saved, loaded);
    let again = data.folder.path().join("again");
    loaded.save(&again).expect("a writable folder");
    for name in ["latent.toml", "latent.safetensors", "retrieval.toml"] {
        let bytes = |folder: &Path| std::fs::read(folder.join(name)).expect("written");
        assert!(bytes(&folder) == bytes(&again), "{name}");
    }
    let topics: Vec<&Topic> = data.topics.iter().rev().take(5).collect();
    let scores = |ranker: &Reranker| {
        let (set, _) = ranker.candidates(&data.index, &topics, None, Team::ALONE).expect("candidates");
        ranker.score(&set, Player::Single).expect("the same features")
    };
    assert_eq!(scores(&saved), scores(&loaded));

    let spoil = |file: &str, change: &dyn Fn(&Path)| {
        saved.save(&folder).expect("a writable folder");
        change(&folder.join(file));
        let error = Reranker::load(&folder).expect_err(file).to_string();
        let name = file.rsplit('/').next().expect("a name");
        assert!(error.contains(name), "{file}: {error}");
    };
    let replace = |from: &'static str, to: &'static str| {
        move |path: &Path| {
            let text = std::fs::read_to_string(path).expect("written");
            assert!(text.contains(from), "{text}");
            std::fs::write(path, text.replace(from, to)).expect("writable");
        }
    };
    let remove = |path: &Path| std::fs::remove_file(path).expect("written");
    spoil("neighbours.toml", &remove);
    spoil("latent.toml", &remove);
    spoil("latent.toml", &replace("dimensions = 8", "dimensions = 9"));
    spoil("latent.toml", &replace("terms = [\"", "terms = [\"~"));
    spoil("latent.safetensors", &remove);
    spoil("retrieval.toml", &replace("latent = 8", "latent = 1001"));
    spoil("similarity/model.toml", &remove);
    spoil("similarity/generator.safetensors", &remove);
    saved.save(&folder).expect("a writable folder");
    replace("kind = \"similarity\"", "kind = \"features\"")(&folder.join("similarity/model.toml"));
    let error = Reranker::load(&folder).expect_err("another kind").to_string();
    assert!(error.contains("similarity: a model of features, where one of similarity is needed"), "{error}");
    spoil("retrieval.toml", &replace("bits = 10", "bits = 63"));
    spoil("retrieval.toml", &replace("width = 4", "breadth = 4"));
    // A ranker that says nothing of a latent space, as older ones, has none.
    saved.save(&folder).expect("a writable folder");
    replace("latent = 8\n", "")(&folder.join("retrieval.toml"));
    assert_eq!(Reranker::load(&folder).expect("a model").config.latent, 0);
}

#[test]
fn a_single_training_query_has_no_others_to_learn_from() {
    let data = data();
    let texts = Texts::new(&data.index, &data.topics);
    let train = &data.sets[0];
    let rows = train.queries()[0].rows.clone();
    let documents: Vec<&str> = rows.clone().map(|row| train.document(row)).collect();
    let query = Query { id: train.queries()[0].id.clone(), rows: 0..rows.len() };
    let grades = train.grades()[rows.clone()].to_vec();
    let one = RankingSet::new(Array2::zeros((rows.len(), 0)), grades, vec![query], documents, vec![]);
    let similarity = config().similarity.expect("as set");
    let nowhere = Checkpoints::default();
    let (_, column) =
        Similarity::learn(&similarity, &TrainConfig::default(), &texts, (&one, &data.sets[1]), &nowhere)
            .expect("a feature");
    assert!(column.iter().all(|value| (-1e-3..=20.001).contains(value)), "20 times the cosine: {column:?}");
}
