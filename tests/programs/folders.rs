//! Folders that the programs write: one process at a time, nothing of others is deleted, no planted link is followed.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Child, Output};
use std::time::{Duration, Instant};

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr};
use crate::support::taught;
use irgan::data::features::letor;
use irgan::runs::{FolderKind, RunDir};

const DATA: &str = "--train data/train.txt --valid data/valid.txt";
/// A training of a moment.
const SHORT: &str = "train --rounds 1 --fit-epochs 2 --baselines mle,dns --controls none -q";
/// A training that nobody waits for.
const LONG: &str =
    "train --rounds 1000000 --patience 1000000 --fit-epochs 2 --baselines none --controls none -q";
/// Sentences for a training of a moment.
const SENTENCES: &str = "train --vocab 20 --steps 4 --sentences 50 --held-out 20 --hidden 4 --embedding 4 --mle-epochs 1 \
    --d-draws 1 --g-steps 1 --evaluate-on 20 --temperatures 1 --controls none -q";

/// A folder with feature vectors in `data`.
fn place() -> Place {
    let place = Place::new();
    place.write("data/note", "");
    for (name, seed) in [("train.txt", 1), ("valid.txt", 2), ("test.txt", 3)] {
        letor::write(&place.path("data").join(name), &taught(6, 20, 4, seed))
            .expect("the folder is writable");
    }
    place
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn irgan(place: &Place, line: &str) -> Output {
    place.irgan(&words(line))
}

/// Starts a program, and waits until `file` is there.
fn started(mut start: impl FnMut() -> Child, file: &Path) -> Child {
    let child = start();
    let began = Instant::now();
    while !file.exists() {
        assert!(began.elapsed() < Duration::from_secs(60), "{} never came", file.display());
        std::thread::sleep(Duration::from_millis(1));
    }
    child
}

/// Ends a child by SIGKILL.
fn kill(mut child: Child) {
    child.kill().expect("it lives");
    child.wait().expect("it ends");
}

#[test]
fn a_living_training_keeps_its_folder() {
    let place = place();
    let long = format!("{LONG} {DATA} --out out");
    let child = started(|| place.start(&words(&long)), &place.path("out/checkpoints"));
    let before = place.read("out/run.toml");
    for command in [
        format!("{SHORT} {DATA} --out out"),
        format!("{SHORT} {DATA} --out out --force"),
        "train --resume out".into(),
        format!("sweep {DATA} --grid patience=1,2 --out out --force"),
        "cv --folds data --out out --force".into(),
        "synth --out out --force".into(),
    ] {
        assert_fails(&irgan(&place, &command), 1, &["out: another process is training here"]);
    }
    let seqgan = place.seqgan(&words(&format!("{SENTENCES} --rounds 1 --out out --force")));
    assert_fails(&seqgan, 1, &["out: another process is training here"]);
    assert_eq!(place.read("out/run.toml"), before);
    kill(child);
    assert_fails(&irgan(&place, &format!("{SHORT} {DATA} --out out")), 2, &["not empty", "--force"]);
    assert_succeeds(&irgan(&place, &format!("{SHORT} {DATA} --out out --force")));
    assert!(!place.path("out/checkpoints").exists());
}

#[test]
fn a_living_training_of_sentences_keeps_its_folder() {
    let place = Place::new();
    let start = || {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("seqgan"));
        let line = format!("{SENTENCES} --rounds 1000000 --out out");
        command.current_dir(place.folder()).args(words(&line)).spawn().expect("the program starts")
    };
    let child = started(start, &place.path("out/checkpoints"));
    let short = format!("{SENTENCES} --rounds 1 --out out --force");
    assert_fails(&place.seqgan(&words(&short)), 1, &["out: another process is training here"]);
    kill(child);
    assert_succeeds(&place.seqgan(&words(&short)));
}

#[test]
fn a_folder_has_one_sweep_and_a_killed_one_goes_on() {
    let place = place();
    let sweep = |rounds: usize| {
        let train =
            LONG.replacen("train", "sweep", 1).replace("--rounds 1000000", &format!("--rounds {rounds}"));
        format!("{train} {DATA} --grid generator.entropy=0.1,0.3 --checkpoint-every 0 --out out")
    };
    let child = started(
        || place.start(&words(&sweep(1_000_000))),
        &place.path("out/points/1/seed-1/checkpoints/adversarial.safetensors"),
    );
    for force in ["", "--force"] {
        let second = format!("{} {force}", sweep(1_000_000));
        assert_fails(&irgan(&place, &second), 1, &["out: another process is training here"]);
    }
    kill(child);
    // A training of it is not resumed alone: the error has the command that does.
    let alone = irgan(&place, "train --resume out/points/1/seed-1");
    assert_fails(
        &alone,
        1,
        &["this training is one of a sweep", "irgan sweep", "--grid generator.entropy=0.1,0.3"],
    );
    // A sweep that was killed comes to the same numbers as one that was not.
    let short = sweep(30).replace("--out out", "--out killed");
    let child = started(
        || place.start(&words(&short)),
        &place.path("killed/points/1/seed-1/checkpoints/adversarial.safetensors"),
    );
    kill(child);
    assert_succeeds(&irgan(&place, &short));
    assert_succeeds(&irgan(&place, &short.replace("--out killed", "--out whole")));
    assert_eq!(place.read("killed/sweep.csv"), place.read("whole/sweep.csv"));
}

#[test]
fn nothing_of_others_is_deleted() {
    let place = place();
    for (stranger, command) in [
        ("baselines/mine/notes", format!("{SHORT} {DATA}")),
        ("checkpoints/mine", format!("{SHORT} {DATA}")),
        ("metrics.csv", format!("{SHORT} {DATA}")),
        ("run.toml", format!("{SHORT} {DATA}")),
        ("points/1/notes", format!("sweep {DATA} --grid patience=1,2")),
        ("qrels.txt", "cv --folds data".into()),
        ("train.txt", "synth --queries 4 --documents 8".into()),
        ("topics.tsv", "synth --collection --queries 12 --documents 80".into()),
    ] {
        let _ = fs::remove_dir_all(place.path("out"));
        place.write(&format!("out/{stranger}"), "mine");
        let output = irgan(&place, &format!("{command} --out out --force"));
        let name =
            format!("out/{}: this program did not make it", stranger.split('/').next().expect("a name"));
        assert_fails(&output, 2, &[&name]);
        assert_eq!(place.read(&format!("out/{stranger}")), b"mine");
    }
    place.write("oracle/real.txt", "mine");
    let oracle = place.seqgan(&words("oracle --vocab 9 --steps 3 --sentences 5 --out oracle"));
    assert_fails(&oracle, 2, &["oracle/real.txt: this program did not make it"]);
    // Beside the files of a training, those of others stay, wherever they lie.
    let _ = fs::remove_dir_all(place.path("out"));
    let mine = ["notes.txt", "baselines/notes.txt", "baselines/mine/x", "baselines/dns/x", "points/x"];
    place.write("out/notes.txt", "mine");
    assert_succeeds(&irgan(&place, &format!("{SHORT} {DATA} --out out --force")));
    mine.iter().for_each(|name| drop(place.write(&format!("out/{name}"), "mine")));
    let only_mle = SHORT.replace("mle,dns", "mle");
    assert_succeeds(&irgan(&place, &format!("{only_mle} {DATA} --out out --force")));
    mine.iter().for_each(|name| assert_eq!(place.read(&format!("out/{name}")), b"mine", "{name}"));
    assert!(!place.path("out/baselines/dns/model.toml").exists(), "that of the training before");
}

#[test]
fn an_occupied_folder_is_refused_before_data_are_read() {
    let place = place();
    place.write("out/x", "");
    for command in [
        "train --train no.txt --valid no.txt",
        "train --ratings no.tsv",
        "train --qa no.txt --valid no.txt",
        "train --index no --queries no.tsv --qrels no.txt",
        "sweep --train no.txt --valid no.txt --grid patience=1,2",
        "cv --folds no",
        "synth --queries 100000 --documents 1000",
    ] {
        assert_fails(&irgan(&place, &format!("{command} --out out")), 2, &["out: this folder is not empty"]);
    }
    let text = place.seqgan(&words("train --text no.txt --out out"));
    assert_fails(&text, 2, &["out: this folder is not empty"]);
}

#[test]
fn a_planted_link_is_not_followed() {
    let place = place();
    let long = format!("{LONG} {DATA} --checkpoint-every 0 --out out");
    let child =
        started(|| place.start(&words(&long)), &place.path("out/checkpoints/adversarial.safetensors"));
    kill(child);
    place.write("treasure", "kept");
    let short = |name: &str| place.path("out").join(name);
    for name in
        ["results.json", "events.out.tfevents.run", "report.html", "timing.json", "model.toml", "run.new"]
    {
        let _ = fs::remove_file(short(name));
        symlink(place.path("treasure"), short(name)).expect("links can be made");
    }
    // The settings would never end: the run is begun anew with links at the names that it writes.
    let output = irgan(&place, &format!("{SHORT} {DATA} --out out --force"));
    assert_succeeds(&output);
    assert_eq!(place.read("treasure"), b"kept", "{}", stderr(&output));
    // A run that is resumed finds links that were planted since.
    let child = started(
        || place.start(&words(&format!("{long}2"))),
        &place.path("out2/checkpoints/adversarial.safetensors"),
    );
    kill(child);
    fs::remove_file(place.path("out2/metrics.csv")).expect("a log");
    symlink(place.path("treasure"), place.path("out2/metrics.csv")).expect("links can be made");
    let resumed = irgan(&place, "train --resume out2");
    assert_fails(&resumed, 1, &["out2/metrics.csv: a link stands at this name"]);
    assert_eq!(place.read("treasure"), b"kept");
}

/// Starts a command whose messages are read at the end, sends it SIGINT when `file` is there, and returns its output.
fn interrupted(place: &Place, line: &str, file: &str) -> Output {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("irgan"));
    let command = command.current_dir(place.folder()).args(words(line));
    let piped = std::process::Stdio::piped;
    let child = started(
        || command.stdout(piped()).stderr(piped()).spawn().expect("the program starts"),
        &place.path(file),
    );
    std::thread::sleep(Duration::from_millis(300));
    let sent = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
    child.wait_with_output().expect("it ends")
}

/// The command behind `with: ` in a warning, without the name of the program.
fn advice(output: &Output) -> String {
    let text = stderr(output);
    let line =
        text.lines().find_map(|line| line.split_once("with: irgan ")).unwrap_or_else(|| panic!("{text}"));
    line.1.to_owned()
}

#[test]
fn what_an_interrupted_command_advises_works_when_pasted() {
    let place = place();
    let long = LONG.replacen("train", "sweep", 1).replace("-q", "");
    let sweep = format!("{long} {DATA} --grid generator.entropy=0.1,0.3 --out out");
    let output = interrupted(&place, &sweep, "out/points/1/seed-1/checkpoints");
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert_eq!(advice(&output), sweep.split_whitespace().collect::<Vec<_>>().join(" "));
    let again = interrupted(&place, &advice(&output), "out/points/1/seed-1/checkpoints");
    assert_eq!(again.status.code(), Some(130), "it goes on: {}", stderr(&again));
    // A cross-validation keeps what is finished, and goes on.
    for name in ["train.txt", "vali.txt", "test.txt"] {
        place.write(&format!("folds/Fold1/{name}"), place.read("data/train.txt"));
    }
    let cv = "cv --folds folds --rounds 1000000 --patience 1000000 --baselines none --out cv";
    let output = interrupted(&place, cv, "cv/cv.toml");
    assert_eq!(output.status.code(), Some(130), "{}", stderr(&output));
    assert_eq!(advice(&output), cv);
    let again = interrupted(&place, &advice(&output), "cv/cv.toml");
    assert_eq!(again.status.code(), Some(130), "it goes on: {}", stderr(&again));
    // A training, in a folder whose name a shell would cut.
    let train =
        interrupted(&place, &format!("{} {DATA} --out a'b", LONG.replace("-q", "")), "a'b/checkpoints");
    assert_eq!(advice(&train), r"train --resume 'a'\''b'");
}

/// Every file that a program writes is one that it knows for its own: a folder from which they are removed is gone.
#[test]
fn every_file_of_a_folder_is_known() {
    let place = place();
    for line in [
        "synth --interactions --users 12 --items 20 --liked 6 --out liked",
        "synth --qa --queries 8 --out qa",
        "synth --collection --queries 12 --documents 60 --out texts",
        "synth --queries 6 --documents 8 --out planted",
        "index --collection texts/documents.jsonl --index idx",
    ] {
        assert_succeeds(&irgan(&place, line));
    }
    let train = SHORT.replace("--baselines mle,dns", "");
    for (name, command) in [
        ("vectors", format!("{train} {DATA} --baselines mle")),
        ("ratings", format!("{train} --ratings liked/train.tsv --baselines pop")),
        ("answers", format!("{train} --qa qa/train.txt --valid qa/vali.txt --filters 1:4 --embedding 4")),
        (
            "documents",
            format!("{train} --index idx --queries texts/topics.tsv --qrels texts/qrels.txt --similarity"),
        ),
    ] {
        assert_succeeds(&irgan(&place, &format!("{command} --out {name}")));
    }
    assert_succeeds(&place.seqgan(&words(&format!("{SENTENCES} --rounds 1 --out ids"))));
    place.write("text.txt", "a cat ran\nthe dog sat\n".repeat(9));
    let text = "train --text text.txt --mle-epochs 1 --rounds 1 --g-steps 1 --evaluate-on 9 --controls none -q --out words";
    assert_succeeds(&place.seqgan(&words(text)));
    assert_succeeds(&place.seqgan(&words("oracle --vocab 9 --steps 3 --sentences 5 --out oracle")));
    assert_succeeds(&place.seqgan(&words("synth --pairs --sources 20 --out pairs")));
    assert_succeeds(&place.seqgan(&words("split --pairs pairs/train.tsv --out parts")));
    assert_succeeds(&irgan(
        &place,
        &format!("sweep -q {DATA} --method mle --fit-epochs 1 --grid fit.batch=2,4 --out swept"),
    ));
    for (names, kind) in [
        (&["vectors", "ratings", "answers", "documents", "ids", "words"][..], &FolderKind::RUN),
        (&["swept"], &FolderKind::SWEEP),
        (&["liked"], &FolderKind::INTERACTIONS),
        (&["qa"], &FolderKind::ANSWERS),
        (&["texts"], &FolderKind::COLLECTION),
        (&["planted"], &FolderKind::FEATURES),
        (&["oracle"], &FolderKind::ORACLE),
        (&["pairs"], &FolderKind::PAIRS),
        (&["parts"], &FolderKind::PARTS),
    ] {
        for name in names {
            let folder = RunDir::create(&place.path(name), true, kind).expect("free");
            folder.discard(kind).expect("removable");
            let left =
                fs::read_dir(place.path(name)).into_iter().flatten().flatten().map(|entry| entry.file_name());
            assert_eq!(left.collect::<Vec<_>>(), [""; 0], "{name}");
        }
    }
}

#[test]
fn standard_output_is_no_folder() {
    let place = place();
    for line in [format!("{SHORT} {DATA} --out -"), "synth --out -".into(), "cv --folds data --out -".into()]
    {
        assert_fails(&irgan(&place, &line), 2, &["a folder is wanted here"]);
    }
    assert!(!place.path("-").exists());
}

#[test]
fn a_refused_setting_leaves_its_folder_free() {
    let place = place();
    let free = |command: &str, part: &str| {
        assert_fails(&irgan(&place, command), 2, &[part]);
        assert!(!place.path("out").exists(), "{command}");
    };
    let interactions = "it needs interactions";
    for (flags, part) in [
        ("--features foo", "feature `foo` is unknown"),
        ("--features 99", "only 4 features"),
        ("--method pop", interactions),
        ("--baselines pop", interactions),
        ("--baselines none --init pop", interactions),
        ("--baselines none --d-init pop", interactions),
    ] {
        free(&format!("train {DATA} {flags} --out out -q"), part);
    }
    assert_succeeds(&irgan(&place, &format!("{SHORT} {DATA} --out out")));
    assert_fails(&irgan(&place, &format!("train {DATA} --features 99 --out out")), 2, &["not empty"]);
    assert!(place.path("out/model.toml").exists());
    let text = place.seqgan(&words(&format!("{SENTENCES} --from discriminator --init nowhere --out text")));
    assert_fails(&text, 1, &["nowhere"]);
    assert!(!place.path("text").exists());
    // A folder that was there stays, with what others put there.
    place.write("mine/notes", "mine");
    let forced = format!("train {DATA} --features 99 --out mine --force -q");
    assert_fails(&irgan(&place, &forced), 2, &["only 4 features"]);
    assert_eq!(fs::read_dir(place.path("mine")).expect("it stays").count(), 1);
}

#[test]
fn a_refused_cross_validation_or_sweep_leaves_its_folder_free() {
    let place = place();
    for fold in 1..=2 {
        for (from, to) in [("train", "train"), ("valid", "vali"), ("test", "test")] {
            let text = String::from_utf8(place.read(&format!("data/{from}.txt"))).expect("text");
            place.write(&format!("folds/Fold{fold}/{to}.txt"), text);
        }
    }
    for (command, code) in [
        ("cv --folds folds --features 99 --out out", 2),
        ("cv --folds folds --method pop --out out", 2),
        (&*format!("sweep {DATA} --method mle --grid patience=1,2 --features 99 --out out"), 1),
    ] {
        let output = irgan(&place, command);
        assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
        assert!(!place.path("out").exists(), "{command}");
    }
}
