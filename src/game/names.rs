//! Names of phases and of metrics: one home for games, logs and reports.

/// Names of the phases of a training, as logs and checkpoints have them.
pub mod phase {
    /// Maximum likelihood.
    pub const MLE: &str = "mle";
    /// Game whose judge is the ensemble of maximum likelihood, beside a game with another judge.
    pub const DISTILLATION: &str = "distillation";
    /// Training of the discriminator before the game.
    pub const DISCRIMINATOR: &str = "discriminator";
    /// Game whose generator is rewarded by the discriminator.
    pub const ADVERSARIAL: &str = "adversarial";
    /// Game of answers whose tokens are all rewarded with the judgement of the answer.
    pub const REINFORCE: &str = "reinforce";
    /// Game of answers whose tokens are rewarded by rollouts.
    pub const REGS_MC: &str = "regs-mc";
    /// Game of answers whose tokens are rewarded by a judge of prefixes.
    pub const REGS_PREFIX: &str = "regs-prefix";
    /// Game of answers whose judge is a second encoder–decoder.
    pub const RIVAL: &str = "rival";
    /// Game of answers with hand-made rewards.
    pub const REWARD: &str = "reward";
    /// Games of answers.
    const OF_ANSWERS: [&str; 5] = [REINFORCE, REGS_MC, REGS_PREFIX, RIVAL, REWARD];

    /// End of the name of a game with a placebo reward, behind the name of the reward.
    pub const PLACEBO_SUFFIX: &str = " reward";

    /// Returns the name of maximum likelihood of member `member` (from 1) of an ensemble.
    pub fn of_member(member: usize) -> String {
        match member {
            1 => MLE.to_owned(),
            _ => format!("{MLE}-{member}"),
        }
    }

    /// Returns true for the name of a game, with whatever reward or judge.
    pub fn is_game(phase: &str) -> bool {
        let is_named = [ADVERSARIAL, DISTILLATION].contains(&phase) || OF_ANSWERS.contains(&phase);
        is_named || phase.ends_with(PLACEBO_SUFFIX)
    }
}

/// Names of metrics in logs.
pub mod metric {
    /// Validation measure of the generator.
    pub const GENERATOR: &str = "g";
    /// Validation measure of the discriminator.
    pub const DISCRIMINATOR: &str = "d";
    /// Validation measure of both players ranking together.
    pub const BOTH: &str = "both";
    /// Mean reward of the draws.
    pub const REWARD: &str = "reward";
    /// Mean reward baseline.
    pub const BASELINE: &str = "baseline";
    /// Variance of the gradient estimator at the logits.
    pub const GRADIENT_VARIANCE: &str = "gradient-variance";
    /// Effective sample size over the number of draws.
    pub const EFFECTIVE_SAMPLE: &str = "effective-sample";
    /// Mean entropy of the policy, in nats.
    pub const ENTROPY: &str = "entropy";
    /// Mean loss of the discriminator.
    pub const D_LOSS: &str = "d-loss";
    /// Share of examples that the discriminator judges rightly.
    pub const D_ACCURACY: &str = "d-accuracy";
    /// Calibration of the discriminator.
    pub const D_CALIBRATION: &str = "d-calibration";
    /// Accuracy of the discriminator on held-out sentences.
    pub const D_HELD_OUT: &str = "d-held-out";
    /// Epochs so far in which the discriminator stood still.
    pub const D_FROZEN: &str = "d-frozen";
    /// Epochs so far in which the generator stood still.
    pub const G_FROZEN: &str = "g-frozen";
    /// Mean training loss of an epoch.
    pub const LOSS: &str = "loss";
    /// Validation measure of an epoch.
    pub const VALID: &str = "valid";
    /// Negative log-likelihood of the training sentences.
    pub const NLL_TRAIN: &str = "nll-train";
    /// Negative log-likelihood of the validation sentences.
    pub const NLL_VALID: &str = "nll-valid";
    /// Negative log-likelihood of generated sentences under the oracle.
    pub const NLL_ORACLE: &str = "nll-oracle";
    /// Negative log-likelihood of the oracle's sentences under the generator.
    pub const NLL_TEST: &str = "nll-test";
    /// BLEU-3 of generated sentences against the validation sentences.
    pub const BLEU_3: &str = "bleu-3";
    /// BLEU-3 of generated sentences against each other.
    pub const SELF_BLEU_3: &str = "self-bleu-3";
    /// Share of grammatical sentences among generated ones.
    pub const GRAMMATICAL: &str = "grammatical";
    /// Entropy of the grammatical sentences among generated ones, in nats.
    pub const LANGUAGE_ENTROPY: &str = "language-entropy";
    /// Share of unknown words in generated sentences.
    pub const UNKNOWN: &str = "unknown";
    /// Exponential of the negative log-likelihood of the validation answers.
    pub const PERPLEXITY: &str = "perplexity";
    /// Share of distinct words in generated answers.
    pub const DISTINCT_1: &str = "distinct-1";
    /// Share of distinct pairs of words in generated answers.
    pub const DISTINCT_2: &str = "distinct-2";
    /// Mean number of words of a generated answer.
    pub const LENGTH: &str = "length";
    /// Critic's estimate of the divergence of drawn lines from training lines.
    pub const CRITIC_TRAIN: &str = "critic-train";
    /// Critic's estimate of the divergence of drawn lines from validation lines.
    pub const CRITIC_VALID: &str = "critic-valid";
    /// Share of drawn words that stand in the training lines.
    pub const WORDS: &str = "words";
    /// Jensen–Shannon divergence of the tokens of drawn and validation lines.
    pub const JS_1: &str = "js-1";
    /// Jensen–Shannon divergence of the pairs of tokens of drawn and validation lines.
    pub const JS_2: &str = "js-2";
    /// Jensen–Shannon divergence of the triples of tokens of drawn and validation lines.
    pub const JS_3: &str = "js-3";
    /// Jensen–Shannon divergence of the quadruples of tokens of drawn and validation lines.
    pub const JS_4: &str = "js-4";
    /// Share of different lines among drawn ones.
    pub const DISTINCT_LINES: &str = "distinct-lines";
    /// Number of distinct tokens in generated sentences.
    pub const DISTINCT_TOKENS: &str = "distinct-tokens";
}
