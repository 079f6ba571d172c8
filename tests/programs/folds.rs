//! What `irgan cv` promises of questions and of ratings: everything is tested once, and the table is what the runs measure.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr, stdout};

fn run(place: &Place, line: &str) -> std::process::Output {
    place.irgan(&line.split_whitespace().collect::<Vec<_>>())
}

fn text(place: &Place, name: &str) -> String {
    String::from_utf8(place.read(name)).expect("text")
}

/// Documents of every query of a run, best first.
fn ranked(run: &str) -> BTreeMap<String, Vec<String>> {
    let mut lines: Vec<Vec<&str>> = run.lines().map(|line| line.split(' ').collect()).collect();
    lines.sort_by(|a, b| {
        let score = |line: &[&str]| line[4].parse::<f64>().expect("a score");
        score(b).total_cmp(&score(a)).then_with(|| b[2].cmp(a[2]))
    });
    let mut ranked: BTreeMap<String, Vec<String>> = BTreeMap::new();
    lines.iter().for_each(|line| ranked.entry(line[0].into()).or_default().push(line[2].into()));
    ranked
}

/// The value of `column` in the JSON table of a cross-validation, for `ranker`.
fn table_value(output: &std::process::Output, ranker: &str, column: &str) -> f64 {
    let table: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let row = table.as_array().expect("rows").iter().find(|row| row["ranker"] == ranker).expect("a row");
    row[column].as_f64().expect("a number")
}

#[test]
fn positives_of_every_user_are_dealt_to_the_folds_and_each_is_tested_once() {
    let place = Place::new();
    // 12 users of 6 positives each and a lower rating; u12 has two positives: trained on, never tested.
    let mut ratings = String::new();
    for user in 0..12 {
        (0..6).for_each(|i| ratings += &format!("u{user}\ti{}\t5\n", (user * 5 + i * i) % 23));
        ratings += &format!("u{user}\tlow\t1\n");
    }
    ratings += "u12\ti1\t5\nu12\ti2\t5\n";
    place.write("r.tsv", &ratings);
    let line = "cv --method ease --ratings r.tsv --folds 3 --baselines pop --out cv -m P@2 --format json";
    let output = run(&place, line);
    assert_succeeds(&output);
    let told = stderr(&output);
    assert!(told.contains("users with fewer than 3 positives, only trained on: 1"), "{told}");

    // Every positive of the twelve users is judged in one fold.
    let positives: BTreeSet<(String, String)> = ratings
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|line| line[2] == "5" && line[0] != "u12")
        .map(|line| (line[0].to_owned(), line[1].to_owned()))
        .collect();
    let qrels = text(&place, "cv/qrels.txt");
    let judged: Vec<(String, String, String)> = qrels
        .lines()
        .map(|line| {
            let columns: Vec<&str> = line.split(' ').collect();
            let (fold, user) = columns[0].split_once('/').expect("the fold before the user");
            (fold.to_owned(), user.to_owned(), columns[2].to_owned())
        })
        .collect();
    let pairs: BTreeSet<_> = judged.iter().map(|(_, user, item)| (user.clone(), item.clone())).collect();
    assert_eq!((judged.len(), pairs), (positives.len(), positives.clone()));

    // A user's items of the other folds are known, and not ranked again.
    let ease = ranked(&text(&place, "cv/ease-1.run"));
    let mut by_fold: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (query, items) in &ease {
        let (fold, user) = query.split_once('/').expect("the fold before the user");
        let held: Vec<&str> = judged
            .iter()
            .filter(|(other, name, _)| other == fold && name == user)
            .map(|(.., item)| item.as_str())
            .collect();
        let known = positives.iter().filter(|(name, item)| name == user && !held.contains(&item.as_str()));
        assert!(known.into_iter().all(|(_, item)| !items.contains(item)), "{query}");
        let hits = items[..2].iter().filter(|item| held.contains(&item.as_str())).count();
        by_fold.entry(fold).or_default().push(hits as f64 / 2.0);
    }
    let means = by_fold.values().map(|values| values.iter().sum::<f64>() / values.len() as f64);
    let mean = means.sum::<f64>() / 3.0;
    assert!((table_value(&output, "ease", "P@2") - mean).abs() < 1e-9, "{}", stdout(&output));
    table_value(&output, "pop", "P@2");

    assert_succeeds(&run(&place, "report cv"));
    assert!(text(&place, "cv/cv.toml").contains("ratings = \"r.tsv\""));
    // A game, whose defaults are those of recommendation: popularity, PureSVD and EASE beside it.
    let game = run(&place, "cv --pointwise --rounds 1 --ratings r.tsv --folds 3 --out game --split last");
    assert_succeeds(&game);
    for ranker in ["irgan-pointwise-g", "pop", "puresvd", "ease", "nDCG@10"] {
        assert!(stdout(&game).contains(ranker), "{}", stdout(&game));
    }
    assert!(stderr(&game).contains("--split has no effect in a cross-validation"), "{}", stderr(&game));
    for (folds, part) in [("2", "at least 3"), ("x", "a number"), ("99", "72 positives")] {
        let line = format!("cv --ratings r.tsv --folds {folds} --method pop --out no");
        assert_fails(&run(&place, &line), 2, &["--folds", part]);
        assert!(!place.path("no").exists());
    }
}

#[test]
fn questions_are_cut_into_folds_and_tested_once_by_their_places_in_the_file() {
    let place = Place::new();
    let question = |q: usize| {
        let right = if q == 4 { "0" } else { "1" };
        format!("where is place{q}?\tplace{q} is here\t{right}\nwhere is place{q}?\tnobody knows\t0\n")
    };
    place.write("qa.txt", (0..10).map(question).collect::<String>());
    let line = "cv --method mle --qa qa.txt --folds 3 --baselines none --fit-epochs 2 --embedding 8 --filters 1:4 \
                --min-count 1 --out cv --format json";
    let output = run(&place, line);
    assert_succeeds(&output);
    assert!(stderr(&output).contains("cut into 3 folds"), "{}", stderr(&output));
    // q5 has no right answer: nobody can tell a good ranking of it.
    let names: BTreeSet<String> = (1..=10).filter(|&q| q != 5).map(|q| format!("q{q}")).collect();
    let run_file = ranked(&text(&place, "cv/mle-1.run"));
    assert_eq!(run_file.keys().cloned().collect::<BTreeSet<_>>(), names);
    let qrels = text(&place, "cv/qrels.txt");
    assert_eq!((qrels.lines().count(), qrels.contains("q10 0 q10-1 1\n")), (18, true), "{qrels}");
    // The usual measures of answers; P@1 of the run, as the folds have three questions each.
    let hits = run_file.values().filter(|answers| answers[0].ends_with("-1")).count();
    assert!((table_value(&output, "mle", "P@1") - hits as f64 / 9.0).abs() < 1e-9, "{}", stdout(&output));
    for measure in ["AP", "RR"] {
        table_value(&output, "mle", measure);
    }
    let idle = run(&place, &format!("{line} --force --observed 0.5 --hidden 4"));
    assert!(stderr(&idle).contains("--observed has no effect"), "{}", stderr(&idle));
    assert!(stderr(&idle).contains("--hidden has no effect"), "{}", stderr(&idle));
    assert_fails(&run(&place, "cv --qa qa.txt --folds 10 --out no"), 2, &["--folds", "at most the 9"]);
    assert_fails(&run(&place, "cv --qa qa.txt --ratings r --folds 3"), 2, &["cannot be used with"]);
}
