//! The gradient of the convolutional judge at relaxed sentences.

use ndarray::{Array3, Axis, s};

use super::CnnJudge;
use crate::nn::Parameters as _;
use crate::text::judges::two_classes::{judgements, loss_gradient};
use crate::text::models::{RelaxedGradient, RelaxedSentences};

impl CnnJudge {
    /// Returns the gradient of the generator's loss, summed over relaxed sentences, with their judgements.
    ///
    /// The loss of a drawn sentence is that of a real one: `−log D(x)` of a logistic judge (Goodfellow et al., 2014), and
    /// `−g(f(x))` of other f-divergences (Nowozin et al., 2016, section 3.2).
    pub fn relaxed_gradient(&self, drawn: &RelaxedSentences) -> RelaxedGradient {
        let sentences = &drawn.sentences;
        let mut pass = self.pass(self.embed_relaxed(drawn), sentences.lengths(), None);
        let judgements = judgements(self.divergence, pass.logits.view());
        let (d_logits, _) = loss_gradient(self.divergence, &mut pass.logits, &vec![true; sentences.len()]);
        // The loss is a mean over the batch.
        let d_logits = d_logits * sentences.len() as f32;
        let d_x = self.backward(&pass, &d_logits, &mut self.zeros_like());
        let step = |step: usize| self.embedding.backward_parts(d_x.index_axis(Axis(1), step));
        RelaxedGradient { steps: (0..drawn.steps.len()).map(step).collect(), judgements }
    }

    /// Returns the vectors of relaxed sentences, zero beyond their ends: `[B, T, D]`.
    fn embed_relaxed(&self, drawn: &RelaxedSentences) -> Array3<f32> {
        let mut x = self.embed(&drawn.sentences);
        for step in 0..drawn.steps.len() {
            let Some(mixtures) = drawn.mixtures(step) else { break };
            let vectors = self.embedding.mix(mixtures);
            let lengths = drawn.sentences.lengths().iter().enumerate();
            for (row, _) in lengths.filter(|(_, length)| step < **length as usize) {
                x.slice_mut(s![row, step, ..]).assign(&vectors.row(row));
            }
        }
        x
    }
}
