//! Trains two rankers on feature vectors in memory and measures them: `cargo run --release --example rank_vectors`.

use std::ops::Range;

use irgan::Result;
use irgan::data::features::RankingSet;
use irgan::game::Schedule;
use irgan::ranking::{Method, Ranker as _, TrainConfig};
use irgan::seed::Stream;
use ndarray::{Array2, ArrayView1};
use rand::Rng as _;

/// Documents of a query.
const DOCUMENTS: usize = 20;

/// Features of a document: `[D, 4]` and `[D]`; the product of the first two, and some noise, makes a document good.
fn queries(numbers: Range<u64>) -> (Array2<f32>, Vec<i8>) {
    let (mut features, mut grades) = (Array2::zeros((0, 4)), vec![]);
    for number in numbers {
        let mut rng = Stream::new(1).named("queries").at(number).rng();
        for _ in 0..DOCUMENTS {
            let document: [f32; 4] = std::array::from_fn(|_| rng.random_range(-1.0..1.0));
            let good = document[0] * document[1] + 0.1 * rng.random::<f32>() > 0.3;
            features.push_row(ArrayView1::from(&document)).expect("four features");
            grades.push(i8::from(good));
        }
    }
    (features, grades)
}

/// The documents as a set of queries with as many documents each.
fn set((features, grades): &(Array2<f32>, Vec<i8>)) -> Result<RankingSet> {
    RankingSet::from_rows(features.view(), grades, &vec![DOCUMENTS; grades.len() / DOCUMENTS])
}

fn main() -> Result<()> {
    let (train, valid, test) = (queries(0..100), queries(100..150), queries(150..200));
    let judged = set(&test)?;
    for method in [Method::Mle, Method::IrganPairwise] {
        let schedule = Schedule { rounds: 10, ..Schedule::default() };
        let config = TrainConfig { method, schedule, ..TrainConfig::default() };
        let model = irgan::train_ranker(&config, set(&train)?, set(&valid)?)?.model;
        let scores = model.predict_groups(test.0.view(), &[DOCUMENTS; 50])?;
        let value = judged.measure(&"nDCG@10".parse()?, &scores);
        println!("{method:<15} {:<6} nDCG@10 {value:.4}", model.chosen());
    }
    Ok(())
}
