//! Trainings on the sentences of a grammar.

use serde_json::Value;

use crate::support::program::{Place, assert_fails, assert_succeeds, stdout};

const TINY: &str = "--sentences 300 --held-out 50 --hidden 8 --embedding 8 --mle-epochs 3 --rounds 1 --g-steps 1 \
    --evaluate-on 50 --temperatures 1 --batch 8 --controls none --ensemble 1 -q";

fn seqgan(place: &Place, line: &str) -> String {
    let output = place.seqgan(&line.split_whitespace().collect::<Vec<_>>());
    assert_succeeds(&output);
    stdout(&output)
}

#[test]
fn a_generator_of_a_grammar_is_measured_by_it() {
    let place = Place::new();
    place.write("birds.txt", "S -> N sings | N and S # longer\nN -> tit | wren | robin\n");
    seqgan(&place, &format!("train --cfg birds.txt {TINY} --out m"));
    let log = String::from_utf8(place.read("m/metrics.csv")).expect("text");
    assert!(log.contains("grammatical") && log.contains("language-entropy"));
    place.write("test.txt", "tit sings\nwren and robin sings\n");
    let measure = "eval --model m --reference test.txt -n 50 --temperatures 1 -q --format json --cfg";
    let results: Value =
        serde_json::from_str(&seqgan(&place, &format!("{measure} birds.txt"))).expect("JSON");
    let share = results["curves"][0]["points"][0]["grammatical"].as_f64().expect("a share");
    assert!((0.0..=1.0).contains(&share));
    // Every sentence of the training data is of the language, so a grammar without one of its words accepts fewer.
    place.write("few.txt", "S -> N sings\nN -> tit | wren\n");
    let results: Value = serde_json::from_str(&seqgan(&place, &format!("{measure} few.txt"))).expect("JSON");
    assert!(results["curves"][0]["points"][0]["grammatical"].as_f64().expect("a share") <= share);
}

#[test]
fn a_training_on_the_built_in_grammar_resumes() {
    let place = Place::new();
    seqgan(&place, &format!("train --cfg arithmetic {TINY} --out whole"));
    seqgan(&place, &format!("train --cfg arithmetic {TINY} --out part"));
    std::fs::remove_file(place.path("part/results.json")).expect("a finished run");
    seqgan(&place, "train --resume part");
    assert_eq!(place.read("part/generator.safetensors"), place.read("whole/generator.safetensors"));
}

#[test]
fn grammars_that_cannot_be_drawn_from_are_refused() {
    let place = Place::new();
    place.write("endless.txt", "S -> a S\n");
    place.write("empty.txt", "# nothing\n");
    place.write("words.txt", "S -> well-known | a\n");
    for (flags, message) in [
        ("--cfg endless.txt", "never ends"),
        ("--cfg empty.txt", "no rule"),
        ("--cfg words.txt", "`well-known` is not one word"),
        ("--cfg none.txt", "built-in grammar is `arithmetic`"),
        ("--cfg arithmetic --max-len 300", "at most 300 tokens"),
    ] {
        let line = format!("train {flags} -q");
        assert_fails(&place.seqgan(&line.split_whitespace().collect::<Vec<_>>()), 1, &[message]);
    }
}

#[test]
fn a_generator_that_follows_the_gumbel_softmax_resumes_and_names_what_does_not_apply() {
    let place = Place::new();
    let line = format!(
        "train --cfg arithmetic --method gumbel --relaxation soft --gumbel-temperature 3:1 --rollouts 2 {TINY}"
    );
    let line = line.replace(" -q", "").replace("--g-steps 1", "--g-steps 3");
    let run = |out: &str| place.seqgan(&format!("{line} --out {out}").split_whitespace().collect::<Vec<_>>());
    let output = run("whole");
    assert_succeeds(&output);
    let told = String::from_utf8(output.stderr).expect("text");
    assert!(told.contains("--rollouts") && told.contains("through the judge's input"), "{told}");
    assert!(
        String::from_utf8(place.read("whole/config.toml")).expect("text").contains("temperature = \"3:1\"")
    );
    assert_succeeds(&run("part"));
    std::fs::remove_file(place.path("part/results.json")).expect("a finished run");
    seqgan(&place, "train --resume part --threads 1");
    assert_eq!(place.read("part/generator.safetensors"), place.read("whole/generator.safetensors"));
    for (flags, message) in [
        ("--judge rival", "`adversarial.judge` (--judge) must be discriminator"),
        ("--gumbel-temperature 0", "must lie in 0.01 to 100, found 0"),
        ("--gumbel-temperature warm", "FROM:TO such as 5:1"),
        ("--reward random", "`adversarial.reward` (--reward) must be"),
    ] {
        let line = format!("train --cfg arithmetic --method gumbel {flags} -q");
        assert_fails(&place.seqgan(&line.split_whitespace().collect::<Vec<_>>()), 2, &[message]);
    }
    place.write("pairs.tsv", "a\tb\nb\ta\n");
    let line = "train --pairs pairs.tsv --method gumbel -q";
    assert_fails(&place.seqgan(&line.split_whitespace().collect::<Vec<_>>()), 2, &["of sentences alone"]);
}
