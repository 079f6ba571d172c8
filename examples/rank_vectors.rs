//! Trains two rankers on feature vectors in memory and measures them: `cargo run --release --example rank_vectors`.

use std::ops::Range;

use irgan::Result;
use irgan::data::features::RankingSet;
use irgan::game::Schedule;
use irgan::ranking::{Method, Ranker as _, TrainConfig};
use irgan::seed::Stream;
use rand::Rng as _;

/// Twenty documents a query; the product of the first two of four features, and some noise, makes a document good.
fn queries(numbers: Range<u64>) -> Result<RankingSet> {
    RankingSet::from_queries(numbers.map(|number| {
        let mut rng = Stream::new(1).named("queries").at(number).rng();
        let document = |i| {
            let features: Vec<f32> = (0..4).map(|_| rng.random_range(-1.0..1.0)).collect();
            let good = features[0] * features[1] + 0.1 * rng.random::<f32>() > 0.3;
            (format!("d{i}"), i8::from(good), features)
        };
        (format!("q{number}"), (0..20).map(document).collect())
    }))
}

fn main() -> Result<()> {
    let test = queries(150..200)?;
    for method in [Method::Mle, Method::IrganPairwise] {
        let schedule = Schedule { rounds: 10, ..Schedule::default() };
        let config = TrainConfig { method, schedule, ..TrainConfig::default() };
        let model = irgan::train_ranker(&config, queries(0..100)?, queries(100..150)?)?.model;
        let scores = model.score(test.clone(), model.chosen())?;
        println!(
            "{method:<15} {:<6} nDCG@10 {:.4}",
            model.chosen(),
            test.measure(&"nDCG@10".parse()?, &scores)
        );
    }
    Ok(())
}
