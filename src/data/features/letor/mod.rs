//! LETOR / SVMlight ranking files: `grade qid:Q f:v … # comment`; and tables with a header (CSV, TSV).
//!
//! | in the file | here |
//! |---|---|
//! | grade −1, or a line that starts with `qid:` | unlabelled: in the pool, never a positive |
//! | grade 0 to 31, also written `2.0` | the grade (2^31 − 1 is the largest gain in use) |
//! | `f:v` in any order, f from 1 (from 0 with [`zero_based`](LetorOptions::zero_based)) | one column a feature; features left out are 0 |
//! | `f:NULL` | missing: NaN until a [normaliser](super::normalize::Normalizer) fills it |
//! | `#docid = X …`, `# docid:X`, `# X …` | the document's id; without one it is `Q-n`, the n-th of its query |
//! | a query whose lines are apart | one query, where its first line stands |
//! | `# feature 3 bm25.body` on a line of its own | the name of feature 3 |
//! | no `qid:` at all | LightGBM's `FILE.query`: documents per query, a number a line |
//! | a first line of names, by commas, tabs or semicolons | a table: columns such as `label`, `qid` and `docid` by their names, every other column of numbers a feature |

mod builder;
mod line;
mod number;
mod reader;
mod table;
mod writer;

pub use builder::LetorFile;
pub use reader::{LetorOptions, read, read_file};
pub use writer::write;
