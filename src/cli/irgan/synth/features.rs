//! Feature vectors with a planted optimum.

use std::fmt::Write as _;

use super::args::SynthArgs;
use crate::data::features::letor;
use crate::data::features::planted::{Planted, PlantedConfig};
use crate::error::{Error, Result};
use crate::evaluation::Measure;
use crate::runs::{FolderKind, RunDir};

/// Scores of the teacher on one part of the data.
type Optimum = fn(&Planted, &Measure) -> f64;

/// Writes the benchmark.
pub(super) fn run(args: &SynthArgs) -> Result<()> {
    let default = PlantedConfig::default();
    let config = PlantedConfig {
        queries: args.queries.unwrap_or(default.queries),
        documents: args.documents.unwrap_or(default.documents),
        features: args.features.features,
        hidden: args.features.hidden,
        noise: args.features.noise,
        observed: args.features.observed,
        seed: args.seed,
    };
    let kind = &FolderKind::FEATURES;
    RunDir::check(&args.out, args.force, kind)?;
    let planted = Planted::generate(&config)?;
    let folder = RunDir::create(&args.out, args.force, kind)?;
    for (name, set) in
        [("train.txt", &planted.train), ("vali.txt", &planted.valid), ("test.txt", &planted.test)]
    {
        letor::write(&folder.path().join(name), set)?;
        note!("{name}: {}", set.summary());
    }
    let mut text = toml::to_string(&config).map_err(|cause| Error::Config(cause.to_string()))?;
    for (name, optimum) in [("vali", Planted::optimum as Optimum), ("test", Planted::optimum_test)] {
        let _ = writeln!(text, "\n[{name}]");
        for measure in ["nDCG@10", "P@5", "AP"] {
            let value = optimum(&planted, &measure.parse()?);
            let _ = writeln!(text, "\"{measure}\" = {value:.4}");
        }
    }
    folder.save_text("optimum.toml", &text)
}
