//! Measures, significance and tables: what a ranking is worth.
//!
//! | file | holds |
//! |---|---|
//! | [`measure`] | one function for each measure, and [`Measure`], the value that names one (`nDCG@10`) |
//! | [`qrels`], [`run`] | readers of TREC judgements and runs; [`ranking`] orders and writes them |
//! | [`evaluate`](mod@evaluate) | judgements + run + measures = a value for each query |
//! | [`significance`], [`compare`](mod@compare) | is the difference between two systems more than chance? |
//! | [`text`] | measures of generated text: BLEU, self-BLEU, distinct-n |
//! | [`table`] | one table, printed as text, Markdown, LaTeX or JSON |
//!
//! Nothing here knows of models or training. The semantics are trec_eval's (NIST); where both
//! have a measure the values agree to the last digit that trec_eval prints.

pub mod compare;
pub mod evaluate;
pub mod judged;
pub mod measure;
pub mod qrels;
pub mod ranking;
pub mod run;
pub mod significance;
pub mod table;
pub mod text;

pub use compare::{Comparison, Plan, compare};
pub use evaluate::{Evaluation, Options, Protocol, evaluate, evaluate_runs};
pub use judged::{Judged, UNJUDGED};
pub use measure::Measure;
pub use qrels::Qrels;
pub(crate) use ranking::check_id;
pub use ranking::{rank_order, rank_order_to, write_run};
pub use run::Run;
pub use table::{Format, Table};
