//! Trainings of SeqGAN through the real program: the same bits on any number of threads, and every choice of the
//! method runs to a report.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::program::{Place, stderr, stdout};
use serde_json::Value;

/// A training of a moment; flags that come later win.
const SMALL: &str = "train -q --vocab 30 --steps 6 --sentences 200 --held-out 50 --hidden 8 --embedding 8 \
    --mle-epochs 3 --d-draws 2 --rounds 3 --g-steps 2 --rollouts 2 --evaluate-every 2 --evaluate-on 100 \
    --temperatures 1 --judge discriminator --ensemble 1";

fn text_of(place: &Place, name: &str) -> String {
    String::from_utf8(place.read(name)).expect("UTF-8")
}

/// Runs the program to a success; returns standard output.
#[track_caller]
fn run(place: &Place, arguments: &str) -> String {
    let output = place.seqgan(&arguments.split_whitespace().collect::<Vec<_>>());
    assert!(output.status.success(), "{arguments}: {}", stderr(&output));
    stdout(&output)
}

#[track_caller]
fn train(place: &Place, more: &str) -> String {
    run(place, &arguments(more))
}

/// The small training with some flags replaced.
fn arguments(more: &str) -> String {
    let flags: Vec<&str> = more.split_whitespace().collect();
    let mut kept = vec![];
    let mut words = SMALL.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let value = words.next_if(|next| word.starts_with("--") && !next.starts_with("--"));
        if !word.starts_with("--") || !flags.contains(&word) {
            kept.extend([Some(word), value].into_iter().flatten());
        }
    }
    [kept.as_slice(), &flags].concat().join(" ")
}

/// Every file of a folder, without those that name a place.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("readable").path());
    let name = |path: &Path| path.file_name().expect("a file").to_str().expect("UTF-8").to_owned();
    let all = entries.map(|path| (name(&path), fs::read(&path).expect("readable")));
    // These know the arguments, the place, the time.
    let own = ["run.toml", "timing.json", "report.html", "events.out.tfevents.run"];
    all.filter(|(name, _)| !own.contains(&name.as_str())).collect()
}

#[track_caller]
fn assert_same_files(a: &Path, b: &Path) {
    let (a, b) = (files(a), files(b));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, bytes) in &a {
        assert!(bytes == &b[name], "{name} differs");
    }
}

#[test]
fn threads_do_not_matter_and_seeds_do() {
    let comparing = "discriminator --batch-norm --minibatch-features 4,2 --replay 0.5 --d-target 0.5";
    for judge in [comparing, "rival", "ranker"] {
        threads_do_not_matter(judge);
    }
}

fn threads_do_not_matter(judge: &str) {
    let place = Place::new();
    for (out, more) in [
        ("one", "--threads 1"),
        ("two", "--threads 2"),
        ("four", "--threads 4"),
        ("seed", "--threads 2 --seed 1"),
        ("data", "--threads 2 --data-seed 2"),
    ] {
        let data = "--sentences 80 --held-out 20 --evaluate-on 40";
        train(&place, &format!("{data} --judge {judge} --controls constant,shuffled --out {out} {more}"));
    }
    for other in ["two", "four"] {
        assert_same_files(&place.path("one"), &place.path(other));
    }
    let names: Vec<String> = files(&place.path("one")).into_keys().collect();
    for name in ["generator.safetensors", "pretrained.safetensors", "metrics.csv", "results.json"] {
        assert!(names.iter().any(|n| n == name), "{name} is not in {names:?}");
        assert_ne!(place.read(&format!("one/{name}")), place.read(&format!("seed/{name}")));
        assert_ne!(place.read(&format!("one/{name}")), place.read(&format!("data/{name}")));
    }
}

/// A learning rate at which the generator is down to a few tokens after one round.
#[test]
fn a_collapse_is_stopped_taken_back_or_named() {
    let place = Place::new();
    let planted = "--judge rival --controls none --evaluate-every 1 --rounds 6 --g-lr 3 --g-steps 3";
    for (policy, rounds, part) in [
        ("stop", 1, "the game ends with the last good state. Lower the learning rates"),
        ("rollback", 6, "taken back to the last good state, learning rates times 0.5"),
        ("ignore", 6, "the game goes on"),
    ] {
        let report = train(&place, &format!("{planted} --on-collapse {policy} --out {policy}"));
        let found = "COLLAPSE: adversarial: collapse, round 1: the distinct tokens of its sentences fell";
        assert!(report.contains(found) && report.contains(part), "{report}");
        let metrics = text_of(&place, &format!("{policy}/metrics.csv"));
        let played =
            metrics.lines().filter(|row| row.starts_with("adversarial,") && row.contains(",entropy,"));
        assert_eq!(played.count(), rounds, "{policy}");
    }
    // The last good state is the one before the game.
    let [after, before] = ["stop/generator.safetensors", "stop/mle.safetensors"].map(|name| place.read(name));
    assert!(after == before);
}

#[track_caller]
fn report(place: &Place, out: &str) -> Value {
    serde_json::from_slice(&place.read(&format!("{out}/results.json"))).expect("JSON")
}

/// Names of the generators in a report.
fn names(report: &Value) -> Vec<String> {
    let curves = report["curves"].as_array().expect("curves");
    curves.iter().map(|curve| curve["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn every_choice_of_the_method_trains_to_a_report() {
    let place = Place::new();
    for (i, flags) in [
        "--credit rollouts",
        "--credit prefix",
        "--credit sentence",
        "--judge rival",
        "--judge rival --credit sentence",
        "--judge rival --credit rollouts",
        "--judge rival --credit exact",
        "--judge ensemble --ensemble 2",
        "--judge ensemble --ensemble 3 --kl forward --prefixes real",
        "--judge ensemble --ensemble 2 --credit token",
        "--judge ensemble --ensemble 2 --credit rollouts",
        "--judge discriminator --divergence pearson",
        "--judge discriminator --divergence wasserstein --d-weight-clip 0.5 --credit sentence",
        "--judge ranker --ranker-gamma 10",
        "--judge ranker --credit sentence --ranker-references 4 --ranker-comparisons 30 --freeze-d 0.9",
        "--judge bleu",
        "--judge bleu --credit sentence --rollout-rate 0.8",
        "--baseline none",
        "--baseline constant:0.5",
        "--baseline moving:0.8",
        "--baseline mean",
        "--baseline leave-one-out --batch 1",
        "--baseline critic:0.05",
        "--reward constant",
        "--reward random",
        "--reward shuffled",
        "--cell gru",
        "--steps 1",
        "--d-epochs 0 --d-draws 0",
        "--mle-epochs 0",
        "--rounds 0",
        "--teacher 1 --g-steps 0",
        "--redraw-every 0 --d-epochs 2",
    ]
    .into_iter()
    .enumerate()
    {
        let out = format!("out-{i}");
        let rounds = if flags.contains("--rounds") { "" } else { "--rounds 1" };
        let controls = if i == 0 { "constant,random,shuffled" } else { "none" };
        let printed = train(&place, &format!("{flags} {rounds} --controls {controls} --out {out}"));
        let report = report(&place, &out);
        let expected = ["mle", "gan", "constant reward", "random reward", "shuffled reward"];
        let mut expected = expected[..if i == 0 { 5 } else { 2 }].to_vec();
        if let Some((_, members)) = flags.split_once("--ensemble ") {
            expected
                .extend(["mle-2", if members.starts_with('2') { "ensemble of 2" } else { "ensemble of 3" }]);
        }
        assert_eq!(names(&report), expected, "{flags}");
        for curve in report["curves"].as_array().expect("curves") {
            let [point] = curve["points"].as_array().expect("points").as_slice() else { panic!("{curve}") };
            for number in ["nll_oracle", "nll_test"] {
                assert!(point[number].as_f64().is_some_and(|nll| nll > 0.0), "{flags}: {point}");
            }
            assert!(point["tokens"].as_u64().is_some_and(|tokens| (1..=30).contains(&tokens)), "{point}");
        }
        assert!(printed.contains("floor: ") && printed.contains("gan"), "{printed}");
        let metrics = text_of(&place, &format!("{out}/metrics.csv"));
        assert!(!metrics.contains("NaN") && !metrics.contains("inf"), "{flags}: {metrics}");
    }
}

#[test]
fn the_constant_control_is_the_default_and_gains_nothing_from_a_judge() {
    let place = Place::new();
    train(&place, "--out a");
    assert_eq!(names(&report(&place, "a")), ["mle", "gan", "constant reward"]);
    // The same game whoever would have judged: a constant reward does not know.
    train(&place, "--judge bleu --out b");
    let control = |out: &str| report(&place, out)["curves"][2].clone();
    assert_eq!(control("a"), control("b"));
    assert_ne!(report(&place, "a")["curves"][1], report(&place, "b")["curves"][1]);
    assert!(text_of(&place, "a/metrics.csv").contains("constant reward,3,reward,1\n"));
}

#[test]
fn likelihood_learns_and_the_log_has_every_step() {
    let place = Place::new();
    train(&place, "--mle-epochs 8 --mle-lr 0.03 --dropout 0 --out out");
    let metrics = text_of(&place, "out/metrics.csv");
    let values = |phase: &str, metric: &str| -> Vec<(usize, f64)> {
        let rows = metrics.lines().skip(1).map(|row| row.split(',').collect::<Vec<_>>());
        rows.filter(|row| row[0] == phase && row[2] == metric)
            .map(|row| (row[1].parse().expect("a step"), row[3].parse().expect("a number")))
            .collect()
    };
    let train = values("mle", "nll-train");
    assert!(train.iter().map(|(step, _)| *step).eq(1..=8), "{train:?}");
    // The first epoch starts from a uniform guess, ln 30 = 3.40.
    assert!(train[0].1 < 3.45 && train[7].1 < train[0].1 - 0.2, "{train:?}");
    assert_eq!(values("discriminator", "d-loss").len(), 2);
    assert_eq!(values("adversarial", "reward").len(), 3);
    assert_eq!(values("adversarial", "nll-oracle").len(), 2); // rounds 2 and 3, the last
}

#[test]
fn a_training_starts_from_another_and_from_a_later_phase() {
    let place = Place::new();
    train(&place, "--out first");
    for (out, from, phases) in [
        ("a", "mle", &["mle", "discriminator", "adversarial"][..]),
        ("b", "discriminator", &["discriminator", "adversarial"]),
        ("c", "adversarial", &["adversarial"]),
    ] {
        train(
            &place,
            &format!("--from {from} --init first --controls none --checkpoint-every 0 --out {out}"),
        );
        let metrics = text_of(&place, &format!("{out}/metrics.csv"));
        let mut seen: Vec<&str> =
            metrics.lines().skip(1).map(|row| row.split(',').next().expect("a phase")).collect();
        seen.dedup();
        assert_eq!(seen, phases);
        assert_eq!(names(&report(&place, out)), ["mle", "gan"]);
        // The later phases have the same streams, so from the same start they come to the same bits.
        let same = |name: &str| place.read(&format!("{out}/{name}")) == place.read(&format!("first/{name}"));
        let later = from != "mle";
        assert_eq!((same("mle.safetensors"), same("generator.safetensors")), (later, later), "{from}");
    }
}

/// Earlier draws and a slow judge change what follows the first lesson, and nothing before it.
#[test]
fn earlier_draws_and_a_slow_judge_act_after_the_first_round() {
    let place = Place::new();
    let game = "--judge discriminator --controls none --evaluate-every 1 --rounds 3 --g-steps 2";
    train(&place, &format!("{game} --out plain"));
    let rounds = |out: &str, metric: &str| -> Vec<String> {
        let metrics = text_of(&place, &format!("{out}/metrics.csv"));
        let rows = metrics.lines().filter(|row| row.starts_with("adversarial,") && row.contains(metric));
        rows.map(str::to_owned).collect()
    };
    for (out, more, metric, same) in [
        ("replay", "--replay 0.9", ",d-loss,", 1), // in round 2 the judge is shown draws of round 1
        ("target", "--d-target 0.9", ",reward,", 1), // in round 2 a copy rewards
    ] {
        // From the start of a run without either.
        train(&place, &format!("{game} --from adversarial --init plain {more} --out {out}"));
        let (plain, changed) = (rounds("plain", metric), rounds(out, metric));
        assert_eq!((plain.len(), changed.len()), (3, 3));
        assert_eq!(plain[..same], changed[..same], "{more}");
        assert_ne!(plain[same], changed[same], "{more}");
    }
}

/// The ensemble and the generator that was distilled from it are controls of the game by default, whatever the judge.
#[test]
fn an_ensemble_stands_beside_the_game_and_every_command_takes_it() {
    let place = Place::new();
    let more = "--ensemble 2 --controls none --mle-epochs 6 --mle-lr 0.03 --temperatures 0.9,1";
    for (out, threads) in [("one", 1), ("two", 2)] {
        let printed = train(&place, &format!("{more} --threads {threads} --checkpoint-every 0 --out {out}"));
        for part in ["control: against mle-2", "control: against ensemble of 2", "against distilled"] {
            assert!(printed.contains(part), "{part} is not in {printed}");
        }
    }
    assert_same_files(&place.path("one"), &place.path("two"));
    let report = report(&place, "one");
    assert_eq!(names(&report), ["mle", "gan", "mle-2", "ensemble of 2", "distilled"]);
    let nll = |name: &str| {
        let curve = report["curves"].as_array().expect("curves").iter().find(|curve| curve["name"] == name);
        curve.expect("a generator")["points"][1]["nll_test"].as_f64().expect("a number")
    };
    // The logarithm is concave.
    assert!(nll("ensemble of 2") < (nll("mle") + nll("mle-2")) / 2.0, "{report}");
    let metrics = text_of(&place, "one/metrics.csv");
    for phase in ["mle-2,6,nll-valid", "distillation,3,reward"] {
        assert!(metrics.contains(&format!("\n{phase}")), "{phase} is not in {metrics}");
    }
    // The control changes nothing of the game.
    train(&place, "--controls none --mle-epochs 6 --mle-lr 0.03 --temperatures 0.9,1 --out alone");
    for file in ["mle.safetensors", "generator.safetensors"] {
        assert!(place.read(&format!("alone/{file}")) == place.read(&format!("one/{file}")), "{file}");
    }
    run(&place, "oracle --vocab 30 --steps 6 --sentences 60 --out o");
    for which in ["ensemble", "distilled", "mle", "gan"] {
        let written = run(&place, &format!("generate --model one -n 7 --which {which} --top-k 9"));
        assert_eq!(written.lines().count(), 7, "{which}");
        run(&place, &format!("generate --model one -n 3 --which {which} --beam 4"));
        let scored = run(&place, &format!("score --model one --which {which} o/test.txt --format csv"));
        assert_eq!(scored.lines().count(), 61, "{which}: {scored}");
        let missing = place.seqgan(&["generate", "--model", "alone", "--which", which]);
        assert_eq!(missing.status.success(), ["mle", "gan"].contains(&which), "{}", stderr(&missing));
    }
    let measured =
        run(&place, "eval --model one --reference o/test.txt -n 50 --temperatures 1 --format json");
    let measured: Value = serde_json::from_str(&measured).expect("JSON");
    assert_eq!(names(&measured), ["mle", "gan", "mle-2", "ensemble of 2", "distilled"]);
}

/// Forty sentences of a small grammar.
fn sentences(level: &str) -> String {
    let words = if level == "id" {
        ["7", "11", "5", "900", "3", "2"]
    } else {
        ["a", "The", "cat", "dog", "ran", "sat"]
    };
    (0..40).map(|i| format!("{} {} {}\n", words[i % 2], words[2 + i / 2 % 2], words[4 + i / 4 % 2])).collect()
}

const TEXT: &str = "train -q --hidden 8 --embedding 8 --mle-epochs 2 --d-draws 1 --rounds 1 --g-steps 1 \
    --rollouts 2 --evaluate-on 40 --temperatures 1 --batch 16 --ensemble 1";

#[test]
fn text_of_every_level_is_learnt_written_and_measured() {
    let place = Place::new();
    for level in ["word", "char", "id"] {
        fs::write(place.path("text"), sentences(level)).expect("writable");
        let lowercase = if level == "char" { "--lowercase" } else { "" };
        let printed = run(&place, &format!("{TEXT} --text text --level {level} {lowercase} --out {level}"));
        assert!(printed.contains("sentences of gan:") && printed.contains("self-BLEU-2"), "{printed}");
        let report = report(&place, level);
        let point = &report["curves"][1]["points"][0];
        assert!(point["bleu"][0].as_f64().is_some_and(|bleu| (0.0..=1.0).contains(&bleu)), "{point}");
        let written = run(&place, &format!("generate --model {level} -n 30"));
        assert_eq!(written.lines().count(), 30);
        for special in ["<pad>", "<s>", "</s>"] {
            assert!(!written.contains(special), "{written}");
        }
        let known: &[u8] = match level {
            "word" => b"aTheCtdogrnsTukc <>",
            "char" => b"thecadogrns <unk>",
            _ => b"7195032 <unk>",
        };
        let strange = written.bytes().find(|byte| *byte != b'\n' && !known.contains(byte));
        assert_eq!(strange.map(char::from), None, "{written}");
        let measured = run(
            &place,
            &format!("eval --model {level} --reference text -n 50 --temperatures 0.9 --format json"),
        );
        let measured: Value = serde_json::from_str(&measured).expect("JSON");
        assert_eq!(names(&measured), ["mle", "gan"]);
    }
    // Named validation sentences, and rare tokens that become unknown.
    fs::write(place.path("text"), sentences("word") + "a zebra ran\n").expect("writable");
    fs::write(place.path("valid"), "a cat ran\nThe zebra sat\n").expect("writable");
    run(&place, &format!("{TEXT} --text text --valid valid --min-count 2 --max-len 3 --out valid-out"));
    let vocabulary = text_of(&place, "valid-out/vocabulary.txt");
    assert!(vocabulary.contains("\ncat\n") && !vocabulary.contains("zebra"), "{vocabulary}");
    // Compressed text is the same text.
    let plain = run(&place, &format!("{TEXT} --text valid --out plain"));
    let packed = zstd::encode_all(&place.read("valid")[..], 1).expect("packs");
    fs::write(place.path("valid.zst"), packed).expect("writable");
    let packed = run(&place, &format!("{TEXT} --text valid.zst --out packed"));
    assert_eq!(plain.replace("plain", "packed"), packed);
}

/// The number of training tokens chooses the size of the networks, unless a preset or a flag does.
#[test]
fn the_size_of_a_text_chooses_the_size_of_the_networks() {
    let place = Place::new();
    fs::write(place.path("short"), sentences("word")).expect("writable");
    fs::write(place.path("long"), sentences("word").repeat(300)).expect("writable"); // 12,000 lines of 4 tokens
    for (flags, hidden, anneal) in [
        ("--text short", 64, 0.5),
        ("--text long", 128, 0.5),
        ("--text long --preset large", 256, 0.5),
        ("--text long --preset ours", 32, 1.0),
        ("--text long --hidden 7 --mle-anneal 0.9", 7, 0.9),
        ("--vocab 30", 32, 1.0),
    ] {
        let config = run(&place, &format!("train -q {flags} --print-config"));
        let config: toml::Table = config.parse().expect("TOML");
        assert_eq!(config["generator"]["hidden"].as_integer(), Some(hidden), "{flags}");
        assert_eq!(config["mle"]["anneal"].as_float().map(|a| a as f32), Some(anneal), "{flags}");
    }
    // What the flags got wrong is told before the text is read.
    let wrong = place.seqgan(&["train", "--text", "none", "--mle-anneal", "0"]);
    assert!(stderr(&wrong).contains("mle.anneal"), "{}", stderr(&wrong));
}

#[test]
fn sentences_are_written_in_every_way_and_again_the_same() {
    let place = Place::new();
    fs::write(place.path("text"), sentences("word")).expect("writable");
    // Long enough that tokens differ in probability.
    let text = TEXT.replace("--mle-epochs 2", "--mle-epochs 15 --mle-lr 0.05");
    run(&place, &format!("{text} --text text --out out"));
    let generate = |flags: &str| run(&place, &format!("generate --model out {flags}"));
    for flags in [
        "-n 20",
        "-n 20 --temperature 0.5",
        "-n 20 --top-k 2",
        "-n 20 --top-p 0.5",
        "-n 20 --top-k 3 --top-p 0.9 --temperature 1.5",
        "-n 20 --which mle",
        "-n 20 --seed 9",
        "-n 3 --greedy",
        "-n 3 --beam 4",
        "-n 2 --beam 4 --groups 2 --diversity 1 --length-norm gnmt",
        "-n 5 --prefix The",
    ] {
        let written = generate(flags);
        let count: usize = flags.split(' ').nth(1).expect("a number").parse().expect("a number");
        assert_eq!(written.lines().count(), count, "{flags}: {written}");
        assert_eq!(generate(&format!("{flags} --threads 2")), written, "{flags}");
        run(&place, &format!("generate --model out {flags} --out file"));
        assert_eq!(text_of(&place, "file"), written, "{flags}");
        if flags.contains("The") {
            assert!(written.lines().all(|line| line.starts_with("The")), "{written}");
        }
    }
    assert_ne!(generate("-n 20"), generate("-n 20 --seed 9"));
    assert_ne!(generate("-n 20"), generate("-n 20 --temperature 3"));
    // Greedy sentences are all one, that of a beam of width 1, of temperature 0, and of top-1.
    let greedy = generate("-n 3 --greedy");
    assert_eq!(greedy, generate("-n 1 --beam 1").repeat(3));
    assert_eq!(greedy, generate("-n 3 --temperature 0"));
    assert_eq!(greedy, generate("-n 3 --top-k 1"));
    // More than one chunk; the first sentences do not depend on how many follow.
    let many = generate("-n 5000");
    assert!(many.lines().count() == 5000 && many.starts_with(&generate("-n 20")));
}

#[test]
fn an_oracle_is_made_learnt_from_and_measured_against() {
    let place = Place::new();
    let oracle = "oracle --vocab 30 --steps 6 --sentences 150";
    let printed = run(&place, &format!("{oracle} --out o"));
    assert!(printed.contains("vocabulary 30, 6 tokens a sentence, floor "), "{printed}");
    run(&place, &format!("{oracle} --out again"));
    assert_same_files(&place.path("o"), &place.path("again"));
    run(&place, &format!("{oracle} --seed 2 --out other"));
    assert_ne!(place.read("o/oracle.safetensors"), place.read("other/oracle.safetensors"));
    for name in ["real", "valid", "test"] {
        let ids = text_of(&place, &format!("o/{name}.txt"));
        assert_eq!(ids.lines().count(), 150);
        for line in ids.lines() {
            let ids: Vec<u32> = line.split(' ').map(|id| id.parse().expect("an id")).collect();
            assert!(ids.len() == 6 && ids.iter().all(|&id| id < 30), "{line}");
        }
    }
    assert_ne!(place.read("o/real.txt"), place.read("o/valid.txt"));
    train(&place, "--oracle o --real o/real.txt --out out");
    train(&place, "--oracle o --sentences 150 --out drawn");
    assert_ne!(place.read("out/generator.safetensors"), place.read("drawn/generator.safetensors"));

    let eval = "eval --model out --reference o/test.txt --oracle o -n 60 --temperatures 0.8,1.2";
    let text = run(&place, eval);
    assert!(text.contains("NLL_oracle") && text.contains("floor: "), "{text}");
    assert_eq!(run(&place, eval), text);
    let json: Value = serde_json::from_str(&run(&place, &format!("{eval} --format json"))).expect("JSON");
    assert_eq!(names(&json), ["mle", "gan"]);
    let temperatures: Vec<f64> = json["curves"][0]["points"]
        .as_array()
        .expect("points")
        .iter()
        .map(|point| (point["temperature"].as_f64().expect("a number") * 10.0).round())
        .collect();
    assert_eq!(temperatures, [8.0, 10.0, 12.0]);
    for format in ["markdown", "latex"] {
        assert!(run(&place, &format!("{eval} --format {format}")).contains("gan"));
    }
    let reverse = "eval --model out --reference o/test.txt -n 40 --temperatures 1 --references 20 --reverse";
    assert!(run(&place, reverse).contains("reverse NLL"));
    let json: Value = serde_json::from_str(&run(&place, &format!("{reverse} --format json"))).expect("JSON");
    for (i, name) in ["mle", "gan"].iter().enumerate() {
        assert_eq!(json["reverse"][i]["name"], *name);
        assert!(json["reverse"][i]["reverse_nll"].as_f64().is_some_and(|nll| nll > 0.0), "{json}");
    }
}

#[test]
fn an_oracle_says_what_sentences_score() {
    let place = Place::new();
    let made = run(&place, "oracle --seed 3 --vocab 30 --steps 6 --sentences 500 --out o");
    run(&place, "oracle --seed 4 --vocab 30 --steps 6 --sentences 500 --out other");
    let looked = run(
        &place,
        "oracle --oracle o --seed 3 --sentences 500 --nll o/test.txt --nll o/real.txt --nll other/real.txt",
    );
    let last = |text: &str, name: &str| -> f64 {
        let line = text.lines().find(|line| line.contains(name)).unwrap_or_else(|| panic!("{name}: {text}"));
        let words = line.trim_end_matches(" nats a token").rsplit(' ');
        words.into_iter().next().and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("{line}"))
    };
    let floor = last(&made, "floor");
    // test.txt is what the floor was measured on; real.txt are other draws of the same language.
    assert_eq!((last(&looked, "floor"), last(&looked, "o/test.txt")), (floor, floor), "{looked}");
    assert!((last(&looked, "o/real.txt") - floor).abs() < 0.1, "{looked}");
    // Under a language of its own, random tokens cost more than ln 30 on average, as another language does.
    for foreign in ["random tokens", "other/real.txt"] {
        assert!(last(&looked, foreign) > 30f64.ln(), "{looked}");
    }
}
