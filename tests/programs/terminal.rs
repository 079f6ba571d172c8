//! What both programs promise on a terminal and to other programs: help, completions, man pages, logs, settings.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr, stdout};
use serde_json::Value;

/// One of the programs in `place`, with the words of `line`.
fn run(place: &Place, line: &str) -> Output {
    command(place, line).output().expect("the program starts")
}

fn command(place: &Place, line: &str) -> Command {
    let mut words = line.split_whitespace();
    let program = match words.next() {
        Some("irgan") => assert_cmd::cargo::cargo_bin!("irgan"),
        _ => assert_cmd::cargo::cargo_bin!("seqgan"),
    };
    let mut command = Command::new(program);
    command.current_dir(place.path("")).args(words);
    command
}

/// The commands in a program's help.
fn commands(place: &Place, program: &str) -> Vec<String> {
    let help = stdout(&run(place, &format!("{program} --help")));
    let listed = help.split("\nCommands:\n").nth(1).expect("help lists commands");
    let listed = listed.split("\n\n").next().expect("a list");
    let first = |line: &str| line.split_whitespace().next().unwrap_or_default().to_owned();
    // A long description goes on in lines of deeper indentation.
    let named = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("    "));
    named.map(first).filter(|name| name != "help").collect()
}

#[test]
fn every_command_helps_with_examples_and_the_programs_with_exit_codes() {
    let place = Place::new();
    for program in ["irgan", "seqgan"] {
        let help = stdout(&run(&place, &format!("{program} --help")));
        assert!(help.contains("Exit codes:") && help.contains("130, 143"), "{help}");
        for name in commands(&place, program) {
            let output = run(&place, &format!("{program} {name} --help"));
            assert_succeeds(&output);
            let help = stdout(&output);
            assert!(help.contains(&format!("Examples:\n  {program} {name}")), "{name}: {help}");
            for flag in ["--threads", "--quiet", "--log"] {
                assert!(help.contains(flag), "{name}: {flag}");
            }
        }
    }
}

#[test]
fn completions_come_out_for_the_usual_shells_and_bash_takes_them() {
    let place = Place::new();
    for program in ["irgan", "seqgan"] {
        for shell in ["bash", "zsh", "fish"] {
            let output = run(&place, &format!("{program} completions {shell}"));
            assert_succeeds(&output);
            let script = stdout(&output);
            for name in commands(&place, program) {
                assert!(script.contains(&name), "{program} {shell}: {name}");
            }
            place.write(&format!("{program}.{shell}"), script);
        }
        let checked = Command::new("bash")
            .arg("-n")
            .arg(place.path(&format!("{program}.bash")))
            .output()
            .expect("bash");
        assert_succeeds(&checked);
    }
    assert_fails_usage(&run(&place, "irgan completions tcsh"));
}

fn assert_fails_usage(output: &Output) {
    assert_eq!(output.status.code(), Some(2), "{}", stderr(output));
}

#[test]
fn there_is_a_man_page_for_every_command() {
    let place = Place::new();
    for program in ["irgan", "seqgan"] {
        assert_succeeds(&run(&place, &format!("{program} man --out pages/man1")));
        let names = commands(&place, program);
        let pages = names.iter().map(|name| format!("{program}-{name}")).chain([program.to_owned()]);
        for page in pages {
            let text = String::from_utf8(place.read(&format!("pages/man1/{page}.1"))).expect("UTF-8");
            assert!(text.contains(".TH") && text.contains("Examples"), "{page}: {text}");
        }
    }
    place.write("file", "");
    assert_fails(&run(&place, "irgan man --out file"), 1, &["file", "cannot create the folder"]);
}

const TRAIN: &str = "irgan train --pairwise --rounds 2 --fit-epochs 3 --baselines none --controls none";

#[test]
fn a_json_log_is_one_object_a_line_with_every_step_and_message() {
    let place = Place::new();
    let output = run(&place, &format!("{TRAIN} --log json --out run"));
    assert_succeeds(&output);
    let objects: Vec<Value> = stderr(&output)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|cause| panic!("{line}: {cause}")))
        .collect();
    let times = objects.iter().map(|object| object["time"].as_str().expect("every line has a time"));
    assert!(times.clone().all(|time| time.len() == 20 && time.ends_with('Z')), "RFC 3339");
    assert!(times.is_sorted());
    let messages: Vec<&Value> = objects.iter().filter(|object| object["level"] == "note").collect();
    assert!(messages.iter().any(|note| note["message"].as_str().is_some_and(|m| m.contains("training "))));
    // Every row of metrics.csv is in the log, with the same value.
    let mut logged = BTreeMap::new();
    for object in objects.iter().filter(|object| object.get("phase").is_some()) {
        assert!(object["step"].as_u64() <= object["of"].as_u64(), "{object}");
        for (metric, value) in object["metrics"].as_object().expect("metrics are an object") {
            let (phase, step) = (object["phase"].as_str().expect("a name"), &object["step"]);
            logged.insert(format!("{phase},{step},{metric}"), value.as_f64().unwrap_or(f64::NAN));
        }
    }
    let rows = String::from_utf8(place.read("run/metrics.csv")).expect("UTF-8");
    for row in rows.lines().skip(1) {
        let (name, value) = row.rsplit_once(',').expect("four columns");
        let (logged, expected): (f64, f64) = (logged[name], value.parse().expect("a number"));
        // Printed in full, and read back to the last bit but one.
        assert!((logged - expected).abs() <= 1e-15 * expected.abs() || expected.is_nan(), "{row}: {logged}");
    }
    assert_eq!(logged.len(), rows.lines().count() - 1);
}

#[test]
fn errors_and_warnings_are_json_too() {
    let place = Place::new();
    let output = run(&place, "irgan rank --model missing --data x --out y --log json");
    assert_eq!(output.status.code(), Some(1));
    let error: Value = serde_json::from_str(&stderr(&output)).expect("one object");
    assert_eq!(error["level"], "error");
    assert!(error["message"].as_str().is_some_and(|message| message.contains("missing")), "{error}");
    let output = run(&place, &format!("{TRAIN} --draws 3 --log json --out run"));
    let all = stderr(&output);
    let warning: Value = serde_json::from_str(all.lines().next().expect("a line")).expect("an object");
    assert_eq!(warning["level"], "warning");
}

#[test]
fn lines_in_a_pipe_have_a_time_and_quiet_has_none() {
    let place = Place::new();
    let loud = run(&place, &format!("{TRAIN} --out loud"));
    let text = stderr(&loud);
    let line = text.lines().find(|line| line.contains("adversarial 1/2")).expect("a line a round");
    assert!(line.starts_with("20") && line[..20].ends_with('Z'), "{line}");
    let quiet = run(&place, &format!("{TRAIN} --out quiet --quiet"));
    assert_eq!(stderr(&quiet), "");
    assert_eq!(stdout(&loud).replace("loud", "quiet"), stdout(&quiet));
    let seqgan = "seqgan train --quiet --vocab 20 --steps 4 --sentences 50 --held-out 20 --mle-epochs 1 --rounds 1 \
                  --g-steps 1 --d-draws 1 --evaluate-on 20 --controls none --out s";
    let output = run(&place, seqgan);
    assert_succeeds(&output);
    assert_eq!(stderr(&output), "");
}

/// No byte that drives a terminal, whatever the environment says of colours.
#[test]
fn nothing_is_coloured_in_a_pipe_or_under_no_color() {
    let place = Place::new();
    for line in
        ["irgan --help", "irgan train --no-such-flag", "seqgan eval --help", "irgan rank --model x --out y"]
    {
        for (name, value) in [("NO_COLOR", "1"), ("CLICOLOR", "0"), ("TERM", "dumb")] {
            let output = command(&place, line).env(name, value).output().expect("it starts");
            assert!(!output.stdout.contains(&0x1b) && !output.stderr.contains(&0x1b), "{line}");
        }
        // NO_COLOR wins over a wish for colours, and colours come when they are wished for.
        let forced = command(&place, line).env("CLICOLOR_FORCE", "1").env_remove("NO_COLOR").output();
        let forced = forced.expect("it starts");
        let coloured = forced.stdout.contains(&0x1b) || forced.stderr.contains(&0x1b);
        assert_eq!(coloured, !line.contains("rank"), "{line}");
    }
}

#[test]
fn a_reader_that_leaves_is_no_panic() {
    let place = Place::new();
    let mut child = command(&place, &format!("{TRAIN} --out run"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stderr.take());
    assert!(child.wait().expect("it ends").success());
    assert!(place.path("run/model.toml").exists());
}

/// Reads a line of `output` and leaves; returns the exit status of the program, which ends soon.
fn leave_after_a_line(mut child: std::process::Child, output: impl std::io::Read) -> Option<i32> {
    let mut lines = BufReader::new(output);
    let mut line = String::new();
    lines.read_line(&mut line).expect("a line");
    drop(lines);
    let left = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return status.code();
        }
        assert!(left.elapsed() < Duration::from_secs(30), "it goes on without a reader");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_command_ends_when_its_reader_leaves() {
    let place = Place::new();
    let seqgan = "seqgan train -q --vocab 20 --steps 4 --sentences 50 --held-out 20 --mle-epochs 1 --rounds 1 --g-steps 1 \
                  --evaluate-on 20 --controls none --out s";
    assert_succeeds(&run(&place, seqgan));
    let mut child = command(&place, "seqgan generate --model s -n 1000000000")
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let output = child.stdout.take().expect("a pipe");
    assert_eq!(leave_after_a_line(child, output), Some(0));
    let synth = "irgan synth --queries 1000 --documents 60 --out p";
    let mut child = command(&place, synth).stderr(Stdio::piped()).spawn().expect("it starts");
    let notes = child.stderr.take().expect("a pipe");
    assert_eq!(leave_after_a_line(child, notes), Some(141));
    let long =
        "irgan train --rounds 1000000 --patience 1000000 --baselines none --controls none --log json --out r";
    let mut child = command(&place, long).stderr(Stdio::piped()).spawn().expect("it starts");
    let log = child.stderr.take().expect("a pipe");
    assert_eq!(leave_after_a_line(child, log), Some(141));
}

#[test]
fn more_threads_than_help_are_not_used() {
    let place = Place::new();
    let output = run(&place, "irgan synth --queries 4 --documents 8 --out s --threads 5000");
    assert_succeeds(&output);
    assert!(stderr(&output).contains("--threads 5000: "), "{}", stderr(&output));
    assert!(
        !stderr(&run(&place, "irgan synth --queries 4 --documents 8 --out t --threads 2"))
            .contains("--threads")
    );
}

#[test]
fn what_drives_a_terminal_is_shown_escaped() {
    let place = Place::new();
    let ratings: String = (0..40).map(|n| format!("u{} i{}\u{1b}[31m\u{202e}\t5\n", n % 4, n % 10)).collect();
    place.write("ratings.tsv", ratings.replace(' ', "\t"));
    let train = "irgan train --ratings ratings.tsv --method pop --baselines none --out m\u{1b}[2J";
    let mut outputs = vec![run(&place, train)];
    assert_succeeds(&outputs[0]);
    outputs.push(run(&place, "irgan recommend --model m\u{1b}[2J --user u1 --with-known"));
    assert!(stdout(&outputs[1]).contains(" [31m\\u{202e}"), "{}", stdout(&outputs[1]));
    outputs.push(run(&place, "irgan recommend --model m\u{1b}[2J --user u\u{9b}9"));
    outputs.push(run(&place, "seqgan train --text no\u{1b}]0;x\u{7}.txt --out s"));
    for output in outputs {
        let text = stdout(&output) + &stderr(&output);
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{9b}', '\u{7}']), "{text:?}");
    }
}

#[test]
fn printed_settings_read_back_as_they_were() {
    let place = Place::new();
    for flags in [
        "irgan train",
        "irgan train --seed 18446744073709551615",
        "seqgan train --seed 9223372036854775808",
        "irgan train --pointwise --preset authors --seed 7 --g-lr 0.0003 --hidden 64,32 --features 1,3-5",
        "irgan train --method dns --margin 0.1 --baseline moving:0.9 --estimator sampled",
        "irgan train --pairwise --qa x --valid y --preset authors --embedding 50 --filters 1:8,2:8",
        "irgan train --pointwise --ratings x --rank 7 --ridge 3.5 --preset authors",
        "irgan train --index x --queries y --qrels z --dropout 0.2",
        "irgan cv --folds x --pointwise --lambda 0.3 --estimator sampled",
        "irgan cv --folds 5 --index x --queries y --qrels z --optimizer sgd",
        "seqgan train",
        "seqgan train --preset authors --seed 3 --cell gru --temperatures 0.5,1 --baseline critic:0.02",
    ] {
        let printed = run(&place, &format!("{flags} --print-config"));
        assert_succeeds(&printed);
        place.write("config.toml", &printed.stdout);
        // The kind of data stays; every other setting comes from the file.
        let kind: Vec<&str> = flags.split(" --").collect();
        let data = ["qa", "valid", "ratings", "index", "queries", "qrels", "folds"];
        let kept = kind[1..].iter().filter(|flag| data.contains(&flag.split(' ').next().unwrap_or_default()));
        let line = kept.fold(kind[0].to_owned(), |line, flag| format!("{line} --{flag}"));
        let again = run(&place, &format!("{line} --config config.toml --print-config"));
        assert_succeeds(&again);
        assert_eq!(stdout(&printed), stdout(&again), "{flags}");
    }
    let output = run(&place, "seqgan train --config config.toml --hidden 9 --print-config");
    assert!(stdout(&output).contains("hidden = 9"), "flags win");
}
