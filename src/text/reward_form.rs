//! Relatives of SeqGAN's reward: what a generator earns for a judgement D of its sentences.
//!
//! All go through the one policy gradient; they differ in the number that stands in the place of D.

use std::ops::Range;

use ndarray::{Array2, s};
use serde::{Deserialize, Serialize};

/// Form of a reward, made of the judgement `D = P(real)` of a logistic discriminator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum RewardForm {
    /// `D` itself (SeqGAN).
    #[default]
    Judgement,
    /// `r = D / (1 − D)` over its mean among the sentences of a context: the density ratio of real to drawn sentences, as
    /// self-normalised importance weights (MaliGAN; Che et al., 2017, algorithm 1). Its b of 1 is the reward baseline `constant:1`.
    Maligan,
    /// `−(1 − D) π(token)`: the penalty `1 − D` as a cost of the likelihood of what was drawn, not of its logarithm (SentiGAN; Wang
    /// and Wan, IJCAI 2018, equation 4).
    Sentigan,
}

/// Least `1 − D`: half of the distance from 1 to the number of 32 bits below it.
const LEAST_REST: f32 = f32::EPSILON / 4.0;

impl RewardForm {
    /// Turns judgements into what is averaged over the rollouts of a prefix.
    pub(super) fn apply(self, judged: &mut [f32]) {
        match self {
            Self::Judgement => {}
            Self::Maligan => judged.iter_mut().for_each(|d| *d /= (1.0 - *d).max(LEAST_REST)),
            Self::Sentigan => judged.iter_mut().for_each(|d| *d -= 1.0),
        }
    }

    /// Divides the values of every step by their mean over a group of sentences, where the form is a ratio: `values: [B, T]`.
    pub(super) fn normalize(self, values: &mut Array2<f32>, groups: &[Range<usize>]) {
        if self != Self::Maligan {
            return;
        }
        for group in groups {
            for mut column in values.slice_mut(s![group.clone(), ..]).columns_mut() {
                let mean = column.iter().map(|&r| f64::from(r)).sum::<f64>() / group.len().max(1) as f64;
                // Ratios of 0 alone say nothing of which is better.
                column.mapv_inplace(|r| if mean > 0.0 { (f64::from(r) / mean) as f32 } else { 1.0 });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn maligan_is_the_ratio_over_its_mean_in_a_group() {
        // D/(1 − D) of ½, ¾, 0.9 is 1, 3, 9.
        let mut judged = [0.5, 0.75, 0.9, 0.0, 0.0];
        RewardForm::Maligan.apply(&mut judged);
        let mut values = Array2::from_shape_fn((5, 1), |(row, _)| judged[row]);
        RewardForm::Maligan.normalize(&mut values, &[0..2, 2..3, 3..5]);
        let expected = array![[0.5], [1.5], [1.0], [1.0], [1.0]]; // over means of 2, 9 and nothing
        assert!((&values - &expected).iter().all(|d| d.abs() < 1e-5), "{values}");
    }

    #[test]
    fn a_sure_judge_leaves_numbers() {
        let mut judged = [1.0, 0.0];
        RewardForm::Maligan.apply(&mut judged);
        assert!(judged[0].is_finite() && judged[0] > 1e7 && judged[1] == 0.0, "{judged:?}");
    }

    #[test]
    fn sentigan_costs_what_is_missing_to_real() {
        let mut judged = [1.0, 0.25];
        RewardForm::Sentigan.apply(&mut judged);
        assert_eq!(judged, [0.0, -0.75]);
    }
}
