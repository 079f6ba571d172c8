//! The search: all unfinished sentences of all contexts are one batch.

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::settings::{Beam, Hypothesis};
use crate::text::models::{BatchState as _, LanguageModel, SentenceLimits};

/// Log-probabilities below this are those of tokens that are never written.
const NEVER: f32 = -1e6;

/// Finds sentences for each of `contexts`, each after its prefix, in one batch.
pub(super) fn search<M: LanguageModel>(
    model: &M,
    contexts: &[M::Context],
    prefixes: &[&[u32]],
    beam: &Beam,
) -> Vec<Vec<Hypothesis>> {
    let limits = model.limits();
    let mut searches: Vec<Search<'_>> =
        prefixes.iter().enumerate().map(|(row, prefix)| Search::new(row, prefix, beam)).collect();
    let mut state = model.start(contexts);
    let mut last = vec![limits.start; contexts.len()];
    for step in 0..limits.steps {
        state = model.advance(&last, &state);
        let mut next = model.likeliest(&state, beam.width);
        // With few tokens, a wide beam would reach those that are never written.
        next.iter_mut().for_each(|next| next.retain(|&(_, log_p)| log_p > NEVER));
        searches.iter_mut().for_each(|search| search.extend(step, &next, limits));
        let mut rows = vec![];
        last.clear();
        for path in searches.iter_mut().flat_map(Search::unfinished) {
            rows.push(std::mem::replace(&mut path.row, rows.len()));
            last.push(*path.tokens.last().expect("a token of this step"));
        }
        if rows.is_empty() {
            break;
        }
        state = state.select(&rows);
    }
    searches.into_iter().map(Search::finish).collect()
}

/// Token that may be next, with its log-probability.
type Next = (u32, f32);

/// Sentence that is being written.
#[derive(Clone, Debug)]
struct Path {
    tokens: Vec<u32>,
    log_probability: f64,
    row: usize,     // in the batch
    finished: bool, // ends with the token that ends sentences
    greedy: bool,   // every token is the likeliest of its step
}

/// Step from a sentence of a beam.
struct Extension {
    parent: usize,
    token: Option<u32>, // none: the parent is finished
    log_probability: f64,
    rank: f64, // score, less the cost of tokens that other groups have chosen
    greedy: bool,
}

/// Search for the sentences of one context.
struct Search<'a> {
    prefix: &'a [u32],
    beam: &'a Beam,
    /// Sentences of every group, the best first.
    groups: Vec<Vec<Path>>,
    /// Greedy sentence, unfinished, after it fell out of the first group.
    guard: Option<Path>,
    found: Vec<Hypothesis>,
}

impl<'a> Search<'a> {
    fn new(row: usize, prefix: &'a [u32], beam: &'a Beam) -> Self {
        let start = Path { tokens: vec![], log_probability: 0.0, row, finished: false, greedy: true };
        let groups = vec![vec![start]; beam.groups];
        Self { prefix, beam, groups, guard: None, found: vec![] }
    }

    /// Iterates over the sentences that are written on.
    fn unfinished(&mut self) -> impl Iterator<Item = &mut Path> {
        let paths = self.groups.iter_mut().flatten().filter(|path| !path.finished);
        paths.chain(&mut self.guard)
    }

    /// Writes one token more: `next` are the likeliest ones of every row of the batch.
    fn extend(&mut self, step: usize, next: &[Vec<Next>], limits: SentenceLimits) {
        let given = self.prefix.get(step).copied();
        let guard = self.guard.take().and_then(|path| {
            let (token, log_p) = given.map(|token| (token, 0.0)).or(next[path.row].first().copied())?;
            Some(path.followed_by(token, path.log_probability + f64::from(log_p), true, limits.end))
        });
        self.keep_guard(guard);
        let mut chosen: Vec<u32> = vec![]; // by the groups before
        for number in 0..self.groups.len() {
            let group = std::mem::take(&mut self.groups[number]);
            let mut extensions = self.extensions(&group, given, next, &chosen, step);
            extensions.sort_by(|a, b| {
                b.rank.total_cmp(&a.rank).then(a.parent.cmp(&b.parent)).then(a.token.cmp(&b.token))
            });
            let rest = extensions.split_off(extensions.len().min(self.beam.width / self.beam.groups));
            let follow = |extension: &Extension| {
                let parent = &group[extension.parent];
                match extension.token {
                    Some(token) => {
                        let log_p = extension.log_probability;
                        parent.followed_by(token, log_p, extension.greedy, limits.end)
                    }
                    None => parent.clone(),
                }
            };
            if number == 0 {
                let lost = rest.iter().find(|extension| extension.greedy && extension.token.is_some());
                if let Some(lost) = lost {
                    self.keep_guard(Some(follow(lost)));
                }
            }
            for extension in &extensions {
                let path = follow(extension);
                if path.finished && extension.token.is_some() {
                    self.found.push(self.hypothesis(&path));
                }
                self.groups[number].push(path);
            }
            chosen.extend(extensions.iter().filter_map(|extension| extension.token));
        }
    }

    /// Takes the greedy sentence that fell out of the beam, or is out of it: a finished one is found.
    fn keep_guard(&mut self, path: Option<Path>) {
        match path {
            Some(path) if path.finished => self.found.push(self.hypothesis(&path)),
            Some(path) => self.guard = Some(path),
            None => {}
        }
    }

    /// Returns every step from the sentences of a group.
    fn extensions(
        &self,
        group: &[Path],
        given: Option<u32>,
        next: &[Vec<Next>],
        chosen: &[u32],
        step: usize,
    ) -> Vec<Extension> {
        let Beam { length, diversity, .. } = *self.beam;
        let mut all = vec![];
        for (parent, path) in group.iter().enumerate() {
            let mut add = |token: Option<u32>, log_probability: f64, cost: f64, greedy: bool| {
                let tokens = self.chosen_tokens(if token.is_some() { step + 1 } else { path.tokens.len() });
                let rank = length.score(log_probability, tokens) - cost;
                all.push(Extension { parent, token, log_probability, rank, greedy });
            };
            match given {
                _ if path.finished => add(None, path.log_probability, 0.0, path.greedy),
                Some(token) => add(Some(token), path.log_probability, 0.0, path.greedy),
                None => {
                    for (place, &(token, log_p)) in next[path.row].iter().enumerate() {
                        let times = chosen.iter().filter(|&&other| other == token).count();
                        let log_probability = path.log_probability + f64::from(log_p);
                        let cost = diversity * times as f64;
                        add(Some(token), log_probability, cost, path.greedy && place == 0);
                    }
                }
            }
        }
        all
    }

    /// Returns the number of tokens behind the prefix, of a sentence of `tokens` tokens.
    fn chosen_tokens(&self, tokens: usize) -> usize {
        tokens.saturating_sub(self.prefix.len())
    }

    fn hypothesis(&self, path: &Path) -> Hypothesis {
        let Path { tokens, log_probability, .. } = path.clone();
        let score = self.beam.length.score(log_probability, self.chosen_tokens(tokens.len()));
        Hypothesis { tokens, log_probability, score }
    }

    /// Returns the best sentences found, with those that no end closed.
    fn finish(mut self) -> Vec<Hypothesis> {
        let open: Vec<Path> = self.unfinished().map(|path| path.clone()).collect();
        let open = open.iter().map(|path| self.hypothesis(path));
        let mut found: Vec<Hypothesis> = self.found.iter().cloned().chain(open).collect();
        found.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.tokens.cmp(&b.tokens)));
        // Groups may find the same sentence.
        let mut seen: HashSet<Vec<u32>, FixedState> = HashSet::default();
        found.retain(|hypothesis| seen.insert(hypothesis.tokens.clone()));
        found.truncate(self.beam.width);
        if found.is_empty() {
            // No token can follow, as under a model whose numbers are not finite.
            let (tokens, least) = (self.prefix.to_vec(), f64::NEG_INFINITY);
            found.push(Hypothesis { tokens, log_probability: least, score: least });
        }
        found
    }
}

impl Path {
    /// Returns the sentence with one token more.
    fn followed_by(&self, token: u32, log_probability: f64, greedy: bool, end: Option<u32>) -> Self {
        let mut tokens = Vec::with_capacity(self.tokens.len() + 1);
        tokens.extend_from_slice(&self.tokens);
        tokens.push(token);
        Self { tokens, log_probability, row: self.row, finished: Some(token) == end, greedy }
    }
}
