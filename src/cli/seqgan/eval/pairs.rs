//! Systems that answer sources, measured on held-out pairs.

use std::path::Path;

use crate::cli::console::{print, print_text};
use crate::cli::seqgan::effects;
use crate::data::pairs::{PairCorpus, PairFiles, PairLimits};
use crate::data::words::Vocabulary;
use crate::error::Result;
use crate::evaluation::table::Format;
use crate::files::json_file;
use crate::report::results::{DataSummary, Measuring, PairResults};
use crate::seed::Stream;
use crate::text::hand_made::DullReplies;
use crate::text::pairs::{Evaluator, LEAST_PAIRS, PairModel, Search, Talk};
use crate::text::{Beam, Decoding};

/// Usual weight of mutual information.
const MUTUAL: f64 = 0.5;

/// Pairs to measure systems on, and how.
pub(super) struct PairMeasuring<'a> {
    /// Folder of the model.
    pub folder: &'a Path,
    /// File of pairs.
    pub reference: &'a Path,
    /// Beam that finds answers.
    pub beam: Beam,
    /// Weight of mutual information; 0.5 by default where the model can tell it.
    pub mutual: Option<f64>,
    /// File of dull replies.
    pub dull: Option<&'a Path>,
    /// Stream of the draws.
    pub stream: Stream,
    /// Format of the table.
    pub format: Format,
}

/// Returns the dull replies of the user's list, or the English ones; none, which is told, where their words are unknown.
fn dull_replies(list: Option<&Path>, vocabulary: &Vocabulary) -> Result<Vec<Vec<u32>>> {
    let found = match list {
        Some(path) => DullReplies::read(path, vocabulary)?.replies().to_vec(),
        // Without English words no reply is one of them.
        None => DullReplies::english(vocabulary).map_or(vec![], |found| found.replies().to_vec()),
    };
    if found.is_empty() {
        note!("no dull reply consists of known words: none is counted; give a list (--dull)");
    }
    Ok(found)
}

/// Measures every system of a model on the pairs at the places that `choose` returns for their number, or on all.
pub(super) fn measure(
    asked: &PairMeasuring<'_>,
    choose: impl FnOnce(usize) -> Option<Vec<usize>>,
) -> Result<()> {
    let &PairMeasuring { folder, reference, beam, mutual, dull, stream, format } = asked;
    effects::of_pair_evaluation();
    let model = PairModel::load(folder)?;
    let mutual = match mutual {
        None if model.reverse.is_none() => None,
        weight => Some(model.mutual(beam, weight.unwrap_or(MUTUAL))?),
    };
    let shape = model.shape();
    let dull = dull_replies(dull, &model.vocabulary)?;
    let talk = Talk { turn_end: model.vocabulary.turn_end(), longest: shape.source_steps };
    let limits = PairLimits { source: shape.source_steps, answer: shape.steps - 1, cut: true };
    let files = PairFiles::Columns(reference.to_owned());
    let corpus = PairCorpus::with_vocabulary(&files, &model.vocabulary, limits)?;
    note!("reference  {}: {}", reference.display(), corpus.report);
    let mut real = corpus.pairs;
    if let Some(chosen) = choose(real.len()) {
        real = real.select(&chosen);
    }
    let can_judge = real.len() >= LEAST_PAIRS;
    if !can_judge {
        note!(
            "fewer than {LEAST_PAIRS} pairs: no evaluator is trained, and adversarial success is not measured"
        );
    }
    let (vectors, turn_end) = (model.systems[0].1.vectors(), shape.turn_end);
    let evaluator = Evaluator { real: &real, vectors, turn_end, stream: stream.named("evaluator") };
    let models = model.systems.iter().map(|(system, network)| (system.to_string(), true, network));
    let mut results = PairResults::of_systems(&Measuring {
        models: models.collect(),
        real: &real,
        vocabulary: &model.vocabulary,
        searches: vec![Search::Beam(beam), Search::Draw(Decoding::default())],
        mutual,
        dull,
        talk: (model.turns > 1).then_some(talk),
        stream,
        evaluator: can_judge.then_some(evaluator),
    });
    results.data = DataSummary {
        task: "evaluation".into(),
        training: folder.display().to_string(),
        validation: reference.display().to_string(),
    };
    match format {
        Format::Json => print(&(json_file::text(&results)? + "\n")),
        Format::Text => print_text(&results.text()),
        Format::Markdown => print_text(&results.markdown()),
        format => print(&results.table().render(format)),
    }
}
