//! Answer selection: its files and their faults, its scorer's gradients, and the commands end to end.

use std::fs;
use std::process::Output;

use crate::support::program::{Place, assert_succeeds, stderr};
use crate::support::{Differences, projection, random};
use irgan::data::answers::{self, Answer, AnswerSet, Question, SyntheticAnswers, SyntheticAnswersConfig};
use irgan::nn::{Embedding, Filters, Parameters};
use irgan::ranking::answers::{AnswerConfig, AnswerPools, AnswerScorer, Lexicon, OVERLAPS, overlaps};
use irgan::ranking::{Candidates, Pools, Scorer};
use irgan::seed::Stream;

fn question(text: &str, answers: &[(&str, bool)]) -> Question {
    let answer = |&(text, right): &(&str, bool)| Answer { text: text.into(), right };
    Question { text: text.into(), answers: answers.iter().map(answer).collect() }
}

/// Three questions: texts of different lengths, an empty answer, and one text in two pools.
fn few() -> AnswerSet {
    AnswerSet::new(vec![
        question(
            "when did it form ?",
            &[("it formed in 1987 .", true), ("caves are cold", false), ("", false)],
        ),
        question(
            "who dug the caves ?",
            &[("caves are cold", false), ("Otto dug them by hand in 1901 .", true)],
        ),
        question("why ?", &[("because of the water that formed it", true)]),
    ])
}

fn config(dropout: f32) -> AnswerConfig {
    let filters = [1, 2, 4].map(|width| Filters { width, count: 3 }).to_vec();
    AnswerConfig { min_count: 1, embedding: 5, filters, dropout, scale: 2.0, ..AnswerConfig::default() }
}

fn built(config: &AnswerConfig) -> (AnswerPools, AnswerScorer) {
    let set = few();
    let lexicon = Lexicon::build(&set, config.min_count);
    let pools = AnswerPools::new(&set, &lexicon, config, None);
    let embedding = Embedding::from_weight(random(lexicon.vocabulary().len(), config.embedding, 0.8, 1));
    let mut scorer = AnswerScorer::new(config, embedding, Stream::new(2));
    for (t, mut tensor) in scorer.tensors_mut().into_iter().enumerate() {
        if tensor.name.ends_with("bias") || tensor.name == "overlap" {
            let noise = random(1, tensor.values.len(), 0.3, t as u64);
            tensor.values.iter_mut().zip(&noise).for_each(|(value, noise)| *value += noise + 0.2);
        }
    }
    (pools, scorer)
}

#[test]
fn the_gradient_is_that_of_finite_differences() {
    for (dropout, candidates) in [
        (0.0, Candidates::Pools(&[0, 1, 2])),
        (0.4, Candidates::Pools(&[0, 1])),
        (0.0, Candidates::Pairs(&[(1, 0), (0, 1), (1, 1), (1, 0)])),
    ] {
        let (pools, scorer) = built(&config(dropout));
        let rng = || Stream::new(3).rng();
        let (scores, cache) = scorer.forward(&pools, candidates, &mut rng());
        let weights: Vec<f32> = (0..scores.len()).map(|i| [0.7, -1.1, 0.4, 0.9][i % 4]).collect();
        let mut gradient = scorer.zeros_like();
        scorer.backward(&cache, &weights, &mut gradient);
        // A step small enough that no filter's winning window changes.
        let differences = Differences { step: 1.0 / 1024.0, tolerance: 5e-3 };
        differences.parameters(&scorer, &gradient, |scorer| {
            projection(&scorer.forward(&pools, candidates, &mut rng()).0, &weights)
        });
    }
}

#[test]
fn every_way_to_score_gives_the_same_scores() {
    let (pools, scorer) = built(&config(0.0));
    let queries = [0, 1, 2];
    let together = scorer.score_pools(&pools, &queries);
    let alone: Vec<f32> =
        queries.iter().flat_map(|&q| scorer.score(&pools, Candidates::Pools(&[q]))).collect();
    let (forward, _) = scorer.forward(&pools, Candidates::Pools(&queries), &mut Stream::new(1).rng());
    let pairs: Vec<(u32, u32)> =
        queries.iter().flat_map(|&q| (0..pools.candidates(q as usize) as u32).map(move |c| (q, c))).collect();
    // A text's padding depends on the texts beside it; its score does not.
    for other in [alone, forward, scorer.score(&pools, Candidates::Pairs(&pairs))] {
        assert_eq!(other.len(), together.len());
        for (a, b) in together.iter().zip(&other) {
            assert!((a - b).abs() < 1e-5, "{together:?} {other:?}");
        }
    }
}

#[test]
fn a_cosine_lies_in_its_range_and_an_empty_answer_has_one() {
    let (pools, scorer) = built(&AnswerConfig { overlap: false, scale: 1.0, ..config(0.0) });
    let scores = scorer.score_pools(&pools, &[0, 1, 2]);
    assert_eq!(scores.len(), 6);
    assert!(scores.iter().all(|score| (-1e-5..=1.00001).contains(score)), "{scores:?}");
}

#[test]
fn overlaps_by_hand() {
    // Question 1 2 3 2, answer 2 3 4 5: stems 2 and 3 of three are shared, and one of the three bigrams.
    let idf = |stem: u32| [0.0, 1.0, 2.0, 3.0, 4.0, 5.0][stem as usize];
    let found = overlaps(&[1, 2, 3, 2], &[2, 3, 4, 5], idf, |_| 0, 4);
    // Every rarity is idf · ln(1 + 5 / 1); the rarest of the question is 3, which the answer has.
    let expected = [2.0 / 3.0, 5.0 / 6.0, 5.0 / 6.0, 5.0 / 14.0, 1.0, 1.0 / 3.0, 4.0 / 60.0];
    for (feature, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected as f32).abs() < 1e-6, "feature {feature}: {found}, expected {expected}");
    }
    // All four candidates have stem 3: its rarity is 3 ln 2, below the 2 ln 6 of stem 2.
    let local = |stem| if stem == 3 { 4 } else { 0 };
    let found = overlaps(&[2, 3], &[3], idf, local, 4);
    let (three, two) = (3.0 * 2f32.ln(), 2.0 * 6f32.ln());
    assert!((found[2] - three / (three + two)).abs() < 1e-6 && found[4] == 0.0);
    assert_eq!(overlaps(&[], &[], idf, |_| 0, 1), [0.0; OVERLAPS]);
}

#[test]
fn pools_are_filled_with_answers_of_other_questions() {
    let (set, config) = (few(), AnswerConfig { pool: 5, ..config(0.0) });
    let lexicon = Lexicon::build(&set, 1);
    let pools = AnswerPools::new(&set, &lexicon, &config, Some(Stream::new(4)));
    for q in 0..3 {
        assert_eq!(pools.candidates(q), 5);
        let own = set.questions()[q].answers.len();
        let ids: Vec<&str> = (0..5).map(|c| pools.document(q, c)).collect();
        let of_question = |id: &&&str| id.starts_with(&format!("q{}-", q + 1));
        assert_eq!(ids.iter().filter(of_question).count(), own, "{ids:?}");
        assert!(ids[..own].iter().all(|id| of_question(&id)), "{ids:?}");
        let mut distinct = ids.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), 5);
        assert!(pools.grades(q)[own..].iter().all(|&grade| grade == -1));
    }
    assert_eq!(pools.trainable(), [0, 1, 2]); // the third has something else now
    assert_eq!(AnswerPools::new(&set, &lexicon, &config, None).trainable(), [0, 1]);
}

/// A folder with generated train.txt, vali.txt and test.txt.
fn prepared() -> Place {
    let place = Place::new();
    let made = SyntheticAnswers::generate(&SyntheticAnswersConfig { questions: 12, answers: 4, seed: 1 })
        .expect("in range");
    for (name, set) in [("train.txt", &made.train), ("vali.txt", &made.valid), ("test.txt", &made.test)] {
        answers::write(&place.path(name), set).expect("the folder is writable");
    }
    place
}

fn train(place: &Place, more: &[&str]) -> Output {
    let small = ["train", "--valid", "vali.txt", "--baselines", "none", "--filters", "1:4,3:4"];
    place.irgan(&[&small[..], &["--embedding", "6", "--rounds", "2"], more].concat())
}

fn succeeded(output: &Output) -> String {
    assert_succeeds(output);
    stderr(output)
}

/// Fails with `status`, and says `what`.
fn refused(output: &Output, status: i32, what: &[&str]) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{error}");
    assert!(!error.contains("panicked"), "{error}");
    for part in what {
        assert!(error.contains(part), "`{part}` is not in: {error}");
    }
}

#[test]
fn from_training_to_a_judged_run() {
    let place = prepared();
    succeeded(&train(&place, &["--pairwise", "--qa", "train.txt", "--out", "qa", "--pool", "6"]));
    succeeded(&place.irgan(&["rank", "--model", "qa", "--data", "test.txt", "--out", "qa.run"]));
    let error = succeeded(&place.irgan(&["qrels", "--qa", "test.txt", "--out", "qrels.txt"]));
    assert!(error.contains("6 of 6 questions"), "{error}");
    let judged = place.irgan(&["eval", "qrels.txt", "qa.run", "-m", "AP", "-m", "Judged@4"]);
    succeeded(&judged);
    let table = String::from_utf8_lossy(&judged.stdout).into_owned();
    assert!(table.contains("1.0000"), "every answer that is ranked is judged: {table}");
    for player in ["g", "d", "both"] {
        let out = format!("{player}.run");
        succeeded(
            &place.irgan(&["rank", "--model", "qa", "--data", "test.txt", "--player", player, "--out", &out]),
        );
    }
    refused(
        &place.irgan(&["rank", "--model", "qa", "--data", "test.txt", "--player", "ranker", "--out", "x"]),
        2,
        &["no player `ranker`"],
    );
}

#[test]
fn the_generated_questions_of_the_repository_are_those_of_its_command() {
    let place = prepared();
    succeeded(&place.irgan(&[
        "synth",
        "--qa",
        "--out",
        "made",
        "--queries",
        "24",
        "--documents",
        "5",
        "--seed",
        "1",
    ]));
    for name in ["train.txt", "vali.txt", "test.txt"] {
        let here = fs::read(format!("{}/datasets/answers/{name}", env!("CARGO_MANIFEST_DIR"))).expect(name);
        assert!(place.read(&format!("made/{name}")) == here, "{name}");
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let place = prepared();
    for threads in ["1", "2", "4"] {
        let out = format!("qa{threads}");
        succeeded(&train(&place, &["--threads", threads, "--pairwise", "--qa", "train.txt", "--out", &out]));
    }
    for name in ["generator", "discriminator", "both-generator"] {
        let bits = |threads: usize| place.read(&format!("qa{threads}/{name}.safetensors"));
        assert!(bits(1) == bits(2) && bits(1) == bits(4), "{name}");
    }
}

#[test]
fn word_vectors_are_taken_and_must_fit() {
    let place = prepared();
    let flags = ["--method", "mle", "--qa", "train.txt", "--fit-epochs", "0", "--vectors"];
    let with = |file: &str, text: &str, out: &str| {
        fs::write(place.path(file), text).expect("the folder is writable");
        train(&place, &[&flags[..], &[file, "--out", out]].concat())
    };
    succeeded(&with("v.txt", "1 6\nthe 9 8 7 6 5 4.5\n", "qa"));
    let bytes = place.read("qa/ranker.safetensors");
    let vector: Vec<u8> = [9f32, 8.0, 7.0, 6.0, 5.0, 4.5].iter().flat_map(|v| v.to_le_bytes()).collect();
    assert!(bytes.windows(vector.len()).any(|window| window == vector));
    refused(
        &with("w.txt", "the 1 2\n", "bad"),
        1,
        &["w.txt", "vectors of 2 values, expected 6", "(--embedding) to 2"],
    );
    refused(&with("w.txt", "the 1 2\nof 1\n", "bad2"), 1, &["w.txt:2:", "2 values"]);
}

#[test]
fn malformed_files_are_refused_by_line() {
    let place = prepared();
    for (text, what) in [
        ("a\tb\t1\na\tb\n", [":2:", "3 columns"]),
        ("a\tb\t1\t\n", [":1:", "found 4"]),
        ("a\tb\t2\n", [":1:", "label 0 (wrong) or 1 (right)"]),
        ("\tb\t1\n", [":1:", "a question"]),
        ("\t\t1\n", [":1:", "a question"]),
        ("\n\n", ["bad.txt", "no question"]),
        ("", ["bad.txt", "no question"]),
        ("a\tb\t0\nb\tc\t0\n", ["bad.txt", "no question has a right answer"]),
        ("a\tb\t1\n", ["bad.txt", "nothing to learn from"]),
    ] {
        fs::write(place.path("bad.txt"), text).expect("the folder is writable");
        refused(&train(&place, &["--qa", "bad.txt", "--out", "out", "--force"]), 1, &what);
        assert!(!place.path("out/model.toml").exists(), "{text:?}");
    }
    fs::write(place.path("bad.txt"), b"a\t\xff\t1\n").expect("the folder is writable");
    refused(&train(&place, &["--qa", "bad.txt", "--out", "out", "--force"]), 1, &[":1:", "UTF-8"]);
    refused(&train(&place, &["--qa", "train.txt", "--train", "train.txt"]), 2, &["cannot be used with"]);
    for flags in [
        ["--filters", "0:4"],
        ["--filters", "2:0"],
        ["--scale", "0"],
        ["--embedding", "0"],
        ["--margin", "0"],
    ] {
        let train = ["train", "--qa", "train.txt", "--valid", "vali.txt", "--out", "out3"];
        refused(&place.irgan(&[&train[..], &flags].concat()), 2, &["must"]);
    }
}

#[test]
fn lines_of_a_question_need_not_stand_together_and_nothing_is_dropped() {
    let place = prepared();
    let text = "\u{feff}a ?\tx\t1\r\nb ?\ty\t0\r\n\r\n a ? \tz\t0\r\na ?\tx\t1\r\na ?\t\t0";
    fs::write(place.path("q.txt"), text).expect("the folder is writable");
    let set = answers::read(place.path("q.txt")).expect("well formed");
    let expected = vec![
        question("a ?", &[("x", true), ("z", false), ("x", true), ("", false)]),
        question("b ?", &[("y", false)]),
    ];
    assert_eq!(set.questions(), expected);
    let error = succeeded(&train(&place, &["--qa", "q.txt", "--out", "qa", "--method", "mle"]));
    for note in ["without a right answer: 1", "empty answers: 1", "repeated pairs: 1"] {
        assert!(error.contains(note), "{error}");
    }
    succeeded(&place.irgan(&["qrels", "--qa", "q.txt", "--keep", "both", "--out", "qrels.txt"]));
    assert_eq!(place.read("qrels.txt"), b"q1 0 q1-1 1\nq1 0 q1-2 0\nq1 0 q1-3 1\nq1 0 q1-4 0\n");
    fs::write(place.path("none.txt"), "b ?\ty\t0\n").expect("the folder is writable");
    refused(&place.irgan(&["qrels", "--qa", "none.txt", "--out", "no.txt"]), 1, &["none.txt", "--keep"]);
    assert!(!place.path("no.txt").exists());
}

#[test]
fn a_damaged_model_is_refused() {
    let place = prepared();
    succeeded(&train(&place, &["--qa", "train.txt", "--out", "qa", "--method", "rns"]));
    let rank = || place.irgan(&["rank", "--model", "qa", "--data", "test.txt", "--out", "x.run"]);
    succeeded(&rank());
    for name in ["ranker.safetensors", "idf.safetensors", "words.txt", "stems.txt", "model.toml"] {
        let whole = place.read(&format!("qa/{name}"));
        for bytes in [&whole[..whole.len() / 2], b""] {
            fs::write(place.path("qa").join(name), bytes).expect("the folder is writable");
            refused(&rank(), 1, &["qa"]);
        }
        fs::remove_file(place.path("qa").join(name)).expect("it was there");
        refused(&rank(), 1, &[name]);
        fs::write(place.path("qa").join(name), &whole).expect("the folder is writable");
    }
    succeeded(&rank());
    let letor = place.irgan(&["rank", "--model", "qa", "--data", "vali.txt", "--out", "folder/x.run"]);
    refused(&letor, 1, &["its folder does not exist"]);
}
