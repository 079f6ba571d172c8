//! Divergences between real and drawn examples, as a judge minimises them: the loss and its derivative at the judge's
//! output.
//!
//! A judge gives every example a number f, the more positive the more real. What it minimises over real and drawn
//! examples estimates a divergence between their distributions (Nowozin et al., NIPS 2016).

mod family;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use family::FDivergence;

use crate::error::{Error, require};
use crate::files::serde_as_text;
use crate::math::simd;
use crate::nn::loss;

/// Divergence that a judge minimises: `js`, `kl`, `reverse-kl`, `pearson`, `neyman`, `hellinger`, `jeffrey`, `tv`, `wasserstein`
/// or `hinge:MARGIN`.
///
/// ```
/// use irgan::game::Divergence;
///
/// // A judge that knows nothing loses log 2 an example, and is pushed by half a unit.
/// let mut d_outputs = [0.0; 2];
/// let loss = Divergence::LOGISTIC.of_each(&[0.0, 0.0], &[true, false], &mut d_outputs);
/// assert!((loss - 2.0 * 2f64.ln()).abs() < 1e-6);
/// assert_eq!(d_outputs, [-0.5, 0.5]);
///
/// assert_eq!("js".parse::<Divergence>()?, Divergence::LOGISTIC);
/// assert_eq!("hinge:0.5".parse::<Divergence>()?, Divergence::Hinge(0.5));
/// # Ok::<(), irgan::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Divergence {
    /// An f-divergence by its variational bound: `−g(f)` of real and `f*(g(f))` of drawn examples. Of the Jensen–Shannon
    /// divergence it is the logistic loss, `−log σ(f)` and `−log(1 − σ(f))`, up to a constant of log 2 each (Goodfellow et
    /// al., NIPS 2014; IRGAN, equation 3).
    F(FDivergence),
    /// Wasserstein distance: `−f` of real and `f` of drawn examples, for judges with bounded slopes (Arjovsky et al., ICML 2017).
    Wasserstein,
    /// Hinge loss with this margin m, `max(0, m − f)` of real and `max(0, m + f)` of drawn examples: the total
    /// variation (Lim and Ye, 2017).
    Hinge(f32),
}

/// Names of the divergences without a number.
const NAMES: [(&str, Divergence); 9] = [
    ("js", Divergence::LOGISTIC),
    ("kl", Divergence::F(FDivergence::Kl)),
    ("reverse-kl", Divergence::F(FDivergence::ReverseKl)),
    ("pearson", Divergence::F(FDivergence::Pearson)),
    ("neyman", Divergence::F(FDivergence::Neyman)),
    ("hellinger", Divergence::F(FDivergence::Hellinger)),
    ("jeffrey", Divergence::F(FDivergence::Jeffrey)),
    ("tv", Divergence::F(FDivergence::TotalVariation)),
    ("wasserstein", Divergence::Wasserstein),
];

impl Default for Divergence {
    fn default() -> Self {
        Self::LOGISTIC
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(_, divergence)| divergence == self) {
            Some((name, _)) => f.write_str(name),
            None => match self {
                Self::Hinge(margin) => write!(f, "hinge:{margin}"),
                _ => unreachable!("every divergence without a number has a name"),
            },
        }
    }
}

impl FromStr for Divergence {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if let Some(&(_, divergence)) = NAMES.iter().find(|(name, _)| *name == text) {
            return Ok(divergence);
        }
        let margin = text.strip_prefix("hinge:").and_then(|margin| margin.parse::<f32>().ok());
        let margin = margin.filter(|margin| *margin > 0.0 && margin.is_finite());
        margin.map(Self::Hinge).ok_or_else(|| {
            let names: Vec<&str> = NAMES.iter().map(|(name, _)| *name).collect();
            Error::Config(format!(
                "divergence `{text}`: expected {} or hinge:MARGIN with a margin above 0",
                names.join(", ")
            ))
        })
    }
}

serde_as_text!(Divergence);

impl Divergence {
    /// That of a logistic judge.
    pub const LOGISTIC: Self = Self::F(FDivergence::JensenShannon);

    /// Returns true for that of a logistic judge.
    pub fn is_logistic(&self) -> bool {
        *self == Self::LOGISTIC
    }

    /// Returns the summed loss of `outputs: [B]`, and writes its derivative at each to `d_outputs: [B]`; `real: [B]` labels
    /// them.
    ///
    /// # Panics
    /// When the lengths differ.
    pub fn of_each(self, outputs: &[f32], real: &[bool], d_outputs: &mut [f32]) -> f64 {
        if self == Self::LOGISTIC {
            return loss::logistic(outputs, real, d_outputs);
        }
        assert!(outputs.len() == real.len() && outputs.len() == d_outputs.len(), "one label an output");
        let examples = outputs.iter().zip(real).zip(d_outputs);
        examples.map(|((&output, &real), d)| self.example(output, real, d)).sum()
    }

    /// Returns the summed loss of pairs, each judged by the difference δ of its outputs, real less drawn, and writes the
    /// derivatives at both; all slices are `[B]`.
    ///
    /// A pair is a real example by δ, and turned round it is a drawn one by −δ: the loss is the mean of the two. Of the
    /// logistic, the Wasserstein and the hinge loss they are equal.
    ///
    /// # Panics
    /// When the lengths differ.
    pub fn of_pairs(self, real: &[f32], drawn: &[f32], d_real: &mut [f32], d_drawn: &mut [f32]) -> f64 {
        assert_eq!(d_real.len(), d_drawn.len(), "examples come in pairs");
        let loss = match self {
            Self::LOGISTIC => loss::pairwise_logistic(real, drawn, d_real),
            Self::Hinge(margin) => loss::hinge(real, drawn, margin, d_real),
            Self::F(_) | Self::Wasserstein => {
                assert!(real.len() == drawn.len() && real.len() == d_real.len(), "examples come in pairs");
                let pairs = real.iter().zip(drawn).zip(&mut *d_real);
                pairs.map(|((real, drawn), d)| self.pair(real - drawn, d)).sum()
            }
        };
        for (d_drawn, d_real) in d_drawn.iter_mut().zip(d_real) {
            *d_drawn = -*d_real;
        }
        loss
    }

    /// Returns the loss of one example times `weight`, where the judge has a logit for each of the classes drawn and real
    /// and its output is their difference; writes the derivatives to `d_logits: [2]`. `log_probabilities: [2]` are the
    /// logits behind a log-softmax.
    ///
    /// # Panics
    /// When the lengths are not 2.
    pub fn of_classes(self, log_probabilities: &[f32], real: bool, weight: f32, d_logits: &mut [f32]) -> f64 {
        let &[drawn_class, real_class] = log_probabilities else { panic!("two classes") };
        if self == Self::LOGISTIC {
            let target = std::iter::once((usize::from(real), weight));
            return loss::softmax_cross_entropy(log_probabilities, target, d_logits);
        }
        let mut d_output = 0.0;
        let loss = self.example(real_class - drawn_class, real, &mut d_output);
        d_logits.copy_from_slice(&[-weight * d_output, weight * d_output]);
        f64::from(weight) * loss
    }

    /// Returns the derivative of the loss at one `output`.
    pub fn derivative(self, output: f32, real: bool) -> f32 {
        match (self, real) {
            (Self::LOGISTIC, true) => simd::sigmoid1(output) - 1.0,
            (Self::LOGISTIC, false) => simd::sigmoid1(output),
            _ => {
                let mut d_output = 0.0;
                self.example(output, real, &mut d_output);
                d_output
            }
        }
    }

    /// Returns the generator's reward for an example of this `output`, which it has raised when the judge is fooled: the loss
    /// of a drawn example, `f*(g(f))`, that the judge lowers (the saddle point of f-GAN, equation 6). Of the logistic loss it
    /// is IRGAN's `log(1 + exp f)`, and so it is of the hinge loss, whose own is flat where a document is told best.
    pub fn reward(self, output: f32) -> f32 {
        match self {
            Self::LOGISTIC | Self::Hinge(_) => simd::softplus1(output),
            Self::F(divergence) => divergence.drawn(f64::from(output)).0 as f32,
            Self::Wasserstein => output,
        }
    }

    /// Returns the judgement of an example of this `output` that a generator learns from: P(real), σ(f), of the logistic loss
    /// (SeqGAN, equation 4), and of others [`Divergence::reward`].
    pub fn judgement(self, output: f32) -> f32 {
        match self {
            Self::LOGISTIC => simd::sigmoid1(output),
            _ => self.reward(output),
        }
    }

    /// Returns the output above which the judge says “real”: where `g(f)` is f′(1).
    pub fn threshold(self) -> f32 {
        match self {
            Self::F(FDivergence::Kl) => 1.0,
            Self::F(_) | Self::Wasserstein | Self::Hinge(_) => 0.0,
        }
    }

    /// Checks that a judge whose weights have this `bound`, 0 for none, can minimise the divergence.
    ///
    /// # Errors
    /// When the bound is negative or not finite, or the Wasserstein distance has none.
    pub fn check_bound(self, bound: f32) -> Result<(), Error> {
        require(bound >= 0.0 && bound.is_finite(), || {
            "`discriminator.optimizer.weight-clip` must not be negative".into()
        })?;
        require(self != Self::Wasserstein || bound > 0.0, || {
            "divergence wasserstein needs a discriminator of bounded slopes: set `discriminator.optimizer.weight-clip` \
             above 0"
                .into()
        })
    }

    /// Checks the share ε of one-sided label smoothing: a real example is taken for real with 1 − ε only.
    ///
    /// # Errors
    /// When it is not in [0, ½), or the divergence has no labels.
    pub fn check_smoothing(self, share: f32) -> Result<(), Error> {
        require((0.0..0.5).contains(&share), || {
            format!("`discriminator.label-smoothing` must lie from 0 to below 0.5, found {share}")
        })?;
        require(share == 0.0 || self != Self::Wasserstein, || {
            "`discriminator.label-smoothing` does not apply to the divergence wasserstein, whose judge has no labels: it would only \
             scale the loss"
                .into()
        })
    }

    /// Returns the value `g(f)` of the judge that an `output` stands for; of hinge and Wasserstein the output itself.
    pub fn activation(self, output: f32) -> f32 {
        match self {
            Self::F(divergence) => divergence.activation(f64::from(output)) as f32,
            Self::Wasserstein | Self::Hinge(_) => output,
        }
    }

    /// Returns the loss of one example, and writes its derivative at the `output`.
    fn example(self, output: f32, real: bool, d_output: &mut f32) -> f64 {
        let sign = if real { -1.0 } else { 1.0 };
        match self {
            Self::F(divergence) => {
                let output = f64::from(output);
                let (loss, slope) = if real { divergence.real(output) } else { divergence.drawn(output) };
                *d_output = slope as f32;
                loss
            }
            Self::Wasserstein => {
                *d_output = sign;
                f64::from(sign * output)
            }
            Self::Hinge(margin) => {
                let slack = margin + sign * output;
                *d_output = if slack > 0.0 { sign } else { 0.0 };
                f64::from(slack.max(0.0))
            }
        }
    }

    /// Returns the loss of one pair with this difference, and writes its derivative at the difference.
    fn pair(self, difference: f32, d_difference: &mut f32) -> f64 {
        let (mut forward, mut turned) = (0.0, 0.0);
        let loss =
            self.example(difference, true, &mut forward) + self.example(-difference, false, &mut turned);
        *d_difference = (forward - turned) / 2.0;
        loss / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    const OUTPUTS: [f32; 4] = [-1.5, 0.25, 0.75, 2.0];

    fn loss(divergence: Divergence, outputs: &[f32], real: &[bool]) -> f64 {
        divergence.of_each(outputs, real, &mut vec![0.0; outputs.len()])
    }

    #[test]
    fn the_derivatives_are_those_of_the_loss() {
        let real = [true, false, true, false];
        for divergence in [Divergence::LOGISTIC, Divergence::Hinge(1.0)] {
            let mut d_outputs = [0.0; 4];
            divergence.of_each(&OUTPUTS, &real, &mut d_outputs);
            for i in 0..4 {
                let moved = |by: f32| {
                    let mut outputs = OUTPUTS;
                    outputs[i] += by;
                    loss(divergence, &outputs, &real)
                };
                let slope = (moved(0.01) - moved(-0.01)) / 0.02;
                assert_abs_diff_eq!(f64::from(d_outputs[i]), slope, epsilon = 1e-4);
                assert_abs_diff_eq!(divergence.derivative(OUTPUTS[i], real[i]), d_outputs[i], epsilon = 1e-6);
            }
        }
    }

    #[test]
    fn a_pair_is_judged_by_its_difference() {
        for divergence in [Divergence::LOGISTIC, Divergence::Hinge(1.0)] {
            let (mut d_real, mut d_drawn) = ([0.0; 2], [0.0; 2]);
            let found = divergence.of_pairs(&[0.5, 2.0], &[0.25, -1.0], &mut d_real, &mut d_drawn);
            assert_abs_diff_eq!(found, loss(divergence, &[0.25, 3.0], &[true; 2]), epsilon = 1e-6);
            assert_abs_diff_eq!(d_real[0], divergence.derivative(0.25, true), epsilon = 1e-6);
            assert_eq!(d_drawn, d_real.map(|d| -d));
        }
    }

    #[test]
    fn two_classes_are_judged_by_the_difference_of_their_logits() {
        for (divergence, real) in
            [(Divergence::LOGISTIC, true), (Divergence::LOGISTIC, false), (Divergence::Hinge(1.0), true)]
        {
            let mut logits = [0.25f32, 0.5]; // drawn, real
            let expected = 0.5 * loss(divergence, &[0.25], &[real]);
            simd::log_softmax(&mut logits);
            let mut d_logits = [0.0; 2];
            let found = divergence.of_classes(&logits, real, 0.5, &mut d_logits);
            assert_abs_diff_eq!(found, expected, epsilon = 1e-6);
            assert_abs_diff_eq!(d_logits[1], 0.5 * divergence.derivative(0.25, real), epsilon = 1e-6);
            assert_abs_diff_eq!(d_logits[0], -d_logits[1], epsilon = 1e-6);
        }
    }

    #[test]
    fn a_judge_says_real_above_its_threshold() {
        for divergence in FDivergence::ALL {
            let threshold = f64::from(Divergence::F(divergence).threshold());
            assert_abs_diff_eq!(divergence.activation(threshold), divergence.threshold(), epsilon = 1e-12);
        }
    }

    #[test]
    fn a_hinge_is_flat_beyond_its_margin() {
        // max(0, 1 − 2) + max(0, 1 + (−3)) + max(0, 1 − 0.5) + max(0, 1 + 0.5)
        let found = loss(Divergence::Hinge(1.0), &[2.0, -3.0, 0.5, 0.5], &[true, false, true, false]);
        assert_abs_diff_eq!(found, 2.0, epsilon = 1e-6);
    }
}
