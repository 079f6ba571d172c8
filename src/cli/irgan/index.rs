//! `irgan index`.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;

use crate::cli::console::{self, print};
use crate::data::documents::{Collection, CollectionFormat};
use crate::error::Result;
use crate::files::count::counted;
use crate::retrieval::{BuildOptions, IndexSummary, Language, Verified, build, verify};

/// Index a collection of documents
///
/// Documents are JSONL or a JSON array (id, title, text, …), a BEIR folder, TSV (id, text), TREC (`<DOC><DOCNO>`, files or a
/// folder of them) or SMART (.I .T .W), also .gz and .zst; - reads standard input.
/// An index appears under its name when it is whole: an interrupted one is never taken for good.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  irgan index --collection docs.jsonl --index idx
  irgan index --collection part1.tsv.gz part2.tsv.gz --index idx --language de --memory 1024
  irgan index --collection cran.all.1400 --index cranfield --force
  irgan index --collection docs.jsonl --index idx --shards 4
  irgan index --index idx --verify")]
pub struct IndexArgs {
    /// Files of documents, or a folder: BEIR's, or one of files
    #[arg(long, required_unless_present = "verify", num_args = 1..)]
    collection: Vec<PathBuf>,
    /// The format of the files [default: told by name and first bytes]
    #[arg(long)]
    format: Option<CollectionFormat>,
    /// Folder of the index
    #[arg(long)]
    index: PathBuf,
    /// Language of the texts, by which they become terms
    #[arg(long, default_value = "en")]
    language: Language,
    /// Cut the index into this many shards, folders that several machines can search at once [default: one folder]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    shards: Option<u16>,
    /// MiB of memory for writing, over all threads; every shard takes 15 at least
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u64).range(15..=65536))]
    memory: u64,
    /// Replace an index that is there
    #[arg(long)]
    force: bool,
    /// Make nothing: compare every check sum of the index that is there
    #[arg(long, conflicts_with_all = ["collection", "format", "language", "shards", "memory", "force"])]
    verify: bool,
}

/// Names shown of what is left out.
const SHOWN: usize = 12;

/// Runs the command.
pub fn run(args: &IndexArgs) -> Result<()> {
    if args.verify {
        let Verified { documents, files, bytes } = verify(&args.index)?;
        let mebibytes = bytes as f64 / f64::from(1 << 20);
        let index = args.index.display();
        return print(&format!(
            "{index}: {}, {}, {mebibytes:.1} MiB: undamaged\n",
            counted(documents, "document"),
            counted(files, "file")
        ));
    }
    let collection = Collection::open(&args.collection, args.format)?;
    let options = BuildOptions {
        language: args.language,
        memory: (args.memory as usize) << 20,
        shards: args.shards.map(usize::from),
        force: args.force,
    };
    let mut progress = console::progress();
    let mut documents = collection.documents();
    let built = build(&args.index, &options, &mut documents, &mut progress)?;
    drop(progress);
    tell_left_out(collection.skipped(), &documents.left_out());
    let IndexSummary { documents, empty, fields, folded } = built;
    let documents = counted(documents, "document");
    let shards = args.shards.map_or(String::new(), |count| format!(" in {}", counted(count.into(), "shard")));
    note!("{}: {documents}{shards}, fields: {}", args.index.display(), fields.join(", "));
    if empty > 0 {
        warning!("documents without text, which are never found: {empty}");
    }
    if !folded.is_empty() {
        let names: Vec<_> = folded.into_iter().collect();
        warning!("searched only together with all other texts: {}", names.join(", "));
    }
    Ok(())
}

/// Says which files of folders are no documents, and which parts of documents are no text.
fn tell_left_out(skipped: &[PathBuf], parts: &BTreeSet<String>) {
    if let Some(first) = skipped.first() {
        let (count, first) = (skipped.len(), first.display());
        warning!(
            "files left out, as nothing tells their format: {count}; the first is {first} (see --format)"
        );
    }
    if !parts.is_empty() {
        let names: Vec<&str> = parts.iter().take(SHOWN).map(String::as_str).collect();
        let more = if parts.len() > SHOWN { ", …" } else { "" };
        note!("left out of the documents: {}{more}", names.join(", "));
    }
}
