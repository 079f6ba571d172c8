//! Evaluation of rankings and of generated text: measures, significance tests, tables.
//!
//! | file | holds |
//! |---|---|
//! | [`measure`] | one function for each measure, and [`Measure`], which names one (`nDCG@10`) |
//! | [`qrels`], [`run`] | readers of TREC judgements and runs; [`ranking`] orders and writes them |
//! | [`JudgementFile`], [`Pooling`] | judgements that are being made: the file that they are appended to, the documents to judge |
//! | [`evaluate`](mod@evaluate) | the value of each measure for each query of a run |
//! | [`significance`], [`compare`](mod@compare) | tests of the difference between two systems |
//! | [`text`] | measures of generated text: BLEU, self-BLEU, distinct-n |
//! | [`table`] | one table, printed as text, Markdown, LaTeX, CSV, TSV or JSON |
//!
//! The semantics are those of NIST's trec_eval; values agree to the last digit that trec_eval prints.

pub mod compare;
mod coverage;
pub mod evaluate;
pub mod judged;
mod judgement_file;
mod layout;
pub mod measure;
mod natural;
mod pooling;
mod positions;
pub mod qrels;
mod qrels_in_memory;
pub mod ranking;
pub mod run;
mod run_in_memory;
mod run_names;
pub mod significance;
pub mod table;
mod table_ids;
pub mod text;

pub use compare::{Comparison, ComparisonPlan, compare, pairs};
pub use coverage::coverage;
pub use evaluate::{Evaluation, Options, Protocol, evaluate, evaluate_each, evaluate_runs};
pub use judged::{Judged, UNJUDGED};
pub use judgement_file::JudgementFile;
pub(crate) use layout::read_grade;
pub use measure::{Measure, MeasureList};
pub use natural::natural_order;
pub use pooling::Pooling;
#[cfg(feature = "retrieval")]
pub(crate) use positions::counted_by_position;
pub use qrels::Qrels;
pub use qrels_in_memory::QrelsBuilder;
pub(crate) use ranking::check_id;
pub use ranking::{rank_order, rank_order_to, write_run};
pub use run::{Rankings, RunFile};
pub use run_in_memory::RunBuilder;
pub use table::{Format, Table};
