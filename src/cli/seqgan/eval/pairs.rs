//! Systems that answer sources, measured on held-out pairs.

use std::path::Path;

use crate::cli::console::{print, print_text};
use crate::cli::seqgan::effects;
use crate::data::pairs::{PairCorpus, PairFiles, PairLimits};
use crate::error::{Result, require};
use crate::evaluation::table::Format;
use crate::files::json_file;
use crate::report::results::{DataSummary, Measuring, PairResults};
use crate::seed::Stream;
use crate::text::pairs::{Evaluator, LEAST_PAIRS, PairModel, Search};
use crate::text::{Decoding, MOST_WIDTH};

/// Pairs to measure systems on, and how.
pub(super) struct PairMeasuring<'a> {
    /// Folder of the model.
    pub folder: &'a Path,
    /// File of pairs.
    pub reference: &'a Path,
    /// Width of the beam.
    pub beam: usize,
    /// Stream of the draws.
    pub stream: Stream,
    /// Format of the table.
    pub format: Format,
}

/// Measures every system of a model on the pairs at the places that `choose` returns for their number, or on all.
pub(super) fn measure(
    asked: &PairMeasuring<'_>,
    choose: impl FnOnce(usize) -> Option<Vec<usize>>,
) -> Result<()> {
    let &PairMeasuring { folder, reference, beam, stream, format } = asked;
    effects::of_pair_evaluation();
    require((1..=MOST_WIDTH).contains(&beam), || format!("--beam {beam}: expected 1 to {MOST_WIDTH}"))?;
    let model = PairModel::load(folder)?;
    let shape = model.shape();
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
    let (vocabulary, turn_end) = (shape.vocabulary, shape.turn_end);
    let evaluator = Evaluator { real: &real, vocabulary, turn_end, stream: stream.named("evaluator") };
    let models = model.systems.iter().map(|(system, network)| (system.to_string(), true, network));
    let mut results = PairResults::of_systems(&Measuring {
        models: models.collect(),
        real: &real,
        vocabulary: &model.vocabulary,
        searches: vec![Search::Beam(beam), Search::Draw(Decoding::default())],
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
