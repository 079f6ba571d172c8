//! What `irgan sweep` promises: the best point by validation data, the same table after a kill, one look at test data.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr, stdout};

/// A folder with train.txt, vali.txt and test.txt in `data`.
fn place() -> Place {
    let place = Place::new();
    let synth = "synth --out data --queries 16 --documents 12 --features 4";
    assert_succeeds(&run(&place, synth));
    place
}

fn run(place: &Place, line: &str) -> std::process::Output {
    place.irgan(&line.split_whitespace().collect::<Vec<_>>())
}

const DATA: &str = "--train data/train.txt --valid data/vali.txt";
const GRID: &str = "--grid fit.optimizer.learning-rate=1e-4,1e-2 scorer.hidden=[],[6] --seeds 2";

/// `sweep --method listnet` on the data with further flags.
fn line(flags: &str) -> String {
    format!("sweep --method listnet --fit-epochs 6 --fit-solver steps {DATA} {flags}")
}

/// The rows of a sweep.csv by (point, seed): values of the settings, and of the measure.
fn csv(place: &Place, path: &str) -> BTreeMap<(usize, u64), (Vec<String>, f64)> {
    let mut reader = csv::Reader::from_reader(std::io::Cursor::new(place.read(path)));
    let row = |row: csv::Result<csv::StringRecord>| {
        let row = row.expect("CSV");
        let settings = (2..row.len() - 2).map(|column| row[column].to_owned()).collect();
        let value = row[row.len() - 2].parse().expect("a number");
        ((row[0].parse().expect("a number"), row[1].parse().expect("a number")), (settings, value))
    };
    reader.records().map(row).collect()
}

#[test]
fn the_best_mean_over_the_seeds_is_chosen_and_stands_first() {
    let place = place();
    let output = run(&place, &line(&format!("{GRID} --out out --threads 2")));
    assert_succeeds(&output);
    let rows = csv(&place, "out/sweep.csv");
    assert_eq!(rows.len(), 4 * 2);
    assert_eq!(rows[&(2, 1)].0, ["0.0001", "[6]"], "the last key is the fastest");
    let mean = |point| (rows[&(point, 1)].1 + rows[&(point, 2)].1) / 2.0;
    let best = (1..=4).max_by(|&a, &b| mean(a).total_cmp(&mean(b))).expect("four points");
    let text = stdout(&output);
    let first = text.lines().nth(1).expect("a row");
    assert!(
        first.trim_start().starts_with(&best.to_string()) && first.contains(&format!("{:.4} ± ", mean(best))),
        "{text}"
    );
    assert!(text.contains(&format!("by nDCG@10: point {best} (")), "{text}");
    let svg = String::from_utf8(place.read("out/sweep.svg")).expect("UTF-8");
    for part in ["<svg", "fit.optimizer.learning-rate", "scorer.hidden", "nDCG@10", "<circle"] {
        assert!(svg.contains(part), "{part}");
    }
    // Each training is that of `irgan train` with its settings.
    let (_, value) = rows[&(3, 2)];
    let config = "--config out/points/3/seed-2/config.toml --baselines none --out alone";
    let alone = run(&place, &format!("train --method listnet {DATA} {config}"));
    assert!(stdout(&alone).contains(&format!("{value:.4}")), "{}", stdout(&alone));
    // One thread comes to the same numbers, and the same command again trains nothing.
    assert_succeeds(&run(&place, &line(&format!("{GRID} --out one --threads 1"))));
    assert_eq!(place.read("out/sweep.csv"), place.read("one/sweep.csv"));
    let trained = std::fs::metadata(place.path("out/points/1/seed-1/model.toml")).and_then(|m| m.modified());
    let again = run(&place, &line(&format!("{GRID} --out out --threads 1")));
    assert_eq!(stdout(&again), text);
    let kept = std::fs::metadata(place.path("out/points/1/seed-1/model.toml")).and_then(|m| m.modified());
    assert_eq!(trained.expect("a file"), kept.expect("a file"));
}

#[test]
fn test_data_are_ranked_once_by_the_chosen_point() {
    let place = place();
    let sweep = line(&format!("{GRID} --out out --test data/test.txt"));
    let output = run(&place, &sweep);
    assert_succeeds(&output);
    let text = stdout(&output);
    let tested = text.lines().find(|line| line.starts_with("test data, ranked once")).expect("it says so");
    // The page about the sweep has the same points, picture and test values.
    assert_succeeds(&run(&place, "report out"));
    let page = String::from_utf8(place.read("out/report.html")).expect("a page is UTF-8");
    for part in ["Chosen: point ", " ± ", "Ranked once, after choosing", "Sweep of settings", "All settings"]
    {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("http:") && page.matches("<svg").count() == 1);
    assert_succeeds(&run(&place, "report out --picture again.svg"));
    assert_eq!(place.read("again.svg"), place.read("out/sweep.svg"));
    let chosen = text.split("point ").nth(2).and_then(|rest| rest.split(' ').next()).expect("a number");
    // The same by hand.
    assert_succeeds(&run(&place, "qrels --data data/test.txt --out test.qrels"));
    let mut sum = 0.0;
    for seed in [1, 2] {
        let model = format!("out/points/{chosen}/seed-{seed}");
        assert_succeeds(&run(&place, &format!("rank --model {model} --data data/test.txt --out {seed}.run")));
        assert_eq!(place.read(&format!("{seed}.run")), place.read(&format!("out/test-{seed}.run")));
        let eval = run(&place, &format!("eval test.qrels {seed}.run -m nDCG@10 --format json"));
        let table: serde_json::Value = serde_json::from_str(&stdout(&eval)).expect("JSON");
        sum += table[0]["nDCG@10"].as_f64().expect("a number");
    }
    assert!(tested.contains(&format!("nDCG@10 {:.4} ± ", sum / 2.0)), "{tested}");
    // Programs get the values too: of the chosen point, the first, alone.
    let json = run(&place, &format!("{sweep} --format json"));
    let rows: serde_json::Value = serde_json::from_str(&stdout(&json)).expect("JSON");
    let value = rows[0]["test nDCG@10"].as_str().expect("mean and deviation");
    assert!(
        value.starts_with(&format!("{:.4} ± ", sum / 2.0)) && rows[1]["test nDCG@10"].is_null(),
        "{rows}"
    );
    let csv = stdout(&run(&place, &format!("{sweep} --format csv")));
    assert!(csv.lines().next().expect("a header").ends_with("failed,test nDCG@10,test P@5,test AP"), "{csv}");
    assert!(csv.lines().nth(1).expect("a row").contains(value), "{csv}");
    // Gone, and not missed: nobody looks again.
    std::fs::remove_file(place.path("data/test.txt")).expect("it was there");
    assert_eq!(stdout(&run(&place, &sweep)), text);
}

#[test]
fn a_killed_sweep_goes_on_to_the_same_table() {
    let place = place();
    let flags =
        format!("{GRID} --pairwise --rounds 4 --fit-epochs 30 {DATA} --test data/test.txt --threads 1");
    let sweep = |out: &str| format!("sweep {flags} --out {out}");
    let whole = run(&place, &sweep("whole"));
    assert_succeeds(&whole);
    let finished = |out: &str| {
        let paths = (1..=4)
            .flat_map(|point| [1, 2].map(|seed| format!("{out}/points/{point}/seed-{seed}/outcome.toml")));
        paths.filter(|path| place.path(path).exists()).count()
    };
    let sweep = sweep("killed");
    let mut kills = 0;
    for least in [1, 3, 6] {
        let mut child = place.start(&sweep.split_whitespace().collect::<Vec<_>>());
        while finished("killed") < least && child.try_wait().expect("a child").is_none() {
            std::thread::sleep(Duration::from_millis(2));
        }
        child.kill().expect("SIGKILL"); // also of a child that has ended
        kills += usize::from(!child.wait().expect("it ends").success());
    }
    assert!(kills > 0, "every process ended before it was killed");
    let again = run(&place, &sweep);
    assert_succeeds(&again);
    assert_eq!(stdout(&again), stdout(&whole).replace("whole", "killed"));
    assert_eq!(place.read("killed/sweep.csv"), place.read("whole/sweep.csv"));
    assert_eq!(place.read("killed/test.toml"), place.read("whole/test.toml"));
}

#[test]
fn random_points_are_drawn_within_their_ranges() {
    let place = place();
    let flags = "--random 4 --grid scorer.activation=tanh,relu --range fit.optimizer.learning-rate=1e-4..1e-2:log \
                 fit.batch=2..8 --out out --format json";
    let output = run(&place, &line(flags));
    assert_succeeds(&output);
    let table: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    assert_eq!(table.as_array().expect("rows").len(), 4);
    for (settings, _) in csv(&place, "out/sweep.csv").values() {
        assert!(["tanh", "relu"].contains(&settings[0].as_str()));
        assert!((1e-4..=1e-2).contains(&settings[1].parse::<f64>().expect("a number")));
        assert!((2..=8).contains(&settings[2].parse::<i64>().expect("a whole number")));
    }
}

#[test]
fn settings_that_break_down_are_told_and_stand_last() {
    let place = place();
    let output = run(&place, &line("--grid fit.optimizer.learning-rate=0.01,1e38 --optimizer sgd --out out"));
    assert_succeeds(&output);
    let text = stdout(&output);
    let rows: Vec<Vec<&str>> =
        text.lines().skip(1).take(2).map(|row| row.split_whitespace().collect()).collect();
    assert_eq!((rows[0][0], *rows[0].last().expect("cells")), ("1", "0"), "{text}");
    assert_eq!((rows[1][0], *rows[1].last().expect("cells")), ("2", "1"), "{text}");
    let output = run(&place, &line("--grid fit.optimizer.learning-rate=1e37,1e38 --optimizer sgd --out all"));
    assert_fails(&output, 1, &["no point finished"]);
}

#[test]
fn what_cannot_be_swept_is_refused_by_name() {
    let place = place();
    for (flags, parts) in [
        ("--out out", vec!["nothing varies"]),
        ("--grid patience=1,2", vec!["--out DIR"]),
        ("--grid paitence=1 --out out", vec!["no setting `paitence`", "near it: ", "patience"]),
        ("--grid fit.optimizer.rule=adam,sdg --out out", vec!["fit.optimizer.rule=sdg", "`sgd`"]),
        ("--grid scorer.dropout=0.1,2 --out out", vec!["scorer.dropout=2", "dropout must lie in"]),
        ("--grid patience=1,2 --random 0 --out out", vec!["1 to 100000 trainings"]),
        ("--grid patience=1,2 --random 99999999 --out out", vec!["1 to 100000 trainings"]),
        (
            "--grid generator.margin=1 --out out",
            vec!["no setting `generator.margin`", "discriminator.margin"],
        ),
    ] {
        let output = run(&place, &line(flags));
        assert_fails(&output, 2, &parts);
        assert!(!place.path("out").exists(), "{flags}");
    }
    assert_fails(
        &run(&place, "sweep --grid patience=1,2 --out out --test data/test.txt"),
        2,
        &["--test needs --train"],
    );
    for flags in ["--range patience=1..3", "--grid patience", "--random 3 --range patience=3..1"] {
        assert_eq!(run(&place, &line(flags)).status.code(), Some(2), "{flags}");
    }
    // A folder holds one sweep.
    assert_succeeds(&run(&place, &line("--grid patience=1,2 --out out")));
    for other in [
        "--grid patience=1,3 --out out",
        "--grid patience=1,2 --out out --seeds 2",
        "--grid patience=1,2 --out out --rounds 9",
    ] {
        assert_fails(&run(&place, &line(other)), 2, &["holds another sweep", "--force"]);
    }
    let anew = run(&place, &line("--grid patience=1,3 --out out --force"));
    assert_succeeds(&anew);
    assert_eq!(csv(&place, "out/sweep.csv")[&(2, 1)].0, ["3"]);
}

#[test]
fn every_kind_of_data_can_be_swept() {
    let place = Place::new();
    let quiet = |line: &str| {
        let output = run(&place, &format!("{line} --quiet"));
        assert_succeeds(&output);
        let told = stderr(&output);
        assert!(told.lines().all(|line| line.contains("judged queries have no topic")), "{line}: {told}");
        stdout(&output)
    };
    quiet("synth --interactions --out liked --users 40 --items 30 --liked 6");
    quiet("synth --qa --out answers --queries 12");
    quiet("synth --collection --out texts --documents 120 --queries 20 --subjects 6 --vocabulary 600");
    quiet("index --collection texts/documents.jsonl --index idx");
    for line in [
        "sweep --method ease --ratings liked/train.tsv --test liked/test.tsv --grid interactions.ridge=1,100 --out mf",
        "sweep --method dns --qa answers/train.txt --valid answers/vali.txt --test answers/test.txt --fit-epochs 2 \
         --embedding 4 --filters 1:4 --grid answers.overlap=true,false --out qa",
        "sweep --method listnet --fit-epochs 3 --index idx --queries texts/topics.train.tsv --qrels texts/qrels.txt \
         --test texts/topics.test.tsv --depth 20 --grid fit.batch=2,8 --out text",
    ] {
        let text = quiet(line);
        assert!(text.contains("test data, ranked once, after choosing, by its training:  "), "{text}");
        assert!(!text.contains("NaN"), "{text}");
    }
}
