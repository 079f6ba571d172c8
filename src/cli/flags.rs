//! Flags for the settings that an error or a warning names.
//!
//! The library knows no flags. Its messages name a setting in backquotes, by its place in the configuration or among the
//! options of a call: ``lower `fit.optimizer.learning-rate` ``. [`with_flags`] adds how the command line sets it:
//! ``lower `fit.optimizer.learning-rate` (--fit-lr)``; the console calls it for every error and every warning. A
//! setting that a message of either program names gets a line in [`FLAGS`]; a name without a line stays as it is.

use crate::error::with_names;

/// Settings, options and steps, each with what the command line calls it.
const FLAGS: &[(&str, &str)] = &[
    ("adversarial.baseline", "--reward-baseline"),
    ("adversarial.batch", "--batch"),
    ("adversarial.credit", "--credit"),
    ("adversarial.critic.learning-rate", "--critic-lr"),
    ("adversarial.critic.pretrain", "--critic-pretrain"),
    ("adversarial.critic.steps", "--critic-steps"),
    ("adversarial.critic.target-rate", "--critic-target"),
    ("adversarial.entropy", "--entropy"),
    ("adversarial.gradient", "--method"),
    ("adversarial.gumbel.relaxation", "--relaxation"),
    ("adversarial.judge", "--judge"),
    ("adversarial.optimizer.learning-rate", "--g-lr"),
    ("adversarial.reward", "--reward"),
    ("adversarial.reward-form", "--reward-form"),
    ("adversarial.rollouts", "--rollouts"),
    ("adversarial.target-rate", "--d-target"),
    ("answers.embedding", "--embedding"),
    ("bag", "--bag"),
    ("beam.diversity", "--diversity"),
    ("beam.groups", "--groups"),
    ("beam.width", "--beam"),
    ("bm25.b", "--b"),
    ("bm25.k1", "--k1"),
    ("candidates.latent", "--latent"),
    ("candidates.run", "--candidates"),
    ("batch", "--batch"),
    ("critic.channels", "--channels"),
    ("critic.blocks", "--blocks"),
    ("critic.lipschitz", "--lipschitz"),
    ("critic.optimizer.weight-clip", "--d-weight-clip"),
    ("critic.penalty", "--penalty"),
    ("critic.steps", "--critic-steps"),
    ("evaluate-on", "--evaluate-on"),
    ("generator.blocks", "--blocks"),
    ("generator.channels", "--channels"),
    ("generator.noise", "--noise"),
    ("generator.normalization", "--normalization"),
    ("generator-steps", "--g-steps"),
    ("length", "--length"),
    ("collection.format", "--format"),
    ("compare.alpha", "--alpha"),
    ("corpus.max-len", "--max-len"),
    ("corpus.min-count", "--min-count"),
    ("corpus.validation", "--valid"),
    ("discriminator.network.batch-norm", "--batch-norm"),
    ("discriminator.network.minibatch", "--minibatch-features"),
    ("discriminator.label-smoothing", "--label-smoothing"),
    ("discriminator.precision", "--judge-precision"),
    ("discriminator.learning-precision", "--judge-learning-precision"),
    ("discriminator.ranker.references", "--ranker-references"),
    ("discriminator.ranker.comparisons", "--ranker-comparisons"),
    ("discriminator.ranker.gamma", "--ranker-gamma"),
    ("discriminator.optimizer.learning-rate", "--d-lr"),
    ("discriminator.replay", "--replay"),
    ("discriminator.rival.learning-rate", "--d-lr"),
    ("evaluation.coverage", "--coverage"),
    ("evaluation.sentences", "--evaluate-on"),
    ("features.train", "--train"),
    ("features.write", "irgan features"),
    ("experiment.part", "--part"),
    ("feedback.original", "--feedback-original"),
    ("fit.optimizer.learning-rate", "--fit-lr"),
    ("folds.count", "--folds"),
    ("generator.baseline", "--reward-baseline"),
    ("generator.estimator", "--estimator"),
    ("generator.hidden", "--hidden"),
    ("ensemble.members", "--ensemble"),
    ("generator.metric.credit", "--rank-credit"),
    ("generator.metric.mix", "--reward-mix"),
    ("generator.metric.rankings", "--rankings"),
    ("generator.optimizer.learning-rate", "--g-lr"),
    ("generator.reward", "--reward"),
    ("historical-average", "--historical-average"),
    ("index.folder", "--index"),
    ("index.force", "--force"),
    ("index.shards", "--shards"),
    ("ranking.candidates", "irgan rank --candidates RUN"),
    ("index.rebuild", "irgan index --force"),
    ("index.build", "irgan index --collection FILE --index DIR"),
    ("interactions.ials-ridge", "--ials-ridge"),
    ("interactions.init-model", "--init-model"),
    ("interactions.ratings", "--ratings"),
    ("interactions.ridge", "--ridge"),
    ("judgements.convert", "irgan qrels --judgements FILE --out FILE"),
    ("judgements.file", "--qrels"),
    ("judgements.grades", "--grades"),
    ("judgements.keep", "--keep"),
    ("lm-dirichlet.mu", "--mu"),
    ("lm-jm.lambda", "--lambda"),
    ("mle.optimizer.learning-rate", "--mle-lr"),
    ("model.folder", "--model"),
    ("oracle.build", "seqgan oracle --out DIR"),
    ("oracle.held-out", "--held-out"),
    ("oracle.sentences", "--sentences"),
    ("oracle.steps", "--steps"),
    ("pairs.draws", "--draws"),
    ("draws.count", "-n"),
    ("reward.dull", "--dull"),
    ("pairs.files", "--pairs"),
    ("pairs.max-source", "--max-source"),
    ("pairs.systems", "--systems"),
    ("pairs.turns", "--turns"),
    ("pairs.vocabulary", "--max-vocab"),
    ("positives.least", "--positive"),
    ("ratings.validation", "--valid"),
    ("reward.self-play", "--self-play"),
    ("reverse-model", "train --reverse-model"),
    ("run.folder", "--out"),
    ("run.force", "--force"),
    ("run.resume", "train --resume DIR"),
    ("schedule.freeze-d", "--freeze-d"),
    ("schedule.freeze-g", "--freeze-g"),
    ("search.field", "--field"),
    ("serve.host", "--host"),
    ("serve.judgements", "--judgements"),
    ("serve.recommender", "--recommender"),
    ("serve.token", "--token"),
    ("split.order", "--split"),
    ("split.share", "--valid-share"),
    ("sweep.grid", "--grid"),
    ("sweep.random", "--random"),
    ("sweep.range", "--range"),
    ("sweep.seeds", "--seeds"),
    ("sweep.settings", "--print-config"),
    ("task.data", "--data"),
    ("zero-based", "--zero-based"),
    ("task.index", "--index"),
    ("topics.ids", "--query-ids"),
    ("run.threads", "--threads"),
    ("trees.build", "cargo install --path . --features trees"),
    ("trees.num-leaves", "--leaves"),
    ("trees.num-trees", "--trees"),
];

/// Returns `message` with the flag of every setting it names in backquotes added behind the setting.
pub(super) fn with_flags(message: &str) -> String {
    let flag =
        |setting: &str| FLAGS.iter().find(|(name, _)| *name == setting).map(|(_, flag)| (*flag).to_owned());
    with_names(message, flag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_stand_behind_the_settings_that_are_named() {
        assert_eq!(
            with_flags("lower `fit.optimizer.learning-rate`, or see `nothing`"),
            "lower `fit.optimizer.learning-rate` (--fit-lr), or see `nothing`"
        );
        assert_eq!(with_flags("found `; see `run.folder`"), "found `; see `run.folder` (--out)");
        assert_eq!(with_flags("`run.force`"), "`run.force` (--force)");
        assert_eq!(with_flags("plain"), "plain");
    }

    /// Every flag of the table is one of the flags of its program, or of either when none is named.
    #[test]
    fn every_flag_of_the_table_exists() {
        let programs = [crate::cli::irgan::command(), crate::cli::seqgan::command()];
        for (setting, usage) in FLAGS.iter().filter(|(_, usage)| !usage.starts_with("cargo ")) {
            for flag in usage.split(' ').filter_map(|word| word.strip_prefix("--")) {
                let has = |command: &clap::Command| {
                    let mut names = command.get_arguments().filter_map(clap::Arg::get_long);
                    names.any(|name| name == flag)
                };
                let known = |program: &clap::Command| has(program) || program.get_subcommands().any(has);
                assert!(programs.iter().any(known), "{setting}: no --{flag}");
            }
        }
    }
}
