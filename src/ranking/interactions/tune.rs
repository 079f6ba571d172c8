//! Settings by random search on validation data (Bergstra and Bengio, JMLR 2012): the same number of draws for
//! every method, from a space declared here.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rand::Rng as _;

use super::{Recommender, train_recommender};
use crate::data::interactions::Interactions;
use crate::error::{Error, Result};
use crate::event::{Event, Listener, Silent};
use crate::files::toml_file;
use crate::game::Checkpoints;
use crate::ranking::{Extras, Method, Snapshot, TrainConfig};
use crate::seed::{Rng, Stream};

/// The best of `count` settings drawn for `config.method` and, one after the other, for every closed form among
/// the baselines `beside` it; `config` itself takes part too, so that nothing becomes worse. The values of
/// finished trials are kept in the file `tune.toml` beside the checkpoints.
pub fn tune(
    config: &TrainConfig,
    extras: &Extras,
    count: usize,
    data: (&Interactions, &Interactions),
    given: Option<&Recommender>,
    listener: &mut dyn Listener,
) -> Result<TrainConfig> {
    let mut best = config.clone();
    let mut trials = Trials::open(&extras.checkpoints)?;
    let closed =
        extras.baselines.iter().copied().filter(|method| method.is_closed_form() && *method != config.method);
    for method in closed.chain([config.method]).filter(|&method| method != Method::Pop) {
        let stream = Stream::new(config.seed).named("tune").named(&method.to_string());
        let base = TrainConfig { method, ..best.clone() };
        let first = trials.value(&format!("{method}-0"), || validated(&base, data, given, extras));
        let mut value = match first {
            Err(Error::Config(_)) if extras.optional && method != config.method => continue, // left out later
            value => value?,
        };
        for draw in 1..=count {
            let setting = drawn(&base, data.0, &mut stream.at(draw as u64).rng());
            let found =
                trials.value(&format!("{method}-{draw}"), || validated(&setting, data, given, extras))?;
            if found > value {
                (value, best) = (found, TrainConfig { method: config.method, ..setting });
            }
            let metrics = [("valid", found), ("best", value)];
            let phase = format!("tune {method}");
            listener.event(&Event { phase: &phase, step: draw, of: count, metrics: &metrics });
        }
    }
    Ok(best)
}

/// The values of finished trials by name, and the file they are kept in.
struct Trials {
    path: Option<PathBuf>,
    values: BTreeMap<String, f64>,
}

impl Trials {
    fn open(checkpoints: &Checkpoints) -> Result<Self> {
        let path = checkpoints.file("tune.toml");
        let values = match path.as_ref().filter(|path| path.exists()) {
            Some(path) => toml_file::read(path).map_err(|cause| {
                Error::data(path, format!("{cause}. Delete this file: the trials begin again"))
            })?,
            None => BTreeMap::new(),
        };
        Ok(Self { path, values })
    }

    /// The value of a trial: the one kept, or what `run` finds.
    fn value(&mut self, name: &str, run: impl FnOnce() -> Result<f64>) -> Result<f64> {
        if let Some(&value) = self.values.get(name) {
            return Ok(value);
        }
        let value = run()?;
        self.values.insert(name.to_owned(), value);
        if let Some(path) = &self.path {
            toml_file::write(path, &self.values)?;
        }
        Ok(value)
    }
}

/// The best validation measure of a setting; the lowest there is when its numbers stop being finite.
fn validated(
    config: &TrainConfig,
    data: (&Interactions, &Interactions),
    given: Option<&Recommender>,
    extras: &Extras,
) -> Result<f64> {
    let alone = Extras { checkpoints: extras.checkpoints.unkept(), ..Default::default() };
    match train_recommender(config, &alone, data, given, false, &mut Silent) {
        Ok(trained) => {
            let best = trained.contenders.iter().filter(|contender| contender.state == Snapshot::Best);
            Ok(best.map(|contender| contender.values[0]).fold(f64::NEG_INFINITY, f64::max))
        }
        Err(Error::NonFinite(_)) => Ok(f64::NEG_INFINITY),
        Err(other) => Err(other),
    }
}

/// The end of the space of ranks: half the root of the number of positives, and at least 100.
fn highest_rank(data: &Interactions) -> f64 {
    ((data.count() as f64).sqrt() / 2.0).max(100.0)
}

/// A setting of the method's space: steps, penalties and ranks on a logarithmic scale.
fn drawn(base: &TrainConfig, data: &Interactions, rng: &mut Rng) -> TrainConfig {
    let mut config = base.clone();
    let (items, fit) = (&mut config.interactions, &mut config.fit);
    let log = |rng: &mut Rng, low: f64, high: f64| (low.ln() + rng.random::<f64>() * (high / low).ln()).exp();
    match base.method {
        Method::Pop => {}
        Method::ItemKnn => {
            items.neighbours = log(rng, 10.0, 1000.0) as usize;
            items.shrinkage = log(rng, 0.1, 300.0) as f32;
            items.activity = rng.random();
            items.popularity = rng.random();
        }
        Method::PureSvd => {
            let most = data.users().len().min(data.items().len());
            items.svd_rank = (log(rng, 3.0, highest_rank(data)) as usize).min(most);
        }
        Method::Ease => items.ridge = log(rng, 5.0, 5000.0),
        Method::Ials => {
            items.ials_rank = log(rng, 16.0, highest_rank(data)) as usize;
            items.ials_ridge = log(rng, 0.3, 30.0);
            items.unobserved = log(rng, 0.01, 1.0);
        }
        Method::IrganPairwise | Method::IrganPointwise => {
            let (generator, discriminator) = (&mut config.generator, &mut config.discriminator);
            generator.optimizer.learning_rate *= log(rng, 0.1, 10.0) as f32;
            generator.temperature *= log(rng, 0.3, 3.0) as f32;
            generator.entropy *= log(rng, 0.1, 10.0) as f32;
            discriminator.optimizer.learning_rate *= log(rng, 0.1, 10.0) as f32;
            discriminator.optimizer.weight_decay *= log(rng, 0.1, 10.0) as f32;
        }
        _ => {
            fit.optimizer.learning_rate = log(rng, 3e-4, 3e-2) as f32;
            fit.optimizer.weight_decay = log(rng, 1e-6, 1e-1) as f32;
            fit.dynamic = log(rng, 2.0, 32.0) as usize;
            items.rank = log(rng, 5.0, 128.0) as usize;
        }
    }
    config
}
