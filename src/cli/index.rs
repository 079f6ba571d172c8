//! `irgan index`.

use std::path::PathBuf;

use clap::Args;

use crate::data::collection::{Collection, CollectionFormat};
use crate::error::Result;
use crate::event::Silent;
use crate::retrieval::{BuildOptions, Built, Language, build};
use crate::training::Progress;

/// Index a collection of documents
///
/// Documents are JSONL (id, title, text, …), a BEIR folder, TSV (id, text) or SMART (.I .T .W), also .gz and .zst.
/// An index appears under its name when it is whole: an interrupted one is never taken for good.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan index --collection docs.jsonl --index idx
  irgan index --collection part1.tsv.gz part2.tsv.gz --index idx --language de --memory 1024
  irgan index --collection cran.all.1400 --index cranfield --force")]
pub struct IndexArgs {
    /// Files of documents, or a BEIR folder
    #[arg(long, required = true, num_args = 1..)]
    collection: Vec<PathBuf>,
    /// The format of the files [default: told by name and first bytes]
    #[arg(long)]
    format: Option<CollectionFormat>,
    /// Folder of the index
    #[arg(long)]
    index: PathBuf,
    /// How texts become terms
    #[arg(long, default_value = "en")]
    language: Language,
    /// MiB of memory for writing, over all threads
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u64).range(15..=65536))]
    memory: u64,
    /// Replace an index that is there
    #[arg(long)]
    force: bool,
    /// No progress
    #[arg(long, short)]
    quiet: bool,
}

/// Runs the command.
pub fn run(args: &IndexArgs) -> Result<()> {
    let collection = Collection::open(&args.collection, args.format)?;
    let options =
        BuildOptions { language: args.language, memory: (args.memory as usize) << 20, force: args.force };
    let mut progress = Progress::default();
    let built = match args.quiet {
        true => build(&args.index, &options, collection.documents(), &mut Silent)?,
        false => build(&args.index, &options, collection.documents(), &mut progress)?,
    };
    drop(progress);
    let Built { documents, empty, fields, folded } = built;
    eprintln!("{}: {documents} documents, fields: {}", args.index.display(), fields.join(", "));
    if empty > 0 {
        eprintln!("warning: {empty} documents have no text; they are never found");
    }
    if !folded.is_empty() {
        let names: Vec<_> = folded.into_iter().collect();
        eprintln!("warning: searched only together with all other texts: {}", names.join(", "));
    }
    Ok(())
}
