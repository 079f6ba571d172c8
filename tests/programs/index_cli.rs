//! Texts from documents to a ranking, through the real program; and what may go wrong on the way.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::support::program::{Place, assert_fails, assert_succeeds, stderr, stdout};

/// A folder with documents, queries and judgements of the generated collection, and an index of them.
fn place() -> Place {
    place_of("300", "40")
}

fn place_of(documents: &str, queries: &str) -> Place {
    let place = Place::new();
    let made = [
        "synth",
        "--collection",
        "--out",
        "texts",
        "--documents",
        documents,
        "--queries",
        queries,
        "--seed",
        "3",
    ];
    assert_succeeds(&place.irgan(&made));
    assert_succeeds(&place.irgan(&[
        "index",
        "--collection",
        "texts/documents.jsonl",
        "--index",
        "idx",
        "-q",
    ]));
    place
}

fn search(place: &Place, more: &[&str]) -> std::process::Output {
    place.irgan(&[&["search", "--index", "idx"], more].concat())
}

/// The first measure of the first run in a table of `irgan eval --format json`.
fn ndcg(place: &Place, run: &str) -> f64 {
    let output =
        place.irgan(&["eval", "texts/qrels.test.txt", run, "-m", "nDCG@10", "-c", "--format", "json"]);
    assert_succeeds(&output);
    let rows: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("JSON");
    rows[0]["nDCG@10"].as_f64().expect("a number")
}

const QUICK: [&str; 4] = ["--rounds", "2", "--fit-epochs", "100"];

#[test]
fn a_ranker_learns_to_do_better_than_bm25() {
    let place = place_of("800", "120");
    let texts = ["--index", "idx", "--queries", "texts/topics.train.tsv", "--qrels", "texts/qrels.train.txt"];
    let train = [
        &["train", "--pairwise", "-q", "--out", "run", "--baselines", "mle", "--controls", "none"],
        &texts[..],
        &QUICK,
    ]
    .concat();
    let trained = place.irgan(&train);
    assert_succeeds(&trained);
    let table = stdout(&trained);
    assert!(table.contains("bm25 with feedback") && table.contains("irgan-pairwise generator"), "{table}");
    assert!(table.contains("= mle)") && !table.contains("\nmle "), "{table}");
    assert!(table.contains(" against bm25"), "{table}");
    let test = ["--queries", "texts/topics.test.tsv"];
    assert_succeeds(&search(&place, &[&test[..], &["-k", "1000", "--out", "bm25.run"]].concat()));
    let rank = ["rank", "--model", "run", "--index", "idx", "--out", "irgan.run"];
    assert_succeeds(&place.irgan(&[&rank[..], &test].concat()));
    // The same ranker on the screen, by the index that the run names, and its best ten for every query.
    let topics = String::from_utf8(place.read("texts/topics.test.tsv")).expect("text");
    let (id, words) = topics.lines().next().and_then(|line| line.split_once('\t')).expect("a topic");
    let hits = place.irgan(&["search", "--model", "run", words, "--format", "json", "-k", "3"]);
    assert_succeeds(&hits);
    let hits: serde_json::Value = serde_json::from_str(&stdout(&hits)).expect("JSON");
    let run = String::from_utf8(place.read("irgan.run")).expect("text");
    let ranked: Vec<&str> = run
        .lines()
        .filter(|line| line.starts_with(&format!("{id} ")))
        .filter_map(|line| line.split(' ').nth(2))
        .collect();
    let first: Vec<&str> = (0..3).map(|rank| hits[rank]["id"].as_str().expect("an id")).collect();
    assert_eq!(first, ranked[..3]);
    assert!(hits[0]["words"].as_array().is_some_and(|words| !words.is_empty()), "{hits}");
    let mle = ["search", "--model", "run/baselines/mle", "--index", "idx", "--out", "mle.run", "-k", "5"];
    assert_succeeds(&place.irgan(&[&mle[..], &test].concat()));
    assert!(place.read("mle.run").ends_with(b" mle-ranker\n"));
    assert_fails(
        &place.irgan(&[&mle[..], &test].concat()),
        2,
        &["mle.run: there is a file already", "--force"],
    );
    assert_succeeds(&place.irgan(&[&mle[..], &test, &["--force"]].concat()));
    let (before, after) = (ndcg(&place, "bm25.run"), ndcg(&place, "irgan.run"));
    assert!(after > before + 0.02, "nDCG@10: BM25 {before}, re-ranked {after}");
    // Only what was found is ranked.
    let documents = |run: &str| {
        let text = String::from_utf8(place.read(run)).expect("text");
        let mut pairs: Vec<String> =
            text.lines().map(|line| line.split(' ').step_by(2).take(2).collect()).collect();
        pairs.sort();
        pairs
    };
    assert_eq!(documents("bm25.run"), documents("irgan.run"));
    // The same again, and again on another number of threads.
    assert_succeeds(&place.irgan(&[&["--threads", "1"], &rank[..6], &["again.run"], &test].concat()));
    assert_eq!(place.read("irgan.run"), place.read("again.run"));
}

#[test]
fn neither_segments_nor_the_order_of_documents_change_a_ranker() {
    let place = place();
    let documents = String::from_utf8(place.read("texts/documents.jsonl")).expect("UTF-8");
    let backwards: Vec<&str> = documents.lines().rev().collect();
    place.write("backwards.jsonl", backwards.join("\n"));
    let index = ["index", "--collection", "backwards.jsonl", "--index", "backwards", "-q", "--threads", "1"];
    assert_succeeds(&place.irgan(&index));
    for index in ["idx", "backwards"] {
        let out = format!("of-{index}");
        let texts =
            ["--index", index, "--queries", "texts/topics.train.tsv", "--qrels", "texts/qrels.train.txt"];
        let more = ["--random-documents", "20", "--similarity", "--baselines", "none", "--controls", "none"];
        let train =
            [&["train", "-q", "--out", &out, "--fit-epochs", "20", "--rounds", "2"], &texts[..], &more];
        assert_succeeds(&place.irgan(&train.concat()));
    }
    for name in ["generator.safetensors", "discriminator.safetensors", "metrics.csv"] {
        assert!(
            place.read(&format!("of-idx/{name}")) == place.read(&format!("of-backwards/{name}")),
            "{name}"
        );
    }
}

#[test]
fn cross_validation_ranks_every_query_once() {
    let place = place();
    let texts =
        ["--index", "idx", "--queries", "texts/topics.tsv", "--qrels", "texts/qrels.txt", "--folds", "4"];
    let cv =
        [&["cv", "--method", "mle", "--baselines", "none", "--out", "cv", "--fit-epochs", "5"], &texts[..]]
            .concat();
    let output = place.irgan(&cv);
    assert_succeeds(&output);
    let table = stdout(&output);
    assert!(table.contains("bm25-rm3") && table.contains("mle"), "{table}");
    let queries = |run: &str| {
        let text = String::from_utf8(place.read(run)).expect("text");
        let mut ids: Vec<String> =
            text.lines().map(|line| line.split(' ').next().unwrap_or("").to_owned()).collect();
        ids.sort();
        ids.dedup();
        ids.len()
    };
    assert_eq!((queries("cv/mle-1.run"), queries("cv/bm25-1.run")), (40, 40));
    assert_fails(
        &place.irgan(&[&cv[..cv.len() - 1], &["two", "--force"]].concat()),
        2,
        &["(--folds) is a number"],
    );
    assert_fails(&place.irgan(&[&cv[..cv.len() - 1], &["2", "--force"]].concat()), 2, &["at least 3"]);
    assert_fails(
        &place.irgan(&[&cv[..cv.len() - 1], &["99", "--force"]].concat()),
        2,
        &["40 judged queries"],
    );
}

#[test]
fn features_are_a_letor_file_for_other_tools() {
    let place = place();
    let flags =
        ["features", "--index", "idx", "--queries", "texts/topics.tsv", "--depth", "50", "--out", "f.txt"];
    assert_succeeds(
        &place.irgan(
            &[&flags[..], &["--qrels", "texts/qrels.txt", "--random-documents", "5", "--tune", "nDCG@10"]]
                .concat(),
        ),
    );
    let set =
        irgan::data::features::letor::read(place.path("f.txt"), &Default::default()).expect("a LETOR file");
    assert_eq!(set.queries().len(), 40);
    assert_eq!(set.feature_names()[0], "all.bm25");
    assert!(set.grades().contains(&-1) && set.grades().contains(&2));
    // Without judgements: just what is found.
    assert_succeeds(&place.irgan(&flags));
    let found =
        irgan::data::features::letor::read(place.path("f.txt"), &Default::default()).expect("a LETOR file");
    assert!(found.documents() < set.documents() && found.documents() <= 40 * 50);
    assert!(found.grades().iter().all(|&grade| grade == -1));
}

#[test]
fn searching_on_the_terminal() {
    let place = place();
    let text = String::from_utf8(place.read("texts/topics.tsv")).expect("text");
    let query = text.lines().next().and_then(|line| line.split('\t').nth(1)).expect("a topic").to_owned();
    let output = search(&place, &[&query, "-k", "3"]);
    assert_succeeds(&output);
    let page = stdout(&output);
    assert!(page.contains('[') && !page.contains('\u{1b}'), "no marks, or colours in a pipe: {page}");
    assert!(
        page.lines().filter(|line| line.trim_start().starts_with(['1', '2', '3'])).count() >= 3,
        "{page}"
    );
    let nothing = search(&place, &["the of and"]);
    assert_succeeds(&nothing);
    assert!(stderr(&nothing).contains("no term to search for"), "{}", stderr(&nothing));
    assert!(stderr(&search(&place, &["qqqqzzzz"])).contains("no document has these terms"));
    place.write("topics.tsv", format!("a\t{query}\nb\tqqqqzzzz\n"));
    let some = search(&place, &["--queries", "topics.tsv", "--out", "x.run"]);
    assert_succeeds(&some);
    assert!(stderr(&some).contains("queries that find nothing: 1, the first is b"), "{}", stderr(&some));
}

#[test]
fn signs_are_told_to_be_plain_words_and_runs_may_go_to_standard_output() {
    let place = Place::new();
    place.write("docs.tsv", "d1\tsalt\tsea\u{1b}[31m and \u{202e}wind\nd2\tsea\tbrine\n");
    assert_succeeds(&place.irgan(&["index", "--collection", "docs.tsv", "--index", "idx", "-q"]));
    let found = search(&place, &["title:sea AND \"brine\"", "-q"]);
    assert!(stderr(&found).contains("read as plain words: quotes, title:, AND"), "{}", stderr(&found));
    assert!(stdout(&found).contains("d2") && stderr(&search(&place, &["sea brine"])).is_empty());
    let page = stdout(&search(&place, &["wind"]));
    assert!(page.contains("\\u{1b}[31m and \\u{202e}[wind]") && !page.contains('\u{1b}'), "{page}");
    place.write("topics.tsv", "a\tsea\nb\tnothing\n");
    let run = search(&place, &["--queries", "topics.tsv"]);
    let lines = stdout(&run);
    assert!(lines.lines().count() == 2 && lines.starts_with("a Q0 d"), "{lines}");
    assert!(stderr(&run).contains("queries that find nothing: 1, the first is b"));
    let csv = stdout(&search(&place, &["--queries", "topics.tsv", "--format", "csv"]));
    assert!(csv.starts_with("query,rank,id,score\n") && csv.lines().count() > 1, "{csv}");
    let json = stdout(&search(&place, &["--queries", "topics.tsv", "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!((&json[1]["query"], &json[1]["rank"]), (&"a".into(), &2.into()));
    let model = search(&place, &["sea", "--model", "x", "--feedback"]);
    assert_eq!(model.status.code(), Some(2), "{}", stderr(&model));
}

#[test]
fn trec_files_and_topics_go_from_standard_input_to_a_run() {
    let place = Place::new();
    place.write(
        "disk/wsj",
        "<DOC>\n<DOCNO>W1</DOCNO><DATE>9</DATE>\n<HL>Salt</HL>\n<TEXT>\nof the sea\n</TEXT>\n</DOC>\n",
    );
    place.write("disk/README", "x\n");
    let made = place.irgan(&["index", "--collection", "disk", "--index", "idx"]);
    assert_succeeds(&made);
    assert!(
        stderr(&made).contains("nothing tells their format: 1; the first is")
            && stderr(&made).contains("left out of the documents: DATE"),
        "{}",
        stderr(&made)
    );
    let pipe = |arguments: &[&str], name: &str| {
        let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("irgan"));
        let input = fs::File::open(place.path(name)).expect("written");
        command.current_dir(place.folder()).args(arguments).stdin(input).output().expect("the program starts")
    };
    assert_succeeds(&pipe(&["index", "--collection", "-", "--index", "idx", "--force"], "disk/wsj"));
    place.write("topics", "<top>\n<num> Number: 7\n<title> sea salt\n</top>\n");
    let run = pipe(&["search", "--index", "idx", "--queries", "-"], "topics");
    assert_succeeds(&run);
    assert!(stdout(&run).starts_with("7 Q0 W1 "), "{}", stdout(&run));
}

#[test]
fn usage_is_checked() {
    let place = place();
    for (flags, part) in [
        (&["x", "--field", "colour"][..], "the index has all, title, body"),
        (&["x", "--k1=-1"], "--k1"),
        (&["x", "--b", "1.5"], "(--b) must lie in 0 to 1"),
        (&["x", "--lambda", "NaN"], "--lambda"),
        (&["x", "--feedback", "--feedback-original", "2"], "--feedback-original"),
    ] {
        let output = search(&place, flags);
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(part), "{flags:?}: {}", stderr(&output));
    }
    assert_eq!(search(&place, &[]).status.code(), Some(2));
    assert_eq!(search(&place, &["x", "-k", "0"]).status.code(), Some(2));
    let train = ["train", "--index", "idx", "--queries", "texts/topics.tsv", "--out", "r"];
    assert_fails(&place.irgan(&train), 2, &["--qrels"]);
    let more =
        |flags: &[&'static str]| place.irgan(&[&train[..], &["--qrels", "texts/qrels.txt"], flags].concat());
    assert_fails(&more(&["--valid-share", "1"]), 2, &["--valid-share"]);
    assert_fails(&more(&["--depth", "0"]), 2, &["depth"]);
}

#[test]
fn what_cannot_be_learned_from_is_named() {
    let place = place();
    let train = |qrels: &str| {
        place.write("q.txt", qrels);
        place.irgan(
            &[
                &[
                    "train",
                    "--index",
                    "idx",
                    "--queries",
                    "texts/topics.tsv",
                    "--qrels",
                    "q.txt",
                    "--out",
                    "r",
                    "--force",
                    "-q",
                ][..],
                &QUICK,
            ]
            .concat(),
        )
    };
    assert_fails(
        &train("1 0 d1 1\n"),
        1,
        &["no topic has a judgement", "such as q1, judgements such as 1", "--query-ids"],
    );
    assert_fails(&train("q1 0 d1 1\n"), 1, &["queries that have judgements: 1; at least 2"]);
    assert_fails(&train("q1 0 d1 99\nq2 0 d2 1\n"), 1, &["grade 99 of d1", "--grades"]);
    assert_fails(&train("q1 0 gone 1\nq2 0 lost 1\nq3 0 d1 0\n"), 1, &["nothing to learn from"]);
    // A model of texts needs an index; a model of feature vectors has none.
    assert_succeeds(&place.irgan(&[
        "train",
        "-q",
        "--out",
        "plain",
        "--rounds",
        "1",
        "--fit-epochs",
        "1",
        "--baselines",
        "none",
        "--controls",
        "none",
    ]));
    let rank =
        ["rank", "--model", "plain", "--index", "idx", "--queries", "texts/topics.tsv", "--out", "x.run"];
    assert_fails(&place.irgan(&rank), 1, &["retrieval.toml is missing"]);
}

#[test]
fn what_a_join_leaves_out_is_counted() {
    let place = place();
    let topics = String::from_utf8(place.read("texts/topics.tsv")).expect("text");
    let few: Vec<&str> = topics.lines().take(8).collect();
    place.write("few.tsv", few.join("\n") + "\nnew\tsalt\n");
    let texts = ["--index", "idx", "--queries", "few.tsv", "--qrels", "texts/qrels.txt"];
    let train = ["train", "--method", "lambdarank", "--baselines", "none", "--out", "m"];
    let cv =
        ["cv", "--method", "mle", "--baselines", "none", "--out", "cv", "--fit-epochs", "2", "--folds", "3"];
    for command in [&train[..], &["features", "--out", "f.txt"], &cv] {
        let output = place.irgan(&[command, &texts].concat());
        assert_succeeds(&output);
        let said = stderr(&output);
        assert!(said.contains("32 of 40 judged queries have no topic, the first is"), "{said}");
        assert!(said.contains("1 of 9 topics have no judgement, the first is new"), "{said}");
    }
}

#[test]
fn an_index_is_not_replaced_unasked_and_nothing_else_ever() {
    let place = place();
    let index = |flags: &[&'static str]| {
        place.irgan(&[&["index", "--collection", "texts/documents.jsonl", "-q"], flags].concat())
    };
    assert_fails(&index(&["--index", "idx"]), 2, &["there is an index already", "--force"]);
    assert_succeeds(&index(&["--index", "idx", "--force"]));
    assert_succeeds(&search(&place, &["x", "-k", "1"]));
    assert_fails(&index(&["--index", "texts", "--force"]), 2, &["is no index, so it is not replaced"]);
    fs::create_dir(place.path("new.partial")).expect("a folder");
    place.write("new.partial/thesis.txt", "mine");
    assert_fails(&index(&["--index", "new"]), 2, &["thesis.txt: in the way"]);
    assert_eq!(place.read("new.partial/thesis.txt"), b"mine");
    assert_fails(&search(&place, &["x", "--index", "texts"]), 2, &["--index"]); // given twice
    assert_fails(
        &place.irgan(&["search", "--index", "texts", "x"]),
        1,
        &["texts: is no index", "irgan index"],
    );
}

#[test]
fn a_collection_with_a_fault_leaves_no_index() {
    let place = Place::new();
    for (bytes, part) in [
        ("{\"id\": \"a\", \"text\": \"x\"}\n{\"id\": \"a\", \"text\": \"y\"}\n", "docs.jsonl:2: "),
        ("{\"id\": \"a\", \"text\": \"x\"}\n{\"id\": \"b c\", \"text\": \"y\"}\n", "docs.jsonl:2: "),
        ("{\"id\": \"a\", \"text\": \"x\"}\n{\"id\": \n", "docs.jsonl:2: "),
        ("", "docs.jsonl: "),
    ] {
        place.write("docs.jsonl", bytes);
        let output = place.irgan(&["index", "--collection", "docs.jsonl", "--index", "idx", "-q"]);
        assert_fails(&output, 1, &[part]);
        assert!(!place.path("idx").exists() && !place.path("idx.partial").exists(), "{bytes}");
    }
    // Late, too: after the first thousand documents and a commit's worth of others.
    let mut text: String =
        (0..3000).map(|i| format!("{{\"id\": \"d{i}\", \"text\": \"word{i}\"}}\n")).collect();
    text.push_str("{nonsense\n");
    place.write("docs.jsonl", text);
    let output = place.irgan(&["index", "--collection", "docs.jsonl", "--index", "idx", "-q"]);
    assert_fails(&output, 1, &["docs.jsonl:3001: "]);
    assert!(!place.path("idx").exists() && !place.path("idx.partial").exists());
}

#[test]
fn odd_documents_are_indexed() {
    let place = Place::new();
    let huge = "word ".repeat(10 << 20); // 50 MiB
    let late: String = (0..1100).map(|i| format!("{{\"id\": \"n{i}\", \"text\": \"filler\"}}\n")).collect();
    let text = format!(
        "{{\"id\": \"empty\"}}\n{{\"id\": \"huge\", \"text\": \"{huge}\"}}\n{late}{{\"id\": \"late\", \"colour\": \"purple\"}}\n"
    );
    place.write("docs.jsonl", text);
    let output = place.irgan(&["index", "--collection", "docs.jsonl", "--index", "idx", "-q"]);
    assert_succeeds(&output);
    let text = stderr(&output);
    assert!(
        text.contains("documents without text, which are never found: 1") && text.contains("colour"),
        "{text}"
    );
    let found = search(&place, &["word purple"]);
    assert_succeeds(&found);
    assert!(stdout(&found).contains("huge") && stdout(&found).contains("late"), "{}", stdout(&found));
}

/// Every file of a folder and of those in it.
fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn damage_is_noticed() {
    let place = place();
    for path in files(&place.path("idx")) {
        let name = path.strip_prefix(place.path("idx")).expect("inside").display().to_string();
        let whole = fs::read(&path).expect("readable");
        let mut wrong = whole.clone();
        let middle = wrong.len() / 2;
        wrong[middle] ^= 0x55;
        for damaged in [&whole[..whole.len() - 1], &wrong, b""] {
            fs::write(&path, damaged).expect("writable");
            let output = search(&place, &["x"]);
            // Without its last line feed index.toml says the same.
            if name == "index.toml" && damaged.len() == whole.len() - 1 {
                assert_succeeds(&output);
            } else {
                assert_fails(&output, 1, &["idx"]);
                assert_fails(&place.irgan(&["index", "--verify", "--index", "idx"]), 1, &["idx"]);
            }
        }
        fs::remove_file(&path).expect("removable");
        assert_fails(&search(&place, &["x"]), 1, &["idx"]);
        fs::write(&path, whole).expect("writable");
    }
    assert_succeeds(&search(&place, &["x"]));
    let header = String::from_utf8(place.read("idx/index.toml")).expect("text");
    for (from, to, part) in [
        ("format = 2", "format = 3", "is not the format 2"),
        ("tantivy = \"0.27\"", "tantivy = \"0.99\"", "tantivy 0.99"),
        ("fields = [", "fields = [\"more\", ", "its check sum is wrong"),
        ("language = \"en\"", "language = \"es\"", "its check sum is wrong"),
        ("format = 2", "speed = 2", "not an index of this version"),
    ] {
        place.write("idx/index.toml", header.replacen(from, to, 1));
        assert_fails(&search(&place, &["x"]), 1, &[part]);
    }
}

#[test]
fn verifying_says_what_was_verified() {
    let place = place();
    let verify = place.irgan(&["index", "--verify", "--index", "idx"]);
    assert_succeeds(&verify);
    assert!(stdout(&verify).contains("idx: 300 documents") && stdout(&verify).contains("undamaged"));
    assert_eq!(place.irgan(&["index", "--verify", "--index", "idx", "--force"]).status.code(), Some(2));
}

/// Names and permissions of every file of an index.
#[cfg(unix)]
fn modes(place: &Place) -> Vec<(std::path::PathBuf, u32)> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    let mut modes: Vec<_> =
        files(&place.path("idx")).into_iter().map(|path| (path.clone(), mode(&path))).collect();
    modes.sort();
    modes
}

#[cfg(unix)]
#[test]
fn an_index_can_be_read_by_others_and_searching_writes_nothing() {
    let place = place();
    let ordinary = place.write("ordinary", "");
    let before = modes(&place);
    use std::os::unix::fs::PermissionsExt as _;
    let mode = fs::metadata(ordinary).expect("a file").permissions().mode() & 0o777;
    assert!(before.iter().all(|(_, found)| *found == mode), "{before:?}");
    assert!(before.iter().all(|(path, _)| !path.display().to_string().contains("segments/.")), "{before:?}");
    assert_succeeds(&search(&place, &["x"]));
    assert_eq!(modes(&place), before);
}

#[test]
fn of_two_that_build_one_index_the_second_is_refused() {
    let place = place();
    fs::create_dir(place.path("idx.partial")).expect("a folder");
    let lock = fs::File::create(place.path("idx.partial/lock")).expect("a file");
    lock.lock().expect("free");
    let index = ["index", "--collection", "texts/documents.jsonl", "--index", "idx", "--force", "-q"];
    assert_fails(&place.irgan(&index), 2, &["another program is building this index"]);
    assert_succeeds(&search(&place, &["x"]));
    drop(lock); // the other process was killed
    place.write("idx.partial/segments/rest", "x");
    assert_succeeds(&place.irgan(&index));
    assert!(!place.path("idx.partial").exists() && !place.path("idx/lock").exists());
    let mut both = [place.start(&index), place.start(&index)];
    let done = both.each_mut().map(|child| child.wait().expect("it ended").code());
    assert!(done.contains(&Some(0)) && done.iter().all(|code| [Some(0), Some(2)].contains(code)), "{done:?}");
    assert_succeeds(&place.irgan(&["index", "--verify", "--index", "idx"]));
}

#[cfg(unix)]
#[test]
fn links_at_the_names_of_unfinished_files_are_not_followed() {
    use std::os::unix::fs::symlink;
    let place = place();
    let treasure = place.write("treasure", "mine");
    let index = ["index", "--collection", "texts/documents.jsonl", "--index", "new", "-q"];
    for (name, works) in [("statistics.bin", true), ("segments", true), ("index.toml", true), ("lock", false)]
    {
        fs::create_dir(place.path("new.partial")).expect("a folder");
        symlink(&treasure, place.path("new.partial").join(name)).expect("a link");
        let output = place.irgan(&index);
        if works {
            assert_succeeds(&output);
            fs::remove_dir_all(place.path("new")).expect("an index");
        } else {
            assert_fails(&output, 1, &["new.partial/lock"]);
            fs::remove_dir_all(place.path("new.partial")).expect("as it was");
        }
        assert_eq!(place.read("treasure"), b"mine", "{name}");
    }
    fs::create_dir(place.path("elsewhere")).expect("a folder");
    symlink(place.path("elsewhere"), place.path("new.partial")).expect("a link");
    assert_fails(&place.irgan(&index), 2, &["new.partial: in the way"]);
    assert!(fs::read_dir(place.path("elsewhere")).expect("a folder").next().is_none());
}

#[test]
fn a_killed_run_leaves_no_index_and_is_not_in_the_way() {
    let place = Place::new();
    let made = ["synth", "--collection", "--out", "texts", "--documents", "6000", "--queries", "20"];
    assert_succeeds(&place.irgan(&made));
    let index = ["index", "--collection", "texts/documents.jsonl", "--index", "idx", "-q"];
    let mut killed = 0;
    for wait in [0, 5, 20, 60, 120, 200, 300, 450] {
        let mut child = place.start(&index);
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().expect("SIGKILL");
        child.wait().expect("it ended");
        let output = place.irgan(&["search", "--index", "idx", "x"]);
        if output.status.success() {
            fs::remove_dir_all(place.path("idx")).expect("removable"); // it was faster
        } else {
            killed += 1;
            assert_fails(&output, 1, &["idx: is no index"]);
        }
    }
    assert!(killed > 0, "every run was faster than its SIGKILL");
    assert_succeeds(&place.irgan(&index));
    assert_succeeds(&place.irgan(&["search", "--index", "idx", "x"]));
    // Two at once: one says so, or both come one after the other.
    let mut first = place.start(&[&index[..4], &["two", "-q"]].concat());
    let second = place.irgan(&[&index[..4], &["two", "-q"]].concat());
    first.wait().expect("it ended");
    assert!([Some(0), Some(2)].contains(&second.status.code()), "{}", stderr(&second));
    assert_succeeds(&place.irgan(&["search", "--index", "two", "x"]));
}

#[test]
fn words_of_overlapping_pairs_of_characters_are_marked_as_one() {
    let place = Place::new();
    place.write("docs.jsonl", "{\"id\":\"a\",\"text\":\"五岳归来不看山\"}\n");
    let index = ["index", "--collection", "docs.jsonl", "--language", "zh", "--index", "idx", "-q"];
    assert_succeeds(&place.irgan(&index));
    let found = search(&place, &["五岳归来"]);
    assert_succeeds(&found);
    assert!(stdout(&found).contains("[五岳归来]不看山"), "{}", stdout(&found));
}

#[test]
fn candidates_come_from_the_run_of_another_engine() {
    let place = place();
    let of = |part: &str| [format!("texts/topics.{part}.tsv"), format!("texts/qrels.{part}.txt")];
    // Another engine: a search by likelihood, whose scores are negative.
    for part in ["train", "test"] {
        let [topics, _] = of(part);
        let run = format!("{part}.run");
        let flags = ["--queries", &topics, "--score", "lm-dirichlet", "-k", "50", "--out", &run];
        assert_succeeds(&search(&place, &flags));
    }
    let [topics, qrels] = of("train");
    let train = |out: &str, candidates: &[&str]| {
        let flags = ["train", "--method", "mle", "-q", "--no-latent", "--fit-epochs", "30", "--out", out];
        let texts = ["--index", "idx", "--queries", &topics, "--qrels", &qrels, "--baselines", "none"];
        place.irgan(&[&flags[..], &texts, candidates].concat())
    };
    let trained = train("own", &["--candidates", "train.run"]);
    assert_succeeds(&trained);
    assert!(stdout(&trained).contains("\ncandidates "), "{}", stdout(&trained));
    assert!(stdout(&trained).contains("--candidates RUN"), "{}", stdout(&trained));
    assert_succeeds(&train("plain", &[]));

    let [topics, qrels] = of("test");
    let rank = |model: &str, more: &[&str]| {
        let flags = ["rank", "--model", model, "--index", "idx", "--queries", &topics, "--out", "re.run"];
        place.irgan(&[&flags[..], more].concat())
    };
    assert_succeeds(&rank("own", &["--candidates", "test.run"]));
    let ids = |name: &str| -> Vec<String> {
        let text = String::from_utf8(place.read(name)).expect("text");
        let pair = |line: &str| line.split(' ').step_by(2).take(2).collect::<Vec<_>>().join(" ");
        let mut ids: Vec<String> = text.lines().map(pair).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(ids("re.run"), ids("test.run"), "the same documents in another order");
    assert!(ndcg(&place, "re.run") > 0.0);

    assert_fails(&rank("own", &[]), 2, &["candidates of another engine", "--candidates"]);
    assert_fails(&rank("plain", &["--candidates", "test.run"]), 2, &["knows no scores of a run"]);
    assert_fails(&rank("own", &["--candidates", "train.run"]), 1, &["train.run", "no topic is a query"]);
    let found = place.irgan(&["search", "--model", "own", "--index", "idx", "word"]);
    assert_fails(&found, 1, &["irgan rank --candidates RUN"]);

    place.write("part.run", "nobody Q0 nothing 1 2.0 x\n");
    assert_fails(
        &rank("own", &["--candidates", "part.run"]),
        1,
        &["none of its documents is in the index", "nothing"],
    );
    let features = |more: &[&str]| {
        let flags = ["features", "--index", "idx", "--queries", &topics, "--qrels", &qrels, "--out", "f.txt"];
        place.irgan(&[&flags[..], more].concat())
    };
    assert_succeeds(&features(&["--candidates", "test.run"]));
    let head = String::from_utf8(place.read("f.txt")).expect("text");
    assert!(
        head.lines().take_while(|line| line.starts_with('#')).any(|line| line.contains("run")),
        "{}",
        &head[..2000]
    );
    let importance = ["inspect", "own", "--importance", &topics, "--index", "idx", "--qrels", &qrels];
    let importance =
        place.irgan(&[&importance[..], &["--candidates", "test.run", "--repeats", "1"]].concat());
    assert_succeeds(&importance);
}
