//! Bad input to `seqgan`: one clear error that names the place and the remedy, the right exit status, no
//! panic. Usage and configuration end with 2, data and files with 1.

use std::fs;
use std::process::Output;

use crate::support::npy::{write_npy, write_npy_of};
use crate::support::program::{Place, assert_fails, assert_succeeds, stderr};
use ndarray::Array2;

/// Settings of a training of a moment.
const TINY: &str = "train --hidden 4 --embedding 4 --mle-epochs 1 --d-draws 1 --rounds 1 --g-steps 1 \
    --rollouts 1 --evaluate-on 20 --temperatures 1 --batch 8 --controls none \
    --judge discriminator";
/// On sentences of a small oracle.
const IDS: &str = "--vocab 9 --steps 4 --sentences 20 --held-out 10";

fn seqgan(place: &Place, arguments: &str) -> Output {
    place.seqgan(&arguments.split_whitespace().collect::<Vec<_>>())
}

/// A training on a text of these bytes.
fn on_text(place: &Place, bytes: impl AsRef<[u8]>, more: &str) -> Output {
    place.write("bad.txt", bytes);
    let _ = fs::remove_dir_all(place.path("out"));
    seqgan(place, &format!("{TINY} --text bad.txt --out out {more}"))
}

/// A trained model of ids in `out`.
fn trained() -> Place {
    let place = Place::new();
    assert_succeeds(&seqgan(&place, &format!("{TINY} {IDS} --out out")));
    place
}

const GOOD: &str = "a cat ran\nthe dog sat\na dog ran\nthe cat sat\n";

#[test]
fn unusable_text_is_named() {
    let place = Place::new();
    let long = "word ".repeat(1_000_000);
    for (bytes, more, code, parts) in [
        (&b""[..], "", 1, &["bad.txt: ", "the file is empty"][..]),
        (b"\n  \n\t\n", "", 1, &["bad.txt: ", "all of its 3 lines are empty"]),
        (b"yes\nyes yes\n", "", 1, &["bad.txt: ", "one different token"]),
        (b"a cat\n\xff\xfe\n", "", 1, &["bad.txt:2: expected UTF-8 text", "convert the file"]),
        (b"1 2\n3 x\n", "--level id", 1, &["bad.txt:2: expected token ids", "`x`"]),
        (b"1 2\n3 4294967296\n", "--level id", 1, &["bad.txt:2: expected token ids", "`4294967296`"]),
        (b"one sentence\n", "", 1, &["bad.txt: ", "--valid"]),
        (long.as_bytes(), "", 1, &["bad.txt: ", "longer than 200 tokens", "max-len"]),
        (b"a cat ran\n", "--max-len 2", 1, &["bad.txt: ", "longer than 2 tokens", "max-len"]),
        (GOOD.as_bytes(), "--min-count 9", 1, &["bad.txt: ", "min-count"]),
        (GOOD.as_bytes(), "--min-count 0", 2, &["min-count"]),
        (GOOD.as_bytes(), "--max-len 1000001", 2, &["max-len"]),
        (GOOD.as_bytes(), "--valid none.txt", 1, &["none.txt: cannot read"]),
    ] {
        assert_fails(&on_text(&place, bytes, more), code, parts);
        assert!(!place.path("out").exists(), "nothing is half-written");
    }
    // A line of a million tokens beside others is left out, unless it is asked for: then there is no room.
    let with_long = format!("{GOOD}{long}\n");
    let output = on_text(&place, &with_long, "");
    assert_succeeds(&output);
    assert!(stderr(&output).contains("1 longer than 200 tokens"), "{}", stderr(&output));
    assert_fails(&on_text(&place, &with_long, "--max-len 1000000"), 2, &["numbers", "--max-len"]);
    // Two sentences are enough, one to learn from and one held out.
    assert_succeeds(&on_text(&place, "a cat\na dog\n", ""));
    place.write("valid.txt", "zwei fremde\nworte\n");
    let output = on_text(&place, GOOD, "--valid valid.txt");
    assert_fails(&output, 1, &["valid.txt: ", "not one token is known", "bad.txt"]);
    place.write("valid.txt", "a cat\nein Hund\n");
    assert_succeeds(&on_text(&place, GOOD, "--valid valid.txt"));
    assert_fails(
        &seqgan(&place, &format!("{TINY} --text gone.txt --out new")),
        1,
        &["gone.txt: cannot read"],
    );
}

#[test]
fn ids_beyond_the_oracle_are_named() {
    let place = trained();
    assert_succeeds(&seqgan(&place, "oracle --vocab 9 --steps 4 --sentences 5 --out o"));
    for (bytes, parts) in [
        ("1 2 3 4\n1 2 3 9\n", &["ids.txt:2: expected a token id below 9", "`9`"][..]),
        ("1 2 3 4\n1 2 3\n", &["ids.txt:2: expected 4 token ids", "found 3"]),
        ("1 2 3 4\n\n1 2 3 4\n", &["ids.txt:2: expected 4 token ids", "found nothing"]),
        ("1 2 3 -4\n", &["ids.txt:1: expected a token id below 9", "`-4`"]),
        ("", &["ids.txt: ", "empty"]),
    ] {
        place.write("ids.txt", bytes);
        assert_fails(&seqgan(&place, &format!("{TINY} --oracle o --real ids.txt --out new")), 1, parts);
        assert_fails(&seqgan(&place, "eval --model out --reference ids.txt -n 5"), 1, parts);
    }
    assert!(!place.path("new").exists());
    assert_fails(&seqgan(&place, &format!("{TINY} --real ids.txt --out new")), 2, &["--oracle"]);
}

/// Writes the fifteen arrays of a small oracle.
fn write_arrays(place: &Place) {
    let _ = fs::remove_dir_all(place.path("npy"));
    fs::create_dir(place.path("npy")).expect("the folder is writable");
    let (vocabulary, size, hidden) = (9, 3, 4);
    let matrix = |name: &str, rows: usize, columns: usize| {
        let path = place.path(&format!("npy/{name}.npy"));
        write_npy(path, &Array2::from_elem((rows, columns), 0.1f32));
    };
    matrix("00_g_embeddings", vocabulary, size);
    for gate in ["i", "f", "og", "c"] {
        matrix(&format!("W{gate}"), size, hidden);
        matrix(&format!("U{gate}"), hidden, hidden);
    }
    matrix("Wo", hidden, vocabulary);
    let vector = |name: &str, length: usize| {
        let path = place.path(&format!("npy/{name}.npy"));
        write_npy(path, &ndarray::Array1::from_elem(length, 0.1f32));
    };
    ["bi", "bf", "bog", "bc"].iter().for_each(|name| vector(name, hidden));
    vector("bo", vocabulary);
}

#[test]
fn a_damaged_oracle_is_named() {
    let place = Place::new();
    let train = |folder: &str| {
        let _ = fs::remove_dir_all(place.path("out"));
        seqgan(&place, &format!("{TINY} --oracle {folder} --steps 4 --sentences 20 --held-out 10 --out out"))
    };
    write_arrays(&place);
    assert_succeeds(&train("npy"));
    fs::remove_file(place.path("npy/Uog.npy")).expect("there");
    assert_fails(&train("npy"), 1, &["npy: array `Uog` is missing"]);
    write_arrays(&place);
    write_npy(place.path("npy/Wf.npy"), &Array2::<f32>::zeros((4, 3)));
    assert_fails(&train("npy"), 1, &["Wf.npy: expected an array of shape (3, 4), found (4, 3)"]);
    write_npy_of("<f8", place.path("npy/Wf.npy"), &[3, 4], &[0; 12 * 8]);
    assert_fails(&train("npy"), 1, &["Wf.npy: not a whole .npy array"]);
    write_arrays(&place);
    write_npy(place.path("npy/bo.npy"), &Array2::<f32>::zeros((1, 9)));
    assert_fails(&train("npy"), 1, &["bo.npy: not a whole .npy array"]);
    write_arrays(&place);
    write_npy(place.path("npy/Wo.npy"), &Array2::from_elem((4, 9), f32::NAN));
    assert_fails(&train("npy"), 1, &["npy: a value of the oracle is not finite"]);
    write_arrays(&place);
    let whole = place.read("npy/Wi.npy");
    for cut in [0, 5, 40, whole.len() - 1] {
        place.write("npy/Wi.npy", &whole[..cut]);
        assert_fails(&train("npy"), 1, &["Wi.npy: "]);
    }
    place.write("file", "");
    fs::create_dir(place.path("empty")).expect("the folder is writable");
    for folder in ["file", "gone", "empty"] {
        assert_fails(&train(folder), 1, &["no oracle here", "seqgan oracle --out"]);
    }
    assert_succeeds(&seqgan(&place, "oracle --vocab 9 --steps 4 --sentences 5 --out o"));
    let text = String::from_utf8(place.read("o/oracle.toml")).expect("text");
    for (from, to) in [
        ("vocabulary = 9", "vocabulary = 10"),
        ("vocabulary = 9", "vocabulary = 9000000000000000"),
        ("hidden = 32", "hidden = 0"),
        ("hidden = 32", "hidden = 16000"),
        ("start = 0", "start = 9"),
        ("steps = 4", "steps = 0"),
        ("steps = 4", "steps = -1"),
        ("steps = 4", "stops = 4"),
    ] {
        assert!(text.contains(from), "{text}");
        place.write("o/oracle.toml", text.replace(from, to));
        assert_fails(&train("o"), 1, &["o/oracle."]);
    }
    place.write("o/oracle.toml", &text);
    assert_succeeds(&train("o"));
    assert_fails(
        &seqgan(&place, "oracle --vocab 9 --steps 4 --sentences 5 --out o"),
        2,
        &["already there", "--force"],
    );
    fs::remove_file(place.path("o/oracle.safetensors")).expect("there");
    assert_fails(&train("o"), 1, &["oracle.safetensors: cannot read"]);
    assert_fails(&seqgan(&place, "oracle --vocab 9 --steps 4 --sentences 5 --out file/o"), 1, &["file/o"]);
}

#[test]
fn numbers_out_of_range_are_refused() {
    let place = Place::new();
    let huge = "18446744073709551615";
    let zero_and_huge =
        ["--embedding", "--hidden", "--batch", "--rollouts", "--evaluate-every", "--evaluate-on"];
    let mut cases: Vec<String> = vec![];
    for flag in zero_and_huge {
        cases.extend([format!("{flag} 0"), format!("{flag} {huge}"), format!("{flag}=-1")]);
    }
    for flag in ["--vocab", "--steps", "--sentences", "--held-out"] {
        cases.extend([format!("{flag} 0"), format!("{flag} {huge}"), format!("{flag} 1e9")]);
    }
    for flag in ["--mle-lr", "--d-lr", "--g-lr"] {
        cases.extend(["0", "nan", "inf", "x"].map(|value| format!("{flag} {value}")));
        cases.push(format!("{flag}=-1"));
    }
    for flag in ["--dropout", "--rollout-rate", "--teacher", "--temperatures"] {
        cases.extend(["nan", "inf", "1e9"].map(|value| format!("{flag} {value}")));
        cases.push(format!("{flag}=-1"));
    }
    for case in [
        "--vocab 1",
        "--dropout 1",
        "--temperatures 0",
        "--temperatures 1,nan",
        "--threads 0",
        "--hidden 16385",
        "--hidden 16000",
        "--hidden 1048577",
        "--batch 1048576 --steps 100",
        "--rollouts 1048576 --steps 100",
        "--steps 1000000 --sentences 10000",
        "--evaluate-on 1048576 --steps 2000 --sentences 20",
        "--vocab 16777217",
        "--baseline expected",
        "--baseline constant:nan",
        "--baseline moving:1",
        "--baseline critic:0",
        "--baseline critique",
        "--judge bleu --credit prefix",
        "--controls everything",
        "--divergence entropy",
        "--divergence kl --judge rival",
        "--divergence kl --judge bleu",
        "--divergence wasserstein --judge discriminator",
        "--divergence wasserstein --judge discriminator --d-weight-clip=-1",
        "--divergence hinge:0 --judge discriminator",
        "--replay 1 --judge discriminator",
        "--replay=-0.1 --judge discriminator",
        "--replay 0.5 --judge rival",
        "--replay 0.5 --judge bleu",
        "--replay 0.5 --method gumbel --relaxation soft",
        "--batch-norm --judge rival",
        "--minibatch-features 4,2 --judge mediator",
        "--minibatch-features 4 --judge discriminator",
        "--minibatch-features 0,2 --judge discriminator",
        "--minibatch-features 4,2 --judge discriminator --historical-average 0.1",
        "--minibatch-features 4,2 --method gumbel --relaxation soft",
        "--minibatch-features 4,2 --method gumbel --relaxation straight-through --batch 1",
        "--d-target 1 --judge rival",
        "--d-target 0.5 --judge bleu",
        "--from adversarial",
        "--checkpoint-every x",
    ] {
        cases.push(case.to_owned());
    }
    for case in cases {
        // The flag given last does not win over an earlier one: it takes its place.
        let (settings, flag) = (format!("{TINY} {IDS}"), case.split([' ', '=']).next().expect("a flag"));
        let mut kept: Vec<&str> = settings.split_whitespace().collect();
        let flags: Vec<&str> = case.split_whitespace().filter(|word| word.starts_with("--")).collect();
        for name in flags.into_iter().map(|word| word.split('=').next().expect("a flag")).chain([flag]) {
            if let Some(at) = kept.iter().position(|word| *word == name) {
                kept.drain(at..at + 2);
            }
        }
        let output = seqgan(&place, &format!("{} {case} --out out", kept.join(" ")));
        assert_eq!(output.status.code(), Some(2), "{case}: {}", stderr(&output));
        assert_fails(&output, 2, &[]);
        for other in ["multiple times", "unexpected argument"] {
            assert!(!stderr(&output).contains(other), "{case}: {}", stderr(&output));
        }
        assert!(!place.path("out/checkpoints/mle.safetensors").exists(), "{case}");
        let _ = fs::remove_dir_all(place.path("out"));
    }
    for flags in ["--sentences 0", "--vocab 1", "--steps 0", "--sentences 99999999", "--steps 1000000"] {
        assert_fails(&seqgan(&place, &format!("oracle {flags} --out o")), 2, &[]);
        assert!(!place.path("o").exists());
    }
    // Patience without end is no mistake.
    let patient = format!("{TINY} {IDS} --patience {huge} --out out");
    assert_succeeds(&seqgan(&place, &patient));
}

#[test]
fn a_ranker_says_what_does_not_apply_to_it() {
    let place = Place::new();
    let settings = TINY.replace("--judge discriminator", "--judge ranker");
    for (flags, part) in [
        ("--divergence kl", "this judge minimises none"),
        ("--label-smoothing 0.1", "a ranker compares sentences and has no labels"),
        ("--reward-form maligan", "do not apply to the rival, the mediator, the ensemble, the ranker"),
        ("--credit prefix", "BLEU and the ranker judge whole sentences"),
        ("--credit exact", "the others judge whole sentences"),
        ("--method gumbel", "must be discriminator"),
        (
            "--ranker-references 0",
            "`discriminator.ranker.references` (--ranker-references) must lie in 1 to 16384, found 0",
        ),
        ("--ranker-gamma 0", "must lie above 0 and not above 100, found 0"),
        ("--ranker-gamma nan", "must lie above 0 and not above 100, found NaN"),
        ("--ranker-references 10 --ranker-comparisons 10", "needs more than 20 training sentences, found 20"),
    ] {
        let sizes =
            if flags.contains("--ranker") { "" } else { "--ranker-references 4 --ranker-comparisons 4" };
        let output = seqgan(&place, &format!("{settings} {IDS} {flags} {sizes} --out out"));
        assert_fails(&output, 2, &[part]);
        let _ = fs::remove_dir_all(place.path("out"));
    }
}

#[test]
fn writing_and_measuring_check_their_flags() {
    let place = trained();
    let generate = |flags: &str| seqgan(&place, &format!("generate --model out {flags}"));
    for (flags, parts) in [
        ("-n 0", &["(-n) 0"][..]),
        ("-n 18446744073709551615", &["expected 1 to"]),
        ("--temperature nan", &["temperature NaN"]),
        ("--temperature=-1", &["temperature -1"]),
        ("--temperature inf", &["temperature inf"]),
        ("--top-k 0", &["top-k"]),
        ("--top-p 0", &["top-p 0"]),
        ("--top-p 1.1", &["top-p 1.1"]),
        ("--top-p nan", &["top-p NaN"]),
        ("--beam 0", &["(--beam) = 0"]),
        ("--beam 100000", &["(--beam) = 100000"]),
        ("--beam 4 --groups 3", &["(--groups) = 3: expected a divisor"]),
        ("--beam 4 --length-norm sum", &["expected none, mean, gnmt"]),
        ("--beam 2 --top-k 2", &["--beam"]),
        ("--greedy --temperature 2", &["--greedy"]),
        ("--prefix word", &["`word`", "token id below 9"]),
        ("--prefix 9", &["`9`", "token id below 9"]),
    ] {
        assert_fails(&generate(flags), 2, parts);
    }
    let with_prefix = |prefix: &str| place.seqgan(&["generate", "--model", "out", "--prefix", prefix]);
    assert_fails(&with_prefix("1 2 3 4"), 2, &["a prefix of 4 tokens", "at most 4"]);
    assert_succeeds(&with_prefix("1 2 3"));
    assert_fails(&generate("--out none/file"), 1, &["none/file", "make it first"]);
    assert_succeeds(&generate("--temperature 0"));
    place.write("ids.txt", "1 2 3 4\n4 3 2 1\n");
    let eval = |flags: &str| seqgan(&place, &format!("eval --model out --reference ids.txt {flags}"));
    for flags in [
        "-n 0",
        "-n 99999999999",
        "--temperatures 0",
        "--temperatures=-1",
        "--temperatures nan",
        "--references 0",
    ] {
        assert_fails(&eval(flags), 2, &[]);
    }
    assert_fails(&eval("-n 5 --oracle gone"), 1, &["no oracle here"]);
    for other in ["--vocab 8 --steps 4", "--vocab 9 --steps 5"] {
        assert_succeeds(&seqgan(&place, &format!("oracle {other} --sentences 5 --force --out o")));
        assert_fails(&eval("-n 5 --oracle o"), 1, &["o: an oracle of", "the model has 9 and 4"]);
    }
    // One reference, one sentence: too few to say much, but no crash.
    place.write("ids.txt", "1 2 3 4\n");
    assert_succeeds(&eval("-n 1"));
    assert_succeeds(&eval("-n 1 --references 1 --reverse --format json"));
    assert_fails(&seqgan(&place, "eval --model out --reference gone.txt"), 1, &["gone.txt: cannot read"]);
}

#[test]
fn text_models_check_prefixes_and_references() {
    let place = Place::new();
    assert_succeeds(&on_text(&place, GOOD, ""));
    assert_fails(&seqgan(&place, "generate --model out --prefix zebra"), 2, &["does not know `zebra`"]);
    assert_succeeds(&seqgan(&place, "generate --model out --prefix cat"));
    for (bytes, parts) in [
        (&b""[..], &["ref.txt: ", "empty"][..]),
        (b"\n\n", &["ref.txt: ", "empty"]),
        (b"a cat\n\xff\n", &["ref.txt:2: expected UTF-8"]),
        (b"a cat ran and ran and ran and ran\n", &["ref.txt: ", "longer than 3 tokens"]),
    ] {
        place.write("ref.txt", bytes);
        assert_fails(&seqgan(&place, "eval --model out --reference ref.txt -n 5"), 1, parts);
    }
    place.write("out/vocabulary.txt", "vocabulary 1 level=word lowercase=false tokens=1\na\n");
    assert_fails(&seqgan(&place, "generate --model out"), 1, &["vocabulary.txt", "train again"]);
    fs::remove_file(place.path("out/vocabulary.txt")).expect("there");
    assert_fails(&seqgan(&place, "generate --model out"), 1, &["vocabulary.txt: cannot read"]);
}

#[test]
fn a_damaged_model_is_refused() {
    let place = trained();
    let generate = || seqgan(&place, "generate --model out -n 1");
    for name in ["generator.safetensors", "mle.safetensors"] {
        let whole = place.read(&format!("out/{name}"));
        for cut in [0, 7, 8, whole.len() / 2, whole.len() - 1] {
            place.write(&format!("out/{name}"), &whole[..cut]);
            assert_fails(&generate(), 1, &[name, "train the model again"]);
        }
        fs::remove_file(place.path(&format!("out/{name}"))).expect("there");
        assert_fails(&generate(), 1, &[name, "cannot read"]);
        place.write(&format!("out/{name}"), &whole);
    }
    let text = String::from_utf8(place.read("out/model.toml")).expect("text");
    for (from, to, part) in [
        ("format = 1", "format = 2", "format 2 is not the 1 this program reads; train again"),
        ("format = 1", "", "format none"),
        ("format = 1", "format = 1\nspeed = 3", "not the description of a generator"),
        ("vocabulary = 9", "vocabulary = 8", "another model"),
        ("vocabulary = 9", "vocabulary = 900000000000", "train again"),
        ("hidden = 4", "hidden = 0", "train again"),
        ("cell = \"lstm\"", "cell = \"gru\"", "safetensors"),
        ("cell = \"lstm\"", "cell = \"rnn\"", "not the description"),
        ("start = 0", "start = 99", "token 99"),
        ("text = false", "text = true", "vocabulary.txt"),
    ] {
        assert!(text.contains(from), "{text}");
        place.write("out/model.toml", text.replace(from, to));
        assert_fails(&generate(), 1, &["out/", part]);
    }
    place.write("out/model.toml", [0xff, 0xfe]);
    assert_fails(&generate(), 1, &["model.toml"]);
    place.write("out/model.toml", &text);
    assert_succeeds(&generate());
    assert_fails(&seqgan(&place, "generate --model gone"), 1, &["gone/model.toml: cannot read"]);
}

#[test]
fn only_an_interrupted_run_can_be_resumed() {
    let place = trained();
    let resume = |folder: &str| seqgan(&place, &format!("train -q --resume {folder}"));
    fs::create_dir(place.path("empty")).expect("a new folder");
    place.write("file", "");
    for folder in ["empty", "gone", "file"] {
        assert_fails(&resume(folder), 1, &[folder, "no run to resume"]);
    }
    let record = String::from_utf8(place.read("out/run.toml")).expect("text");
    let unfinished = record.replace("finished = true", "finished = false");
    for (from, to) in
        [("finished = false", "finished = 7"), ("\"train\"", "\"generate\""), ("threads", "thread")]
    {
        assert!(unfinished.contains(from), "{unfinished}");
        place.write("out/run.toml", unfinished.replace(from, to));
        assert_fails(&resume("out"), 1, &["run.toml"]);
    }
    // A run that is not marked as finished comes to the same end again.
    place.write("out/run.toml", &unfinished);
    let generator = place.read("out/generator.safetensors");
    assert_succeeds(&resume("out"));
    assert!(place.read("out/generator.safetensors") == generator);
    assert_eq!(place.read("out/run.toml"), record.as_bytes());
    assert_fails(&seqgan(&place, "train --resume out --out other"), 2, &["--resume"]);
}

#[test]
fn a_folder_in_use_is_not_written_over() {
    let place = trained();
    let again = |more: &str| seqgan(&place, &format!("{TINY} {IDS} {more}"));
    let before = place.read("out/generator.safetensors");
    assert_fails(&again("--out out"), 2, &["out: this folder is not empty", "--force"]);
    assert!(place.read("out/generator.safetensors") == before);
    assert_succeeds(&again("--seed 1 --force --out out"));
    assert!(place.read("out/generator.safetensors") != before);
    place.write("file", "");
    for out in ["file", "file/out"] {
        assert_fails(&again(&format!("--out {out}")), 1, &["file", "cannot create the folder"]);
    }
    assert_fails(&again("--from adversarial --init gone --out new"), 1, &["gone/", "cannot read"]);
}

#[test]
fn numbers_that_stop_being_finite_end_with_advice_and_a_run_to_resume() {
    let place = Place::new();
    for (flag, more) in [
        ("--mle-lr 1e30", ""),
        ("--mle-lr 1e38", "--dropout 0"),
        ("--d-lr 1e30", ""), // it is seen when it judges
        ("--d-lr 1e38", ""),
        ("--g-lr 1e38", "--g-steps 3"),
        ("--g-lr 1e38", "--g-steps 3 --credit sentence"),
    ] {
        let _ = fs::remove_dir_all(place.path("out"));
        let tiny = if more.contains("g-steps") { TINY.replace("--g-steps 1", "") } else { TINY.to_owned() };
        let tiny = tiny.replace("--mle-epochs 1", "--mle-epochs 4");
        let flags = format!("{tiny} {IDS} {more} --checkpoint-every 0 --out out");
        let rate = format!("learning-rate` ({})", flag.split(' ').next().expect("a flag"));
        let parts = ["no longer finite", rate.as_str()];
        assert_fails(&seqgan(&place, &format!("{flags} {flag}")), 1, &parts);
        assert!(!place.path("out/model.toml").exists(), "{flag}: no model");
        // The same numbers come again, and the same advice.
        assert_fails(&seqgan(&place, "train -q --resume out"), 1, &parts);
    }
}
