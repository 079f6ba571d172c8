//! `irgan` and `seqgan` as jobs of MPI: real processes, started by `mpirun`. Needs the feature `mpi`.
#![cfg(unix)]

#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use irgan::team::Team;
use support::program::{Place, assert_succeeds, run_files, stderr};

/// A game with rollouts, which takes a moment.
const TRAIN: &str = "train -q --threads 1 --vocab 30 --steps 6 --sentences 100 --held-out 20 --hidden 8 --embedding 8 \
    --evaluate-on 20 --temperatures 1 --mle-epochs 2 --d-draws 2 --rounds 2 --g-steps 2 --d-epochs 1 --judge discriminator \
    --credit rollouts --rollouts 3 --batch 40 --controls constant --ensemble 1 --checkpoint-every 0";

/// Returns the turn of a test: waiting ranks take the time of working ones, so one job runs at a time.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns `mpirun` with so many ranks, in the place.
fn mpirun(place: &Path, ranks: usize) -> Command {
    let mut command = Command::new("mpirun");
    command.current_dir(place).stdin(Stdio::null());
    command.envs([
        ("OMPI_ALLOW_RUN_AS_ROOT", "1"),
        ("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1"),
        ("OMPI_MCA_mpi_yield_when_idle", "1"),
        ("RUST_BACKTRACE", "0"),
    ]);
    command.args(["--oversubscribe", "--bind-to", "none", "-n", &ranks.to_string()]);
    command
}

/// Runs a program as so many ranks.
fn ranks(place: &Place, ranks: usize, program: &str, arguments: &str) -> Output {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    mpirun(place.folder(), ranks)
        .arg(assert_cmd::cargo::cargo_bin(program))
        .args(words)
        .output()
        .expect("mpirun starts")
}

#[track_caller]
fn assert_ends(output: &Output, code: i32, expected: &[&str]) {
    let told = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{told}");
    for part in expected {
        assert_eq!(told.matches(part).count(), 1, "{part:?} once in: {told}");
    }
}

#[track_caller]
fn assert_same(place: &Place, run: &str, alone: &str, what: &str) {
    let (found, expected) = (run_files(&place.path(run)), run_files(&place.path(alone)));
    assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "{what}");
    let differing: Vec<_> =
        found.iter().filter(|(name, bytes)| expected[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differing.is_empty(), "{what}: {differing:?} differ");
}

/// Starts a training whose ranks are killed or asked to stop once the game has begun.
fn started(place: &Place, count: usize, program: &str, train: &str, out: &str) -> Child {
    let program = assert_cmd::cargo::cargo_bin(program);
    let words = train.split_whitespace().chain(["--out", out]);
    let mut command = mpirun(place.folder(), count);
    let command = command.arg(program).args(words).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().expect("mpirun starts");
    let (log, began) = (place.folder().join(out).join("metrics.csv"), Instant::now());
    while !fs::read_to_string(&log).is_ok_and(|log| log.contains("adversarial")) {
        assert!(began.elapsed() < Duration::from_secs(60), "the game never began");
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

/// Returns the processes that a process started.
fn children(parent: u32) -> Vec<String> {
    let found = Command::new("pgrep").args(["-P", &parent.to_string()]).output().expect("pgrep starts");
    String::from_utf8(found.stdout).expect("numbers").lines().map(str::to_owned).collect()
}

fn signal(name: &str, process: &str) {
    assert!(Command::new("kill").args([name, process]).status().expect("kill starts").success());
}

#[test]
fn rollouts_are_the_same_on_any_number_of_ranks() {
    let _turn = turn();
    let place = Place::new();
    let words: Vec<&str> = TRAIN.split_whitespace().chain(["--out", "alone"]).collect();
    assert_succeeds(&place.seqgan(&words));
    for count in [2, 3] {
        let train = TRAIN.replace(" -q", "");
        let output = ranks(&place, count, "seqgan", &format!("{train} --out on-{count}"));
        assert_ends(&output, 0, &[&format!("{count} ranks: "), "bytes in messages"]);
        assert_same(&place, &format!("on-{count}"), "alone", &format!("{count} ranks"));
    }
    let stopped = |how: &str, code: i32, child: Child| {
        let began = Instant::now();
        let output = child.wait_with_output().expect("it ends");
        assert!(began.elapsed() < Duration::from_secs(20), "{how}: it took {:?}", began.elapsed());
        assert_eq!(output.status.code(), Some(code), "{how}: {}", stderr(&output));
        output
    };
    let child = started(&place, 2, "seqgan", TRAIN, "killed");
    signal("-KILL", &children(child.id())[1]);
    stopped("a rank is killed", 137, child);
    assert_succeeds(&ranks(&place, 3, "seqgan", "train -q --threads 1 --resume killed"));
    assert_same(&place, "killed", "alone", "killed on 2 ranks, resumed on 3");

    let child = started(&place, 3, "seqgan", TRAIN, "asked");
    signal("-USR1", &child.id().to_string());
    let output = stopped("it is asked to stop", 138, child);
    assert!(stderr(&output).contains("resume with: seqgan train --resume"), "{}", stderr(&output));
    assert_succeeds(&place.seqgan(&["train", "-q", "--threads", "1", "--resume", "asked"]));
    assert_same(&place, "asked", "alone", "stopped on 3 ranks, resumed alone");
}

#[test]
fn topics_are_searched_by_all_ranks() {
    let _turn = turn();
    let place = Place::new();
    assert_succeeds(&place.irgan(&[
        "synth",
        "--collection",
        "--out",
        "texts",
        "--documents",
        "300",
        "--queries",
        "40",
    ]));
    assert_succeeds(&place.irgan(&[
        "index",
        "--collection",
        "texts/documents.jsonl",
        "--index",
        "idx",
        "-q",
    ]));
    let search = "search --index idx --queries texts/topics.tsv -k 50 --out";
    let words: Vec<&str> = search.split_whitespace().chain(["alone.run"]).collect();
    assert_succeeds(&place.irgan(&words));
    for count in [2, 3] {
        assert_succeeds(&ranks(&place, count, "irgan", &format!("{search} on-{count}.run")));
        assert!(place.read(&format!("on-{count}.run")) == place.read("alone.run"), "{count} ranks");
    }
    for (shards, count) in [("3", 2), ("2", 3)] {
        let index = ["index", "--collection", "texts/documents.jsonl", "--index", "parts", "-q", "--force"];
        assert_succeeds(&place.irgan(&[&index[..], &["--shards", shards]].concat()));
        for (name, more) in
            [("plain", ""), ("fed", "--feedback"), ("title", "--field title --score lm-dirichlet")]
        {
            let search = |index: &str, out: &str| {
                format!("search --index {index} --queries texts/topics.tsv -k 30 {more} --force --out {out}")
            };
            assert_succeeds(&place.irgan(&search("idx", name).split_whitespace().collect::<Vec<_>>()));
            let found = ranks(&place, count, "irgan", &search("parts", "found.run"));
            assert_succeeds(&found);
            assert_eq!(stderr(&found).contains("no shard to search: 1"), count == 3);
            assert!(place.read("found.run") == place.read(name), "{shards} shards, {count} ranks, {name}");
        }
    }
    // No rank opens the shards of others: where one lacks its own, it says so, and ends all.
    fs::rename(place.path("parts/shard-2"), place.path("away")).expect("movable");
    let lacks = ranks(&place, 2, "irgan", "search --index parts --queries texts/topics.tsv");
    assert_ends(&lacks, 1, &["parts/shard-2: is missing", "error: rank 1 on"]);
    let one = ranks(&place, 2, "irgan", "search --index idx word");
    assert_ends(&one, 2, &["several processes share the topics of a search", "error: rank 0 on"]);
}

/// Returns a training over the index of [`place_of_texts`]; results name the index as a resumed training does, by its whole path.
fn over_texts(place: &Place) -> String {
    let index = place.path("idx").display().to_string();
    format!(
        "train --pairwise -q --threads 1 --index {index} --queries texts/topics.train.tsv --qrels texts/qrels.train.txt --fit-epochs 5 \
         --rounds 3 --latent 20 --baselines mle --controls none --checkpoint-every 0"
    )
}

/// Returns a place with a collection and its index in two shards.
fn place_of_texts() -> Place {
    let place = Place::new();
    for line in [
        "synth --collection --out texts --documents 150 --queries 24 --seed 5",
        "index --collection texts/documents.jsonl --index idx -q --shards 2",
    ] {
        assert_succeeds(&place.irgan(&line.split_whitespace().collect::<Vec<_>>()));
    }
    place
}

#[test]
fn rankers_of_texts_are_the_same_on_any_number_of_ranks() {
    let _turn = turn();
    let place = place_of_texts();
    let train = over_texts(&place);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let alone = |line: &str| {
        let words = words(line);
        assert_succeeds(&place.irgan(&words.iter().map(String::as_str).collect::<Vec<_>>()));
    };
    alone(&format!("{train} --out alone"));
    for count in [2, 3] {
        assert_succeeds(&ranks(&place, count, "irgan", &format!("{train} --out on-{count}")));
        assert_same(&place, &format!("on-{count}"), "alone", &format!("{count} ranks"));
    }
    let test = "--index idx --queries texts/topics.test.tsv";
    for (name, line) in [
        ("ranked.run", format!("rank --model alone {test}")),
        ("found.run", format!("search --model alone {test} -k 20")),
    ] {
        alone(&format!("{line} --out {name}"));
        assert_succeeds(&ranks(&place, 2, "irgan", &format!("{line} --out on-2.{name}")));
        assert!(place.read(&format!("on-2.{name}")) == place.read(name), "{name}");
    }

    let child = started(&place, 3, "irgan", &train, "asked");
    signal("-USR1", &child.id().to_string());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(138), "{}", stderr(&output));
    assert!(stderr(&output).contains("resume with: irgan train --resume"), "{}", stderr(&output));
    assert_succeeds(&ranks(&place, 2, "irgan", "train -q --threads 1 --resume asked"));
    assert_same(&place, "asked", "alone", "stopped on 3 ranks, resumed on 2");

    // One query cannot be learned from: an error in the share of one rank.
    let judged = String::from_utf8(place.read("texts/qrels.train.txt")).expect("text");
    let query = judged.lines().last().and_then(|line| line.split(' ').next()).expect("a judgement");
    place.write("texts/qrels.train.txt", format!("{}\n{query} 0 other 99\n", judged.trim_end()));
    let large = ranks(&place, 2, "irgan", &format!("{train} --out x --force"));
    assert_ends(&large, 1, &["grade 99 of", "error: rank "]);
}

#[test]
fn rankers_of_vectors_are_the_same_on_any_number_of_ranks() {
    let _turn = turn();
    let place = Place::new();
    assert_succeeds(&place.irgan(&["synth", "--out", "v", "--queries", "12", "--documents", "40"]));
    // Results name the files as a resumed training does, by their whole paths.
    let over = |files: &str| {
        format!(
            "train -q --threads 1 --checkpoint-every 0 --fit-epochs 3 --rounds 2 --train {files}/train.txt --valid {files}/vali.txt"
        )
    };
    let vectors = over(&place.path("v").display().to_string());
    let games = [
        (
            "exact",
            "--pairwise --hidden 8 --dropout 0.2 --baselines mle,lambdarank,dns --controls constant,shuffled",
        ),
        (
            "drawn",
            "--pointwise --estimator sampled --teacher 0.1 --replay 0.5 --baselines none --controls none",
        ),
        ("measure", "--pairwise --reward nDCG@5 --baselines none --controls none"),
        ("bag", "--pairwise --bag 2 --baselines none --controls none"),
    ];
    for (name, flags) in games {
        let train = format!("{vectors} {flags}");
        assert_succeeds(&place.irgan(&format!("{train} --out {name}").split(' ').collect::<Vec<_>>()));
        let count = if name == "exact" { 3 } else { 2 };
        assert_succeeds(&ranks(&place, count, "irgan", &format!("{train} --out on-ranks --force")));
        assert_same(&place, "on-ranks", name, &format!("{name}, {count} ranks"));
    }

    let train = format!("{vectors} {}", games[0].1);
    let child = started(&place, 2, "irgan", &train, "killed");
    signal("-KILL", &children(child.id())[1]);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(137), "{}", stderr(&output));
    assert_succeeds(&ranks(&place, 3, "irgan", "train -q --threads 1 --resume killed"));
    assert_same(&place, "killed", "exact", "killed on 2 ranks, resumed on 3");

    for rank in 0..2 {
        let synth = ["synth", "--out", &format!("r{rank}/v"), "--queries", "4", "--documents", "9"];
        assert_succeeds(&place.irgan(&[&synth[..], &["--seed", &rank.to_string()]].concat()));
    }
    let program = assert_cmd::cargo::cargo_bin("irgan");
    let script =
        format!("cd r$OMPI_COMM_WORLD_RANK; exec {} {} --pairwise --out x", program.display(), over("v"));
    let output = mpirun(place.folder(), 2).args(["sh", "-c", &script]).output().expect("mpirun starts");
    assert_ends(&output, 1, &["rank 1 on", "has another set of training documents than rank 0 on"]);
    let ratings = ranks(&place, 2, "irgan", "train --pairwise --ratings v/train.txt --out x");
    assert_ends(&ratings, 2, &["this command runs in one process"]);
}

/// The weights that ranks begin with are read by each of them.
#[test]
fn ranks_that_come_to_other_weights_end() {
    let _turn = turn();
    let place = Place::new();
    for seed in 0..2 {
        let train = format!("{TRAIN} --data-seed 1 --seed {} --out r{seed}/base", seed + 1);
        assert_succeeds(&place.seqgan(&train.split_whitespace().collect::<Vec<_>>()));
    }
    let program = assert_cmd::cargo::cargo_bin("seqgan");
    let train = format!("{TRAIN} --data-seed 1 --from adversarial --init base --out x");
    let script = format!("cd r$OMPI_COMM_WORLD_RANK; exec {} {train}", program.display());
    let output = mpirun(place.folder(), 2).args(["sh", "-c", &script]).output().expect("mpirun starts");
    let told = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains("rank 1 on") && told.contains("has come to other weights than rank 0 on"),
        "{told}"
    );
}

#[test]
fn what_is_wrong_ends_all_ranks_with_one_message() {
    let _turn = turn();
    let place = Place::new();
    let other = ranks(&place, 2, "irgan", "synth --out x");
    assert_ends(&other, 2, &["this command runs in one process"]);
    let no_rollouts = ranks(&place, 2, "seqgan", "train --judge rival --credit token --out x");
    assert_ends(&no_rollouts, 2, &["these settings have none"]);
    let simd = "IRGAN_SIMD=$(test $OMPI_COMM_WORLD_RANK = 0 && echo portable) exec";
    let script = format!("{simd} {} train --out x", assert_cmd::cargo::cargo_bin("seqgan").display());
    let output = mpirun(place.folder(), 2).args(["sh", "-c", &script]).output().expect("mpirun starts");
    assert_ends(&output, 1, &["has another `IRGAN_SIMD` than rank 0 on"]);
    let missing = ranks(
        &place,
        2,
        "seqgan",
        "train --text nothing.txt --judge discriminator --credit rollouts --out x",
    );
    assert_ends(&missing, 1, &["nothing.txt"]);

    // Each rank in a folder of its own, so that files of one name differ.
    for (rank, text) in
        [(0, "the cat sat\na dog ran\n"), (1, "the cat sat\na dog sat\n"), (2, "the cat sat\n\0\n")]
    {
        fs::create_dir(place.path(&format!("r{rank}"))).expect("a new folder");
        place.write(&format!("r{rank}/s.txt"), text.repeat(20));
    }
    let apart = |folders: &str| {
        let program = assert_cmd::cargo::cargo_bin("seqgan");
        let flags = "--text s.txt --judge discriminator --credit rollouts --rounds 1 --out x";
        let script = format!(
            "set -- {folders}; shift $OMPI_COMM_WORLD_RANK; cd $1; exec {} train {flags}",
            program.display()
        );
        mpirun(place.folder(), 2).args(["sh", "-c", &script]).output().expect("mpirun starts")
    };
    assert_ends(
        &apart("r0 r1"),
        1,
        &["another set of sentences in its files than rank 0", "error: rank 0 on"],
    );
    assert_ends(&apart("r0 r2"), 1, &["s.txt:2", "error: rank 1 on"]);
    assert!(!place.path("r1/x").exists(), "only the first rank writes where the user looks");
}

/// The child of the next test.
fn panics_on_the_second_rank() {
    let team = Team::join().expect("started by mpirun");
    let squares = team.map(10, |i| (i * i) as u64);
    assert_eq!(squares, [0, 1, 4, 9, 16, 25, 36, 49, 64, 81]);
    assert_eq!(team.from_first(team.rank() as u64), 0);
    team.agree("number", 7).expect("the same");
    let error = team.agree("number", team.rank() as u64).expect_err("they differ").to_string();
    assert!(error.contains("rank 1 on") && error.contains("another number"), "{error}");
    // Longer than what one call moves to each rank would take gigabytes; uneven shares do as well.
    let rows = team.map(7, |i| vec![i as f32; i * 1000]);
    assert!(rows.iter().enumerate().all(|(i, row)| *row == vec![i as f32; i * 1000]));
    assert!(team.rank() != 1, "the second rank is at fault");
    team.from_first(0u64); // waits for the others
    team.map(2, |i| i as u64);
    unreachable!("the second rank has ended all");
}

#[test]
fn a_panic_of_one_rank_ends_all() {
    if std::env::var_os("IRGAN_TEST_CHILD").is_some() {
        return panics_on_the_second_rank();
    }
    let _turn = turn();
    let place = Place::new();
    let began = Instant::now();
    let output = mpirun(place.folder(), 3)
        .arg(std::env::current_exe().expect("this program"))
        .args(["--exact", "a_panic_of_one_rank_ends_all", "--nocapture"])
        .env("IRGAN_TEST_CHILD", "1")
        .output()
        .expect("mpirun starts");
    assert_eq!(output.status.code(), Some(101), "{}", stderr(&output));
    assert!(stderr(&output).contains("the second rank is at fault"), "{}", stderr(&output));
    assert!(began.elapsed() < Duration::from_secs(20));
}
