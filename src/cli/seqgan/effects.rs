//! Flags of `seqgan` that have no effect beside others: each is told once.

use std::path::Path;

use super::data::DataArgs;
use super::pair_data::PairArgs;
use crate::cli::given::{refuse, refuse_others, unless, warn_without_effect};
use crate::error::Result;
use crate::pathwise::Lipschitz;
use crate::text::pairs::{PairConfig, System};
use crate::text::wgan::WganConfig;
use crate::text::{Credit, GeneratorGradient, JudgeKind, Phase, TextConfig};

/// Flags of the vocabulary of a text.
const TEXT: &[&str] = &["level", "lowercase", "min-count"];
/// Flags of maximum likelihood.
const LIKELIHOOD: &[&str] = &["mle-lr", "mle-anneal", "dropout"];

/// Flags of a judge that learns.
const PLAYER: &[&str] = &["d-lr", "d-epochs", "redraw-every"];

/// Warns of the flags of data that the others leave without effect.
pub(super) fn of_data(data: &DataArgs) {
    let (text, oracle) = (data.text.is_some(), data.oracle.as_ref());
    warn_without_effect(&[(PAIRS, unless(false, "without pairs (--pairs, --source, --dialogues)"))]);
    let no_text = "beside --text: they are of an oracle";
    let own = oracle.is_some_and(|folder| folder.join("oracle.toml").is_file());
    let grammar = data.cfg.is_some();
    let has_size = match (text, grammar) {
        (true, _) => no_text,
        (_, true) => "beside --cfg: they are of an oracle",
        _ => "beside --oracle, which has its own size",
    };
    warn_without_effect(&[
        (TEXT, unless(text, "without --text")),
        (&["max-len"], unless(text || grammar, "without --text or --cfg")),
        (&["vocab"], unless(!text && !grammar && oracle.is_none(), has_size)),
        (&["steps"], unless(!text && !grammar && !own, has_size)),
        (&["held-out"], unless(!text, no_text)),
        (&["sentences"], unless(!text, no_text)),
        (&["sentences"], unless(text || data.real.is_none(), "beside --real, which has the sentences")),
        (
            &["data-seed"],
            unless(!text || data.valid.is_none(), "beside --text with --valid: nothing is drawn"),
        ),
    ]);
}

/// Flags of settings that only pairs have.
const PAIRS: &[&str] = &[
    "systems",
    "draws",
    "reverse-model",
    "encoder",
    "attention",
    "input-feeding",
    "bidirectional",
    "reverse-source",
    "shared-embeddings",
    "turns",
    "max-source",
    "max-vocab",
    "dull",
    "reward-terms",
    "self-play",
];
/// Flags of hand-made rewards.
const HAND_MADE: [&str; 3] = ["dull", "reward-terms", "self-play"];
/// Flags of a critic.
const CRITIC: [&str; 4] = ["critic-lr", "critic-target", "critic-steps", "critic-pretrain"];
/// Flags of a ranker.
const RANKER: [&str; 3] = ["ranker-references", "ranker-comparisons", "ranker-gamma"];
/// Flags of settings that only sentences have.
const SENTENCES: &[&str] = &[
    "ranker-references",
    "ranker-comparisons",
    "ranker-gamma",
    "ensemble",
    "distill",
    "distill-steps",
    "distill-lr",
    "kl",
    "prefixes",
    "critic-lr",
    "critic-target",
    "critic-steps",
    "critic-pretrain",
    "temperatures",
    "relaxation",
    "gumbel-temperature",
    "cfg",
    "vocab",
    "steps",
    "sentences",
    "held-out",
];

/// Warns of the flags that are of sentences, or that other flags of pairs leave without effect.
pub(super) fn of_pairs(pairs: &PairArgs, data: &DataArgs, config: &PairConfig) {
    let rolls = config.systems.contains(&System::RegsMc);
    let plays = config.all_systems().len() > 1;
    let game = ["g-lr", "d-lr", "rounds", "g-steps", "d-epochs", "d-draws", "redraw-every", "batch", "draws"];
    let discriminates =
        config.all_systems().into_iter().any(|system| config.rules(system).judge.is_discriminator());
    let others = [
        "reward-baseline",
        "reward",
        "reward-form",
        "entropy",
        "teacher",
        "controls",
        "evaluate-every",
        "on-collapse",
        "freeze-d",
        "freeze-g",
        "historical-average",
        "d-target",
    ];
    let no_game = "without a game: name one by --systems";
    warn_without_effect(&[
        (SENTENCES, unless(false, "on pairs: they are of sentences")),
        (&["turns"], unless(pairs.dialogues.is_some(), "without --dialogues")),
        (&["data-seed"], unless(data.valid.is_none(), "beside --valid: nothing is drawn")),
        (&["rollouts", "rollout-rate"], unless(rolls, "without the system regs-mc")),
        (
            &["divergence", "d-weight-clip", "label-smoothing"],
            unless(discriminates, "without a game against a discriminator"),
        ),
        (&HAND_MADE, unless(config.systems.contains(&System::Reward), "without the system reward")),
        (&game, unless(plays, no_game)),
        (&others, unless(plays, no_game)),
    ]);
}

/// Flags of settings that only lines have.
const LINES: &[&str] =
    &["length", "channels", "blocks", "noise", "normalization", "lipschitz", "penalty", "optimizer"];
/// Other flags that apply to lines.
const ALSO_OF_LINES: &[&str] = &[
    "critic-steps",
    "text",
    "cfg",
    "sentences",
    "held-out",
    "valid",
    "level",
    "lowercase",
    "min-count",
    "data-seed",
    "method",
    "preset",
    "config",
    "seed",
    "batch",
    "rounds",
    "g-steps",
    "g-lr",
    "d-lr",
    "d-weight-clip",
    "evaluate-on",
    "on-collapse",
    "print-config",
    "out",
    "force",
    "resume",
    "checkpoint-every",
    "threads",
    "quiet",
    "log",
];

/// Refuses flags that do not apply to a training of lines.
pub(super) fn of_lines(config: &WganConfig, of_grammar: bool) -> Result<()> {
    refuse_others(
        &[LINES, ALSO_OF_LINES].concat(),
        "does not apply to --method wgan-gp and gan, whose generator makes whole lines from noise",
    )?;
    if of_grammar {
        refuse(TEXT, "does not apply to lines of a grammar, which are drawn")?;
    } else {
        refuse(&["sentences", "held-out"], "does not apply to lines of a text: all of them are learnt from")?;
    }
    let (penalised, clipped) =
        (config.critic.lipschitz == Lipschitz::Penalty, config.critic.lipschitz == Lipschitz::Clip);
    if !penalised {
        refuse(&["penalty"], "does not apply without --lipschitz penalty")?;
    }
    if !clipped {
        refuse(&["d-weight-clip"], "does not apply to a critic of lines without --lipschitz clip")?;
    }
    Ok(())
}

/// Refuses flags of lines on other trainings.
pub(super) fn without_lines() -> Result<()> {
    refuse(LINES, "does not apply without --method wgan-gp or gan: it is of generators of lines from noise")
}

/// Refuses flags of `generate` that do not apply to a generator of lines.
pub(super) fn of_line_generation() -> Result<()> {
    let flags = ["model", "n", "seed", "out", "threads", "quiet", "log"];
    refuse_others(&flags, "does not apply to a generator of lines from noise: it draws no tokens one by one")
}

/// Refuses flags of `eval` that do not apply to a generator of lines.
pub(super) fn of_line_evaluation() -> Result<()> {
    let flags = ["model", "reference", "n", "seed", "format", "threads", "quiet", "log"];
    refuse_others(
        &flags,
        "does not apply to a generator of lines from noise: it has no likelihood and no temperature",
    )
}

/// Warns of the settings that the judge and the first phase leave without effect.
pub(super) fn of_settings(config: &TextConfig, from: Phase) {
    let adversarial = &config.adversarial;
    let judge = adversarial.judge;
    let (discriminates, ranks) = (judge == JudgeKind::Discriminator, judge == JudgeKind::Ranker);
    let (learns, stands) = (judge != JudgeKind::Bleu, judge == JudgeKind::Ensemble);
    let rolls = adversarial.credit == Credit::Rollouts;
    let learns_values = adversarial.credit == Credit::Critic;
    let pretrains = from < Phase::Adversarial;
    let skipped = "with --from: the phase is skipped";
    let exact = adversarial.credit == Credit::Exact;
    let gumbel = adversarial.gradient == GeneratorGradient::Gumbel;
    let no_reward = "on --method gumbel, whose gradient goes through the judge's input";
    let has_ensemble = config.ensemble.members > 1;
    let distils = has_ensemble && config.ensemble.distill && !stands;
    // A rival or a mediator is pre-trained by the settings of maximum likelihood, whatever phase begins.
    let likelihood =
        from == Phase::Mle || (matches!(judge, JudgeKind::Rival | JudgeKind::Mediator) && pretrains);
    warn_without_effect(&[
        (&["divergence"], unless(discriminates, "on another judge than --judge discriminator")),
        (
            &["d-draws", "d-weight-clip"],
            unless(discriminates || ranks, "on another judge than --judge discriminator or ranker"),
        ),
        (&RANKER, unless(ranks, "on another judge than --judge ranker")),
        (&["credit", "reward-baseline", "controls", "rollouts", "rollout-rate"], unless(!gumbel, no_reward)),
        (&["relaxation", "gumbel-temperature"], unless(gumbel, "without --method gumbel")),
        (PLAYER, unless(learns, "on --judge bleu, which learns nothing")),
        (PLAYER, unless(!stands, "on --judge ensemble, which stands still")),
        (&["kl", "prefixes"], unless(exact || distils, "without --credit exact, and nothing is distilled")),
        (&["distill"], unless(has_ensemble, "without an ensemble")),
        (&["distill-steps", "distill-lr"], unless(distils, "where nothing is distilled beside the game")),
        (&["distill"], unless(!stands, "on --judge ensemble, which is the same")),
        (&["reward-baseline"], unless(!exact, "on --credit exact, whose baseline is the expected reward")),
        (&["rollouts"], unless(rolls || gumbel, "without --credit rollouts")),
        (&["rollout-rate"], unless(rolls || gumbel || learns_values, "without --credit rollouts or critic")),
        (&CRITIC, unless(learns_values, "without --credit critic")),
        (&["mle-epochs", "patience"], unless(likelihood, skipped)),
        (LIKELIHOOD, unless(likelihood, skipped)),
    ]);
    if discriminates || ranks {
        warn_without_effect(&[(&["d-draws"], unless(pretrains, skipped))]);
    }
}

/// Warns of the length of sentences that an oracle knows by itself.
pub(super) fn of_oracle(folder: &Path) {
    let own = folder.join("oracle.toml").is_file();
    warn_without_effect(&[(&["steps"], unless(!own, "beside --oracle, which has its own size"))]);
}

/// Warns of the flags of `generate` that a search without draws makes no use of.
pub(super) fn of_generation(draws: bool) {
    let flags = ["seed", "top-k", "top-p"];
    warn_without_effect(&[(
        &flags,
        unless(draws, "where the likeliest sentence is searched for: nothing is drawn"),
    )]);
}

/// Warns of the flags of a beam where none searches, or where it is a plain one.
pub(super) fn of_beam(searches: bool, diverse: bool) {
    warn_without_effect(&[
        (&["groups", "length-norm"], unless(searches, "without a beam")),
        (&["diversity"], unless(searches && diverse, "without a beam and several --groups")),
    ]);
}

/// Warns of the flags that measure sentences alone.
pub(super) fn of_pair_evaluation() {
    let flags = ["n", "temperatures", "reverse", "oracle"];
    warn_without_effect(&[(&flags, unless(false, "on a model of pairs"))]);
}

/// Warns of the flags that measure answers alone, where there are none for this `reason`.
pub(super) fn without_answers(reason: &str) {
    let flags = ["beam", "groups", "diversity", "length-norm", "mutual", "dull"];
    warn_without_effect(&[(&flags, unless(false, reason))]);
}

/// Warns of a seed where answers are searched for.
pub(super) fn of_answers(draws: bool) {
    let reason = "where the likeliest answer is searched for: nothing is drawn";
    warn_without_effect(&[(&["seed"], unless(draws, reason))]);
}

/// Warns of a seed that nothing is drawn with.
pub(super) fn of_files(chooses: bool) {
    warn_without_effect(&[(
        &["seed"],
        unless(chooses, "beside --generated without --references: nothing is drawn"),
    )]);
}
