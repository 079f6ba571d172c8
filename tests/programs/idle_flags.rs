//! A flag that has no effect beside the others is told, once, by its name.

use crate::support::program::{Place, assert_succeeds, stderr, stdout};

/// Settings of a ranking of a moment.
const TINY: &str = "--rounds 1 --fit-epochs 1 --controls none";
/// Settings of sentences of a moment.
const WORDS: &str = "train --text text.txt --hidden 4 --embedding 4 --mle-epochs 1 --g-steps 1 --rounds 1 --controls none \
    --evaluate-on 20 --temperatures 1 --batch 8";
const IDS: &str = "train --vocab 9 --steps 4 --sentences 20 --held-out 10 --hidden 4 --embedding 4 --mle-epochs 1 --rounds 1 \
    --g-steps 1 --evaluate-on 20 --temperatures 1 --batch 8 --controls none --d-draws 1";

/// A folder with small data of every kind.
fn place() -> Place {
    let place = Place::new();
    for line in [
        "synth --out vectors --queries 8 --documents 10 --features 3",
        "synth --interactions --users 12 --items 20 --liked 6 --out liked",
        "synth --qa --queries 8 --out qa",
        "synth --collection --queries 12 --documents 60 --out texts",
        "index --collection texts/documents.jsonl --index idx",
    ] {
        assert_succeeds(&place.irgan(&line.split_whitespace().collect::<Vec<_>>()));
    }
    place.write("text.txt", "a cat ran\nthe dog sat\na dog ran\nthe cat sat\n".repeat(5));
    place
}

/// Runs a program and returns its warnings of flags without effect.
fn idle(place: &Place, line: &str) -> Vec<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let output = match words[0] {
        "irgan" => place.irgan(&words[1..]),
        _ => place.seqgan(&words[1..]),
    };
    assert_succeeds(&output);
    let warnings = stderr(&output);
    let of_flags = |line: &&str| line.starts_with("warning: ") && line.contains(" no effect ");
    warnings.lines().filter(of_flags).map(|line| line["warning: ".len()..].to_owned()).collect()
}

#[test]
fn every_flag_without_effect_is_told_once() {
    let place = place();
    let vectors = format!(
        "irgan train --train vectors/train.txt --valid vectors/vali.txt --baselines mle --force --out f {TINY}"
    );
    let texts = format!(
        "irgan train --index idx --queries texts/topics.tsv --qrels texts/qrels.txt --baselines mle --force --out d {TINY}"
    );
    let answers = format!(
        "irgan train --qa qa/train.txt --valid qa/vali.txt --embedding 4 --filters 1:4 --baselines mle --force --out a {TINY}"
    );
    let ratings = "irgan train --ratings liked/train.tsv --force --out r";
    for (line, expected) in [
        // Each kind of data, with the flags of the others.
        (format!("{texts} {}", "--refit --tune 2 --positive 3 --layout ratings --split last"), vec![
            "--positive, --layout, --split, --refit and --tune have no effect without --ratings".to_owned(),
        ]),
        (format!("{vectors} --depth 5 --rank 3 --ridge 2"), vec![
            "--rank and --ridge have no effect without --ratings".into(),
            "--depth has no effect without --index".into(),
        ]),
        (format!("{answers} --hidden 4 --normalize none"), vec![
            "--hidden and --normalize have no effect on ratings, questions and answers: they are of feature vectors and \
             texts"
                .into(),
        ]),
        (format!("{ratings} --method ease --g-lr 1 --fit-lr 1 --svd-rank 3 --dropout 0.1 --baselines pop"), vec![
            "--dropout has no effect on ratings: factors have no hidden units".into(),
            "--g-lr has no effect on ease: they are of the game of two players, --pairwise or --pointwise".into(),
            "--fit-lr has no effect where no method, start or baseline learns by epochs".into(),
            "--svd-rank has no effect without puresvd as method, start or baseline".into(),
        ]),
        (format!("{ratings} --method pop --baselines none --valid liked/test.tsv --split last"), vec![
            "--split has no effect beside --valid: nothing else is held out".into(),
        ]),
        (format!("{vectors} --pointwise --margin 1 --draws 2 --valid-share 0.2"), vec![
            "--valid-share has no effect beside --valid: nothing else is held out".into(),
            "--draws has no effect on the exact estimator; see --estimator sampled".into(),
            "--margin has no effect on a pointwise discriminator".into(),
        ]),
        (format!("{vectors} --reward nDCG@5 --estimator sampled --d-lr 1 --rankings 2"), vec![
            "--estimator has no effect on a measure's reward: see --rankings and --rank-credit".into(),
            "--d-lr has no effect where a measure alone is the reward: there is no discriminator; see --reward-mix".into(),
        ]),
        (format!("{vectors} --reward AP --reward-mix 0.1 --rankings 2 --d-lr 0.01"), vec![]),
        (format!("{vectors} --rankings 2 --rank-credit pl-rank"), vec![
            "--rankings and --rank-credit have no effect without a measure as --reward".into(),
        ]),
        ("irgan rank --model f --data vectors/test.txt --positive 3 --query-ids as-written --out f.run".into(), vec![
            "--positive has no effect on this model, which is no recommender".into(),
            "--query-ids has no effect without --index".into(),
        ]),
        ("irgan rank --model r --layout ratings --out r.run".into(), vec![
            "--layout has no effect without --ratings".into(),
        ]),
        ("irgan recommend --model r --user u1 --positive 2".into(), vec![
            "--positive has no effect without --ratings".into(),
        ]),
        ("irgan qrels --qa qa/test.txt --positive 2 --out q".into(), vec![
            "--positive has no effect without --ratings".into(),
        ]),
        ("irgan features --index idx --queries texts/topics.tsv --training-depth 5 --seed 2 --out l".into(), vec![
            "--training-depth and --seed have no effect without --qrels: they are of training data".into(),
        ]),
        ("irgan search --index idx --out y.run subject".into(), vec![
            "--out has no effect without --queries: no run is written".into(),
        ]),
        ("irgan search --index idx --score tf-idf --k1 1 --b 0.5 --mu 9 --feedback-terms 3 --tag x subject".into(), vec![
            "--k1 and --b have no effect on --score tf-idf".into(),
            "--mu has no effect on --score tf-idf".into(),
            "--feedback-terms has no effect without --feedback".into(),
            "--tag has no effect without --queries: no run is written".into(),
        ]),
        ("irgan synth --interactions --queries 5 --users 12 --items 20 --liked 6 --out s".into(), vec![
            "--queries has no effect on ratings; see --users, --items and --liked".into(),
        ]),
        // seqgan: data, judges, decoding.
        (format!("seqgan {WORDS} --vocab 9 --held-out 3 --rollouts 2 --force --out w"), vec![
            "--vocab has no effect beside --text: they are of an oracle".into(),
            "--held-out has no effect beside --text: they are of an oracle".into(),
            "--rollouts has no effect without --credit rollouts".into(),
        ]),
        (format!("seqgan {IDS} --judge bleu --level char --min-count 2 --d-lr 0.1 --credit sentence --force --out i"), vec![
            "--level and --min-count have no effect without --text".into(),
            "--d-draws has no effect on another judge than --judge discriminator or ranker".into(),
            "--d-lr has no effect on --judge bleu, which learns nothing".into(),
        ]),
        (format!("seqgan {IDS} --judge bleu --ensemble 1 --distill true --kl forward --force --out i"), vec![
            "--d-draws has no effect on another judge than --judge discriminator or ranker".into(),
            "--distill has no effect without an ensemble".into(),
            "--kl has no effect without --credit exact, and nothing is distilled".into(),
        ]),
        (format!("seqgan {IDS} --ranker-references 4 --ranker-comparisons 4 --judge ranker --force --out i"), vec![]),
        (format!("seqgan {IDS} --ranker-gamma 2 --judge bleu --force --out i"), vec![
            "--d-draws has no effect on another judge than --judge discriminator or ranker".into(),
            "--ranker-gamma has no effect on another judge than --judge ranker".into(),
        ]),
        (format!("seqgan {IDS} --judge ensemble --reward-baseline mean --d-lr 0.1 --force --out i"), vec![
            "--d-draws has no effect on another judge than --judge discriminator or ranker".into(),
            "--d-lr has no effect on --judge ensemble, which stands still".into(),
            "--reward-baseline has no effect on --credit exact, whose baseline is the expected reward".into(),
        ]),
        ("seqgan oracle --vocab 9 --steps 3 --sentences 5 --out o".into(), vec![]),
        ("seqgan oracle --oracle o --steps 7 --sentences 5".into(), vec![
            "--steps has no effect beside --oracle, which has its own size".into(),
        ]),
        ("seqgan generate --model w --greedy --seed 3".into(), vec![
            "--seed has no effect where the likeliest sentence is searched for: nothing is drawn".into(),
        ]),
        ("seqgan eval --generated text.txt --reference text.txt --seed 3".into(), vec![
            "--seed has no effect beside --generated without --references: nothing is drawn".into(),
        ]),
    ] {
        let (mut found, mut expected): (_, Vec<String>) = (idle(&place, &line), expected);
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "{line}");
    }
}

#[test]
fn the_best_k_are_ranked_of_every_kind_of_data() {
    let place = place();
    let train = "irgan train --train vectors/train.txt --valid vectors/vali.txt --baselines none --out f";
    assert_eq!(idle(&place, &format!("{train} {TINY}")), [""; 0]);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let run = |line: &str| {
        let words = words(line);
        let output = place.irgan(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_succeeds(&output);
        stdout(&output)
    };
    run("rank --model f --data vectors/test.txt --out all.run");
    run("rank --model f --data vectors/test.txt -k 3 --out best.run");
    let read = |name: &str| String::from_utf8(place.read(name)).expect("UTF-8");
    let (all, best) = (read("all.run"), read("best.run"));
    assert_eq!(best.lines().count(), 3 * 4, "four queries");
    let rank = |line: &str| line.split_whitespace().nth(3).and_then(|rank| rank.parse::<usize>().ok());
    let expected: Vec<&str> = all.lines().filter(|line| rank(line).is_some_and(|rank| rank <= 3)).collect();
    assert_eq!(best.lines().collect::<Vec<_>>(), expected);
}
