//! LETOR / SVMlight ranking files: `grade qid:Q f:v … # comment`.
//!
//! | in the file | here |
//! |---|---|
//! | grade −1 | unlabelled: in the pool, never a positive |
//! | grade 0 to 31, also written `2.0` | the grade (2^31 − 1 is the largest gain in use) |
//! | `f:v` with 1-based f in any order | one column a feature; features left out are 0 |
//! | `f:NULL` | missing: NaN until a [normaliser](super::normalize::Normalizer) fills it |
//! | `#docid = X …`, `# X` | the document's id; without one it is `Q-n`, the n-th of its query |
//! | a query whose lines are apart | one query, where its first line stands |
//! | `# feature 3 bm25.body` on a line of its own | the name of feature 3 |
//! | no `qid:` at all | LightGBM's `FILE.query`: documents per query, a number a line |

mod line;
mod number;
mod reader;
mod writer;

pub use reader::{LetorOptions, read, read_with_width};
pub use writer::write;
