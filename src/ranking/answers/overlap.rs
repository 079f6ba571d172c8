//! Words that question and answer share: the word-overlap features that published answer selectors add to a
//! network's score (Yang et al., EMNLP 2015; Severyn and Moschitti, SIGIR 2015).

/// Number of overlap features, K.
pub const OVERLAPS: usize = 7;

/// The overlap features of a question and an answer, from the numbers of their stems; each lies in [0, 1].
///
/// `idf` is how telling a stem is in the training data; `local` how many of the question's own `candidates`
/// have it. A stem that all candidates share, such as the subject of the page they come from, does not tell
/// them apart: its rarity is `idf · ln(1 + (candidates + 1) / (local + 1))`.
///
/// | feature | |
/// |---|---|
/// | 0, 1, 2 | share of the question's stems that the answer has: by number, by idf, by rarity |
/// | 3 | share of the answer's idf that the question has |
/// | 4 | 1 when the answer has the question's rarest stem |
/// | 5 | share of the question's pairs of neighbours that the answer has |
/// | 6 | the answer's length: 1 from 60 stems on |
pub fn overlaps(
    question: &[u32],
    answer: &[u32],
    idf: impl Fn(u32) -> f32,
    local: impl Fn(u32) -> usize,
    candidates: usize,
) -> [f32; OVERLAPS] {
    let asked = distinct(question);
    let said = distinct(answer);
    let shared = |stem: &u32| said.binary_search(stem).is_ok();
    let rarity = |stem: u32| {
        let n = candidates as f32 + 1.0;
        idf(stem) * (n / (local(stem) as f32 + 1.0)).ln_1p()
    };
    let share = |weight: &dyn Fn(u32) -> f32| {
        let total: f32 = asked.iter().map(|&stem| weight(stem)).sum();
        let found: f32 = asked.iter().filter(|stem| shared(stem)).map(|&stem| weight(stem)).sum();
        if total > 0.0 { found / total } else { 0.0 }
    };
    let said_weight: f32 = said.iter().map(|&stem| idf(stem)).sum();
    let found: f32 = asked.iter().filter(|stem| shared(stem)).map(|&stem| idf(stem)).sum();
    let rarest = asked.iter().copied().max_by(|&a, &b| rarity(a).total_cmp(&rarity(b)));
    let mut said_pairs: Vec<(u32, u32)> = bigrams(answer).collect();
    said_pairs.sort_unstable();
    let shared_pairs = bigrams(question).filter(|pair| said_pairs.binary_search(pair).is_ok()).count();
    [
        share(&|_| 1.0),
        share(&idf),
        share(&rarity),
        if said_weight > 0.0 { found / said_weight } else { 0.0 },
        f32::from(rarest.is_some_and(|stem| shared(&stem))),
        shared_pairs as f32 / question.len().saturating_sub(1).max(1) as f32,
        (answer.len() as f32 / 60.0).min(1.0),
    ]
}

/// The different stems of a text, sorted.
pub(super) fn distinct(stems: &[u32]) -> Vec<u32> {
    let mut distinct = stems.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}

fn bigrams(stems: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    stems.windows(2).map(|pair| (pair[0], pair[1]))
}
