//! Extension module of the Python package `irgan`: the library's calls with Python's data and errors, and nothing of their own.
//!
//! Whatever is shown, converted by pandas or named for users is in `python/irgan`. Work that takes time runs without the lock of the
//! interpreter ([`compute`]); a training runs on a thread of its own, so that Ctrl-C is seen while it lasts.

mod arrays;
mod compute;
mod error;
mod evaluation;
mod index;
mod ranker;
mod recommender;
mod settings;
mod text;
mod training;

/// Names that `irgan` imports.
#[pyo3::pymodule]
mod _irgan {
    #[pymodule_export]
    use crate::evaluation::{Qrels, Run, compare, evaluate};
    #[pymodule_export]
    use crate::index::{TextSearch, build_index};
    #[pymodule_export]
    use crate::ranker::{RankerModel, train_ranker};
    #[pymodule_export]
    use crate::recommender::{RecommenderModel, train_recommender};
    #[pymodule_export]
    use crate::text::{TextModel, train_text};

    /// Version of the package.
    #[pymodule_export]
    const VERSION: &str = env!("CARGO_PKG_VERSION");
}
