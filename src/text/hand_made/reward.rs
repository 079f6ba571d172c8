//! Every term of a batch of answers, and the judge that their sum is.

use ndarray::Array2;

use super::dull::DullReplies;
use super::formulas::{coherence, cosine, ease_of_answering, information_flow, novelty};
use super::terms::{RewardTerms, Term, TermValues};
use crate::data::pairs::Source;
use crate::data::sentences::{Sequences, as_words, without_end};
use crate::error::{Error, Result};
use crate::text::judges::SentenceScorer;
use crate::text::models::LanguageModel;

/// Function that returns vectors of turns, `[N, H]`: the encoder's last states.
pub type EncodeTurns<'a> = &'a (dyn Fn(&[Source]) -> Array2<f32> + Sync);

/// Hand-made reward: weights of its terms, and the models of maximum likelihood that they are computed by, which stand
/// still.
#[derive(Clone, Copy)]
pub struct HandMadeReward<'a, M> {
    /// Weights of the terms.
    pub terms: &'a RewardTerms,
    /// Model of answers given sources.
    pub forward: &'a M,
    /// Model of sources given answers; `coherence` needs it.
    pub reverse: Option<&'a M>,
    /// Dull replies; `ease` needs them.
    pub dull: Option<&'a DullReplies>,
    /// Vectors of turns; `flow` needs them.
    pub encode: Option<EncodeTurns<'a>>,
    /// Token that parts the turns of a source.
    pub turn_end: Option<u32>,
    /// Token of every unknown word.
    pub unknown: Option<u32>,
}

impl<M: LanguageModel<Context = Source>> HandMadeReward<'_, M> {
    /// Checks that every term that takes part can be computed.
    ///
    /// # Errors
    /// When a model, the list of dull replies or the vectors of turns are missing.
    pub fn validate(&self) -> Result<()> {
        let needs = [
            (Term::Ease, self.dull.is_some(), "a list of dull replies (`reward.dull`)"),
            (Term::Flow, self.encode.is_some(), "an encoder of turns"),
            (Term::Coherence, self.reverse.is_some(), "a reverse model"),
        ];
        match needs.iter().find(|(term, there, _)| self.terms.uses(*term) && !there) {
            Some((term, _, needed)) => {
                Err(Error::Config(format!("the reward term `{}` needs {needed}", term.name())))
            }
            None => Ok(()),
        }
    }

    /// Returns the terms of `answers: [B]` to `sources: [B]`; those without weight are 0.
    ///
    /// # Panics
    /// When [`HandMadeReward::validate`] fails.
    pub fn values(&self, sources: &[Source], answers: &Sequences) -> Vec<TermValues> {
        self.validate().expect("a reward that was validated");
        let mut all = vec![TermValues::default(); answers.len()];
        for term in self.terms.used() {
            let values = self.term(term, sources, answers);
            all.iter_mut().zip(values).for_each(|(of, value)| of.set(term, value));
        }
        all
    }

    fn term(&self, term: Term, sources: &[Source], answers: &Sequences) -> Vec<f64> {
        let end = self.forward.limits().end;
        match term {
            Term::Ease => {
                let dull = self.dull.expect("checked").with_ends();
                ease_of_answering(self.forward, &as_sources(answers, end), &dull)
            }
            Term::Flow => self.flow(sources, &as_sources(answers, end)),
            Term::Coherence => {
                coherence(self.forward, self.reverse.expect("checked"), sources, answers, self.turn_end)
            }
            Term::Repetition => {
                let words = as_words(answers, end, self.unknown);
                words
                    .iter()
                    .zip(sources)
                    .map(|(answer, source)| novelty(answer, &self.turns(source)))
                    .collect()
            }
            Term::Length => {
                let most = (self.forward.limits().steps - usize::from(end.is_some())).max(1);
                let words = answers.iter().map(|answer| without_end(answer, end).len());
                words.map(|count| count as f64 / most as f64).collect()
            }
        }
    }

    /// Returns the information flow from the answering speaker's turn before, 0 where a source has no such turn or the
    /// answer no word.
    fn flow(&self, sources: &[Source], answers: &[Option<Source>]) -> Vec<f64> {
        let encode = self.encode.expect("checked");
        let (mut rows, mut before, mut now) = (vec![], vec![], vec![]);
        for (row, (source, answer)) in sources.iter().zip(answers).enumerate() {
            if let (Some(own), Some(answer)) = (self.turns(source).iter().rev().nth(1), answer) {
                rows.push(row);
                before.push(Source::from(*own));
                now.push(answer.clone());
            }
        }
        let mut flow = vec![0.0; sources.len()];
        if !rows.is_empty() {
            let (before, now) = (encode(&before), encode(&now));
            for (place, row) in rows.into_iter().enumerate() {
                flow[row] = information_flow(cosine(before.row(place), now.row(place)));
            }
        }
        flow
    }

    /// Returns the turns of a source, the oldest first.
    fn turns<'s>(&self, source: &'s Source) -> Vec<&'s [u32]> {
        let turns = source.split(|&token| Some(token) == self.turn_end);
        turns.filter(|turn| !turn.is_empty()).collect()
    }
}

impl<M: LanguageModel<Context = Source>> SentenceScorer<M> for HandMadeReward<'_, M> {
    fn score(&self, contexts: &[Source], sentences: &Sequences) -> Vec<f32> {
        self.values(contexts, sentences).iter().map(|values| self.terms.total(values) as f32).collect()
    }
}

impl<M> std::fmt::Debug for HandMadeReward<'_, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HandMadeReward").field("terms", self.terms).finish_non_exhaustive()
    }
}

/// Returns answers as sources of the next turn; `None` for one without a word.
fn as_sources(answers: &Sequences, end: Option<u32>) -> Vec<Option<Source>> {
    let words = answers.iter().map(|answer| without_end(answer, end));
    words.map(|words| (!words.is_empty()).then(|| Source::from(words))).collect()
}
