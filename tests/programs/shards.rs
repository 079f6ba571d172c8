//! An index in shards beside a single one: the same bytes of all that is made over it; and what may be wrong with shards.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::program::{Place, assert_fails, assert_succeeds, run_files, stderr, stdout};

/// A folder with a small collection, `texts`, and an index of it, `idx`.
fn place(shards: Option<usize>) -> Place {
    let place = Place::new();
    let made = "synth --collection --out texts --documents 150 --queries 24 --seed 5";
    assert_succeeds(&place.irgan(&words(made)));
    let shards = shards.map_or(String::new(), |count| format!(" --shards {count}"));
    let index = format!("index --collection texts/documents.jsonl --index idx -q{shards}");
    assert_succeeds(&place.irgan(&words(&index)));
    place
}

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// Everything that commands make over the index, by name.
fn everything(place: &Place) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut made = |name: &str, line: &str| {
        let output = place.irgan(&words(line));
        assert_succeeds(&output);
        found.insert(name.to_owned(), output.stdout);
    };
    let train = "--index idx --queries texts/topics.train.tsv --qrels texts/qrels.train.txt";
    let test = "--index idx --queries texts/topics.test.tsv";
    for score in ["bm25", "lm-dirichlet", "lm-jm", "tf-idf"] {
        made(score, &format!("search {test} -k 40 --score {score}"));
    }
    made("feedback", &format!("search {test} -k 40 --feedback"));
    made("field", &format!("search {test} -k 40 --field title --format csv"));
    let topics = String::from_utf8(place.read("texts/topics.test.tsv")).expect("text");
    let query = topics.lines().next().and_then(|line| line.split_once('\t')).expect("a topic").1;
    let show = place.irgan(&["search", "--index", "idx", query, "--format", "json"]);
    assert_succeeds(&show);
    assert!(stdout(&show).contains("words"), "{}", stdout(&show));
    made("features", &format!("features {train} --out letor.txt"));
    made(
        "train",
        &format!(
            "train --pairwise -q {train} --out run --random-documents 20 --similarity --fit-epochs 5 --rounds 1 --baselines none \
             --controls none"
        ),
    );
    made("rank", &format!("rank --model run {test} --out run.txt"));
    made(
        "inspect",
        "inspect run --importance texts/topics.test.tsv --index idx --qrels texts/qrels.test.txt --repeats 1",
    );
    made("by the model", "search --model run --queries texts/topics.test.tsv -k 5");
    let folds = "--queries texts/topics.tsv --qrels texts/qrels.txt --folds 3 --seeds 1 --method listnet --fit-epochs 5 --latent 5";
    made("cv", &format!("cv -q --index idx {folds} --out cv"));
    found.insert("snippets".into(), show.stdout);
    for name in ["letor.txt", "run.txt"] {
        found.insert(name.into(), place.read(name));
    }
    for folder in ["run", "cv"] {
        let files = run_files(&place.path(folder)).into_iter();
        found.extend(files.map(|(name, bytes)| (format!("{folder}/{name}"), bytes)));
    }
    found
}

#[test]
fn all_that_is_made_over_shards_is_that_of_the_single_index() {
    let counts = [None, Some(1), Some(2), Some(3)];
    let found: Vec<_> = std::thread::scope(|scope| {
        let threads = counts.map(|shards| scope.spawn(move || everything(&place(shards))));
        threads.into_iter().map(|thread| thread.join().expect("no failure")).collect()
    });
    assert!(
        found[0].contains_key("run/generator.safetensors") && found[0].len() > 20,
        "{:?}",
        found[0].keys()
    );
    for (shards, found_here) in counts.iter().zip(&found) {
        let names = |of: &BTreeMap<String, Vec<u8>>| of.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(found_here), names(&found[0]), "{shards:?}");
        let differing: Vec<_> =
            found_here.iter().filter(|(name, bytes)| found[0][*name] != **bytes).collect();
        let names: Vec<_> = differing.iter().map(|(name, _)| name).collect();
        assert!(names.is_empty(), "{shards:?} shards: {names:?} differ");
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name())).expect("readable");
        match path.is_dir() {
            true => copy(&path, &to.join(name)),
            false => drop(fs::copy(&path, to.join(name)).expect("writable")),
        }
    }
}

#[test]
fn each_fault_of_a_shard_is_one_error_that_names_it() {
    let place = place(Some(3));
    let search = |place: &Place, index: &str| place.irgan(&["search", "--index", index, "x"]);
    let shard = place.path("idx/shard-2");
    fs::rename(&shard, place.path("away")).expect("movable");
    let remedy = "irgan index --force";
    assert_fails(&search(&place, "idx"), 1, &["idx/shard-2: is missing", "one of the 3 shards", remedy]);
    fs::create_dir(&shard).expect("a folder");
    assert_fails(&search(&place, "idx"), 1, &["idx/shard-2: is missing or unfinished"]);
    fs::remove_dir(&shard).expect("empty");

    let backwards: Vec<u8> = {
        let text = String::from_utf8(place.read("texts/documents.jsonl")).expect("UTF-8");
        text.lines().rev().flat_map(|line| [line, "\n"]).collect::<String>().into_bytes()
    };
    place.write("backwards.jsonl", backwards);
    let other = "index --collection backwards.jsonl --index other --shards 3 -q";
    assert_succeeds(&place.irgan(&words(other)));
    copy(&place.path("other/shard-2"), &shard);
    assert_fails(
        &search(&place, "idx"),
        1,
        &["idx/shard-2: is a shard of another index", "shard 2 of 3", remedy],
    );
    fs::remove_dir_all(&shard).expect("removable");
    fs::rename(place.path("away"), &shard).expect("movable");
    assert_succeeds(&search(&place, "idx"));

    let statistics = place.read("idx/shard-2/statistics.bin");
    let mut damaged = statistics.clone();
    damaged[40] ^= 1;
    place.write("idx/shard-2/statistics.bin", damaged);
    for output in [search(&place, "idx"), place.irgan(&["index", "--verify", "--index", "idx"])] {
        assert_fails(&output, 1, &["idx/shard-2/statistics.bin: damaged", remedy]);
    }
    place.write("idx/shard-2/statistics.bin", statistics);

    let list = String::from_utf8(place.read("idx/shards.toml")).expect("TOML");
    for (from, to, part) in [
        ("format = 1", "format = 2", "is not the format 1"),
        ("language = \"en\"", "language = \"de\"", "its check sum is wrong"),
        ("documents = 150", "documents = 151", "its check sum is wrong"),
        ("format = 1", "speed = 1", "not the shards of an index of this version"),
    ] {
        assert!(list.contains(from), "{list}");
        place.write("idx/shards.toml", list.replacen(from, to, 1));
        assert_fails(&search(&place, "idx"), 1, &["idx", part, remedy]);
    }
    fs::remove_file(place.path("idx/shards.toml")).expect("removable");
    assert_fails(&search(&place, "idx"), 1, &["idx: is unfinished", "shards.toml", remedy]);
    place.write("idx/shards.toml", list);
    assert_fails(&search(&place, "idx/shard-1"), 1, &["idx/shard-1: is shard 1 of 3", "--index"]);
    assert_succeeds(&search(&place, "idx"));
    let verified = place.irgan(&["index", "--verify", "--index", "idx"]);
    assert!(stdout(&verified).contains("idx: 150 documents"), "{}", stderr(&verified));
}

#[test]
fn shards_are_as_many_as_documents_at_most_and_are_replaced_as_a_whole() {
    let place = Place::new();
    place.write("docs.jsonl", "{\"id\":\"a\",\"text\":\"red\"}\n{\"id\":\"b\",\"text\":\"red wing\"}\n");
    let index =
        |more: &str| place.irgan(&words(&format!("index --collection docs.jsonl --index idx {more}")));
    assert_fails(&index("--shards 3"), 1, &["3 shards of 2 documents", "--shards"]);
    assert!(!place.path("idx").exists() && !place.path("idx.partial").exists());
    assert_eq!(index("--shards 0").status.code(), Some(2));
    let done = index("--shards 2");
    assert_succeeds(&done);
    assert!(stderr(&done).contains("2 documents in 2 shards"), "{}", stderr(&done));
    assert_fails(&index("--shards 2"), 2, &["idx: there is an index already", "--force"]);
    place.write("idx.partial/shard-1/segments/rest", "x"); // another process was killed
    assert_succeeds(&index("--force"));
    assert!(place.path("idx/index.toml").is_file() && !place.path("idx/shard-1").exists());
    assert_succeeds(&index("--force --shards 1"));
    assert!(place.path("idx/shards.toml").is_file() && !place.path("idx/index.toml").exists());
    assert!(!place.path("idx.partial").exists() && !place.path("idx.old").exists());
    place.write("idx.partial/shard-1/mine", "x");
    assert_fails(&index("--force"), 2, &["idx.partial/shard-1/mine: in the way"]);
}
