//! The search as a call: contexts in, n-best lists out.

use super::search::search;
use super::settings::{Beam, Hypothesis};
use crate::math::parallel::ordered_map;
use crate::text::models::LanguageModel;

/// Sentences that advance together in one task, about.
const ROWS: usize = 128;

impl Beam {
    /// Finds up to `width` sentences, one or more, for each of `contexts`, after its prefix: `[B]` lists, each sorted by
    /// descending score. An empty list of `prefixes` stands for none.
    ///
    /// All sentences of several contexts advance as one batch. The results do not depend on the number of threads.
    ///
    /// # Panics
    /// When the settings are not valid, or there are prefixes, but not one a context.
    pub fn search<M: LanguageModel>(
        &self,
        model: &M,
        contexts: &[M::Context],
        prefixes: &[&[u32]],
    ) -> Vec<Vec<Hypothesis>> {
        self.validate().expect("settings that were checked");
        let none = vec![&[][..]; contexts.len()];
        let prefixes = if prefixes.is_empty() { &none } else { prefixes };
        assert_eq!(prefixes.len(), contexts.len(), "one prefix a context");
        let chunk = (ROWS / self.width).max(1);
        let lists = ordered_map(contexts.len().div_ceil(chunk), |part| {
            let here = part * chunk..contexts.len().min((part + 1) * chunk);
            search(model, &contexts[here.clone()], &prefixes[here], self)
        });
        lists.into_iter().flatten().collect()
    }
}

/// Finds the likeliest sentences after `prefix` with a plain beam of `width`, with their log-probabilities, likeliest
/// first: [`Beam::search`] for one context.
///
/// ```
/// use irgan::text::beam_search;
/// use irgan::text::models::{oracle_shape, random_oracle};
///
/// let model = random_oracle(&oracle_shape(50, 6), 1);
/// let found = beam_search(&model, &(), &[7], 4);
/// assert_eq!(found.len(), 4);
/// assert!(found[0].1 >= found[1].1 && found[0].0[0] == 7);
/// ```
pub fn beam_search<M: LanguageModel>(
    model: &M,
    context: &M::Context,
    prefix: &[u32],
    width: usize,
) -> Vec<(Vec<u32>, f64)> {
    let found = search(model, std::slice::from_ref(context), &[prefix], &Beam::new(width.max(1)));
    found.into_iter().flatten().map(|found| (found.tokens, found.log_probability)).collect()
}
