//! Flags that say which sentences `seqgan train` learns from.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use crate::data::grammar::Grammar;
use crate::data::sentences::{Corpus, CorpusOptions, read_id_sequences};
use crate::data::words::{Level, Tokenizer};
use crate::error::{Error, Result};
use crate::files::count::counted;
use crate::report::results::DataSummary;
use crate::text::TextData;
use crate::text::models::{load_oracle, oracle_shape, random_oracle};
use crate::text::wgan::LineData;

/// Tokens of the longest sentence of a grammar, where no length is given.
const GRAMMAR_MAX_LEN: usize = 12;

/// Flags that name the source of the sentences.
#[derive(Clone, Debug, Default, Args)]
pub struct DataArgs {
    /// Learn from this text: one sentence a line, also .gz and .zst
    #[arg(long, conflicts_with = "oracle", help_heading = "Data")]
    pub text: Option<PathBuf>,
    /// Choose the epoch by these sentences or pairs [default: a tenth of the training data, which is then held out]
    #[arg(long, requires = "learnt_from", help_heading = "Data")]
    pub valid: Option<PathBuf>,
    /// Kind of token: word, character or id
    #[arg(long, value_enum, default_value_t, help_heading = "Data")]
    pub level: Level,
    /// Read all text in lower case; I becomes i, in Turkish and Azeri texts too
    #[arg(long, help_heading = "Data")]
    pub lowercase: bool,
    /// Leave out sentences of more than this many tokens; 0 for 200, and for 12 of --cfg
    #[arg(long, default_value_t = 0, help_heading = "Data")]
    pub max_len: usize,
    /// Replace tokens that occur less often by `<unk>`
    #[arg(long, default_value_t = 1, help_heading = "Data")]
    pub min_count: usize,
    /// Draw sentences from a context-free grammar: arithmetic, or a file of rules `LEFT -> RIGHT | RIGHT`
    #[arg(long, value_name = "NAME|FILE", conflicts_with_all = ["text", "oracle"], help_heading = "Data")]
    pub cfg: Option<PathBuf>,
    /// Draw sentences from this oracle: a folder made by `seqgan oracle`, or 15 .npy arrays
    #[arg(long, help_heading = "Data")]
    pub oracle: Option<PathBuf>,
    /// Learn from these sentences of the oracle (ids) instead of drawing some
    #[arg(long, requires = "oracle", help_heading = "Data")]
    pub real: Option<PathBuf>,
    /// Tokens of the built-in oracle
    #[arg(long, default_value_t = 5000, help_heading = "Data")]
    pub vocab: usize,
    /// Tokens of a sentence of the oracle
    #[arg(long, default_value_t = 20, help_heading = "Data")]
    pub steps: usize,
    /// Sentences drawn from the oracle or the grammar to learn from
    #[arg(long, default_value_t = 10_000, help_heading = "Data")]
    pub sentences: usize,
    /// Sentences drawn from the oracle to choose epochs by, and again to test; from the grammar to choose epochs by
    #[arg(long, default_value_t = 2_000, help_heading = "Data")]
    pub held_out: usize,
    /// Seed of the built-in oracle and of what is drawn from an oracle or a grammar
    #[arg(long, default_value_t = 1, help_heading = "Data")]
    pub data_seed: u64,
}

impl DataArgs {
    /// Reads or draws the sentences, and describes them on standard error.
    pub fn load(&self) -> Result<TextData> {
        match (&self.text, &self.cfg) {
            (Some(text), _) => self.load_text(text),
            (None, Some(cfg)) => {
                let longest = if self.max_len == 0 { GRAMMAR_MAX_LEN } else { self.max_len };
                self.load_grammar(cfg, longest)
            }
            (None, None) => self.load_oracle(),
        }
    }

    /// Returns the tokenizer that these flags describe.
    pub fn tokenizer(&self) -> Tokenizer {
        Tokenizer { level: self.level, lowercase: self.lowercase }
    }

    /// Describes what was loaded.
    pub fn summary(&self, data: &TextData) -> DataSummary {
        let source = match (&self.text, &self.oracle, &self.cfg) {
            (Some(text), ..) => text.display().to_string(),
            (_, Some(oracle), _) => format!("oracle {}", oracle.display()),
            (.., Some(cfg)) => format!("grammar {}", cfg.display()),
            _ => "built-in oracle".into(),
        };
        let valid = self.valid.as_ref().map_or(String::new(), |path| format!("{}: ", path.display()));
        let TextData { vocabulary_size, steps, .. } = data;
        DataSummary {
            task: "sentences".into(),
            training: format!(
                "{source}: {} of at most {steps} tokens, vocabulary {vocabulary_size}",
                counted(data.train.len(), "sentence")
            ),
            validation: format!("{valid}{}", counted(data.valid.len(), "sentence")),
        }
    }

    /// Reads lines of `length` tokens, and describes them on standard error; returns their summary too.
    pub fn load_lines(&self, length: usize) -> Result<(LineData, DataSummary)> {
        let text = match (&self.text, &self.cfg) {
            (Some(text), _) => text,
            (None, Some(cfg)) => return self.load_grammar_lines(cfg, length),
            (None, None) => {
                let message =
                    "--method wgan-gp and gan learn lines of a text or a grammar: name it by --text or --cfg";
                return Err(Error::Config(message.into()));
            }
        };
        let (train, valid) = self.load_corpora(text, length, true)?;
        let data = LineData::new(&train, &valid, length).map_err(|cause| cause.in_file(text))?;
        let count = data.train.nrows();
        note!("lines      of {length} tokens: {} of {count} are padded", data.padded());
        let valid = self.valid.as_ref().map_or(String::new(), |path| format!("{}: ", path.display()));
        let training = format!(
            "{}: {} of {length} tokens, vocabulary {}",
            text.display(),
            counted(count, "line"),
            data.vocabulary.len()
        );
        let validation = format!("{valid}{}", counted(data.valid.nrows(), "line"));
        Ok((data, DataSummary { task: "lines".into(), training, validation }))
    }

    /// Draws lines of a grammar, of at most `length` tokens.
    fn load_grammar_lines(&self, cfg: &Path, length: usize) -> Result<(LineData, DataSummary)> {
        let sentences = self.load_grammar(cfg, length)?;
        let data = LineData::of_sentences(&sentences, length)?;
        Ok((data, DataSummary { task: "lines".into(), ..self.summary(&sentences) }))
    }

    /// Returns the tokens of a line where neither flag nor file says it: none for text.
    pub fn usual_length(&self) -> Option<usize> {
        self.cfg.is_some().then_some(GRAMMAR_MAX_LEN)
    }

    fn load_text(&self, text: &Path) -> Result<TextData> {
        let (train, valid) = self.load_corpora(text, self.max_len, false)?;
        Ok(TextData::from_corpora(train, valid))
    }

    /// Reads sentences to learn from and held-out ones; longer ones than `max_len` are left out, or cut.
    fn load_corpora(&self, text: &Path, max_len: usize, cuts: bool) -> Result<(Corpus, Corpus)> {
        let options = CorpusOptions { tokenizer: self.tokenizer(), max_len, cuts, min_count: self.min_count };
        let train = Corpus::train(text, &options)?;
        note!("training   {}: {}", text.display(), train.report);
        match &self.valid {
            Some(path) => {
                // Held-out sentences may be as long as the training sentences.
                let longest = train.sequences.steps() - 1;
                let read = if cuts { Corpus::cut_with_vocabulary } else { Corpus::with_vocabulary };
                let valid = read(path, &train.vocabulary, longest)?;
                note!("validation {}: {}", path.display(), valid.report);
                if valid.report.unknown_tokens == valid.report.tokens {
                    let message = format!(
                        "not one token is known from {}: choose sentences of the same language, --level and case",
                        text.display()
                    );
                    return Err(Error::data(path, message));
                }
                Ok((train, valid))
            }
            None => {
                let parts = train.hold_out_by(self.data_seed).map_err(|error| error.in_file(text))?;
                note!("validation {} of these sentences, held out", parts.1.sequences.len());
                Ok(parts)
            }
        }
    }

    /// Draws sentences of a grammar, of at most `longest` tokens.
    fn load_grammar(&self, cfg: &Path, longest: usize) -> Result<TextData> {
        let grammar = named_grammar(cfg)?;
        if !grammar.unused().is_empty() {
            let unused = grammar.unused().join(", ");
            note!("grammar    {}: no sentence needs the rules of {unused}", cfg.display());
        }
        self.check_draws()?;
        let data = TextData::from_grammar(grammar, self.sentences, self.held_out, longest, self.data_seed)
            .map_err(|error| error.in_file(cfg))?;
        let entropy = data.grammatical(&data.train).map_or(0.0, |found| found.entropy);
        note!(
            "grammar    {}: {} of at most {longest} tokens to learn from, of entropy {entropy:.4} nats",
            cfg.display(),
            counted(data.train.len(), "sentence")
        );
        Ok(data)
    }

    /// Refuses to draw more sentences than there is room for.
    fn check_draws(&self) -> Result<()> {
        let most = 1 << 24;
        if self.sentences > most || self.held_out > most {
            return Err(Error::Config(format!("--sentences and --held-out: at most {most}")));
        }
        Ok(())
    }

    fn load_oracle(&self) -> Result<TextData> {
        let oracle = match &self.oracle {
            Some(folder) => load_oracle(folder, self.steps)?,
            None => {
                let shape = oracle_shape(self.vocab, self.steps);
                shape.validate()?;
                random_oracle(&shape, self.data_seed)
            }
        };
        let shape = oracle.shape();
        let real = match &self.real {
            Some(path) => Some(read_id_sequences(path, shape.vocabulary, Some(shape.steps))?),
            None => None,
        };
        self.check_draws()?;
        let (vocabulary, steps) = (shape.vocabulary, shape.steps);
        let data = TextData::from_oracle(oracle, real, self.sentences, self.held_out, self.data_seed)?;
        let name = self.oracle.as_ref().map_or("built-in".to_owned(), |path| path.display().to_string());
        let floor = data.oracle.as_ref().expect("made from an oracle").floor;
        note!(
            "oracle     {name}: vocabulary {vocabulary}, {steps} tokens a sentence, floor {floor:.4} nats a token; \
             {} to learn from",
            counted(data.train.len(), "sentence")
        );
        Ok(data)
    }
}

/// Returns the grammar of this name: `arithmetic`, or that of a file. A resumed training has the folder before the name.
pub(super) fn named_grammar(cfg: &Path) -> Result<Arc<Grammar>> {
    let is_built_in = cfg.file_name().is_some_and(|name| name == "arithmetic") && !cfg.exists();
    if !is_built_in && !cfg.exists() {
        let message = "no such file, and the one built-in grammar is `arithmetic`";
        return Err(Error::data(cfg, message));
    }
    Ok(Arc::new(if is_built_in { Grammar::arithmetic() } else { Grammar::read(cfg)? }))
}
