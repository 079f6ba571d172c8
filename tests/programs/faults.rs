//! Bad input, through the real program: one clear error, the right exit status, no panic, nothing
//! half-written. Usage and configuration end with 2, data and files with 1.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr};
use crate::support::taught;
use irgan::data::features::letor;

/// A folder with train.txt and valid.txt, on which training succeeds within a moment.
fn prepared() -> Place {
    let place = Place::new();
    for (name, seed) in [("train.txt", 1), ("valid.txt", 2)] {
        letor::write(&place.path(name), &taught(4, 20, 3, seed)).expect("the folder is writable");
    }
    place
}

fn train(place: &Place, more: &[&str]) -> Output {
    place.irgan(&[&SMALL[..], more].concat())
}

/// Trains on a changed training file, into `out`.
fn train_on(place: &Place, bytes: impl AsRef<[u8]>) -> Output {
    place.write("bad.txt", bytes);
    train(place, &["--train", "bad.txt", "--valid", "valid.txt", "--out", "out"])
}

fn trained(place: &Place, out: &str) -> Output {
    trained_with(place, out, &[])
}

fn trained_with(place: &Place, out: &str, more: &[&str]) -> Output {
    train(place, &[&["--train", "train.txt", "--valid", "valid.txt", "--out", out], more].concat())
}

fn rank(place: &Place, more: &[&str]) -> Output {
    place.irgan(&[&["rank", "--model", "out", "--data", "valid.txt", "--out", "out.run"], more].concat())
}

const SMALL: [&str; 12] = [
    "train",
    "-q",
    "--rounds",
    "1",
    "--d-epochs",
    "1",
    "--g-epochs",
    "1",
    "--fit-epochs",
    "2",
    "--baselines",
    "none",
];

/// The training file with line `number` replaced.
fn with_line(place: &Place, number: usize, line: &str) -> String {
    let text = String::from_utf8(place.read("train.txt")).expect("text");
    let lines = text.lines().zip(1..).map(|(old, n)| if n == number { line } else { old });
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn malformed_lines_are_named() {
    let place = prepared();
    for (line, parts) in [
        ("1 qid:q0 0:0.5 2:0.1", &["bad.txt:7: expected features counted from 1", "`0:0.5`"][..]),
        ("1 qid:q0 1:NaN 2:0.1", &["bad.txt:7: expected", "finite number or NULL", "`1:NaN`"]),
        ("1 qid:q0 1:0.5 2:1e999", &["bad.txt:7: expected", "finite number or NULL", "`2:1e999`"]),
        ("1 qid:q0 1000000:1", &["bad.txt:7: expected at most 10000 features", "`1000000:1`"]),
        ("1 qid:q0 99999999999999999999999:1", &["bad.txt:7: expected at most 10000 features"]),
        ("32 qid:q0 1:0.5", &["bad.txt:7: expected a whole grade from -1 (unlabelled) to 31", "`32`"]),
        ("x qid:q0 1:0.5", &["bad.txt:7: expected a whole grade", "`x`"]),
        ("1 1:0.5", &["bad.txt:7: expected qid:QUERY"]),
        ("1 qid: 1:0.5", &["bad.txt:7: expected qid:QUERY"]),
        ("1 qid:q0 1:0.5 1:0.6", &["bad.txt:7: expected every feature once", "`1`"]),
        ("1 qid:q0 1:0.5 2", &["bad.txt:7: expected FEATURE:VALUE", "`2`"]),
        ("\u{1}\u{7f}", &["bad.txt:7: expected a whole grade", "\\u{1}"]),
        ("1 qid:q0 1:0.5 \u{0}", &["bad.txt:7: expected text without NUL bytes"]),
    ] {
        assert_fails(&train_on(&place, with_line(&place, 7, line)), 1, parts);
        assert!(!place.path("out").exists(), "{line}: a folder was made before the data were read");
    }
}

#[test]
fn unreadable_files_are_named() {
    let place = prepared();
    let on = |file: &str| train(&place, &["--train", file, "--valid", "valid.txt", "--out", "out"]);
    assert_fails(&on("absent.txt"), 1, &["absent.txt: cannot read: No such file"]);
    assert_fails(&on("."), 1, &["is a folder; name a file inside it"]);
    assert_fails(&train_on(&place, ""), 1, &["bad.txt: holds no document"]);
    assert_fails(&train_on(&place, "# only\n\n# comments\n"), 1, &["bad.txt: holds no document"]);
    assert_fails(&train_on(&place, [0x1f, 0x8b, 8, 0, 1]), 1, &["bad.txt: cannot read"]); // gzip, cut
    assert_fails(&train_on(&place, [0x28, 0xb5, 0x2f, 0xfd, 9]), 1, &["bad.txt: cannot read"]); // zstandard, cut
    assert!(!place.path("out").exists());
}

#[test]
fn a_file_cut_in_half_a_line_is_noticed() {
    let place = prepared();
    let whole = place.read("train.txt");
    let last = whole[..whole.len() - 1].iter().rposition(|&byte| byte == b'\n').expect("many lines") + 1;
    let middle = last + whole[last..].windows(3).position(|w| w == b" 3:").expect("three features");
    assert_fails(
        &train_on(&place, &whole[..middle]),
        1,
        &["bad.txt:80: expected 3 features", "the file seems cut"],
    );
    assert_fails(&train_on(&place, &whole[..middle - 8]), 1, &["bad.txt:80: expected"]);
    assert_fails(&train_on(&place, &whole[..last + 4]), 1, &["bad.txt:80: expected"]);
    // Cut between lines, or without the last end of line, it is a file.
    assert_succeeds(&train_on(&place, &whole[..whole.len() - 1]));
}

#[test]
fn the_largest_grade_is_31() {
    let place = prepared();
    assert_succeeds(&train_on(&place, with_line(&place, 7, "31 qid:q0 1:0.5 2:0.1 3:0.2")));
}

#[test]
fn data_without_a_positive_are_named() {
    let place = prepared();
    let text = String::from_utf8(place.read("train.txt")).expect("text");
    let negative = text.replace("\n1 qid", "\n0 qid").replacen(
        "1 qid:q0",
        "0 qid:q0",
        usize::from(text.starts_with('1')),
    );
    assert_fails(&train_on(&place, &negative), 1, &["bad.txt: ", "positive (grade 1 or more)"]);
    let unlabelled = negative.replace("0 qid:", "-1 qid:");
    assert_fails(&train_on(&place, &unlabelled), 1, &["bad.txt: ", "positive (grade 1 or more)"]);
    let args = ["--train", "train.txt", "--valid", "bad.txt", "--out", "out"];
    assert_fails(&train(&place, &args), 1, &["bad.txt: ", "positive (grade 1 or more)"]);
    assert!(!place.path("out").exists());
}

#[test]
fn harmless_differences_of_spelling_give_the_same_model() {
    let place = prepared();
    assert_succeeds(&trained(&place, "reference"));
    let text = String::from_utf8(place.read("train.txt")).expect("text");
    let crlf = text.replace('\n', "\r\n");
    let mark = format!("\u{feff}{text}");
    // The lines of the first two queries, in turns: each is joined where its first line stands.
    let lines: Vec<&str> = text.lines().collect();
    let turns = (0..20).flat_map(|i| [lines[i], lines[20 + i]]).chain(lines[40..].iter().copied());
    let split: String = turns.flat_map(|line| [line, "\n"]).collect();
    for (name, variant) in [("crlf", crlf), ("mark", mark), ("split", split)] {
        place.write("bad.txt", &variant);
        assert_succeeds(&train(&place, &["--train", "bad.txt", "--valid", "valid.txt", "--out", name]));
        for file in ["generator.safetensors", "discriminator.safetensors", "model.toml", "metrics.csv"] {
            assert!(
                place.read(&format!("{name}/{file}")) == place.read(&format!("reference/{file}")),
                "{name}: {file}"
            );
        }
    }
}

#[test]
fn mistakes_of_usage_end_with_2() {
    let place = prepared();
    let files = ["--train", "train.txt", "--valid", "valid.txt", "--out", "out"];
    let with = |more: &[&str]| train(&place, &[&files, more].concat());
    assert_fails(
        &with(&["--estimator", "exact", "--baseline", "leave-one-out"]),
        2,
        &["`generator.estimator` (--estimator) to sampled", "(--reward-baseline)"],
    );
    assert_fails(&with(&["--temperature", "0"]), 2, &["temperatures must be above 0"]);
    assert_fails(&with(&["--lambda", "1.5"]), 2, &["lambda"]);
    assert_fails(&with(&["--baseline", "critique"]), 2, &["expected none, constant:VALUE"]);
    assert_fails(&with(&["--baseline", "critic"]), 2, &["baseline critic", "choose expected"]);
    assert_fails(&with(&["--measure", "nDCG@0"]), 2, &["nDCG@0"]);
    assert_fails(&with(&["--dropout", "1"]), 2, &["dropout"]);
    assert_fails(&with(&["--g-lr", "nan"]), 2, &["learning rate"]);
    assert_fails(&with(&["--hidden", "0"]), 2, &["--hidden"]);
    assert_fails(&with(&["--hidden", "99999999999"]), 2, &["hidden"]);
    assert_fails(&with(&["--hidden", "65536,65536"]), 2, &["weights"]);
    assert_fails(&with(&["--estimator", "sampled", "-K", "10000000000"]), 2, &["draws"]);
    assert_fails(&with(&["--init", "irgan-pairwise"]), 2, &["expected none, mle"]);
    assert_fails(&with(&["--features", "9"]), 2, &["feature 9", "3 features"]);
    assert_fails(&with(&["--threads", "0"]), 2, &["--threads must be at least 1"]);
    assert_fails(&with(&["--valid-share", "x"]), 2, &["--valid-share"]);
    assert!(!place.path("out").join("model.toml").exists());
    // Patience without end is no mistake.
    assert_succeeds(&with(&[
        "--patience",
        "18446744073709551615",
        "--fit-patience",
        "18446744073709551615",
        "--force",
    ]));
}

#[test]
fn a_wrong_configuration_names_file_line_and_key() {
    let place = prepared();
    for (text, parts) in [
        ("seed = 3\nmethd = \"mle\"\n", &["c.toml:2: unknown field `methd`"][..]),
        ("[generator]\n\nlamda = 0.5\n", &["c.toml:3: unknown field `lamda`"]),
        ("[generator]\ntemperature = \"hot\"\n", &["c.toml:2:"]),
        ("[generator]\nbaseline = \"critique\"\n", &["c.toml:2:", "expected none, constant:VALUE"]),
        ("seed = \n", &["c.toml:1:"]),
        ("[generator.optimizer]\nclip = { value = nan }\n", &["generator", "clip"]),
        ("[fit.optimizer]\nclip = { value = -1.0 }\n", &["fit", "clip"]),
        ("[scorer]\ninitializer = { normal = nan }\n", &["initializer"]),
        ("[scorer]\nhidden = [9000000000000000000]\n", &["hidden"]),
    ] {
        place.write("c.toml", text);
        let args = ["--config", "c.toml", "--train", "train.txt", "--valid", "valid.txt", "--out", "out"];
        assert_fails(&train(&place, &args), 2, parts);
    }
    // The configuration that a run writes is one it reads.
    assert_succeeds(&trained(&place, "out"));
    fs::rename(place.path("out/config.toml"), place.path("c.toml")).expect("just written");
    let again =
        ["train", "-q", "--baselines", "none", "--config", "c.toml", "--train", "train.txt", "--valid"];
    assert_succeeds(&place.irgan(&[&again[..], &["valid.txt", "--out", "again"]].concat()));
    assert!(place.read("again/generator.safetensors") == place.read("out/generator.safetensors"));
}

#[test]
fn a_folder_in_use_is_not_written_over() {
    let place = prepared();
    fs::create_dir(place.path("out")).expect("a new folder");
    place.write("out/notes", "precious");
    assert_fails(&trained(&place, "out"), 2, &["out: this folder is not empty", "--force"]);
    assert_eq!(fs::read_dir(place.path("out")).expect("there").count(), 1);
    let forced = ["--train", "train.txt", "--valid", "valid.txt", "--out", "out", "--force"];
    assert_succeeds(&train(&place, &forced));
    assert_eq!(place.read("out/notes"), b"precious");
    assert_fails(&trained(&place, "train.txt"), 1, &["train.txt: cannot create the folder"]);
}

/// Runs the program with files limited to `blocks` of 512 bytes: a disk that fills up.
#[cfg(unix)]
fn with_full_disk(place: &Place, blocks: usize, arguments: &str) -> Output {
    let program = assert_cmd::cargo::cargo_bin!("irgan").display().to_string();
    // A full disk sends no signal, so the limit's own is ignored: writes just fail.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec '{program}' {arguments}");
    Command::new("sh").args(["-c", &script]).current_dir(place.folder()).output().expect("a shell")
}

/// The names in a folder, in order.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> =
        entries.map(|entry| entry.expect("readable").file_name().into_string().expect("UTF-8")).collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_an_error_and_leaves_no_half_file() {
    let place = prepared();
    let files = "--train train.txt --valid valid.txt --out out";
    // The record of the run does not fit into 512 bytes.
    let small = SMALL.join(" ");
    assert_fails(&with_full_disk(&place, 1, &format!("{small} {files}")), 1, &["out/run.toml: cannot write"]);
    assert_eq!(names(&place.path("out")), [""; 0]);
    // It fits into 8 KiB (16 blocks), a network of 3 × 1000 weights does not.
    let wide = format!("{small} --hidden 1000 --weight-decay 1e-4 {files}");
    assert_fails(&with_full_disk(&place, 16, &wide), 1, &["safetensors: cannot write"]);
    assert_eq!(
        names(&place.path("out")),
        ["checkpoints", "config.toml", "events.out.tfevents.run", "metrics.csv", "run.toml"]
    );

    assert_succeeds(&trained_with(&place, "out", &["--force"]));
    place.write("out.run", "an older run\n");
    let rank = "rank --model out --data valid.txt --out out.run";
    assert_fails(&with_full_disk(&place, 1, rank), 1, &["out.run: cannot write"]);
    assert_eq!(place.read("out.run"), b"an older run\n");
    assert_fails(&with_full_disk(&place, 1, "synth --out planted"), 1, &["train.txt: cannot write"]);
    assert_eq!(names(&place.path("planted")), [""; 0]);
}

#[test]
fn ranking_needs_a_player_the_model_has() {
    let place = prepared();
    assert_succeeds(&trained(&place, "out"));
    for player in ["g", "d", "both"] {
        assert_succeeds(&rank(&place, &["--player", player]));
    }
    assert_fails(&rank(&place, &["--player", "ranker"]), 2, &["no player `ranker`", "g, d, both"]);
    assert_fails(&rank(&place, &["--player", "judge"]), 2, &["judge"]);
}

#[test]
fn data_with_more_features_than_the_model_are_refused() {
    let place = prepared();
    assert_succeeds(&trained(&place, "out"));
    letor::write(&place.path("wide.txt"), &taught(2, 20, 4, 3)).expect("the folder is writable");
    let wide = ["rank", "--model", "out", "--data", "wide.txt", "--out", "out.run"];
    assert_fails(&place.irgan(&wide), 1, &["wide.txt: ", "4 features", "3"]);
    assert!(!place.path("out.run").exists());
    let valid = ["--train", "train.txt", "--valid", "wide.txt", "--out", "other"];
    assert_fails(&train(&place, &valid), 1, &["wide.txt: ", "4 features", "3"]);
}

#[test]
fn features_that_a_sparse_file_leaves_out_at_the_end_are_zeros() {
    let place = prepared();
    assert_succeeds(&trained(&place, "out"));
    let run = |lines: &str| {
        place.write("sparse.txt", lines);
        let output = place.irgan(&["rank", "--model", "out", "--data", "sparse.txt", "--out", "sparse.run"]);
        assert_succeeds(&output);
        (place.read("sparse.run"), stderr(&output))
    };
    let (whole, silent) = run("1 qid:1 1:0.5 2:0.1 3:0 # a\n0 qid:1 1:0.1 2:0.3 3:0 # b\n");
    assert!(!silent.contains("absent"), "{silent}");
    let (sparse, told) = run("1 qid:1 1:0.5 2:0.1 # a\n0 qid:1 1:0.1 2:0.3 # b\n");
    assert!(told.contains("sparse.txt: the last 1 of 3 features are absent"), "{told}");
    assert_eq!(sparse, whole);
}

#[test]
fn a_damaged_model_is_refused() {
    let place = prepared();
    assert_succeeds(&trained(&place, "out"));
    let whole = place.read("out/generator.safetensors");
    for cut in [0, 7, 8, whole.len() / 2, whole.len() - 1] {
        place.write("out/generator.safetensors", &whole[..cut]);
        assert_fails(&rank(&place, &[]), 1, &["generator.safetensors: ", "train the model again"]);
    }
    fs::remove_file(place.path("out/generator.safetensors")).expect("there");
    assert_fails(&rank(&place, &[]), 1, &["generator.safetensors: cannot read"]);
    place.write("out/generator.safetensors", &whole);
    assert_succeeds(&rank(&place, &[]));
    assert_fails(
        &place.irgan(&["rank", "--model", "gone", "--data", "valid.txt", "--out", "r"]),
        1,
        &["gone"],
    );
    place.write("out/model.toml", [0xff, 0xfe]);
    assert_fails(&rank(&place, &[]), 1, &["model.toml: "]);
}

#[test]
fn an_edited_model_description_is_refused() {
    let place = prepared();
    assert_succeeds(&trained(&place, "out"));
    let original = String::from_utf8(place.read("out/model.toml")).expect("text");
    let edits: [(&str, &str); 12] = [
        ("format = 2", "format = 9"),
        ("format = 2", "format = 2\nspeed = 3"),
        ("features = 3", "features = 4"), // the network's, and below the normaliser's
        ("features = 3", "features = 0"),
        ("features = 3", "features = 4000000000000000000"),
        ("hidden = [46]", "hidden = [45]"),
        ("hidden = [46]", "hidden = [0]"),
        ("hidden = [46]", "hidden = [9000000000000000000]"),
        ("dropout = 0.0", "dropout = 2.0"),
        ("initializer = \"xavier\"", "initializer = { normal = nan }"),
        ("kind = \"query-minmax\"", "kind = \"log1p\""), // without its means
        ("\"generator\"", "\"../generator\""),
    ];
    for (from, to) in edits {
        let edited = original.replacen(from, to, 1);
        assert_ne!(edited, original, "`{from}` is not in {original}");
        place.write("out/model.toml", edited);
        let output = rank(&place, &[]);
        assert_fails(&output, 1, &["out/"]);
    }
    for line in original.lines().filter(|line| line.starts_with("chosen")) {
        place.write("out/model.toml", original.replace(line, "chosen = \"ranker\""));
        assert_fails(&rank(&place, &[]), 1, &["model.toml: ", "ranker"]);
    }
}

#[test]
fn a_measure_that_cannot_choose_is_refused() {
    let place = prepared();
    let output = trained_with(&place, "out", &["--measure", "P(rel=9)@5"]);
    assert_fails(&output, 1, &["valid.txt: ", "grade 9 or more", "cannot choose"]);
}

#[test]
fn a_partial_configuration_keeps_the_presets_other_settings() {
    let place = prepared();
    place.write("part.toml", "method = \"irgan-pointwise\"\n[generator.optimizer]\nrule = \"sgd\"\n");
    let printed = |more: &[&str]| {
        let output = place.irgan(&[&["train", "--print-config"], more].concat());
        assert_succeeds(&output);
        String::from_utf8(output.stdout).expect("text")
    };
    for preset in ["ours", "authors"] {
        let expected = printed(&["--pointwise", "--preset", preset]);
        let expected = expected.replacen("rule = \"adam\"", "RULE", 1); // fit's, which stays
        let merged = printed(&["--config", "part.toml", "--preset", preset]);
        let merged = merged.replacen("rule = \"adam\"", "RULE", 1);
        let changed = |line: &(&str, &str)| line.0 != line.1;
        let changes: Vec<_> = expected.lines().zip(merged.lines()).filter(changed).collect();
        let one = [("rule = \"adam\"", "rule = \"sgd\"")];
        assert_eq!(changes, if preset == "ours" { &one[..] } else { &[] });
    }
}

#[test]
fn selected_features_may_be_missing_from_a_sparse_test_file() {
    let place = prepared();
    assert_succeeds(&trained_with(&place, "out", &["--features", "1,3"]));
    place.write("valid.txt", "1 qid:1 1:0.5 # a\n0 qid:1 1:0.1 2:0.3 # b\n");
    assert_succeeds(&rank(&place, &[]));
}

#[cfg(unix)]
#[test]
fn output_follows_links_and_goes_through_devices() {
    let place = prepared();
    assert_succeeds(&trained(&place, "out"));
    place.write("target.run", "old");
    std::os::unix::fs::symlink(place.path("target.run"), place.path("out.run")).expect("links can be made");
    assert_succeeds(&rank(&place, &[]));
    assert!(place.path("out.run").is_symlink(), "the link is still a link");
    assert!(place.read("target.run").len() > 100);
    let data = ["rank", "--model", "out", "--data", "valid.txt", "--out"];
    assert_succeeds(&place.irgan(&[&data[..], &["/dev/null"]].concat()));
    assert!(!fs::metadata("/dev/null").expect("still there").is_file());
    assert_fails(
        &place.irgan(&[&data[..], &["none/out.run"]].concat()),
        1,
        &["none/out.run", "make it first"],
    );
}

#[test]
fn a_forced_run_that_fails_leaves_no_earlier_model() {
    let place = prepared();
    assert_succeeds(&trained(&place, "out"));
    let output = trained_with(&place, "out", &["--force", "--features", "9"]);
    assert_fails(&output, 2, &["feature 9"]);
    assert_fails(&rank(&place, &[]), 1, &["model.toml"]);
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_is_no_panic() {
    let place = prepared();
    let program = assert_cmd::cargo::cargo_bin!("irgan");
    let script =
        format!("{} train --print-config | true; {0} train --print-config > /dev/full", program.display());
    let output =
        Command::new("sh").current_dir(place.folder()).args(["-c", &script]).output().expect("sh starts");
    assert!(!stderr(&output).contains("panicked"), "{}", stderr(&output));
    assert!(stderr(&output).contains("standard output"), "{}", stderr(&output));
}

/// Each of several processes would train the same in one folder.
#[cfg(not(feature = "mpi"))]
#[test]
fn a_build_without_mpi_is_one_process() {
    let place = Place::new();
    let launched = |variable: &str, size: &str| {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("irgan"));
        command.current_dir(place.folder()).args(["synth", "--out", "x"]).env(variable, size);
        command.output().expect("the program starts")
    };
    for variable in ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"] {
        assert_fails(&launched(variable, "2"), 2, &["several processes", "feature `mpi`"]);
    }
    assert_succeeds(&launched("OMPI_COMM_WORLD_SIZE", "1"));
}
