//! Files are read by their formats or refused with a line, generated data is the same everywhere, and an index
//! scores as its documents say.

#[path = "../support/mod.rs"]
mod support;

mod collections;
mod evaluation_readers;
mod evaluation_trec_eval;
mod letor;
mod mutations;
mod no_text;
mod pairs;
mod planted;
mod retrieval;
mod synthetic_collection;
mod text_corpus;
