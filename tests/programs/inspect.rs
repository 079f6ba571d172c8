//! What a model is, where one is expected and not found, and tips for the habits of other tools.

use serde_json::Value;

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr, stdout};

/// A training of a moment.
const TINY: &str = "--rounds 1 --fit-epochs 20 --controls none --baselines mle,dns -q";

fn irgan(place: &Place, line: &str) -> String {
    let output = place.irgan(&line.split_whitespace().collect::<Vec<_>>());
    assert_succeeds(&output);
    stdout(&output)
}

/// A folder with planted data and a model of it in `runs/pair`.
fn place() -> Place {
    let place = Place::new();
    irgan(&place, "synth --out data --queries 20 --documents 20 --features 4");
    irgan(&place, &format!("train --train data/train.txt --valid data/vali.txt --out runs/pair {TINY}"));
    place
}

#[test]
fn a_model_tells_what_it_is_and_which_features_it_needs() {
    let place = place();
    let text = irgan(&place, "inspect runs/pair");
    for part in [
        "ranker of feature vectors",
        "irgan-pairwise",
        "train --train data/train.txt --valid data/vali.txt",
        "data/train.txt",
        "20 queries",
        "nDCG@10",
        "dns (",
        "features       4",
        "query-minmax",
        "scorer.hidden = [46]",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let object: Value =
        serde_json::from_str(&irgan(&place, "inspect runs/pair --format json")).expect("JSON");
    assert_eq!(
        (&object["features"], &object["settings"]["measure"]),
        (&Value::from(4), &Value::from("nDCG@10"))
    );
    // Two layers, 4 → 46 → 1, with biases.
    assert_eq!(object["parameters"]["generator"], 4 * 46 + 46 + 46 + 1);
    // A baseline inside a run tells what its folder has.
    assert!(irgan(&place, "inspect runs/pair/baselines/dns").contains("dns"));
}

#[test]
fn importance_is_the_loss_by_shuffling_one_feature() {
    let place = Place::new();
    // The second of three features decides; the first is noise, the third the same for all.
    let line = |query: usize, document: usize| {
        let relevant = document == (query * 7) % 10;
        let noise = (query * 31 + document * 17) % 13;
        format!(
            "{} qid:{query} 1:{noise} 2:{} 3:5\n",
            u8::from(relevant),
            if relevant { 9 } else { document % 3 }
        )
    };
    let file =
        || (0..20).flat_map(|query| (0..10).map(move |document| line(query, document))).collect::<String>();
    place.write("data.txt", file());
    let train = "train --method lambdarank --fit-epochs 60 --baselines none -q --train data.txt --valid data.txt --out m";
    irgan(&place, train);
    let rows = |more: &str| -> Vec<Value> {
        let text = irgan(&place, &format!("inspect m --importance data.txt --format json -q {more}"));
        serde_json::from_str(&text).expect("JSON")
    };
    let found = rows("--repeats 10");
    let number =
        |row: usize, name: &str| found[row][name].as_f64().unwrap_or_else(|| panic!("{name}: {found:?}"));
    assert_eq!((&found[0]["feature"], found.len()), (&Value::from("2"), 3), "{found:?}");
    assert!(number(0, "loss of nDCG@10") > 0.3 && number(0, "deviation") > 0.0);
    let of = |name: &str| {
        found.iter().find(|row| row["feature"] == name).expect("a row")["loss of nDCG@10"].clone()
    };
    assert_eq!(of("3"), 0.0, "the same for all documents");
    assert_eq!(rows("--repeats 10"), found, "the same seed gives the same numbers");
    assert_ne!(rows("--repeats 10 --seed 2"), found);
    assert!(rows("--measure P@1 --repeats 2")[0].get("loss of P@1").is_some());
}

#[test]
fn the_importance_of_a_model_of_texts_includes_its_learned_features() {
    let place = Place::new();
    irgan(&place, "synth --collection --queries 20 --documents 80 --out texts");
    irgan(&place, "index --collection texts/documents.jsonl --index idx");
    let data = "--index idx --qrels texts/qrels.txt";
    irgan(&place, &format!("train {data} --queries texts/topics.tsv --out text {TINY}"));
    let text = irgan(&place, &format!("inspect text --importance texts/topics.tsv {data} --repeats 2 -q"));
    assert!(text.contains("neighbours") && text.contains("bm25"), "{text}");
    assert!(irgan(&place, "inspect text").contains("re-ranker of the texts of an index"));
    let missing = place.irgan(&["inspect", "text", "--importance", "texts/topics.tsv"]);
    assert_fails(&missing, 2, &["--index", "--qrels"]);
}

#[test]
fn a_folder_without_a_model_says_what_is_there() {
    let place = place();
    let seqgan = "train -q --vocab 20 --steps 4 --sentences 50 --held-out 20 --mle-epochs 1 --rounds 1 --g-steps 1 \
                  --evaluate-on 20 --controls none --out runs/words";
    assert_succeeds(&place.seqgan(&seqgan.split_whitespace().collect::<Vec<_>>()));
    place.write("runs/open/run.toml", "");
    place.write("empty/file", "");
    let rank =
        |model: &str| place.irgan(&["rank", "--model", model, "--data", "data/test.txt", "--out", "x.run"]);
    assert_fails(&rank("runs"), 1, &["runs: no model here", "runs/pair, runs/words"]);
    assert_fails(&rank("."), 1, &["./runs/pair, ./runs/words"]);
    assert_fails(&rank("empty"), 1, &["empty: no model here: model.toml is missing"]);
    assert_fails(&rank("none"), 1, &["none/model.toml: cannot read"]);
    assert_fails(&rank("runs/open"), 1, &["has not finished", "train --resume"]);
    assert_fails(&rank("runs/words"), 1, &["a generator of sentences, made by `seqgan`", "seqgan generate"]);
    let generate = |model: &str| place.seqgan(&["generate", "--model", model]);
    assert_fails(&generate("runs/pair"), 1, &["a ranker, made by `irgan`", "irgan rank"]);
    assert_fails(&generate("runs"), 1, &["runs/pair, runs/words"]);
}

#[track_caller]
fn assert_fails_with(output: &std::process::Output, part: &str) {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains(part) && !text.contains("unexpected argument"), "{text}");
}

#[test]
fn models_of_other_kinds_are_named_with_the_command_that_uses_them() {
    let place = place();
    place.write("r.tsv", "a\tx\na\ty\na\tz\nb\tx\nb\tz\nc\tx\nc\ty\n");
    irgan(&place, "train --method pop --ratings r.tsv --baselines none --out runs/pop");
    let run = |line: &str| place.irgan(&line.split_whitespace().collect::<Vec<_>>());
    let search = |model: &str| run(&format!("search --model {model} tea"));
    assert_fails(&search("runs/pop"), 1, &["a recommender", "irgan recommend --model runs/pop --user ID"]);
    assert_fails(&search("runs/pair"), 1, &["a ranker of feature vectors", "irgan rank --model runs/pair"]);
    let other = run("recommend --model runs/pair --user a");
    assert_fails(&other, 1, &["a model of features, where one of interactions is needed", "`irgan rank`"]);
    let start = run("train --pointwise --ratings r.tsv --init-model runs/pair --out runs/start");
    assert_fails(&start, 1, &["runs/pair: a model of features"]);
    assert!(!stderr(&start).contains("--model "), "{}", stderr(&start));
    // Somebody who is known to like everything.
    let all = run("recommend --model runs/pop --user a");
    assert_succeeds(&all);
    assert!(stderr(&all).contains("user `a` is known to like all of 3 items"), "{}", stderr(&all));
    let rank = run("rank --model runs/pop --out pop.run");
    assert!(stderr(&rank).contains("every item, without a line in the run: 1"), "{}", stderr(&rank));
}

#[test]
fn one_file_in_two_roles_is_warned_of() {
    let place = Place::new();
    let text: String =
        (0..8).map(|q| format!("1 qid:{q} 1:0.{q} # docid = a\n0 qid:{q} 1:-0.{q} # docid = b\n")).collect();
    place.write("t.txt", text);
    let quick = "--method listnet --fit-epochs 1 --baselines none --force";
    let told = |line: &str| {
        let output = place.irgan(&line.split_whitespace().collect::<Vec<_>>());
        assert_succeeds(&output);
        stderr(&output)
    };
    let text = told(&format!("train {quick} --train t.txt --valid ./t.txt --out a"));
    assert!(text.contains("--valid and --train are one file, ./t.txt"), "{text}");
    let text = told(&format!("train {quick} --train t.txt --out b"));
    assert!(!text.contains("one file"), "{text}");
    let text = told(&format!("sweep {quick} --train t.txt --grid fit.epochs=1,2 --test t.txt --out c"));
    assert!(text.contains("--test and --train are one file"), "{text}");
    place.write("s.txt", "a b c\nd e f\n");
    let output = place.seqgan(&["eval", "--generated", "s.txt", "--reference", "s.txt"]);
    assert!(stderr(&output).contains("--generated and --reference are one file"), "{}", stderr(&output));
}

#[test]
fn habits_of_other_tools_get_a_tip() {
    let place = Place::new();
    for (line, tip) in [
        ("irgan train --test test.txt", "irgan rank --model DIR --data FILE"),
        ("irgan train --metric AP", "--measure"),
        ("irgan eval --metric AP q r", "-m nDCG@10"),
        ("irgan train --lr 0.1", "--g-lr and --d-lr"),
        ("irgan train --epochs=5", "--rounds"),
        ("irgan train --factors 8", "--rank"),
        ("irgan train --baseline lambdarank", "--baselines lambdarank"),
        ("irgan train --baseline mle,dns", "--baselines mle,dns"),
        ("irgan train --LambdaRank", "--method lambdarank"),
        ("irgan search --query x --index i", "without a flag"),
        ("seqgan train --lr 0.1", "--mle-lr"),
        ("seqgan train --epochs 3", "--mle-epochs"),
        ("seqgan train --test x", "seqgan eval"),
        ("irgan eval q r -a", "-m official"),
        ("irgan eval q r -Z z", "irgan compare"),
        ("irgan eval q r -k 10", "-m nDCG@10,P@5"),
        ("irgan compare q r s -k10", "-m nDCG@10,P@5"),
        ("irgan predict --model m", "irgan rank --model DIR"),
        ("irgan test", "irgan eval QRELS RUN"),
        ("irgan fit", "irgan train"),
        ("irgan trec_eval q r", "irgan eval QRELS RUN"),
        ("irgan cross-validate", "irgan cv"),
        ("seqgan sample --model m", "seqgan generate --model DIR"),
        ("seqgan rank", "a command of `irgan`"),
        ("irgan search --index idx", "--queries FILE"),
        ("seqgan eval --reference r", "--generated FILE"),
        ("irgan index --index idx", "--verify"),
    ] {
        let words: Vec<&str> = line.split_whitespace().collect();
        let output = if words[0] == "irgan" { place.irgan(&words[1..]) } else { place.seqgan(&words[1..]) };
        assert_eq!(output.status.code(), Some(2), "{line}");
        let text = stderr(&output);
        assert!(text.contains("tip: ") && text.contains(tip), "{line}: {text}");
        assert_eq!(text.matches("tip: ").count(), 1, "{line}: {text}");
    }
    let both = place.irgan(&["search"]);
    assert!(
        stderr(&both).contains("--queries FILE") && stderr(&both).contains("--model DIR"),
        "{}",
        stderr(&both)
    );
    // A negative number is a value of the flag before it, and its range is told.
    for (line, expected) in [
        ("seqgan generate --model m --temperature -1", "temperature -1: expected 0 (greedy), or 0.01 to 100"),
        ("seqgan generate --model m -n -5", "invalid value '-5' for '-n <N>'"),
        ("seqgan eval --model m --reference r --temperatures -1", "temperature -1: expected 0.01 to 100"),
        ("irgan train --g-lr -0.5", "the learning rate must be above 0"),
        ("irgan search --index i -k -1 x", "invalid value '-1' for '-k <K>'"),
    ] {
        let words: Vec<&str> = line.split_whitespace().collect();
        let output = if words[0] == "irgan" { place.irgan(&words[1..]) } else { place.seqgan(&words[1..]) };
        assert_fails_with(&output, expected);
    }
    place.write("other.txt", "a b\n");
    let file = place.seqgan(&["eval", "--model", "other.txt", "--reference", "other.txt"]);
    assert_fails(&file, 2, &["other.txt: a file", "--generated"]);
    // What is meant and cannot be mistaken is taken.
    irgan(&place, "train --method LambdaRank --baselines MLE,Dns --print-config");
    let place = self::place();
    irgan(&place, "rank --model runs/pair --data data/test.txt --player generator --out g.run");
    irgan(&place, "rank --model runs/pair --data data/test.txt --player g --out g2.run");
    assert_eq!(place.read("g.run"), place.read("g2.run"));
}
