//! A training that is killed at any moment goes on to the same bits; one that is asked to stop stops, and says how
//! to go on.
//!
//! `RESUME_KILLS` says how many trainings are killed, 8 when it is not set. The full run:
//! `RESUME_KILLS=200 cargo test --release --test programs resume -- --nocapture`
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::program::{assert_fails, assert_succeeds, run_files, stderr, stdout};
use crate::support::taught;
use irgan::data::features::letor;
use irgan::seed::{Rng, Stream};
use rand::Rng as _;
use tempfile::TempDir;

/// A training of a moment, with a checkpoint after every step, and the data that it needs.
struct Task {
    program: &'static str,
    /// Words of an argument list; `DATA` is the folder of the data.
    arguments: String,
    folder: TempDir,
}

/// Short games and fits.
const SHORT: &str =
    "--rounds 3 --d-epochs 3 --redraw-every 2 --g-epochs 2 --fit-epochs 4 --controls constant,shuffled";

/// The same of sentences.
const SHORT_SENTENCES: &str = "--mle-epochs 4 --d-draws 2 --rounds 3 --g-steps 2 --d-epochs 2 --redraw-every 2 \
    --rollouts 2 --controls constant,random --teacher 0.1";

/// The same of lines.
const SHORT_LINES: &str = "--method wgan-gp --level char --length 9 --channels 8 --blocks 1 --noise 4 --batch 4 \
    --rounds 3 --g-steps 4 --critic-steps 2 --evaluate-on 30 --normalization batch";

impl Task {
    fn new(program: &'static str, arguments: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("data")).expect("a new folder");
        let data = folder.path().join("data").display().to_string();
        let arguments =
            format!("train -q --threads 1 --checkpoint-every 0 {arguments}").replace("DATA", &data);
        Self { program, arguments, folder }
    }

    fn features(flags: &str) -> Self {
        let files = "--train DATA/train.txt --valid DATA/valid.txt --baselines lambdarank,dns";
        let task = Self::new("irgan", &format!("{files} {flags}"));
        for (name, seed) in [("train.txt", 1), ("valid.txt", 2)] {
            let path = task.folder.path().join("data").join(name);
            letor::write(&path, &taught(6, 30, 4, seed)).expect("the folder is writable");
        }
        task
    }

    fn texts() -> Self {
        let mut task = Self::new(
            "irgan",
            &format!(
                "--index DATA/index --queries DATA/texts/topics.tsv --qrels DATA/texts/qrels.txt --depth 20 \
                 --similarity --baselines mle {SHORT}"
            ),
        );
        task.prepare("synth --collection --queries 12 --documents 80 --out texts");
        // The towers of the similarity are 2¹⁴ rows each: too much to write after every step.
        task.arguments = task.arguments.replace("--checkpoint-every 0", "--checkpoint-every 1");
        task.prepare("index --collection texts/documents.jsonl --index index");
        task
    }

    fn interactions(more: &str) -> Self {
        let task = Self::new(
            "irgan",
            &format!("--ratings DATA/liked/train.tsv --baselines pop,puresvd,bpr {SHORT} {more}"),
        );
        task.prepare("synth --interactions --users 20 --items 30 --liked 6 --out liked");
        task
    }

    fn answers() -> Self {
        let task = Self::new(
            "irgan",
            &format!(
                "--qa DATA/qa/train.txt --valid DATA/qa/vali.txt --pool 8 --embedding 4 --filters 1:4,2:4 \
                 --baselines mle {SHORT}"
            ),
        );
        task.prepare("synth --qa --queries 10 --out qa");
        task
    }

    fn sentences(flags: &str) -> Self {
        Self::new(
            "seqgan",
            &format!(
                "--vocab 30 --steps 6 --sentences 80 --held-out 20 --hidden 8 --embedding 8 --evaluate-on 20 \
                 --temperatures 1 --evaluate-every 2 {flags}"
            ),
        )
    }

    /// Makes a part of the data.
    fn prepare(&self, arguments: &str) {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("irgan"));
        let command = command.current_dir(self.folder.path().join("data"));
        assert_succeeds(&command.args(arguments.split_whitespace()).output().expect("the program starts"));
    }

    /// A new folder to run in.
    fn place(&self, name: &str) -> PathBuf {
        let place = self.folder.path().join(name);
        fs::create_dir(&place).expect("a new folder");
        place
    }

    fn command(&self, place: &Path, arguments: &str) -> Command {
        let program = match self.program {
            "irgan" => assert_cmd::cargo::cargo_bin!("irgan"),
            _ => assert_cmd::cargo::cargo_bin!("seqgan"),
        };
        let mut command = Command::new(program);
        command.current_dir(place).args(arguments.split_whitespace());
        command
    }

    fn run(&self, place: &Path, arguments: &str) -> Output {
        self.command(place, arguments).output().expect("the program starts")
    }

    /// Starts the training in `place`, into `out`.
    fn start(&self, place: &Path) -> Child {
        self.spawn(place, &format!("{} --out out", self.arguments))
    }

    fn spawn(&self, place: &Path, arguments: &str) -> Child {
        let mut command = self.command(place, arguments);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts")
    }

    /// Kills trainings at random moments and goes on with each; all must end as the unbroken one.
    fn kill_and_resume(&self, name: &str) {
        let whole = self.place("whole");
        let began = Instant::now();
        let unbroken = self.run(&whole, &format!("{} --out out", self.arguments));
        assert_succeeds(&unbroken);
        let took = began.elapsed();
        let expected = run_files(&whole.join("out"));
        let mut rng = Stream::new(7).named(name).rng();
        let mut killed_in: BTreeMap<String, usize> = BTreeMap::new();
        for kill in 0..kills() {
            let place = self.place(&format!("kill-{kill}"));
            let mut child = self.start(&place);
            let stage = kill_at_random(&mut child, took, &mut rng, &place);
            *killed_in.entry(stage.clone()).or_default() += 1;
            if rng.random::<f64>() < 0.3 && place.join("out/run.toml").exists() {
                // Killed again after it went on.
                let mut child = self.spawn(&place, "train -q --resume out");
                let stage = kill_at_random(&mut child, took, &mut rng, &place);
                *killed_in.entry(format!("again in {stage}")).or_default() += 1;
            }
            let resumed = match place.join("out/run.toml").exists() {
                true => self.run(&place, "train -q --resume out"),
                // Nothing had begun: the folder is still free.
                false => self.run(&place, &format!("{} --out out", self.arguments)),
            };
            assert_succeeds(&resumed);
            if !stderr(&resumed).contains("finished: nothing to do") {
                assert_eq!(stdout(&resumed), stdout(&unbroken), "{name}, killed in {stage}");
            }
            assert_same(
                &expected,
                &run_files(&place.join("out")),
                &format!("{name}, kill {kill} in {stage}"),
            );
            fs::remove_dir_all(&place).expect("a folder of our own");
        }
        println!("{name}: {} killed, resumed and the same: {killed_in:?}", kills());
    }
}

/// How many trainings each of the tests kills: at least one.
fn kills() -> usize {
    let all = std::env::var("RESUME_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(8usize);
    all.div_ceil(8)
}

/// Waits for a random part of the time a training takes, and kills it; returns the phase it was in.
fn kill_at_random(child: &mut Child, took: Duration, rng: &mut Rng, place: &Path) -> String {
    std::thread::sleep(took.mul_f64(rng.random::<f64>()));
    let finished = child.try_wait().expect("a child").is_some();
    child.kill().expect("a child can be killed");
    child.wait().expect("a child");
    let log = fs::read_to_string(place.join("out/metrics.csv")).unwrap_or_default();
    let rows = log.lines().skip(1);
    match rows.last().and_then(|row| row.split(',').next()) {
        _ if finished => "the end".to_owned(),
        Some(phase) => phase.to_owned(),
        None => "the beginning".to_owned(),
    }
}

#[track_caller]
fn assert_same(a: &BTreeMap<String, Vec<u8>>, b: &BTreeMap<String, Vec<u8>>, what: &str) {
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>(), "{what}");
    for (name, bytes) in a {
        assert!(bytes == &b[name], "{what}: {name} differs");
    }
}

#[test]
fn killed_on_feature_vectors() {
    Task::features(&format!("{SHORT} --pairwise")).kill_and_resume("features, pairwise");
    let sampled =
        "--pointwise --estimator sampled --baseline moving --on-collapse rollback --optimizer momentum";
    Task::features(&format!("{SHORT} {sampled}")).kill_and_resume("features, pointwise");
    Task::features(&format!("{SHORT} --pairwise --reward AP --rankings 3")).kill_and_resume("features, AP");
    Task::features(&format!("{SHORT} --pairwise --bag 3")).kill_and_resume("features, a bag");
    Task::features(&format!("{SHORT} --pairwise --replay 0.5")).kill_and_resume("features, a replay");
}

#[test]
fn killed_on_texts() {
    Task::texts().kill_and_resume("texts");
}

#[test]
fn killed_on_interactions() {
    Task::interactions("--pointwise --refit").kill_and_resume("interactions, refit");
    Task::interactions("--method bpr --tune 3").kill_and_resume("interactions, tuned");
}

#[test]
fn killed_on_questions_and_answers() {
    Task::answers().kill_and_resume("answers");
}

#[test]
fn killed_on_sentences() {
    for (judge, more) in [
        ("rival", "--baseline critic --mle-lr 0.3 --mle-anneal 0.5"), // a rate at which epochs get worse
        (
            "discriminator",
            "--rollout-rate 0.5 --replay 0.5 --d-target 0.7 --batch-norm --minibatch-features 4,2",
        ),
        ("ranker", "--freeze-d 0.55 --replay 0.5 --d-target 0.7"),
        ("ensemble", "--ensemble 3"),
    ] {
        let task = Task::sentences(&format!("{SHORT_SENTENCES} --judge {judge} {more}"));
        task.kill_and_resume(&format!("sentences, {judge}"));
    }
}

#[test]
fn killed_on_lines() {
    let task = Task::new("seqgan", &format!("--text DATA/lines.txt {SHORT_LINES} --lipschitz spectral"));
    let lines: String = (0..60).map(|i| format!("the {} sat {}\n", ["cat", "dog"][i % 2], i % 7)).collect();
    fs::write(task.folder.path().join("data").join("lines.txt"), lines).expect("the folder is writable");
    task.kill_and_resume("lines");
}

/// Waits until the log of `out` has a row of `phase`.
fn wait_for(place: &Path, phase: &str) {
    let log = place.join("out/metrics.csv");
    let began = Instant::now();
    while !fs::read_to_string(&log).is_ok_and(|log| log.contains(phase)) {
        assert!(began.elapsed() < Duration::from_secs(60), "{phase} never began");
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill starts");
    assert!(sent.success());
}

#[test]
fn asked_to_stop_it_saves_and_says_how_to_go_on() {
    for (task, signal, code) in [
        (
            Task::features("--pairwise --fit-epochs 100000 --fit-patience 100000 --weight-decay 1e-4"),
            "-INT",
            130,
        ),
        (Task::sentences("--judge rival --mle-epochs 4000 --patience 4000"), "-TERM", 143),
    ] {
        let place = task.place("here");
        let child = task.start(&place);
        wait_for(&place, "\nmle,");
        send(signal, &child);
        let output = child.wait_with_output().expect("a child");
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        let resume = format!("{} train --resume out", task.program);
        assert!(stderr(&output).contains(&resume), "{}", stderr(&output));
        assert!(!place.join("out/model.toml").exists());
        // It goes on, and can be stopped again.
        let rows = fs::read_to_string(place.join("out/metrics.csv")).expect("a log").lines().count();
        let child = task.spawn(&place, "train -q --resume out");
        while fs::read_to_string(place.join("out/metrics.csv")).expect("a log").lines().count() < rows + 4 {
            std::thread::sleep(Duration::from_millis(1));
        }
        send(signal, &child);
        let output = child.wait_with_output().expect("a child");
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    }
}

#[test]
fn a_second_signal_leaves_at_once() {
    // An epoch of half a minute.
    let task = Task::new(
        "irgan",
        "--method mle --baselines none --hidden 6000,6000 --train DATA/a.txt --valid DATA/a.txt",
    );
    letor::write(&task.folder.path().join("data/a.txt"), &taught(40, 40, 4, 1)).expect("writable");
    let place = task.place("here");
    let child = task.start(&place);
    wait_for(&place, "phase");
    std::thread::sleep(Duration::from_millis(500));
    let sent = Instant::now();
    send("-INT", &child);
    std::thread::sleep(Duration::from_millis(300));
    send("-INT", &child);
    let output = child.wait_with_output().expect("a child");
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert!(
        !stderr(&output).contains("saved") && sent.elapsed() < Duration::from_secs(5),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_run_is_gone_on_with_only_when_it_is_the_same() {
    let task = Task::features(&format!("{SHORT} --pairwise"));
    let place = task.place("here");
    let resume = |more: &str| task.run(&place, &format!("train -q --resume out {more}"));
    assert_fails(&resume(""), 1, &["out: no run to resume"]);
    let child = task.start(&place);
    wait_for(&place, "\nmle,");
    assert_fails(&resume(""), 1, &["out: another process is training here"]);
    wait_for(&place, "\nadversarial,");
    send("-INT", &child);
    assert_eq!(child.wait_with_output().expect("a child").status.code(), Some(130));
    // Another run is not written over it, and flags that would have no effect are errors.
    assert_fails(
        &task.run(&place, &format!("{} --out out", task.arguments)),
        2,
        &["out: this folder is not empty"],
    );
    for (flag, name) in [("--seed 3", "--seed"), ("--out other", "--out"), ("--pointwise", "--pointwise")] {
        assert_fails(&resume(flag), 2, &[name, "has no effect beside --resume"]);
    }
    // Damaged checkpoints, a cut one and one with a bit turned.
    let path = place.join("out/checkpoints/mle.safetensors");
    let whole = fs::read(&path).expect("a checkpoint");
    for at in [0, 9, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..at]).expect("writable");
        assert_fails(&resume(""), 1, &["out/checkpoints/mle.safetensors: ", "Delete this checkpoint"]);
        let mut turned = whole.clone();
        turned[at] ^= 1;
        fs::write(&path, turned).expect("writable");
        assert_fails(&resume(""), 1, &["out/checkpoints/mle.safetensors: ", "Delete this checkpoint"]);
    }
    fs::write(&path, &whole).expect("writable");
    // Other data, other settings.
    let data = task.folder.path().join("data/train.txt");
    let before = fs::read(&data).expect("the data");
    fs::write(&data, [&before[..], b"\n"].concat()).expect("writable");
    assert_fails(&resume(""), 1, &["data/train.txt: not the data", "put those back"]);
    fs::write(&data, before).expect("writable");
    let config = place.join("out/config.toml");
    let before = fs::read_to_string(&config).expect("settings");
    fs::write(&config, before.replace("seed = 1", "seed = 2")).expect("writable");
    assert_fails(&resume(""), 1, &["out/config.toml: not the settings"]);
    fs::write(&config, before).expect("writable");
    // A checkpoint may be deleted; from another folder the run is found as well.
    fs::remove_file(&path).expect("there");
    let elsewhere = task.place("elsewhere");
    assert_succeeds(&task.run(&elsewhere, "train -q --resume ../here/out"));
    let whole = task.place("whole");
    assert_succeeds(&task.run(&whole, &format!("{} --out out", task.arguments)));
    assert_same(&run_files(&whole.join("out")), &run_files(&place.join("out")), "from elsewhere");
    // It is finished now.
    let again = resume("");
    assert_succeeds(&again);
    assert!(stderr(&again).contains("out: this run is finished: nothing to do"), "{}", stderr(&again));
    assert_eq!(stdout(&again), "");
}
