//! A text collection with planted relevance.

use super::args::SynthArgs;
use crate::data::documents::{
    SyntheticCollection, SyntheticCollectionConfig, SyntheticPart, generate, write_jsonl, write_topics,
};
use crate::error::Result;
use crate::files::count::counted;
use crate::runs::{FolderKind, RunDir};

/// Writes the collection.
pub(super) fn run(args: &SynthArgs) -> Result<()> {
    let default = SyntheticCollectionConfig::default();
    let config = SyntheticCollectionConfig {
        documents: args.documents.unwrap_or(default.documents),
        queries: args.queries.unwrap_or(default.queries),
        subjects: args.collection.subjects,
        vocabulary: args.collection.vocabulary,
        seed: args.seed,
    };
    let kind = &FolderKind::COLLECTION;
    RunDir::check(&args.out, args.force, kind)?;
    let SyntheticCollection { documents, parts } = generate(&config)?;
    let folder = RunDir::create(&args.out, args.force, kind)?;
    let path = |name: String| folder.path().join(name);
    write_jsonl(&path("documents.jsonl".into()), &documents)?;
    let (mut topics, mut qrels) = (vec![], String::new());
    for SyntheticPart { name, topics: of_part, judgements } in parts {
        write_topics(&path(format!("topics.{name}.tsv")), &of_part)?;
        judgements.write(&path(format!("qrels.{name}.txt")))?;
        topics.extend(of_part);
        qrels += &judgements.to_trec()?;
    }
    write_topics(&path("topics.tsv".into()), &topics)?;
    folder.save_text("qrels.txt", &qrels)?;
    folder.save_toml("collection.toml", &config)?;
    note!(
        "documents.jsonl: {}; topics.tsv: {}; qrels.txt: {}",
        counted(documents.len(), "document"),
        counted(topics.len(), "query"),
        counted(qrels.lines().count(), "judgement")
    );
    Ok(())
}
