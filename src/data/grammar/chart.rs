//! Recognition of sentences by a chart of all their parts (Cocke, Younger and Kasami).

use super::normal_form::{NormalForm, Right};

/// Longest sentence that is drawn or judged, in tokens.
pub const LONGEST_SENTENCE: usize = 200;

/// Returns true when the first symbol derives `sentence`, numbers of tokens: `[T]`.
pub(super) fn accepts(form: &NormalForm, sentence: &[usize]) -> bool {
    let length = sentence.len();
    if length == 0 || length > LONGEST_SENTENCE {
        return false;
    }
    let symbols = form.rights.len();
    // derived[span − 1][start][symbol]
    let mut derived: Vec<Vec<Vec<bool>>> = vec![];
    for span in 1..=length {
        let of_start = |start: usize| {
            let mut here = vec![false; symbols];
            for &symbol in &form.order {
                here[symbol] = form.rights[symbol].iter().any(|right| match *right {
                    Right::Token(token) => span == 1 && sentence[start] == token,
                    Right::One(one) => here[one],
                    Right::Two(first, second) => (1..span).any(|cut| {
                        derived[cut - 1][start][first] && derived[span - cut - 1][start + cut][second]
                    }),
                });
            }
            here
        };
        let row = (0..=length - span).map(of_start).collect();
        derived.push(row);
    }
    derived[length - 1][0][0]
}
