//! Recommendation: readers and splits, the scorers' gradients, the closed forms against values worked by hand,
//! the same bits on any number of threads, and the program from end to end.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use crate::support::program::{Place, stderr, stdout};
use crate::support::{Differences, projection, random};
use approx::assert_abs_diff_eq;
use irgan::data::interactions::planted::{PlantedInteractions, lines};
use irgan::data::interactions::{Ids, Interactions, Layout, Split, SplitOrder, read};
use irgan::event::{Event, Listener, Silent};
use irgan::game::{RewardSource, Schedule};
use irgan::nn::{
    Clip, Gradient, Initializer, Learner, OptimizerConfig, Parameters, Part, Rule, TableGradient,
};
use irgan::policy_gradient::{Baseline, BaselineState, Estimator};
use irgan::ranking::interactions::closed_form::{
    Ease, ItemKnn, ease, ease_among_neighbours, ease_of_all, item_knn, popularity, pure_svd,
};
use irgan::ranking::interactions::{
    Factors, InteractionsConfig, ItemPools, ItemWeights, NeighbourWeights, Recommender, RecommenderModel,
    train_recommender,
};
use irgan::ranking::{
    Candidates, DrawFrom, Extras, FitConfig, GeneratorConfig, Init, LiveReward, Method, Mode,
    NegativeSampler, Pools, Ranker, RewardShape, RewardTable, Scorer, TrainConfig, Trained, Validation,
    draw_examples, generator_gradient,
};
use irgan::seed::Stream;
use ndarray::array;

fn ids(prefix: &str, count: usize) -> Arc<Ids> {
    Arc::new((0..count).map(|i| format!("{prefix}{i}")).collect())
}

fn likes(items: usize, lists: &[&[u32]]) -> Interactions {
    Interactions::new(ids("u", lists.len()), ids("i", items), lists.iter().map(|l| l.to_vec()).collect())
}

// ---- Readers -------------------------------------------------------------------------------------------

fn succeed(place: &Place, arguments: &[&str]) -> (String, String) {
    let output = place.irgan(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    (stdout(&output), stderr(&output))
}

#[test]
fn separators_headers_and_ids() {
    let place = Place::new();
    for text in [
        "anna\tThe Matrix\t5\nben\tThe Matrix\t4.5\t881250949\n",
        "user,item,rating\nanna,The Matrix,5\nben,The Matrix,4.5\n",
        "\u{feff}userId::movieId::rating::timestamp\r\nanna::The Matrix::5::7\r\n\r\nben::The Matrix::4.5::8\r\n",
    ] {
        let ratings = read(place.write("r", text), Layout::Ratings).expect("a good file");
        assert_eq!(ratings.users().names(), ["anna", "ben"]);
        assert_eq!(ratings.items().names(), ["The Matrix"]);
        assert_eq!(ratings.rows().iter().map(|row| row.rating).collect::<Vec<_>>(), [5.0, 4.5]);
    }
    let ratings = read(place.write("r", " -1  99999999999999999999 4\n-1 x -3e2 \n"), Layout::Ratings);
    let ratings = ratings.expect("negative and enormous ids are only names");
    assert_eq!(ratings.items().names(), ["99999999999999999999", "x"]);
    assert_eq!(ratings.positives(4.0).expect("one of them").count(), 1);

    let lists = read(place.write("r", "a 1 2 3\nb\nc 3 1\n"), Layout::Adjacency).expect("adjacency");
    let positives = lists.positives(1e300).expect("every item of a list is liked");
    assert_eq!(positives.positives(), [vec![0, 1, 2], vec![], vec![0, 2]]);
    assert!(positives.summary().contains("users without a positive: 1"), "{}", positives.summary());
}

#[test]
fn bad_lines_are_named() {
    let place = Place::new();
    for (text, line, found) in [
        ("a\tb\t5\na\tc\tfive\n", 2, "`five`"),
        ("a\tb\tfive\n", 1, "`five`"), // no header: no column says what it is
        ("a b 5\na b\n", 2, "`a b`"),
        ("a,b,5\na,,3\n", 2, "nothing"),
        ("a b nan\n", 1, "`nan`"),
        ("a b 5 noon\n", 1, "`noon`"),
        ("a b 5 1 2\n", 1, "the columns `a`, `b`, `5`, `1`, `2`"),
        ("a,b,Stars\na,b,5\n", 1, "the columns `a`, `b`, `Stars`"),
        ("user,thing,rating\na,b,5\n", 1, "the columns `user`, `thing`, `rating`"),
        ("item,user,rating\na,b,5\na,b,5,1\n", 3, "`a,b,5,1`"),
        ("a\tb\na\tb\t5\n", 2, "`a\\tb\\t5`"),
        ("user,item\nu1,\"i1\n", 2, "`u1,\\\"i1`"),
    ] {
        let error = read(place.write("bad", text), Layout::Ratings).expect_err(text).to_string();
        assert!(error.contains(&format!("bad:{line}: expected")) && error.contains(found), "{error}");
    }
    assert!(read(place.write("bad", "\n\n"), Layout::Ratings).is_err(), "an empty file");
    assert!(read(place.path("none"), Layout::Ratings).is_err(), "no file");
    let low = read(place.write("low", "a b 1\n"), Layout::Ratings).expect("a file");
    assert!(low.positives(4.0).expect_err("nobody likes anything").to_string().contains("positives.least"));
}

#[test]
fn columns_are_those_of_the_header_in_every_order() {
    let place = Place::new();
    let expected =
        read(place.write("r", "u1\ti1\t5\t20\nu2\ti1\t2\t30\n"), Layout::Ratings).expect("no header");
    for text in [
        "userId,movieId,rating,timestamp\nu1,i1,5,20\nu2,i1,2,30\n",
        "item,user,rating,timestamp\ni1,u1,5,20\ni1,u2,2,30\n",
        "user_id,item_id,timestamp,rating\nu1,i1,20,5\nu2,i1,30,2\n",
        "timestamp;Book-Rating;ISBN;User-ID\n20;\"5\";i1;u1\n30;\"2,0\";i1;u2\n",
        ",asin,reviewerID,overall,unixReviewTime\n0,i1,u1,5,20\n1,i1,u2,2,30\n",
        "\"user\"\t\"item\"\t\"score\"\t\"time\"\n\"u1\"\t\"i1\"\t5\t20\n\"u2\"\t\"i1\"\t2\t30\n",
        "\"user\" \"item\" \"score\" \"time\"\n\"u1\" \"i1\" 5 20\n\"u2\" \"i1\" 2 30\n",
        "user_id:token,timestamp:float,item_id:token,rating:float\nu1,20,i1,5\nu2,30,i1,2\n",
    ] {
        let found = read(place.write("r", text), Layout::Ratings).expect(text);
        assert_eq!(
            (found.users(), found.items(), found.rows()),
            (expected.users(), expected.items(), expected.rows())
        );
        assert!(found.header().is_some_and(|words| words.contains("user `")), "{text}");
    }
}

#[test]
fn quotes_are_syntax_and_a_quoted_separator_is_text() {
    let place = Place::new();
    let text = "\"userId\",\"movieId\",\"rating\"\n\"u0\",\"Seven, 1995\",2\nu0,\"say \"\"hi\"\"\",5\n";
    let ratings = read(place.write("r", text), Layout::Ratings).expect("CSV");
    assert_eq!(
        (ratings.users().names(), ratings.items().names()),
        (&["u0".into()][..], &["Seven, 1995".into(), "say \"hi\"".into()][..])
    );
}

#[test]
fn files_without_ratings_hold_positives() {
    let place = Place::new();
    for text in ["a\tx\nb\ty\n", "user,item\na,x\nb,y\n", "item,timestamp,user\nx,7,a\ny,8,b\n", "a x\nb y\n"]
    {
        let ratings = read(place.write("r", text), Layout::Ratings).expect(text);
        assert!(ratings.is_implicit());
        assert_eq!(ratings.positives(4.0).expect("all of them").positives(), [vec![0], vec![1]], "{text}");
    }
}

#[test]
fn the_latest_rating_counts_where_times_are_given() {
    let place = Place::new();
    for text in [
        "a x 5 200\na x 1 100\n",
        "a x 1 100\na x 5 200\n",
        "time,user,item,rating\n2013-01-02,a,x,5\n2013-01-01,a,x,1\n",
    ] {
        let ratings = read(place.write("r", text), Layout::Ratings).expect(text);
        assert_eq!((ratings.repeated(), ratings.rows()[0].rating), (1, 5.0), "{text}");
    }
    let equal = read(place.write("r", "a x 5 7\na x 1 7\n"), Layout::Ratings).expect("a good file");
    assert_eq!(equal.rows()[0].rating, 1.0, "the last of equal times");
}

#[test]
fn a_pair_rated_again_counts_once_with_its_last_rating() {
    let place = Place::new();
    let ratings = read(place.write("r", "a x 5\na y 5\na x 1\n"), Layout::Ratings).expect("a good file");
    assert_eq!((ratings.repeated(), ratings.rows().len()), (1, 2));
    assert_eq!(ratings.positives(4.0).expect("y").positives(), [vec![1]]);
}

#[test]
fn splits_hold_out_a_share_of_every_user() {
    let place = Place::new();
    let mut text = String::new();
    for item in 0..10 {
        text += &format!("a i{item} 5 {}\nb j{item} 5 {}\n", 100 - item, item);
    }
    text += "c i0 5 1\n"; // one positive: it stays
    let ratings = read(place.write("r", &text), Layout::Ratings).expect("a good file");
    let all = ratings.positives(4.0).expect("all");
    let split = |order| Split { share: 0.3, order }.apply(&ratings, &all, Stream::new(1)).expect("a split");
    for (train, valid) in [split(SplitOrder::Random), split(SplitOrder::Last)] {
        assert_eq!(valid.positives().iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 0]);
        assert_eq!(train.and(&valid), all, "nothing is lost");
    }
    let (_, last) = split(SplitOrder::Last);
    let names = |user: usize| {
        let of_user = last.positives()[user].iter();
        of_user.map(|&item| all.items().name(item).to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        (names(0), names(1)),
        (vec!["i0".into(), "i1".into(), "i2".into()], vec!["j7".into(), "j8".into(), "j9".into()])
    );

    let timeless = read(place.write("t", "a x 5\na y 5\n"), Layout::Ratings).expect("a good file");
    let none = Split { share: 0.5, order: SplitOrder::Last };
    let positives = timeless.positives(4.0).expect("both");
    assert!(none.apply(&timeless, &positives, Stream::new(1)).is_err(), "no time, no last one");
}

#[test]
fn what_the_training_data_do_not_know_is_counted() {
    let known = likes(3, &[&[0], &[1]]);
    let held = Interactions::new(
        Arc::new(["u1", "u9"].into_iter().collect()),
        Arc::new(["i2", "new", "i1"].into_iter().collect()),
        vec![vec![0, 1, 2], vec![0]],
    );
    let held = known.held_out(&held);
    assert_eq!(held.data.positives(), [vec![], vec![2]]);
    assert_eq!((held.unknown_users, held.unknown_items, held.repeated), (1, 1, 1));
}

// ---- Scorers -------------------------------------------------------------------------------------------

/// A gradient of rows and tables as a value of the scorer's own type.
fn dense(scorer: &Recommender, gradient: &mut Vec<TableGradient>) -> Recommender {
    let mut dense = scorer.zeros_like();
    for (mut tensor, part) in dense.tensors_mut().into_iter().zip(gradient.parts()) {
        let width = tensor.values.shape()[1];
        let table = tensor.values.as_slice_mut().expect("standard layout");
        match part {
            Part::Whole(values) => table.copy_from_slice(values),
            Part::Rows(rows, values) => {
                for (&row, values) in rows.iter().zip(values.chunks(width)) {
                    let start = row as usize * width;
                    table[start..start + width].iter_mut().zip(values).for_each(|(t, v)| *t += v);
                }
            }
        }
    }
    dense
}

fn factors(users: usize, items: usize, rank: usize) -> Factors {
    let bias: Vec<f32> = (0..items).map(|i| i as f32 / 10.0 - 0.3).collect();
    Factors::from_parts(random(users, rank, 1.0, 1), random(items, rank, 1.0, 2).view(), &bias)
}

fn scorers() -> [Recommender; 3] {
    let all = ItemWeights::new(random(7, 7, 1.0, 3));
    let near = |i: u32| (0..7).filter(move |&j| j != i && !(i + 2 * j).is_multiple_of(3));
    let column = |i: u32| near(i).map(|j| (j, all.weights()[[j as usize, i as usize]])).collect();
    let some = NeighbourWeights::from_columns(&(0..7).map(column).collect::<Vec<_>>());
    let (all, some) = (Recommender::ItemWeights(all), Recommender::NeighbourWeights(some));
    [Recommender::Factors(factors(3, 7, 4)), all, some]
}

const LIKED: [&[u32]; 3] = [&[1, 4], &[0, 2, 6], &[]];

#[test]
fn gradients_of_scorers_by_finite_differences() {
    let data = likes(7, &LIKED);
    for pools in [ItemPools::training(&data), ItemPools::unseen(&data, vec![2, 0, 1])] {
        for scorer in scorers() {
            let pairs = [(0, 3), (0, 1), (1, 3), (0, 3), (2, 0)];
            let many: Vec<(u32, u32)> = (0..40).map(|i| (i / 20, i % 4)).collect();
            for candidates in
                [Candidates::Pools(&[1, 0, 2]), Candidates::Pairs(&pairs), Candidates::Pairs(&many)]
            {
                let (scores, cache) = scorer.forward(&pools, candidates, &mut Stream::new(1).rng());
                let weights = random(1, scores.len(), 1.0, 4);
                let mut gradient = scorer.no_gradient();
                scorer.backward(&cache, weights.as_slice().expect("one row"), &mut gradient);
                let gradient = dense(&scorer, &mut gradient);
                // The diagonal of item weights is no parameter: whatever it is set to, it counts as 0.
                let loss = |probe: &Recommender| {
                    let probe = match probe {
                        Recommender::ItemWeights(all) => {
                            Recommender::ItemWeights(ItemWeights::new(all.weights().clone()))
                        }
                        factors => factors.clone(),
                    };
                    projection(&probe.score(&pools, candidates), &weights)
                };
                Differences::default().parameters(&scorer, &gradient, loss);
            }
        }
    }
}

#[test]
fn scores_are_those_of_the_definition() {
    let data = likes(7, &LIKED);
    let pools = ItemPools::unseen(&data, vec![1, 2]);
    let [by_factors, by_items, by_neighbours] = scorers();
    let Recommender::Factors(f) = &by_factors else { unreachable!() };
    let Recommender::ItemWeights(w) = &by_items else { unreachable!() };
    let (p, q, b) = (f.users(), f.items(), w.weights());
    for scorer in [&by_factors, &by_items, &by_neighbours] {
        let found = scorer.score(&pools, Candidates::Pools(&[0, 1]));
        let expected = (0..2u32).flat_map(|query| {
            let user = query as usize + 1;
            (0..pools.candidates(query as usize) as u32).map(move |c| (user, pools_item(user, c)))
        });
        for (&found, (user, item)) in found.iter().zip(expected) {
            let expected = match scorer {
                Recommender::Factors(_) => p.row(user).dot(&q.row(item)) + item as f32 / 10.0 - 0.3,
                Recommender::ItemWeights(_) => LIKED[user].iter().map(|&j| b[[j as usize, item]]).sum(),
                Recommender::NeighbourWeights(some) => {
                    LIKED[user].iter().map(|&j| some.weight(j, item as u32)).sum()
                }
            };
            assert_abs_diff_eq!(found, expected, epsilon = 1e-5);
        }
    }
}

/// The `candidate`-th item that the user of [`LIKED`] does not like.
fn pools_item(user: usize, candidate: u32) -> usize {
    (0..7).filter(|item| !LIKED[user].contains(item)).nth(candidate as usize).expect("a candidate") as usize
}

#[test]
fn optimisers_move_the_rows_that_were_touched() {
    let model = factors(3, 4, 2);
    let touched = |whole: bool| {
        let mut gradient = model.no_gradient();
        for (row, slope) in [(1, 0.5), (2, -1.0), (1, 0.25)] {
            gradient[1].row(row).copy_from_slice(&[slope, 2.0 * slope, -slope]);
        }
        if whole {
            gradient[1].whole();
        }
        gradient
    };
    for rule in [Rule::Sgd, Rule::Momentum, Rule::Adagrad, Rule::Adam] {
        for clip in [Clip::None, Clip::Norm(0.7), Clip::Value(0.6)] {
            let config = OptimizerConfig { rule, learning_rate: 0.1, clip, ..Default::default() };
            let stepped = |whole: bool| {
                let mut stepped = Learner::new(model.clone(), config);
                stepped.update(&mut touched(whole));
                stepped.into_model()
            };
            let (rows, table) = (stepped(false), stepped(true));
            for (a, b) in rows.tensors().iter().zip(table.tensors()) {
                for (a, b) in a.values.iter().zip(b.values) {
                    assert_abs_diff_eq!(*a, *b, epsilon = 1e-6); // one step from nothing: lazy is exact
                }
            }
        }
    }
    // Decay reaches rows 1 (twice) and 2, and no other.
    let config =
        OptimizerConfig { rule: Rule::Sgd, learning_rate: 0.1, weight_decay: 0.5, ..Default::default() };
    let mut gradient = touched(false);
    gradient.multiply(0.0);
    let mut decayed = Learner::new(model.clone(), config);
    decayed.update(&mut gradient);
    assert_eq!(decayed.users(), model.users());
    for (row, factor) in [(0, 1.0), (1, 0.95 * 0.95), (2, 0.95), (3, 1.0)] {
        for (after, before) in decayed.items().row(row).iter().zip(model.items().row(row)) {
            assert_abs_diff_eq!(*after, before * factor, epsilon = 1e-6);
        }
    }
}

// ---- The policy gradient over all items ------------------------------------------------------------------

#[test]
fn the_exact_gradient_is_that_of_the_expected_reward() {
    let data = likes(7, &LIKED);
    let pools = ItemPools::training(&data);
    let [scorer, ..] = scorers();
    let judge = Recommender::Factors(factors(3, 7, 2));
    let queries = [0, 1];
    for mode in [Mode::Pointwise, Mode::Pairwise] {
        let rules = (mode.into(), RewardShape::Paper, RewardSource::Discriminator);
        let rewards = RewardTable::new(&judge, &pools, &queries, rules, Stream::new(1));
        let config = GeneratorConfig { temperature: 0.7, entropy: 0.0, ..Default::default() };
        let baseline = BaselineState::new(Baseline::Expected);
        let step =
            generator_gradient(&scorer, &pools, &rewards, &queries, &config, &baseline, Stream::new(2));
        let gradient = dense(&scorer, &mut step.expect("two users").gradient);
        // A naive softmax in f64, user by user.
        let loss = |probe: &Recommender| {
            let of_user = |&q: &u32| {
                let scores = probe.score(&pools, Candidates::Pools(&[q]));
                let exps: Vec<f64> = scores.iter().map(|&s| (f64::from(s) / 0.7).exp()).collect();
                let total: f64 = exps.iter().sum();
                let paid = exps.iter().zip(rewards.of(q as usize)).map(|(e, &r)| e / total * f64::from(r));
                paid.sum::<f64>()
            };
            -queries.iter().map(of_user).sum::<f64>() / 2.0
        };
        Differences::default().parameters(&scorer, &gradient, loss);
    }
}

#[test]
fn live_rewards_are_those_of_the_table() {
    let data = likes(7, &LIKED);
    let pools = ItemPools::training(&data);
    let [scorer, ..] = scorers();
    let judge = Recommender::Factors(factors(3, 7, 2));
    for mode in [Mode::Pointwise, Mode::Pairwise] {
        for control in [RewardSource::Discriminator, RewardSource::Constant, RewardSource::Shuffled] {
            let rules = (mode.into(), RewardShape::Code, control);
            let stream = Stream::new(3);
            let table = RewardTable::new(&judge, &pools, &[0, 1], rules, stream).with_entropy(0.2);
            let live = LiveReward { scorer: &judge, pools: &pools, rules, entropy: 0.2, stream };
            for (estimator, candidates) in
                [(Estimator::Exact, 0), (Estimator::Sampled, 0), (Estimator::Exact, 4)]
            {
                if candidates > 0 && control == RewardSource::Shuffled {
                    continue; // dealt among what is scored, which differs
                }
                let config = GeneratorConfig { estimator, candidates, ..Default::default() };
                let baseline = BaselineState::new(Baseline::Expected);
                let by_table =
                    generator_gradient(&scorer, &pools, &table, &[0, 1], &config, &baseline, Stream::new(2));
                let by_live =
                    generator_gradient(&scorer, &pools, &live, &[0, 1], &config, &baseline, Stream::new(2));
                let (mut a, mut b) = (by_table.expect("users").gradient, by_live.expect("users").gradient);
                for (a, b) in dense(&scorer, &mut a).tensors().iter().zip(dense(&scorer, &mut b).tensors()) {
                    for (a, b) in a.values.iter().zip(b.values) {
                        assert_abs_diff_eq!(*a, *b, epsilon = 1e-5);
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_drawn_for_a_user_does_not_depend_on_those_drawn_beside() {
    // So that the scores of a few users at a time are enough.
    let data = likes(7, &LIKED);
    let pools = ItemPools::training(&data);
    for scorer in scorers() {
        let drawers = [
            NegativeSampler::Uniform,
            NegativeSampler::Dynamic(&scorer, 3),
            NegativeSampler::Softmax(&scorer, 0.5, 0.2),
        ];
        for drawer in drawers {
            let draw =
                |users: &[u32]| draw_examples(&drawer, &pools, users, DrawFrom::Lower, 4, Stream::new(1));
            assert_eq!(draw(&[0, 1]), [draw(&[0]), draw(&[1])].concat());
        }
    }
}

#[test]
fn the_weight_of_both_players_is_that_of_the_better_one() {
    // Two users with one positive among four items; the one player ranks it first, the other last.
    let data = likes(4, &[&[], &[]]);
    let pools = ItemPools::held_out(&data, &likes(4, &[&[1], &[2]]), 100, Stream::new(1));
    let mut validation = Validation::new(&pools, "nDCG@5".parse().expect("a measure"));
    let (good, bad) = ([0.0, 3.0, 0.5, 0.0, 0.0, 0.0, 3.0, 0.5], [1.0, -1.0, 1.0, 1.0, 1.0, 1.0, -1.0, 1.0]);
    let chosen = |validation: &Validation<'_, ItemPools>, g: &[f32], d: &[f32]| {
        validation.value(&validation.combine(g, d))
    };
    for (g, d) in [(good, bad), (bad, good)] {
        validation.choose_weight(&g, &d, &[]);
        assert_eq!(chosen(&validation, &g, &d), 1.0, "weight {}", validation.weight);
        assert_eq!(validation.weight < 0.5, g == good);
    }
    validation.choose_weight(&good, &good, &[]); // all the same: the middle
    assert_eq!(validation.weight, 0.5);

    // Further data count as much: their best weight wins where they tell more.
    let curve = validation.curve(&good, &bad);
    validation.weight = 0.5;
    assert_eq!((curve[0], curve[10]), (1.0, chosen(&validation, &good, &bad)));
    let mut peak = [0.0; 21];
    peak[16] = 1.5;
    validation.choose_weight(&good, &bad, &[peak, peak]);
    assert_eq!(validation.weight, 0.8); // 3 and at least 0, against at most 1
}

#[test]
fn starts_without_epochs_are_weighed_by_several_splits() {
    let (train, valid) = planted();
    let mut config = small(Method::IrganPairwise);
    config.generator.init = Init::Baseline(Method::Ease);
    config.discriminator.init = Init::Baseline(Method::Ials);
    let notes = |config: &TrainConfig, threads: usize| {
        let mut notes = Notes(vec![]);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let data = (&train, &valid);
        let trained =
            pool.install(|| train_recommender(config, &Extras::default(), data, None, false, &mut notes));
        let start = notes.0.into_iter().find(|note| note.starts_with("start")).expect("a note of the start");
        (start, trained.expect("a training").model)
    };
    let (start, model) = notes(&config, 1);
    assert!(start.contains("by 5 splits"), "{start}");
    assert!((start, model) == notes(&config, 2), "other bits with two threads");
    config.choice.folds = 0;
    assert!(!notes(&config, 2).0.contains("splits"));
    config.choice.folds = 5;
    config.discriminator.init = Init::Baseline(Method::Bpr); // learned by epochs, which the validation data choose
    assert!(!notes(&config, 2).0.contains("splits"));
}

/// Notes of a training.
struct Notes(Vec<String>);

impl Listener for Notes {
    fn event(&mut self, _: &Event<'_>) {}

    fn note(&mut self, message: &str) {
        self.0.push(message.to_owned());
    }
}

#[test]
fn places_of_weights_that_are_damaged_are_an_error() {
    let (train, valid) = planted();
    let config = TrainConfig { method: Method::ItemKnn, ..small(Method::ItemKnn) };
    let trained = train_recommender(&config, &Extras::default(), (&train, &valid), None, false, &mut Silent)
        .expect("item-KNN");
    let place = Place::new();
    let folder = place.path("knn");
    trained.model.save(&folder).expect("a folder");
    assert_eq!(RecommenderModel::load(&folder).expect("as it was saved"), trained.model);
    let file = folder.join("ranker.neighbours");
    let mut bytes = fs::read(&file).expect("the places");
    fs::write(&file, &bytes[..bytes.len() - 4]).expect("a short file");
    let error = RecommenderModel::load(&folder).expect_err("too short").to_string();
    assert!(error.contains("ranker.neighbours") && error.contains("train again"), "{error}");
    let last = bytes.len() - 4;
    bytes[last..].copy_from_slice(&u32::MAX.to_le_bytes());
    fs::write(&file, bytes).expect("a wrong item");
    assert!(RecommenderModel::load(&folder).is_err(), "an item that there is not");
}

// ---- Closed forms, by hand -------------------------------------------------------------------------------

/// Users like items 0 and 1; 0 and 1; 0; 2.
fn four_users() -> Interactions {
    likes(3, &[&[0, 1], &[0, 1], &[0], &[2]])
}

fn all_scores(scorer: Recommender, data: &Interactions, user: u32) -> Vec<f32> {
    scorer.score(&ItemPools::training(data), Candidates::Pools(&[user]))
}

#[test]
fn popularity_is_the_share_of_users() {
    let data = four_users();
    for user in 0..4 {
        assert_eq!(all_scores(Recommender::Factors(popularity(&data)), &data, user), [0.75, 0.5, 0.25]);
    }
}

#[test]
fn item_knn_by_hand() {
    let data = four_users();
    let cosines = ItemKnn { neighbours: 5, shrinkage: 1.0, activity: 0.0, popularity: 0.5 };
    // Both like 0 and 1: 2 users; 3 like 0, 2 like 1: 2 / (√6 + 1).
    let cosine = 2.0 / (6f32.sqrt() + 1.0);
    let expected = array![[0.0, cosine, 0.0], [cosine, 0.0, 0.0], [0.0; 3]];
    assert_abs_diff_eq!(whole(&item_knn(&data, cosines), 3), expected, epsilon = 1e-6);
    // One neighbour each: of item 2's equals (1/2 with 0, 1/2 with 1) the first.
    let pairs = likes(3, &[&[0, 2], &[1, 2]]);
    let one = ItemKnn { neighbours: 1, shrinkage: 0.0, ..cosines };
    let half = 1.0 / 2f32.sqrt();
    let expected = array![[0.0, 0.0, half], [0.0; 3], [half, half, 0.0]];
    assert_abs_diff_eq!(whole(&item_knn(&pairs, one), 3), expected, epsilon = 1e-6);
    // Votes by activity: 6 positives of 4 users are 1.5 each, hence two votes of √(1.5 / 2). The denominator of B_ji is
    // |U_j|^¾ |U_i|^¼.
    let settings = ItemKnn { shrinkage: 0.0, activity: 0.5, popularity: 0.25, ..cosines };
    let both = 2.0 * 0.75f32.sqrt();
    let b01 = both / (3f32.powf(0.75) * 2f32.powf(0.25));
    let b10 = both / (2f32.powf(0.75) * 3f32.powf(0.25));
    let expected = array![[0.0, b01, 0.0], [b10, 0.0, 0.0], [0.0; 3]];
    assert_abs_diff_eq!(whole(&item_knn(&data, settings), 3), expected, epsilon = 1e-6);
}

/// B of sparse weights between so many items.
fn whole(weights: &NeighbourWeights, items: u32) -> ndarray::Array2<f32> {
    let shape = (items as usize, items as usize);
    ndarray::Array2::from_shape_fn(shape, |(j, i)| weights.weight(j as u32, i as u32))
}

#[test]
fn ease_by_hand() {
    let data = four_users();
    // Xᵀ X + 1 = [[4, 2], [2, 3]] for items 0 and 1 (item 2 stands alone): the inverse is [[3, −2], [−2, 4]] / 8,
    // hence B₀₁ = 2/4 and B₁₀ = 2/3.
    let weights = ease_of_all(&data, Ease { ridge: 1.0, dropout: 0.0 }).expect("three items");
    let (b01, b10) = (2.0 / 4.0, 2.0 / 3.0);
    assert_abs_diff_eq!(
        weights.weights(),
        &array![[0.0, b01, 0.0], [b10, 0.0, 0.0], [0.0; 3]],
        epsilon = 1e-6
    );
}

#[test]
fn dropout_adds_its_odds_times_the_counts_to_the_ridge() {
    // A third dropped: odds of 1/2. The diagonal is 3 + 1 + 1.5 for item 0 and 2 + 1 + 1 for item 1; B₀₁ = 2 / 5.5, B₁₀ = 2 / 4.
    let settings = Ease { ridge: 1.0, dropout: 1.0 / 3.0 };
    let weights = ease_of_all(&four_users(), settings).expect("three items");
    let expected = array![[0.0, 2.0 / 5.5, 0.0], [0.5, 0.0, 0.0], [0.0; 3]];
    assert_abs_diff_eq!(weights.weights(), &expected, epsilon = 1e-6);
}

#[test]
fn ease_among_all_neighbours_is_ease() {
    // One user likes everything: every item is a neighbour of every other.
    let mut lists: Vec<Vec<u32>> =
        (0..40).map(|u| (0..12).filter(|i| (u * u + 7 * i * i + u * i) % 5 < 2).collect()).collect();
    lists.push((0..12).collect());
    let data = Interactions::new(ids("u", lists.len()), ids("i", 12), lists);
    let items = 12;
    let all = ItemKnn { neighbours: items as usize, shrinkage: 10.0, activity: 0.5, popularity: 0.3 };
    for dropout in [0.0, 0.4] {
        let settings = Ease { ridge: 3.0, dropout };
        let expected = ease_of_all(&data, settings).expect("few items");
        let among = ease_among_neighbours(&data, settings, all).expect("few items");
        assert_abs_diff_eq!(&whole(&among, items), expected.weights(), epsilon = 1e-5);
        // With three neighbours the weights are theirs alone.
        let few =
            ease_among_neighbours(&data, settings, ItemKnn { neighbours: 3, ..all }).expect("few items");
        let near = item_knn(&data, ItemKnn { neighbours: 3, ..all });
        let kept = |of: &NeighbourWeights| whole(of, items).mapv(|value| value != 0.0);
        assert_eq!(kept(&few), kept(&near));
        assert!(matches!(ease(&data, settings, all), Ok(Recommender::ItemWeights(_))));
    }
}

#[test]
fn pure_svd_by_hand() {
    // Two blocks: users 0–2 like items 0 and 1, user 3 likes item 2. σ² = 6 with v = (1, 1, 0)/√2, then 1.
    let data = likes(3, &[&[0, 1], &[0, 1], &[0, 1], &[2]]);
    let one = Recommender::Factors(pure_svd(&data, 1, Stream::new(1)).expect("rank 1"));
    for (user, expected) in [(0, [1.0, 1.0, 0.0]), (3, [0.0, 0.0, 0.0])] {
        for (found, expected) in all_scores(one.clone(), &data, user).into_iter().zip(expected) {
            assert_abs_diff_eq!(found, expected, epsilon = 1e-5);
        }
    }
    // With the full rank the projection is X itself.
    let full = Recommender::Factors(pure_svd(&four_users(), 3, Stream::new(1)).expect("rank 3"));
    for (found, expected) in all_scores(full, &four_users(), 2).into_iter().zip([1.0, 0.0, 0.0]) {
        assert_abs_diff_eq!(found, expected, epsilon = 1e-5);
    }
    assert!(pure_svd(&data, 4, Stream::new(1)).is_err(), "more than there are items");
}

// ---- Training --------------------------------------------------------------------------------------------

fn planted() -> (Interactions, Interactions) {
    let config = PlantedInteractions { users: 150, items: 100, liked: 20, rank: 3, ..Default::default() };
    let (train, _) = config.generate().expect("a small set");
    let place = Place::new();
    let ratings = read(place.write("r", lines(&train)), Layout::Ratings).expect("a good file");
    let all = ratings.positives(4.0).expect("positives");
    Split::default().apply(&ratings, &all, Stream::new(1)).expect("a split")
}

fn small(method: Method) -> TrainConfig {
    TrainConfig {
        method,
        measure: "nDCG@5".into(),
        schedule: Schedule { rounds: 2, d_epochs: 2, g_epochs: 2, ..Default::default() },
        interactions: InteractionsConfig {
            rank: 6,
            svd_rank: 4,
            ridge: 50.0,
            initializer: Initializer::Uniform(0.1),
            ..Default::default()
        },
        fit: FitConfig { epochs: 5, ..Default::default() },
        generator: GeneratorConfig { init: Init::Baseline(Method::PureSvd), ..Default::default() },
        ..Default::default()
    }
}

fn trained(config: &TrainConfig, baselines: &[Method], threads: usize) -> Trained<RecommenderModel> {
    let (train, valid) = planted();
    let extras = Extras { baselines: baselines.to_vec(), ..Default::default() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    pool.install(|| train_recommender(config, &extras, (&train, &valid), None, false, &mut Silent))
        .expect("a training")
}

#[test]
fn the_same_bits_on_any_number_of_threads() {
    let baselines =
        [Method::Pop, Method::ItemKnn, Method::PureSvd, Method::Ease, Method::Ials, Method::Bpr, Method::Dns];
    for (method, estimator, candidates, init) in [
        (Method::IrganPointwise, Estimator::Exact, 0, Method::PureSvd),
        (Method::IrganPairwise, Estimator::Sampled, 0, Method::Ease),
        (Method::IrganPointwise, Estimator::Sampled, 40, Method::Bpr),
        (Method::IrganPairwise, Estimator::Exact, 0, Method::ItemKnn),
    ] {
        let mut config = small(method);
        config.generator.estimator = estimator;
        config.generator.candidates = candidates;
        config.generator.init = Init::Baseline(init);
        let one = trained(&config, &baselines, 1);
        for threads in [2, 4] {
            let more = trained(&config, &baselines, threads);
            assert!(one.contenders == more.contenders, "{method}, {threads} threads: other values");
            assert!(one.model == more.model && one.baselines == more.baselines, "{method}: other weights");
        }
    }
}

#[test]
fn baselines_learn_more_than_popularity_knows() {
    let config = TrainConfig {
        fit: FitConfig {
            epochs: 60,
            optimizer: OptimizerConfig { learning_rate: 0.02, ..Default::default() },
            ..Default::default()
        },
        ..small(Method::Ease)
    };
    let all = trained(
        &config,
        &[Method::Pop, Method::PureSvd, Method::ItemKnn, Method::Ials, Method::Bpr, Method::Mle],
        2,
    );
    let value = |method| {
        let found = all.contenders.iter().find(|c| c.method == method).expect("trained");
        found.values[0]
    };
    let popularity = value(Method::Pop);
    for method in [Method::Ease, Method::PureSvd, Method::ItemKnn, Method::Ials, Method::Bpr, Method::Mle] {
        assert!(value(method) > popularity, "{method} {} against {popularity}", value(method));
    }
}

#[test]
fn a_model_comes_back_as_it_was_saved() {
    for init in [Method::PureSvd, Method::Ease, Method::ItemKnn] {
        let mut config = small(Method::IrganPointwise);
        config.generator.init = Init::Baseline(init);
        let model = trained(&config, &[], 2).model;
        let place = Place::new();
        model.save(&place.path("m")).expect("a folder");
        assert_eq!(RecommenderModel::load(&place.path("m")).expect("the same"), model);
    }
}

// ---- The program -----------------------------------------------------------------------------------------

/// Makes the ratings of `datasets/interactions` again, by the command that its page gives.
fn generated(place: &Place) {
    let readme = fs::read_to_string("datasets/README.md").expect("the page of the data sets");
    let prefix = "irgan synth --interactions --out datasets/interactions ";
    let flags =
        readme.lines().find_map(|line| line.strip_prefix(prefix)).expect("the page gives the command");
    let command = ["synth", "--interactions", "--out", "data"].into_iter().chain(flags.split(' '));
    succeed(place, &command.collect::<Vec<_>>());
}

#[test]
fn the_data_set_of_the_repository_is_what_its_command_makes() {
    let place = Place::new();
    generated(&place);
    for name in ["train.tsv", "test.tsv", "settings.toml"] {
        let kept = fs::read(PathBuf::from("datasets/interactions").join(name)).expect("in the repository");
        assert!(kept == fs::read(place.path("data").join(name)).expect("just made"), "{name} differs");
    }
}

const QUICK: [&str; 12] = [
    "--ratings",
    "data/train.tsv",
    "--quiet",
    "--rounds",
    "2",
    "--fit-epochs",
    "3",
    "--rank",
    "4",
    "--svd-rank",
    "4",
    "--quiet",
];

#[test]
fn train_recommend_rank_and_evaluate() {
    let place = Place::new();
    generated(&place);
    for (flags, out) in [
        (["--pointwise", "--init", "puresvd"].as_slice(), "point"),
        (&["--pairwise", "--g-init", "ease", "--d-init", "none"], "pair"),
        (&["--method", "ease", "--ridge", "10", "--baselines", "pop,itemknn,bpr"], "ease"),
        (&["--method", "dns", "--split", "last", "--valid-share", "0.1"], "dns"),
    ] {
        let quick = &QUICK[..11];
        let (report, _) = succeed(&place, &[&["train"], quick, flags, &["--out", out]].concat());
        assert!(report.contains("chosen on the validation data"), "{report}");
        succeed(&place, &["rank", "--model", out, "-k", "20", "--out", &format!("{out}.run")]);
    }
    let (table, _) = succeed(&place, &["recommend", "--model", "ease", "--user", "u3", "-k", "5"]);
    assert_eq!(table.lines().filter(|line| line.contains("u3")).count(), 5, "{table}");
    let known = fs::read_to_string(place.path("data/train.tsv")).expect("written");
    let liked = known
        .lines()
        .filter(|l| l.starts_with("u3\t"))
        .filter(|l| l.contains("\t4\t") || l.contains("\t5\t"));
    for item in liked.map(|line| line.split('\t').nth(1).expect("an item")) {
        assert!(!table.split_whitespace().any(|word| word == item), "{item} is known: {table}");
    }
    succeed(&place, &["qrels", "--ratings", "data/test.tsv", "--out", "test.qrels"]);
    succeed(&place, &["qrels", "--ratings", "data/train.tsv", "--out", "train.qrels"]);
    let (values, _) = succeed(
        &place,
        &["eval", "test.qrels", "ease.run", "point.run", "--protocol", "irgan", "--exclude", "train.qrels"],
    );
    assert!(values.contains("ease") && values.contains("point"), "{values}");
}

#[test]
fn recommendation_by_bad_arguments_is_an_error() {
    let place = Place::new();
    generated(&place);
    succeed(
        &place,
        &[&["train", "--method", "pop", "--baselines", "none", "--out", "pop"], &QUICK[..11]].concat(),
    );
    place.write("features.txt", "1 qid:1 1:0.5\n0 qid:1 1:0.1\n");
    for (arguments, code, message) in [
        (vec!["recommend", "--model", "pop", "--user", "nobody"], 2, "nobody"),
        (vec!["recommend", "--model", "data", "--user", "u1"], 1, "model.toml"),
        (vec!["rank", "--model", "pop", "--data", "features.txt", "--out", "x"], 2, "no --data"),
        (
            vec!["train", "--method", "ease", "--train", "features.txt", "--valid", "features.txt"],
            2,
            "--ratings",
        ),
        (vec!["train", "--ratings", "none.tsv"], 1, "none.tsv"),
        (vec!["train", "--ratings", "data/train.tsv", "--positive", "6"], 1, "--positive"),
        (vec!["train", "--ratings", "data/train.tsv", "--valid-share", "1.5"], 2, "share"),
        (vec!["train", "--ratings", "data/train.tsv", "--rank", "0"], 2, "rank"),
        (vec!["train", "--ratings", "data/train.tsv", "--init-model", "data"], 1, "model.toml"),
        (vec!["train", "--ratings", "a", "--train", "b", "--valid", "c"], 2, "cannot be used with"),
    ] {
        let output = place.irgan(&arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {error}");
        assert!(error.contains(message) && !error.contains("panicked"), "{arguments:?}: {error}");
    }
    for (file, damage) in [
        ("users.txt", "u1\nu1\n"),
        ("known.txt", "999999\n"),
        ("items.txt", ""),
        ("model.toml", "format = 2\nkind = \"interactions\"\n"),
    ] {
        let whole = fs::read(place.path("pop").join(file)).expect("a file of the model");
        fs::write(place.path("pop").join(file), damage).expect("writable");
        let output = place.irgan(&["recommend", "--model", "pop", "--user", "u1"]);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{file}: {error}");
        assert!(!error.contains("panicked"), "{file}: {error}");
        fs::write(place.path("pop").join(file), whole).expect("writable");
    }
}
