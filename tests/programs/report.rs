//! Promise: every training leaves a page that shows what happened, from the files of its folder alone.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use irgan::evaluation::Format;
use irgan::report::results::TextResults;

use crate::support::program::{Place, assert_fails, assert_succeeds, stdout};

/// A short ranking run.
fn rank(place: &Place, out: &str, more: &[&str]) {
    let short = ["train", "-q", "--rounds", "3", "--fit-epochs", "3", "--baselines", "mle,dns", "--out", out];
    assert_succeeds(&place.irgan(&[&short, more].concat()));
}

/// A short text run, on the built-in oracle unless `more` says otherwise.
fn write(place: &Place, out: &str, more: &[&str]) {
    let short = [
        "train",
        "-q",
        "--rounds",
        "2",
        "--mle-epochs",
        "2",
        "--hidden",
        "8",
        "--embedding",
        "8",
        "--evaluate-on",
        "40",
        "--evaluate-every",
        "1",
        "--temperatures",
        "0.8,1.2",
        "--out",
        out,
    ];
    assert_succeeds(&place.seqgan(&[&short, more].concat()));
}

const ORACLE: [&str; 8] = ["--vocab", "40", "--steps", "5", "--sentences", "80", "--held-out", "40"];

fn page(place: &Place, name: &str) -> String {
    String::from_utf8(place.read(name)).expect("a page is UTF-8")
}

/// A page that needs nothing but itself, and whose tags are closed.
#[track_caller]
fn assert_whole(page: &str) {
    for outside in ["http:", "https:", "<script", "src=", "href=", "url(", "@import", "javascript:"] {
        assert!(!page.contains(outside), "{outside}");
    }
    for tag in ["html", "body", "main", "table", "figure", "svg", "ul", "div", "details"] {
        let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    let (figures, titles) = (page.matches("<figure>").count(), page.matches("role=\"img\"><title>").count());
    assert_eq!((figures, titles), (page.matches("<figcaption>").count(), page.matches("<desc>").count()));
    assert_eq!(page.matches("<table").count(), page.matches("<caption>").count());
}

#[track_caller]
fn assert_shows(page: &str, parts: &[&str]) {
    parts.iter().for_each(|part| assert!(page.contains(part), "no `{part}`"));
}

#[test]
fn a_ranking_run_is_shown_with_its_controls_and_baselines() {
    let place = Place::new();
    rank(&place, "a", &["--pairwise", "--controls", "constant,random"]);
    let one = page(&place, "a/report.html");
    assert_whole(&one);
    assert_shows(
        &one,
        &[
            "built-in planted benchmark: 150 queries",
            "wall time",
            "All settings",
            "discriminator.optimizer.learning-rate",
            "Comparison on the validation data",
            "p (Holm)",
            "Gains and losses by query",
            " wins, ",
            "Players of the game",
            "Supervised training",
            "best baseline (dns)",
            "The reward against its placebos",
            "Gradient variance",
            "Entropy of the policy",
            "Effective sample size",
            "Calibration",
            "random reward",
        ],
    );
    // What is said in words at the top is what results.json says.
    let results: serde_json::Value = serde_json::from_slice(&place.read("a/results.json")).expect("JSON");
    let controls = results["controls"].as_array().expect("two controls");
    let beaten =
        |c: &&serde_json::Value| c["gain"].as_f64() > Some(0.0) && c["p-value"].as_f64() < Some(0.05);
    let won = controls.iter().filter(beaten).count();
    assert_eq!(one.matches("The reward did better than its placebo.").count(), won);
    assert_eq!(one.matches("A placebo reward did as well as the reward.").count(), controls.len() - won);
    assert!(one.find("than its placebo.").or(one.find("as well as the reward.")) < one.find("<h2>"));
}

/// What is printed below the table names the best row, and its commands work as they stand.
#[test]
fn a_baseline_that_won_is_named_with_the_command_that_ranks_by_it() {
    let place = Place::new();
    let train = "train --pairwise -q --rounds 1 --fit-epochs 30 --init none --baselines mle --out a";
    let printed = stdout(&place.irgan(&train.split(' ').collect::<Vec<_>>()));
    assert!(printed.contains("\nmle (best) ") && printed.contains(", start (= random weights"), "{printed}");
    assert!(printed.contains("\nbest on the validation data: mle, 0."), "{printed}");
    assert!(printed.contains(" against mle, the best baseline (worse by more than chance"), "{printed}");
    assert_succeeds(&place.irgan(&["synth", "--out", "data"]));
    for what in ["rank with the best: irgan ", "rank with the chosen: irgan "] {
        let command = printed.lines().find_map(|line| line.strip_prefix(what)).expect(&printed);
        let command = command.replace("FILE.run", "x.run").replace("FILE", "data/test.txt");
        assert_succeeds(&place.irgan(&command.split(' ').collect::<Vec<_>>()));
    }
    let json =
        place.irgan(&[&train.split(' ').collect::<Vec<_>>()[..], &["--force", "--format", "json"]].concat());
    let rows: Value = serde_json::from_slice(&json.stdout).expect("JSON alone");
    let best: Vec<&Value> =
        rows.as_array().expect("rows").iter().filter(|row| row["best"] == "yes").collect();
    assert_eq!((best.len(), &best[0]["ranker"], &best[0]["chosen"]), (1, &json!("mle"), &json!("no")));
}

#[test]
fn results_hold_every_query_and_the_same_bytes_for_the_same_seed() {
    let place = Place::new();
    rank(&place, "a", &["--pairwise"]);
    rank(&place, "b", &["--pairwise"]);
    assert_eq!(place.read("a/results.json"), place.read("b/results.json"));
    let results: serde_json::Value = serde_json::from_slice(&place.read("a/results.json")).expect("JSON");
    let queries = results["queries"].as_array().expect("names").len();
    assert_eq!((queries, results["queries"][0].as_str()), (75, Some("valid-1")));
    for contender in results["contenders"].as_array().expect("rows") {
        let values: Vec<f64> =
            contender["by-query"].as_array().expect("values").iter().filter_map(|v| v.as_f64()).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert_eq!(values.len(), queries);
        assert!((mean - contender["values"][0].as_f64().expect("a value")).abs() < 1e-12, "{contender}");
    }
    for row in results["against-baselines"].as_array().expect("rows") {
        let number = |name: &str| row[name].as_f64().expect("a number");
        assert!(number("p-holm") >= number("p-value") && number("low") <= number("gain"), "{row}");
        let counts: u64 =
            row["wins-ties-losses"].as_array().expect("three").iter().filter_map(|n| n.as_u64()).sum();
        assert_eq!(counts as usize, queries);
    }
}

#[test]
fn a_text_run_is_shown_with_the_floor_and_the_temperatures() {
    let place = Place::new();
    write(&place, "s", &ORACLE);
    let one = page(&place, "s/report.html");
    assert_whole(&one);
    assert_shows(
        &one,
        &[
            "built-in oracle: 80 sentences",
            "floor (the oracle itself)",
            "Quality (NLL_oracle) against coverage (NLL_test)",
            "At matched quality.",
            "Generators over temperatures",
            "Maximum likelihood",
            "constant reward",
        ],
    );
    assert!(one.contains("than its placebo.") || one.contains("did as well as the reward."), "no verdict");
}

#[test]
fn names_and_sentences_of_users_stay_text() {
    let place = Place::new();
    let line = "<script>a</script>&\"<img src=x>\n";
    place.write("x.txt", line.repeat(40));
    write(&place, "<b onload='x'>&", &["--text", "x.txt", "--level", "char"]);
    let one = page(&place, "<b onload='x'>&/report.html");
    assert!(!one.contains("<script") && !one.contains("<img") && !one.contains("<b onload"));
    assert_shows(&one, &["&lt;b onload=&#39;x&#39;&gt;&amp;", "<ul class=\"samples\">", "Quality (BLEU-3)"]);
}

#[test]
fn several_runs_stand_side_by_side() {
    let place = Place::new();
    rank(&place, "a", &["--pairwise"]);
    rank(&place, "b", &["--pointwise", "--seed", "7"]);
    let output = place.irgan(&["report", "a", "b", "--out", "both.html"]);
    assert_succeeds(&output);
    assert_eq!(stdout(&output), "both.html\n");
    let both = page(&place, "both.html");
    assert_whole(&both);
    assert_shows(&both, &["2 runs side by side", "a: generator", "b: generator", "Settings that differ"]);
    let rebuilt = page(&place, "a/report.html");
    assert_succeeds(&place.irgan(&["report", "a"]));
    assert_eq!(page(&place, "a/report.html"), rebuilt, "a report comes from the folder alone");

    write(&place, "s", &ORACLE);
    assert_fails(&place.irgan(&["report", "a", "s"]), 2, &["a (irgan)", "s (seqgan)"]);
}

#[test]
fn runs_of_several_seeds_have_a_mean() {
    let place = Place::new();
    let alone = ["--ensemble", "1", "--controls", "none"];
    for seed in ["1", "2", "3"] {
        write(&place, seed, &[&ORACLE[..], &alone, &["--seed", seed]].concat());
    }
    let output = place.seqgan(&["report", "1", "2", "3", "--mean", "--format", "json"]);
    assert_succeeds(&output);
    let merged: Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    let tables = ["1", "2", "3"].map(|run| {
        let results = TextResults::read(&place.path(run).join("results.json")).expect("results");
        serde_json::from_str::<Value>(&results.table().render(Format::Json)).expect("JSON")
    });
    let (rows, name) = (merged.as_array().expect("rows"), "NLL_test");
    assert_eq!(rows.len(), tables[0].as_array().expect("rows").len());
    for (place, row) in rows.iter().enumerate() {
        let values = tables.each_ref().map(|table| table[place][name].as_f64().expect("a number"));
        let mean = values.iter().sum::<f64>() / 3.0;
        let squares = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
        let shown = row[name].as_str().unwrap_or_else(|| panic!("{name} in {row}"));
        let (found, deviation) = shown.split_once(" ± ").expect("mean and deviation");
        assert!((found.parse::<f64>().expect("a number") - mean).abs() < 1e-3, "{shown}, expected {mean}");
        let expected = (squares / 2.0).sqrt();
        assert!(
            (deviation.parse::<f64>().expect("a number") - expected).abs() < 1e-3,
            "{shown}, expected {expected}"
        );
    }

    let refused = |runs: &[&str], parts: &[&str]| {
        assert_fails(&place.seqgan(&[&["report", "--mean"], runs].concat()), 2, parts);
    };
    refused(&["1"], &["1: a mean needs a second run"]);
    refused(&["1", "2", "1"], &["1 and 1 have the same seed"]);
    write(&place, "other", &[&ORACLE[..], &alone, &["--seed", "4", "--batch", "32"]].concat());
    refused(&["1", "other"], &["differ by their seeds alone", "batch", "is 64 in 1 and 32 in other"]);
    std::fs::remove_file(place.path("2/results.json")).expect("the run left it");
    refused(&["1", "2"], &["2: it has not finished"]);
}

#[test]
fn an_interrupted_run_shows_what_is_there() {
    let place = Place::new();
    rank(&place, "a", &["--pairwise"]);
    let log = place.read("a/metrics.csv");
    place.write("a/metrics.csv", [&log[..], b"mle,1,loss,high\n"].concat());
    assert_fails(&place.irgan(&["report", "a"]), 1, &["metrics.csv:", "expected phase,step,metric,value"]);
    let cut = log.len() * 2 / 3;
    place.write("a/metrics.csv", &log[..cut]); // in the middle of a line
    for name in ["results.json", "timing.json", "report.html"] {
        std::fs::remove_file(place.path("a").join(name)).expect("the run left it");
    }
    assert_succeeds(&place.irgan(&["report", "a"]));
    let part = page(&place, "a/report.html");
    assert_whole(&part);
    assert_shows(&part, &["a has not finished.", "Supervised training", "All settings"]);
    assert!(!part.contains("Gains and losses"));

    // A run that has just begun.
    place.write("a/metrics.csv", "");
    assert_succeeds(&place.irgan(&["report", "a"]));
    assert_whole(&page(&place, "a/report.html"));
}

#[test]
fn a_picture_stands_alone() {
    let place = Place::new();
    rank(&place, "a", &["--pairwise"]);
    write(&place, "s", &ORACLE);
    let before = page(&place, "a/report.html");
    let output = place.irgan(&["report", "a", "--picture", "a.svg"]);
    assert_succeeds(&output);
    assert_eq!(stdout(&output), "a.svg\n");
    assert_eq!(page(&place, "a/report.html"), before, "the page stays as it was");
    let output = place.seqgan(&["report", "s", "--picture", "s.svg", "--out", "s.html"]);
    assert_succeeds(&output);
    assert_eq!(stdout(&output), "s.html\ns.svg\n");
    for (name, parts) in [
        ("a.svg", ["Players of the game", "generator", "best baseline (dns)", "round"]),
        ("s.svg", ["Quality (NLL_oracle)", "mle", "floor (the oracle itself)", "temperature 1"]),
    ] {
        let svg = page(&place, name);
        assert!(svg.len() < 40_000, "{name}: {} bytes", svg.len());
        assert_eq!(svg.matches("http").count(), 1, "{name}: only the name space of SVG");
        assert_shows(&svg, &parts);
        assert_shows(&svg, &["prefers-color-scheme:dark", "class=\"paper\"", "<desc>"]);
    }
    // A run that has logged nothing has no picture.
    place.write("a/metrics.csv", "");
    std::fs::remove_file(place.path("a/results.json")).expect("the run left it");
    assert_fails(&place.irgan(&["report", "a", "--picture", "b.svg"]), 2, &["a: nothing to draw yet"]);
}

#[test]
fn results_of_a_text_run_of_an_older_version_are_read() {
    let place = Place::new();
    write(&place, "s", &ORACLE);
    let whole = page(&place, "s/report.html");
    std::fs::rename(place.path("s/results.json"), place.path("s/report.json")).expect("the run left it");
    assert_succeeds(&place.seqgan(&["report", "s"]));
    assert_eq!(page(&place, "s/report.html"), whole);
}

/// Returns copies of `whole` that differ in one place each: the value at `place` or one within it.
fn damaged(whole: &Value, place: &str) -> Vec<Value> {
    let at = whole.pointer(place).expect("a place of the document");
    let mut found: Vec<Value> = [
        json!(null),
        json!(-1),
        json!(1e308),
        json!(1),
        json!("x"),
        json!([]),
        json!({}),
        json!([1e308, -1e308]),
    ]
    .into();
    let mut inner: Vec<String> = vec![];
    match at {
        Value::Object(fields) => inner.extend(fields.keys().cloned()),
        Value::Array(items) => {
            let ends = [0, items.len().saturating_sub(1)].into_iter().filter(|&end| end < items.len());
            inner.extend(ends.map(|end| end.to_string()));
            found.extend(items.split_last().map(|(_, rest)| Value::from(rest)));
            found.extend(
                items.last().map(|last| Value::from([items.as_slice(), std::slice::from_ref(last)].concat())),
            );
        }
        _ => {}
    }
    let replaced = |value: Value| {
        let mut other = whole.clone();
        *other.pointer_mut(place).expect("a place of the document") = value;
        other
    };
    let here = found.into_iter().map(replaced);
    here.chain(inner.iter().flat_map(|name| damaged(whole, &format!("{place}/{name}")))).collect()
}

#[test]
fn damaged_results_are_an_error_or_a_page_and_never_a_panic() {
    let place = Place::new();
    rank(&place, "a", &["--pairwise", "--controls", "random"]);
    write(&place, "s", &ORACLE);
    for run in ["a", "s"] {
        place.write(&format!("{run}/metrics.csv"), "phase,step,metric,value\nadversarial,1,g,0.5\n");
        let whole: Value = serde_json::from_slice(&place.read(&format!("{run}/results.json"))).expect("JSON");
        let (mut refused, damaged) = (0, damaged(&whole, ""));
        for results in &damaged {
            let path = place.write(&format!("{run}/results.json"), results.to_string());
            if let Err(error) = irgan::report::page(&[place.path(run)]) {
                assert!(error.to_string().contains("results.json: "), "{error}");
                assert_eq!(error.exit_code(), 1);
                refused += 1;
            }
            drop(path);
        }
        assert!(refused > damaged.len() / 2, "{run}: {refused} of {} refused", damaged.len());
    }
}

#[test]
fn rows_of_other_lengths_are_refused_by_their_place() {
    let place = Place::new();
    rank(&place, "a", &["--pairwise"]);
    let whole: Value = serde_json::from_slice(&place.read("a/results.json")).expect("JSON");
    for (path, found) in
        [("/contenders/1/values", 2), ("/contenders/0/by-query", 2), ("/references/0/values", 2)]
    {
        let mut results = whole.clone();
        *results.pointer_mut(path).expect("a list") = json!([0.5, 0.25]);
        place.write("a/results.json", results.to_string());
        let named = path[1..].replacen('/', "[", 1).replacen('/', "].", 1);
        let found = format!("entries, found {found}");
        assert_fails(&place.irgan(&["report", "a"]), 1, &["results.json: ", &named, &found]);
    }
}

#[test]
fn what_is_no_run_is_refused() {
    let place = Place::new();
    place.write("notes.txt", "x");
    assert_fails(
        &place.irgan(&["report", "."]),
        1,
        &["config.toml is missing", "not the folder of a training run"],
    );
    assert_fails(&place.irgan(&["report", "nowhere"]), 1, &["nowhere: there is no such folder"]);
    place.write("swept/sweep.toml", "points = []\n");
    place.write("swept/points/1/seed-1/model.toml", "");
    assert_fails(
        &place.irgan(&["report", "swept"]),
        1,
        &["swept: a sweep that has not ended", "swept/points/1/seed-1"],
    );
    assert_fails(&place.irgan(&["train", "--resume", "swept"]), 1, &["the folder of a sweep"]);
    assert_fails(&place.irgan(&["train", "--resume", "nowhere"]), 1, &["there is no such folder"]);
    assert_fails(&place.irgan(&["report", "notes.txt"]), 1, &["notes.txt: a file, not the folder"]);
    place.write("validated/cv.toml", "folds = \"5\"\n");
    let picture = place.irgan(&["report", "validated", "--picture", "a.svg"]);
    assert_fails(&picture, 1, &["a cross-validation, which has a page of its own"]);
    place.write("config.toml", "method = \"mle\"\n");
    assert_fails(&place.irgan(&["report", "."]), 1, &["metrics.csv is missing"]);
    place.write("metrics.csv", "phase,step,metric,value\n");
    place.write("results.json", "{");
    assert_fails(&place.irgan(&["report", "."]), 1, &["results.json", "line 1"]);
}

#[test]
fn a_forced_run_does_not_keep_the_results_of_the_one_before() {
    let place = Place::new();
    rank(&place, "a", &["--pairwise"]);
    // Fails after the folder is made: the validation data hold nothing to choose by.
    place.write("t.txt", "1 qid:1 1:0.5\n0 qid:1 1:0.2\n");
    let arguments = [
        "train",
        "-q",
        "--train",
        "t.txt",
        "--valid",
        "t.txt",
        "--measure",
        "P(rel=2)@5",
        "--out",
        "a",
        "--force",
    ];
    assert_fails(&place.irgan(&arguments), 1, &["no validation query"]);
    for name in ["results.json", "timing.json", "report.html"] {
        assert!(!place.path("a").join(name).exists(), "{name} is of another run");
    }
}

/// Needs Chromium: without one it only says so.
#[test]
fn a_browser_draws_every_picture() {
    let Some(chromium) = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .find(|path| Path::new(path).exists())
    else {
        eprintln!("no Chromium: the page was not opened");
        return;
    };
    let place = Place::new();
    rank(&place, "a", &["--pairwise"]);
    // Measures the page from inside: only this copy has a script.
    let probe = "<script>addEventListener('load', () => {\
         const box = e => e.getBoundingClientRect();\
         const all = s => [...document.querySelectorAll(s)];\
         const drawn = all('figure > svg').filter(e => box(e).width > 200 && box(e).height > 100).length;\
         const lines = all('figure polyline').filter(e => getComputedStyle(e).stroke.startsWith('rgb')).length;\
         const seen = all('table').filter(e => box(e).height > 40).length;\
         const wide = document.documentElement.scrollWidth > innerWidth;\
         document.title = `pictures ${drawn} lines ${lines} tables ${seen} wide ${wide} \
         paper ${getComputedStyle(document.body).backgroundColor}`;});</script></head>";
    place.write("a/probe.html", page(&place, "a/report.html").replace("</head>", probe));
    let whole = page(&place, "a/report.html");
    let pictures = whole.matches("<figure>").count();
    let open = |width: u32, dark: bool| {
        let mut command = Command::new(chromium);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]);
        command.args(["--no-first-run", "--dump-dom", "--virtual-time-budget=5000"]);
        command.arg(format!("--user-data-dir={}", place.path("profile").display()));
        command.arg(format!("--window-size={width},900"));
        command.args(dark.then_some("--blink-settings=preferredColorScheme=0"));
        command.arg(format!("file://{}", place.path("a/probe.html").display()));
        let dom = stdout(&command.output().expect("Chromium starts"));
        let title = dom.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
        title.expect("a title").0.to_owned()
    };
    for (width, dark, paper) in [
        (1280, false, "rgb(255, 255, 255)"),
        (390, false, "rgb(255, 255, 255)"),
        (1280, true, "rgb(21, 24, 28)"),
    ] {
        let found = open(width, dark);
        let number = |name: &str| -> usize {
            let rest = found.split_once(name).unwrap_or_else(|| panic!("no {name} in {found}")).1;
            rest.split_whitespace().next().expect("a number").parse().expect("a number")
        };
        assert_eq!(number("pictures "), pictures, "{width}, dark {dark}: {found}");
        assert!(number("lines ") >= pictures && number("tables ") >= 3, "{width}, dark {dark}: {found}");
        assert!(found.contains("wide false"), "{width}: the page scrolls sideways: {found}");
        assert!(found.ends_with(paper), "{width}, dark {dark}: {found}");
    }
}
