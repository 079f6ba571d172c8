//! Generators against each other at the same quality, in words.

use serde::{Deserialize, Serialize};

use crate::evaluation::text::unknown_share;
use crate::game::RewardSource;
use crate::text::{Curve, Point};

/// Smallest gain in NLL_oracle at equal NLL_test that counts, in nats a token.
const ORACLE_MARGIN: f64 = 0.05;
/// Smallest gain in self-BLEU-3 at equal BLEU-3 that counts.
const TEXT_MARGIN: f64 = 0.01;

/// Game with a placebo reward against the real one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TextControl {
    /// Reward of the placebo game.
    pub control: RewardSource,
    /// True when the judge's reward did better at equal coverage (oracle) or quality (text).
    pub is_beaten: bool,
    /// Finding in words.
    pub verdict: String,
}

/// Returns the adversarial generator against the game of every placebo reward.
pub(super) fn verdicts(
    curves: &[Curve],
    floor: Option<f64>,
    placebos: impl Iterator<Item = RewardSource>,
) -> Vec<TextControl> {
    let curve = |name: &str| curves.iter().find(|curve| curve.name == name);
    let Some(real) = curve("gan") else { return vec![] };
    let verdict = |control: RewardSource| {
        let name = format!("{control} reward");
        let (gain, found) = match floor {
            Some(_) => gain_on_oracle(curve(&name)?, real)?,
            None => gain_on_text(curve(&name)?, real)?,
        };
        let is_beaten = gain >= 0.0;
        let judged = match is_beaten {
            true => "the judge's reward did better than the placebo",
            false => "the placebo did as well; the judge's reward is not shown to help",
        };
        let verdict = format!("reward: against a {name}, {found}: {judged}");
        Some(TextControl { control, is_beaten, verdict })
    };
    placebos.filter_map(verdict).collect()
}

/// Game against another model, or mean of models, of maximum likelihood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LikelihoodControl {
    /// Name of the other generator.
    pub name: String,
    /// True when the game did better at equal coverage (oracle) or quality (text).
    pub is_beaten: bool,
    /// Finding in words.
    pub verdict: String,
}

/// Returns the adversarial generator against each of the generators `names`, which come from maximum likelihood alone.
pub(super) fn against_likelihood(
    curves: &[Curve],
    floor: Option<f64>,
    names: &[String],
) -> Vec<LikelihoodControl> {
    let curve = |name: &str| curves.iter().find(|curve| curve.name == name);
    let Some(real) = curve("gan") else { return vec![] };
    let verdict = |name: &String| {
        let other = curve(name)?;
        let matched = match floor {
            Some(_) => gain_on_oracle(other, real),
            None => gain_on_text(other, real),
        };
        let (gain, found) = matched.unwrap_or_else(|| without_match(other, real));
        let is_beaten = gain >= 0.0;
        let judged = if is_beaten { "the game did better" } else { "it does as well as the game, or better" };
        let verdict = format!("control: against {name}, {found}: {judged}");
        Some(LikelihoodControl { name: name.clone(), is_beaten, verdict })
    };
    names.iter().filter_map(verdict).collect()
}

/// Returns how far the gain of `real` over `placebo` exceeds [`ORACLE_MARGIN`], with the finding in words.
fn gain_on_oracle(placebo: &Curve, real: &Curve) -> Option<(f64, String)> {
    let (gain, ..) = best_gain(placebo, real)?;
    Some((gain - ORACLE_MARGIN, format!("best gain at equal NLL_test {gain:+.4} NLL_oracle")))
}

/// Returns the gain of `real` over `other` in NLL_test, with the finding in words, of curves that nowhere meet.
fn without_match(other: &Curve, real: &Curve) -> (f64, String) {
    let (theirs, mine) = (at_one(other).nll_test, at_one(real).nll_test);
    let found = format!("no temperature matches, and NLL_test at τ 1 is {mine:.4} against {theirs:.4}");
    (theirs - mine, found)
}

/// Returns how far the gain of `real` over `placebo` exceeds [`TEXT_MARGIN`], with the finding in words.
fn gain_on_text(placebo: &Curve, real: &Curve) -> Option<(f64, String)> {
    let at = at_one(real);
    let gain = placebo.matched(|p| p.bleu[1], at.bleu[1], |p| p.self_bleu[1])? - at.self_bleu[1];
    Some((gain - TEXT_MARGIN, format!("{gain:+.4} less self-BLEU-3 at equal BLEU-3")))
}

/// Returns sentences on the first generator at the quality of each other one.
pub(super) fn at_matched_quality(curves: &[Curve], floor: Option<f64>) -> Vec<String> {
    let Some((base, others)) = curves.split_first() else { return vec![] };
    match floor {
        Some(_) => others.iter().flat_map(|other| on_oracle(base, other)).collect(),
        None => others.iter().map(|other| on_text(base, other)).collect(),
    }
}

fn on_oracle(base: &Curve, other: &Curve) -> Vec<String> {
    let (at, name, base_name) = (at_one(other), &other.name, &base.name);
    let same_quality = base.matched(|p| p.nll_oracle, at.nll_oracle, |p| p.nll_test);
    let mut notes = vec![match same_quality {
        Some(nll) => format!(
            "{name} at NLL_oracle {:.4}: NLL_test {:.4}; {base_name} at matched quality: {nll:.4} \
             ({:+.4} for {name}, smaller is better)",
            at.nll_oracle,
            at.nll_test,
            at.nll_test - nll
        ),
        None => format!("{name}: NLL_oracle {:.4} lies outside {base_name}'s curve", at.nll_oracle),
    }];
    if let Some((gain, point, matched)) = best_gain(base, other) {
        let verdict = if gain >= ORACLE_MARGIN { "better somewhere" } else { "nowhere better by 0.05" };
        notes.push(format!(
            "{name} against {base_name}'s temperature curve at equal NLL_test: {verdict} (best at τ {:.2}: \
             NLL_test {:.4}, NLL_oracle {:.4} against {matched:.4}, gain {gain:+.4})",
            point.temperature, point.nll_test, point.nll_oracle
        ));
    }
    notes
}

/// Tells the share of unknown words in held-out sentences, if there are any.
pub(super) fn held_out_unknown(words: &[Vec<u32>]) -> Option<String> {
    let share = unknown_share(words);
    (share > 0.0).then(|| {
        format!(
            "unknown words: {:.1} % of the held-out words; no sentence can match them in BLEU, and NLL_test counts them \
             as one word",
            100.0 * share
        )
    })
}

fn on_text(base: &Curve, other: &Curve) -> String {
    let (at, name, base_name) = (at_one(other), &other.name, &base.name);
    let unknown = match at.unknown > 0.0 {
        true => format!("; {:.1} % of its words are unknown", 100.0 * at.unknown),
        false => String::new(),
    };
    match base.matched(|p| p.bleu[1], at.bleu[1], |p| p.self_bleu[1]) {
        Some(same) => format!(
            "{name} at BLEU-3 {:.4}: self-BLEU-3 {:.4}; {base_name} at matched quality: {same:.4} \
             ({:+.4} for {name}, smaller is more diverse){unknown}",
            at.bleu[1],
            at.self_bleu[1],
            at.self_bleu[1] - same
        ),
        None => format!("{name}: BLEU-3 {:.4} lies outside {base_name}'s curve{unknown}", at.bleu[1]),
    }
}

/// Returns the point at temperature 1.
fn at_one(curve: &Curve) -> &Point {
    let distance = |p: &&Point| (p.temperature - 1.0).abs();
    curve.points.iter().min_by(|a, b| distance(a).total_cmp(&distance(b))).expect("a sweep has temperature 1")
}

/// Returns the largest gain in NLL_oracle of `other` over `base` at equal NLL_test: (gain, point, the base's value).
/// Both curves are read on the side of temperatures up to the one with the best NLL_test, where quality is
/// bought with coverage.
fn best_gain<'a>(base: &Curve, other: &'a Curve) -> Option<(f64, &'a Point, f64)> {
    let gain = |point: &'a Point| {
        let matched = base.matched(|p| p.nll_test, point.nll_test, |p| p.nll_oracle)?;
        Some((matched - point.nll_oracle, point, matched))
    };
    other.points.iter().filter_map(gain).max_by(|a, b| a.0.total_cmp(&b.0))
}
