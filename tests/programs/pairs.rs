//! Answers from sources through the real program: train, answer, chat, eval, resume, report, and bad input.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr, stdout};
use serde_json::Value;

/// A training of a moment.
const SMALL: &str = "train -q --threads 1 --pairs toy.tsv --hidden 12 --embedding 12 --mle-epochs 3 --mle-lr 0.02 \
    --d-draws 1 --rounds 2 --g-steps 2 --rollouts 2 --batch 8 --evaluate-every 1 --evaluate-on 20";

/// Greetings and replies: the reply repeats the name.
fn toy(count: usize) -> String {
    let names = ["anna", "ben", "carl", "dora", "emil"];
    let line = |i: usize| {
        let (name, other) = (names[i % 5], names[i / 5 % 5]);
        format!("hello i am {name} from {other}\thello {name} , how is {other} ?\n")
    };
    (0..count).map(line).collect()
}

#[track_caller]
fn run(place: &Place, arguments: &str) -> String {
    let output = place.seqgan(&arguments.split_whitespace().collect::<Vec<_>>());
    assert!(output.status.success(), "{arguments}: {}", stderr(&output));
    stdout(&output)
}

fn trained(more: &str) -> Place {
    let place = Place::new();
    place.write("toy.tsv", toy(60));
    run(&place, &format!("{SMALL} {more} --out run"));
    place
}

#[test]
fn one_training_makes_every_system_and_each_answers() {
    let place = trained("--systems mle,reinforce,regs-mc,regs-prefix,rival --controls shuffled");
    place.write("lines.txt", "hello i am anna from carl\n\nhello i am\u{1b} dora from ben\n");
    let answers = run(&place, "answer -q --model run --input lines.txt");
    assert_eq!(answers.lines().count(), 3, "{answers}");
    assert_eq!(answers.lines().nth(1), Some(""), "an empty line has an empty answer");
    let several = run(&place, "answer -q --model run --input lines.txt --temperature 0.8 -n 3 --system mle");
    assert_eq!(several.lines().next().expect("a line").split('\t').count(), 3, "{several}");
    let diverse = "answer -q --model run --input lines.txt --beam 4 --groups 2 --length-norm mean -n 3";
    let diverse = run(&place, diverse);
    let first: BTreeSet<&str> = diverse.lines().next().expect("a line").split('\t').collect();
    assert_eq!(first.len(), 3, "a beam finds different answers: {diverse}");
    let output =
        place.seqgan(&["answer", "--model", "run", "--input", "lines.txt", "--beam", "5", "--groups", "2"]);
    assert_fails(&output, 2, &["--groups", "divisor"]);
    let table = run(&place, "answer -q --model run --input lines.txt --systems --format csv");
    let header = table.lines().next().expect("a header");
    for column in ["\"mle, beam 5\"", "\"mle, drawn\"", "reinforce", "regs-mc", "regs-prefix", "rival"] {
        assert!(header.contains(column), "no {column} in {header}");
    }
    assert_eq!(table.lines().count(), 3, "two sources: {table}");

    let results = String::from_utf8(place.read("run/results.json")).expect("UTF-8");
    assert!(results.contains("regs-prefix, shuffled reward"), "{results}");
    let page = String::from_utf8(place.read("run/report.html")).expect("UTF-8");
    for part in ["Systems", "Attention", "Maximum likelihood", "Distinct pairs of words in the games"] {
        assert!(page.contains(part), "no {part}");
    }
    place.write("test.tsv", toy(25));
    let measured = run(&place, "eval -q --model run --reference test.tsv --beam 2");
    for part in ["perplexity", "BLEU-4", "regs-mc", "drawn"] {
        assert!(measured.contains(part), "no {part} in {measured}");
    }
}

#[test]
fn hand_made_rewards_log_each_term_and_settings_of_likelihood_and_teacher_apply() {
    let place = Place::new();
    place.write("toy.tsv", toy(60));
    place.write("dull.txt", "hello\n\nhow is anna ?\n");
    let rest = "--reward-terms ease=0.5,coherence=0.5,repetition=1 --dull dull.txt --self-play 3 --sampling 0.5 \
                --teacher 0.5 --teacher-reward judge --out run";
    run(&place, &format!("{SMALL} --judge reward {rest}"));
    let log = String::from_utf8(place.read("run/metrics.csv")).expect("UTF-8");
    for row in
        ["reward,2,ease,", "reward,2,coherence,", "reward,2,repetition,", "reverse likelihood,1,perplexity,"]
    {
        assert!(log.contains(row), "no {row} in {log}");
    }
    assert!(!log.contains(",flow,"), "a term without weight is not logged");
    let told = String::from_utf8(place.read("run/config.toml")).expect("UTF-8");
    for setting in ["sampling = 0.5", "teacher-reward = \"judge\"", "self-play = 3"] {
        assert!(told.contains(setting), "no {setting} in {told}");
    }
    assert!(place.path("run/reverse.safetensors").exists(), "the reverse model is kept");
    place.write("lines.txt", "hello i am anna from carl\n");
    let table = run(&place, "answer -q --model run --input lines.txt --mutual 0.5 --systems --format csv");
    assert!(table.contains("\"reward, beam 5, mutual 0.5\""), "{table}");
    let output = place.seqgan(&[
        "train",
        "-q",
        "--pairs",
        "toy.tsv",
        "--judge",
        "reward",
        "--reward-terms",
        "charm=1",
    ]);
    assert_fails(&output, 2, &[]);
}

#[test]
fn two_files_a_start_and_every_encoder_train_and_mutual_information_sorts() {
    let place = Place::new();
    let lines = toy(60);
    let column = |at: usize| {
        let cells = lines.lines().map(|line| line.split('\t').nth(at).expect("two columns"));
        cells.map(|cell| format!("{cell}\n")).collect::<String>()
    };
    place.write("source.txt", column(0));
    place.write("target.txt", column(1));
    place.write("lines.txt", column(0));
    let sides = SMALL
        .replace("--pairs toy.tsv", "--source source.txt --target target.txt")
        .replace("--mle-epochs 3", "--mle-epochs 60 --patience 60 --dropout 0");
    let pyramid = "--preset small --encoder pyramid";
    run(&place, &format!("{sides} {pyramid} --reverse-model --out start"));
    let game = "--from discriminator --init start --judge discriminator --credit prefix";
    run(&place, &format!("{sides} {pyramid} {game} --out game"));
    let answers = |more: &str| run(&place, &format!("answer -q --input lines.txt {more}"));
    assert!(place.read("start/mle.safetensors") == place.read("game/mle.safetensors"), "another start");
    assert_eq!(answers("--model start"), answers("--model game --system mle"));
    assert_eq!(answers("--model game --system regs-prefix").lines().count(), 60);

    let sorted = |weight: &str| answers(&format!("--model start --beam 8 --mutual {weight}"));
    assert_eq!(sorted("1e-9"), answers("--model start --beam 8"), "no weight, no change");
    assert_ne!(sorted("20"), answers("--model start --beam 8"), "a large weight chooses others");
    let refused = |words: &str, code: i32, parts: &[&str]| {
        let words = format!("answer --input lines.txt {words}");
        assert_fails(&place.seqgan(&words.split_whitespace().collect::<Vec<_>>()), code, parts);
    };
    refused("--model game --mutual 0.5", 2, &["no model of sources given answers", "train --reverse-model"]);
    refused("--model start --mutual 0", 2, &["weight 0", "more than 0"]);
    refused("--model start --mutual 0.5 --greedy", 2, &["--mutual", "--greedy"]);

    let hierarchical = sides.replace("--source source.txt --target target.txt", "--dialogues talks.txt");
    place.write("talks.txt", lines.replace('\t', " __eou__ ").replace('\n', " __eou__ fine\n"));
    run(&place, &format!("{hierarchical} --encoder hierarchical --reverse-model --out turns"));
    assert_eq!(answers("--model turns --mutual 0.5").lines().count(), 60);

    place.write("test.tsv", toy(25));
    place.write("dull.txt", "fine\n");
    let measured =
        run(&place, "eval -q --model turns --reference test.tsv --beam 2 --dull dull.txt --format csv");
    let header = measured.lines().next().expect("a header");
    assert!(header.ends_with(",turns"), "{header}");
    assert_eq!(measured.matches("mutual 0.5").count(), 1, "{measured}");
    for row in measured.lines().skip(1) {
        let turns: f64 = row.rsplit(',').next().expect("a cell").parse().expect("a number");
        assert!((1.0..=10.0).contains(&turns), "{row}");
    }
    let plain = "eval -q --model game --reference test.tsv --beam 2 --length-norm gnmt:1 --format csv";
    let plain = run(&place, plain);
    assert!(plain.contains("beam 2, gnmt:1"), "{plain}");
    assert!(!plain.contains("turns") && !plain.contains("mutual"), "{plain}");
}

#[test]
fn an_interrupted_training_resumes_to_the_same_bytes_on_any_number_of_threads() {
    let place = Place::new();
    place.write("toy.tsv", toy(60));
    let systems = "--systems reinforce,regs-prefix --divergence kl --reward-baseline critic --checkpoint-every 0 --teacher 0.5";
    run(&place, &format!("{SMALL} {systems} --out whole"));
    let words = format!("{SMALL} {systems} --threads 3 --out cut").replace("--threads 1 ", "");
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("seqgan"))
        .current_dir(place.folder())
        .args(words.split_whitespace())
        .stderr(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    while !place.path("cut/checkpoints/mle.safetensors").exists() {
        assert!(child.try_wait().expect("a child").is_none(), "it ended before its first checkpoint");
        std::thread::yield_now();
    }
    child.kill().expect("it runs");
    child.wait().expect("it was started");
    run(&place, "train -q --resume cut");
    for name in ["mle", "reinforce", "regs-prefix"] {
        let file = |run: &str| place.read(&format!("{run}/{name}.safetensors"));
        assert!(file("whole") == file("cut"), "{name} differs");
    }
    assert!(place.read("whole/metrics.csv") == place.read("cut/metrics.csv"), "the logs differ");
    let results = |run: &str| {
        let mut results: Value =
            serde_json::from_slice(&place.read(&format!("{run}/results.json"))).expect("JSON");
        results["data"].take(); // a resumed run names its files by their whole paths
        results
    };
    assert_eq!(results("whole"), results("cut"));
}

#[test]
fn a_conversation_keeps_its_history_and_ends_with_the_input() {
    let place = Place::new();
    let talks: String =
        toy(40).lines().map(|line| line.replace('\t', " __eou__ ") + " __eou__ fine\n").collect();
    place.write("talks.txt", talks);
    let small = SMALL.replace("--pairs toy.tsv", "--dialogues talks.txt --turns 2");
    run(&place, &format!("{small} --out talk"));
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("seqgan"))
        .current_dir(place.folder())
        .args(["chat", "--model", "talk"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let spoken = b"hello i am ben from anna\n\nxyzzy \x07\xff\nfine";
    child.stdin.take().expect("piped").write_all(spoken).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_succeeds(&output);
    assert_eq!(stdout(&output).lines().count(), 3, "an empty line is no turn: {}", stdout(&output));
    assert!(stderr(&output).contains("the last 2 turns"), "{}", stderr(&output));
}

#[test]
fn answers_hold_known_words_alone() {
    let place = Place::new();
    place.write("toy.tsv", toy(60)); // a name is said 43 times by 54 training pairs, “how” 54 times
    run(&place, &format!("{SMALL} --min-count 50 --out run"));
    place.write("lines.txt", "hello i am anna from carl\n");
    for flags in ["", "--greedy", "--temperature 1 -n 20"] {
        let answers = run(&place, &format!("answer -q --model run --input lines.txt {flags}"));
        assert!(!answers.contains("<unk>"), "{flags}: {answers}");
    }
    place.write("test.tsv", toy(25));
    let measured = run(&place, "eval -q --model run --reference test.tsv --format markdown");
    assert!(measured.contains("<unk>"), "the systems write it: {measured}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_conversation_at_once() {
    use std::os::unix::process::ExitStatusExt as _;

    let place = trained("");
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("seqgan"))
        .current_dir(place.folder())
        .args(["chat", "-q", "--model", "run"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut input = child.stdin.take().expect("piped"); // open until the end
    input.write_all(b"hello i am ben from anna\n").expect("it reads");
    let mut answer = String::new();
    let mut output = BufReader::new(child.stdout.take().expect("piped"));
    output.read_line(&mut answer).expect("UTF-8");
    assert!(answer.ends_with('\n'), "{answer:?}");
    let interrupted = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(interrupted.success());
    let status = child.wait().expect("it was started");
    assert_eq!(status.signal().or(status.code().map(|code| code - 128)), Some(2), "{status}");
}

#[test]
fn models_of_pairs_and_of_sentences_refuse_each_other() {
    let place = trained("");
    let output = place.seqgan(&["generate", "--model", "run"]);
    assert_fails(&output, 1, &["run", "answers sources", "seqgan answer"]);
    let output = place.irgan(&["rank", "--model", "run", "--data", "toy.tsv", "--out", "never.run"]);
    assert_fails(&output, 1, &["run"]);
    let sentences = "train -q --vocab 20 --steps 4 --sentences 30 --held-out 10 --hidden 4 --embedding 4 --mle-epochs 1 \
                     --rounds 1 --g-steps 1 --ensemble 1 --controls none --evaluate-on 10 --temperatures 1 --out plain";
    run(&place, sentences);
    place.write("lines.txt", "hello\n");
    for words in [["answer", "--input", "lines.txt"].as_slice(), &["chat"]] {
        let output = place.seqgan(&[words, &["--model", "plain"]].concat());
        assert_fails(&output, 1, &["plain", "not trained on pairs"]);
    }
    let output = place.seqgan(&["report", "run", "plain", "--out", "both.html"]);
    assert_fails(&output, 2, &["two kinds", "make two reports"]);
    assert_fails(
        &place.seqgan(&["answer", "--model", "run", "--input", "lines.txt", "--system", "rival"]),
        2,
        &["no system `rival`", "--systems"],
    );
}

#[test]
fn bad_pairs_are_refused_with_their_line() {
    let place = Place::new();
    let train = |name: &str| place.seqgan(&["train", "-q", "--pairs", name, "--out", "never"]);
    place.write("columns.tsv", "a b\tc d\na b\tc\td\n");
    assert_fails(&train("columns.tsv"), 1, &["columns.tsv:2"]);
    place.write("lone.tsv", "a b\tc d\nno tab\n");
    assert_fails(&train("lone.tsv"), 1, &["lone.tsv:2"]);
    place.write("empty.tsv", "\n");
    assert_fails(&train("empty.tsv"), 1, &["empty.tsv"]);
    let output = place.seqgan(&["train", "-q", "--text", "columns.tsv", "--judge", "hierarchical"]);
    assert_fails(&output, 2, &["needs pairs", "--pairs"]);
    place.write("toy.tsv", toy(20));
    let output = place.seqgan(&["train", "-q", "--pairs", "toy.tsv", "--judge", "bleu"]);
    assert_fails(&output, 2, &["judges of pairs"]);
    let output = place.seqgan(&["train", "-q", "--pairs", "toy.tsv", "--from", "adversarial", "--init", "x"]);
    assert_fails(&output, 2, &["--from adversarial"]);
    assert!(!fs::exists(place.path("never")).expect("readable"), "nothing stays of a refused run");
}

#[test]
fn flags_of_sentences_have_no_effect_on_pairs_and_are_told() {
    let place = Place::new();
    place.write("toy.tsv", toy(40));
    let words = SMALL.replace("-q ", "") + " --distill false --turns 3 --out run";
    let output = place.seqgan(&words.split_whitespace().collect::<Vec<_>>());
    assert_succeeds(&output);
    let told = stderr(&output);
    assert!(told.contains("--distill has no effect on pairs"), "{told}");
    assert!(told.contains("--turns has no effect without --dialogues"), "{told}");
    assert!(told.contains("--rounds") && told.contains("without a game"), "{told}");
}
