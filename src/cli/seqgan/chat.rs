//! `seqgan chat`: a conversation on the terminal.

use std::io::{BufRead as _, IsTerminal as _, stdin, stdout};
use std::path::PathBuf;

use clap::Args;

use super::answer::SearchArgs;
use crate::cli::console::{print, print_text};
use crate::data::pairs::encode_turns;
use crate::error::{Error, Result};
use crate::text::pairs::PairModel;

/// Talk with a model that was trained on pairs: a line in, a line out; end of input (Ctrl-D) or Ctrl-C ends it
///
/// The model sees as many of the last turns, its own among them, as the sources of its training had.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  seqgan chat --model runs/chat
  seqgan chat --model runs/chat --system regs-mc --temperature 0.8 --nucleus 0.9")]
pub struct ChatArgs {
    /// Folder of the run
    #[arg(long)]
    model: PathBuf,
    #[command(flatten)]
    search: SearchArgs,
}

/// Runs the command.
pub fn run(args: &ChatArgs) -> Result<()> {
    let answering = args.search.answering(1)?;
    let model = PairModel::load(&args.model)?.of_known_words();
    let answerer = args.search.answerer(&model, answering)?;
    let (system, network) = model.system(args.search.system())?;
    let longest = model.shape().source_steps;
    note!("{system} answers; it sees {} and at most {longest} tokens", turns(model.turns));
    let is_terminal = stdin().is_terminal() && stdout().is_terminal();
    let mut history: Vec<String> = vec![];
    for turn in 0.. {
        if is_terminal {
            print("> ")?;
        }
        let Some(line) = next_line()? else { break };
        history.push(line);
        let first = history.len().saturating_sub(model.turns);
        let Some(encoded) = encode_turns(&history[first..], &model.vocabulary, longest)? else {
            history.pop(); // an empty line is no turn
            continue;
        };
        if encoded.unknown {
            note!("not one of these words is known");
        }
        let found = answerer.answers(network, &[encoded.source], args.search.stream().at(turn));
        let answer = model.vocabulary.decode(&found[0][0]);
        print_text(&format!("{answer}\n"))?;
        history.push(answer);
    }
    if is_terminal {
        print("\n")?;
    }
    Ok(())
}

/// Reads a line of standard input, in which what is not UTF-8 is replaced; `None` at its end.
fn next_line() -> Result<Option<String>> {
    let mut bytes = vec![];
    let read = stdin().lock().read_until(b'\n', &mut bytes);
    match read.map_err(|source| Error::io("standard input", "read", source))? {
        0 => Ok(None),
        _ => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
    }
}

fn turns(count: usize) -> String {
    if count == 1 { "the last turn".into() } else { format!("the last {count} turns") }
}
