//! Methods that somebody asked for and the data do not have, or the program is built without.

use super::config::{Init, Method, TrainConfig};
use super::extras::Extras;
use crate::error::{Error, Result};

/// Refuses a method that somebody asked for where the data do not have it, or the program is built without it.
pub(super) fn refuse_foreign(
    config: &TrainConfig,
    extras: &Extras,
    has: impl Fn(Method) -> bool,
) -> Result<()> {
    let built = |method: Method| cfg!(feature = "trees") || !method.is_trees();
    for method in asked(config, extras) {
        match method {
            _ if !has(method) => return Err(foreign(method)),
            _ if !built(method) => return Err(not_built(method)),
            _ => {}
        }
    }
    Ok(())
}

/// Refuses a method that the data do not have.
pub(super) fn foreign(method: Method) -> Error {
    Error::Config(match method.is_trees() {
        true => format!(
            "{method} makes trees of feature vectors: it needs files of them, `features.train`, and validation queries; \
             `features.write` writes the features of texts"
        ),
        false => format!("{method} ranks items for users: it needs interactions, `interactions.ratings`"),
    })
}

/// Refuses trees in a program that is built without them.
pub(super) fn not_built(method: Method) -> Error {
    Error::Config(format!(
        "{method}: this program is built without the training of boosted trees, which needs Rust 1.93: build it again \
         by `trees.build`"
    ))
}

/// The methods that somebody asked for: the trained one, the starts of its players, the baselines.
fn asked(config: &TrainConfig, extras: &Extras) -> Vec<Method> {
    let inits = [config.generator.init, config.discriminator.init];
    let starts = inits.into_iter().filter_map(|init| match init {
        Init::Baseline(method) if config.method.mode().is_some() => Some(method),
        _ => None,
    });
    let baselines = extras.baselines.iter().copied().filter(|_| !extras.optional);
    std::iter::once(config.method).chain(starts).chain(baselines).collect()
}
