//! Targets of fuzzing: a file in a folder that the programs made, and the function that reads it.
//!
//! `scripts/fuzz.sh` feeds them with bytes that libFuzzer makes, and `tests/files/mutations.rs` with fewer bytes in the
//! gate. Both keep the rest of the folder as it is, so a damaged model stands beside its intact settings.

#[allow(clippy::duplicate_mod)] // so do tests
#[path = "npy.rs"]
mod npy;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use irgan::Result;
use irgan::data::documents::{Collection, JudgementOptions, Judgements, TopicIds, read_topics};
use irgan::data::features::letor::{self, LetorOptions};
use irgan::data::interactions::{self, Layout};
use irgan::data::pairs::{PairCorpus, PairFiles, PairOptions, SplitShares, read_sources};
use irgan::data::sentences::{Corpus, CorpusOptions, read_id_sequences};
use irgan::data::words::{Tokenizer, Vocabulary, WordVectors};
use irgan::data::{answers, sentences};
use irgan::evaluation::{Measure, Options, Qrels, RunFile, evaluate};
use irgan::event::Silent;
use irgan::game::{Checkpoints, Interrupt, LogLength, Position};
use irgan::nn::{Activation, Initializer, Mlp, save_tensors};
use irgan::ranking::documents::Reranker;
use irgan::ranking::features::{FeatureRanker, TreeNode, Trees, read_vectors};
use irgan::ranking::{Ranker as _, TrainConfig, answers as answer_ranking, interactions as recommending};
use irgan::retrieval::{SearchConfig, Searcher};
use irgan::seed::Stream;
use irgan::text::{TextConfig, TextModel, models};

/// A file that something reads.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Name, as `scripts/fuzz.sh` takes it.
    pub name: &'static str,
    /// Path of the file below the folder that [`make_folder`] fills; `*.idx` is the largest file of that ending.
    file: &'static str,
    /// Reads the file, given its path and that of the folder below which it lies. An error is a right answer, a panic is none.
    read: fn(&Path, &Path) -> Result<()>,
}

/// Every target.
pub const TARGETS: &[Target] = &[
    target("letor", "planted/train.txt", |file, _| letor::read(file, &LetorOptions::default()).map(drop)),
    target("packed", "planted/vali.txt.gz", |file, _| letor::read(file, &LetorOptions::default()).map(drop)),
    target("ratings", "likes/train.tsv", ratings),
    target("rating-array", "likes/train.npy", |file, _| {
        interactions::read(file, Layout::Ratings)?.positives(1.0).map(drop)
    }),
    target("feature-array", "dense/features.npy", |_, folder| vectors(folder)),
    target("label-array", "dense/labels.npy", |_, folder| vectors(folder)),
    target("query-array", "dense/queries.npy", |_, folder| vectors(folder)),
    target("group-array", "dense/grouped.groups.npy", |_, folder| vectors(&folder.join("grouped.npy"))),
    target("answers", "qa/train.txt", |file, _| answers::read(file).map(drop)),
    target("collection", "texts/documents.jsonl", collection),
    target("topics", "texts/topics.tsv", |file, _| read_topics(file, TopicIds::AsWritten).map(drop)),
    target("judgements", "texts/qrels.txt", judgements),
    target("run", "texts/bm25.run", run),
    target("sentences", "written/sentences.txt", text),
    target("token-ids", "written/ids.txt", |file, _| read_id_sequences(file, 40, None).map(drop)),
    target("pairs", "written/pairs.tsv", pairs),
    target("conversations", "written/talks.txt", pairs),
    target("word-vectors", "written/vectors.txt", word_vectors),
    target("vocabulary", "writer/vocabulary.txt", |_, folder| TextModel::load(folder).map(drop)),
    target("writer-description", "writer/model.toml", |_, folder| TextModel::load(folder).map(drop)),
    target("writer-network", "writer/generator.safetensors", |_, folder| TextModel::load(folder).map(drop)),
    target("ranking-settings", "ranker/config.toml", |file, _| settings::<TrainConfig>(file)),
    target("text-settings", "writer/config.toml", |file, _| settings::<TextConfig>(file)),
    target("ranker-description", "ranker/model.toml", |_, folder| FeatureRanker::load(folder).map(drop)),
    target("ranker-network", "ranker/generator.safetensors", |_, folder| {
        FeatureRanker::load(folder).map(drop)
    }),
    target("trees-description", "forest/model.toml", trees),
    target("trees", "forest/ranker.safetensors", trees),
    target("recommender-description", "recommender/model.toml", recommend),
    target("recommender-network", "recommender/ranker.safetensors", recommend),
    target("recommender-known", "recommender/known.txt", recommend),
    target("recommender-arrays", "arrays/user_embeddings.npy", recommend),
    target("oracle-arrays", "oracle/Ui.npy", |_, folder| models::load_oracle(folder, 4).map(drop)),
    target("answer-network", "answering/ranker.safetensors", |_, folder| {
        answer_ranking::AnswerModel::load(folder).map(drop)
    }),
    target("document-features", "reranker/retrieval.toml", |_, folder| Reranker::load(folder).map(drop)),
    target("document-neighbours", "reranker/neighbours.toml", |_, folder| Reranker::load(folder).map(drop)),
    target("index-header", "index/index.toml", search),
    target("index-statistics", "index/statistics.bin", search),
    target("index-meta", "index/segments/meta.json", search),
    target("index-postings", "index/segments/*.idx", search),
    target("index-terms", "index/segments/*.term", search),
    target("index-positions", "index/segments/*.pos", search),
    target("index-texts", "index/segments/*.store", search),
    target("checkpoint", "checkpoint/game.safetensors", checkpoint),
    target("results", "ranker/results.json", report),
    target("text-results", "writer/results.json", report),
    target("log", "ranker/metrics.csv", report),
    target("record", "ranker/run.toml", report),
];

const fn target(name: &'static str, file: &'static str, read: fn(&Path, &Path) -> Result<()>) -> Target {
    Target { name, file, read }
}

fn vectors(arrays: &Path) -> Result<()> {
    read_vectors(arrays, false, None, &mut Silent).map(drop)
}

fn ratings(file: &Path, _: &Path) -> Result<()> {
    for layout in [Layout::Ratings, Layout::Adjacency] {
        interactions::read(file, layout)?.positives(1.0)?;
    }
    Ok(())
}

fn collection(file: &Path, _: &Path) -> Result<()> {
    Collection::open(&[file.to_owned()], None)?.documents().try_for_each(|document| document.map(drop))
}

fn judgements(file: &Path, _: &Path) -> Result<()> {
    let _ = Qrels::read(file);
    Judgements::read(file, &JudgementOptions::default())?.to_trec().map(drop)
}

fn run(file: &Path, folder: &Path) -> Result<()> {
    let qrels = Qrels::read(folder.join("qrels.txt"))?;
    let measures: Vec<Measure> =
        ["AP", "nDCG@10", "P@5"].map(|name| name.parse().expect("a measure")).to_vec();
    evaluate(&qrels, &RunFile::open(file)?, &measures, &Options::default()).map(drop)
}

fn text(file: &Path, _: &Path) -> Result<()> {
    let _ = sentences::read_lines(file, Tokenizer { lowercase: true, ..Tokenizer::default() }, 0);
    Corpus::train(file, &CorpusOptions::default()).map(drop)
}

fn pairs(file: &Path, _: &Path) -> Result<()> {
    let path = file.to_owned();
    let parallel = PairFiles::Parallel { sources: path.clone(), answers: path.clone() };
    let vocabulary = Vocabulary::build(Tokenizer::default(), [["who", "yes"]], 1);
    let _ = read_sources(file, &vocabulary, 3);
    for files in [parallel, PairFiles::Columns(path.clone())] {
        let _ = PairCorpus::train(&files, &PairOptions::default());
    }
    let files = PairFiles::Dialogues { path, turns: 2 };
    PairCorpus::split(&files, &PairOptions::default(), SplitShares::default(), Stream::new(1)).map(drop)
}

fn word_vectors(file: &Path, _: &Path) -> Result<()> {
    let vocabulary = Vocabulary::build(Tokenizer::default(), [["salt", "wind"]], 1);
    WordVectors::read(file, &vocabulary).map(drop)
}

/// Reads settings and validates them; whether they can be printed again is tested elsewhere.
fn settings<C: serde::de::DeserializeOwned>(file: &Path) -> Result<()> {
    let text = std::fs::read_to_string(file).map_err(|source| irgan::Error::io(file, "read", source))?;
    toml::from_str::<C>(&text).map(drop).map_err(|cause| irgan::Error::Config(cause.to_string()))
}

fn recommend(_: &Path, folder: &Path) -> Result<()> {
    recommending::rank(folder, None, 5, None, &mut Silent).map(drop)
}

/// Reads a model of trees, and ranks by it: a damaged tree must have an end.
fn trees(_: &Path, folder: &Path) -> Result<()> {
    let model = FeatureRanker::load(folder)?;
    let set = read_vectors(&folder.join("vectors.txt"), false, Some(model.known()), &mut Silent)?;
    model.score(&set, model.chosen()).map(drop)
}

fn search(_: &Path, folder: &Path) -> Result<()> {
    let searcher = Searcher::open(folder, &SearchConfig::default())?;
    for query in ["kanodokon", "zaval the wind", "\"mulzimmam\""] {
        searcher.find(query)?;
    }
    Ok(())
}

fn checkpoint(_: &Path, folder: &Path) -> Result<()> {
    let stage = checkpoints(folder).stage("game");
    stage.load::<_, Position>(&mut network()).map(drop)
}

fn report(_: &Path, folder: &Path) -> Result<()> {
    irgan::report::page(&[folder.to_owned()]).map(drop)
}

fn checkpoints(folder: &Path) -> Checkpoints {
    Checkpoints::new(folder, Duration::ZERO, Interrupt::default(), LogLength::default())
}

fn network() -> Mlp {
    Mlp::new(&[3, 4, 1], Activation::Tanh, 0.0, Initializer::Xavier, &mut Stream::new(1).rng())
}

/// A folder of its own in which the file of a target is written again and again.
#[derive(Debug)]
pub struct Place {
    target: Target,
    scratch: tempfile::TempDir,
    file: PathBuf,
    seed: Vec<u8>,
}

impl Place {
    /// Copies what stands beside the target's file in `made`, a folder that [`make_folder`] filled.
    ///
    /// # Panics
    /// When a file cannot be copied.
    pub fn new(target: &Target, made: &Path) -> Self {
        let scratch = tempfile::tempdir().expect("a temporary folder");
        let top = target.file.split('/').next().expect("a folder");
        copy(&made.join(top), &scratch.path().join(top));
        let file = resolve(&scratch.path().join(target.file));
        let seed = std::fs::read(&file).unwrap_or_else(|cause| panic!("{}: {cause}", file.display()));
        Self { target: *target, scratch, file, seed }
    }

    /// Returns the bytes of the file as the programs made it.
    pub fn seed(&self) -> &[u8] {
        &self.seed
    }

    /// Reads `bytes` in place of the file.
    ///
    /// # Panics
    /// When the reader does, or the file cannot be written.
    pub fn read(&self, bytes: &[u8]) -> Result<()> {
        std::fs::write(&self.file, bytes).expect("a writable folder");
        let folder = self.scratch.path().join(self.target.file.split('/').next().expect("a folder"));
        (self.target.read)(&self.file, &folder)
    }
}

/// Returns the largest file of the ending of `path`, when its name begins with a star.
fn resolve(path: &Path) -> PathBuf {
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name");
    let Some(ending) = name.strip_prefix('*') else { return path.to_owned() };
    let files = std::fs::read_dir(path.parent().expect("a folder")).expect("a readable folder");
    let files = files.map(|entry| entry.expect("a readable folder").path());
    let matching = files.filter(|file| file.to_string_lossy().ends_with(ending));
    matching.max_by_key(|file| file.metadata().map_or(0, |meta| meta.len())).expect("a file of that ending")
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a writable folder");
    for entry in std::fs::read_dir(from).unwrap_or_else(|cause| panic!("{}: {cause}", from.display())) {
        let from = entry.expect("a readable folder").path();
        let to = to.join(from.file_name().expect("a name"));
        match from.is_dir() {
            true => copy(&from, &to),
            false => drop(std::fs::copy(&from, &to).expect("a copy")),
        }
    }
}

/// Fills an empty folder with files of every kind, by the programs `irgan` and `seqgan` and by hand.
///
/// # Panics
/// When a program fails.
pub fn make_folder(folder: &Path, irgan: &Path, seqgan: &Path) {
    let run = |program: &Path, line: &str| {
        let words = line.split_whitespace();
        let output = Command::new(program).args(words).current_dir(folder).output().expect("a program");
        assert!(output.status.success(), "{line}\n{}", String::from_utf8_lossy(&output.stderr));
    };
    for line in [
        "synth --out planted --queries 4 --documents 6",
        "synth --interactions --out likes --users 12 --items 10",
        "synth --qa --out qa --queries 8",
        "synth --collection --out texts --documents 40 --queries 8",
        "index --collection texts/documents.jsonl --index index",
        "search --index index --queries texts/topics.tsv --out texts/bm25.run",
        "train --pointwise --train planted/train.txt --valid planted/vali.txt --rounds 1 --hidden 4 --baselines mle --out ranker",
        "train --method bpr --baselines none --ratings likes/train.tsv --fit-epochs 1 --out recommender",
        "train --method lambdarank --baselines none --index index --queries texts/topics.train.tsv --qrels texts/qrels.train.txt --out reranker",
        "train --method mle --baselines none --qa qa/train.txt --valid qa/vali.txt --out answering",
    ] {
        run(irgan, line);
    }
    write_by_hand(folder);
    let training = "train --text written/sentences.txt --mle-epochs 1 --rounds 1 --embedding 4 --hidden 8 \
        --controls none --temperatures 1.0 --out writer";
    run(seqgan, training);
}

/// Writes what no program makes.
fn write_by_hand(folder: &Path) {
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
        std::fs::write(path, bytes).expect("a writable folder");
    };
    write(
        "written/sentences.txt",
        "a cat sat .\nthe cat ran .\na dog ran .\nthe dog sat !\n".repeat(4).as_bytes(),
    );
    write("written/pairs.tsv", b"who ?\ta man .\nyes ?\tno !\n");
    write("written/talks.txt", b"hello __eou__ hello you __eou__ bye\nwho ?\tme\tno , me\n");
    write("written/ids.txt", b"1 2 3 4\n5 6 7 8\n");
    write("written/vectors.txt", b"2 3\nsalt 0.5 1 -2\nwind 1e-3 0 7\n");
    let plain = std::fs::read(folder.join("planted/vali.txt")).expect("made before");
    let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::default());
    std::io::Write::write_all(&mut packed, &plain).expect("memory");
    write("planted/vali.txt.gz", &packed.finish().expect("memory"));
    let arrays: [(&str, &[usize]); 3] =
        [("user_embeddings", &[3, 2]), ("item_embeddings", &[4, 2]), ("item_bias", &[4])];
    for (name, shape) in arrays {
        write(&format!("arrays/{name}.npy"), &quarters(shape));
    }
    let whole = |values: &[i64]| -> Vec<u8> { values.iter().flat_map(|value| value.to_le_bytes()).collect() };
    write("likes/train.npy", &npy::npy("<i8", &[3, 3], &whole(&[1, 7, 5, 1, 8, 2, 2, 7, 4])));
    for (name, values) in [("labels", [1, 0, 2, 0]), ("queries", [1, 1, 2, 2])] {
        write(&format!("dense/{name}.npy"), &npy::npy("<i8", &[4], &whole(&values)));
    }
    for name in ["features", "grouped"] {
        write(&format!("dense/{name}.npy"), &quarters(&[4, 2]));
    }
    write("dense/grouped.groups.npy", &npy::npy("<i8", &[2], &whole(&[2, 2])));
    let arrays: [(&str, &[usize]); 3] = [("g_embeddings", &[5, 2]), ("Wo", &[3, 5]), ("bo", &[5])];
    for (name, shape) in arrays {
        write(&format!("oracle/{name}.npy"), &quarters(shape));
    }
    for gate in ["i", "f", "og", "c"] {
        write(&format!("oracle/W{gate}.npy"), &quarters(&[2, 3]));
        write(&format!("oracle/U{gate}.npy"), &quarters(&[3, 3]));
        write(&format!("oracle/b{gate}.npy"), &quarters(&[3]));
    }
    write("forest/model.toml", FOREST);
    write("forest/vectors.txt", b"1 qid:1 1:0.2 2:0.9\n0 qid:1 1:0.1 2:0.3\n");
    let split = TreeNode::Split { feature: 1, threshold: 0.5, children: [1, 2] };
    let [low, high] = [-1.0, 1.0].map(TreeNode::Leaf);
    let trees = Trees::new(&[vec![split, low, high], vec![high]]).expect("whole trees");
    save_tensors(&folder.join("forest/ranker.safetensors"), &trees).expect("a writable folder");
    std::fs::create_dir(folder.join("checkpoint")).expect("a writable folder");
    let mut stage = checkpoints(&folder.join("checkpoint")).stage("game");
    stage.save(&network(), &Position::START).expect("a writable folder");
}

/// Description of a model of boosted trees, which a program without them cannot train.
const FOREST: &[u8] = b"format = 2
kind = \"features\"
features = 2
file-features = 2

[players]
method = \"lambdamart\"
chosen = \"ranker\"
networks = [\"ranker\"]

[trees]
trees = 2
nodes = 4

[normalizer]
kind = \"none\"
features = 2
mean = []
scale = []
";

/// Returns a NumPy file of f32, each a quarter.
fn quarters(shape: &[usize]) -> Vec<u8> {
    npy::npy("<f4", shape, &0.25f32.to_le_bytes().repeat(shape.iter().product()))
}
