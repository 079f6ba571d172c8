//! Standard error of both programs: notes, warnings, errors and progress.

use std::fmt::Arguments;
use std::io::{self, Write as _};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::flags::with_flags;
pub(super) use super::progress::goes_on_unread;
use super::progress::{Audience, Progress, write_message, write_object};
use crate::error::{Error, Result};
use crate::event::{Event, Listener};
use crate::files::printable;
use crate::runs::timestamp;

/// Flags of every command.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(super) struct ConsoleArgs {
    /// Threads to use; results do not depend on them
    #[arg(long, global = true, env = "IRGAN_THREADS")]
    threads: Option<usize>,
    /// No progress and no notes; warnings and errors are still shown
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Form of progress, notes, warnings and errors on standard error
    #[arg(long, global = true, value_enum, default_value_t)]
    log: LogFormat,
}

/// Form of standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum LogFormat {
    /// For people: a progress bar on a terminal, lines with the time of day in a pipe
    #[default]
    Text,
    /// For programs: one object a line
    Json,
}

/// Choices of the user for the whole process; nothing else is shared.
static CONSOLE: OnceLock<Console> = OnceLock::new();

#[derive(Debug, Default)]
struct Console {
    quiet: bool,
    json: bool,
}

impl ConsoleArgs {
    /// Sets the form of standard error and the number of threads.
    pub(super) fn apply(self) -> Result<()> {
        let json = self.log == LogFormat::Json;
        CONSOLE.get_or_init(|| Console { quiet: self.quiet, json });
        match self.threads {
            None => Ok(()),
            Some(0) => Err(Error::Config("--threads must be at least 1".into())),
            Some(threads) => rayon::ThreadPoolBuilder::new()
                .num_threads(useful(threads))
                .build_global()
                .map_err(|cause| Error::Config(format!("--threads {threads}: {cause}"))),
        }
    }
}

/// Returns the number of threads to use of those asked for: more than there are processors are of no use, and thousands
/// starve the machine; a few more do no harm.
fn useful(asked: usize) -> usize {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let most = processors.max(4);
    if asked > most {
        note(format_args!(
            "--threads {asked}: {most} are used; this machine has {processors} processors, and more would not help"
        ));
    }
    asked.min(most)
}

fn console() -> &'static Console {
    CONSOLE.get_or_init(Console::default)
}

/// Writes what is going on, such as what was read.
macro_rules! note {
    ($($message:tt)*) => { $crate::cli::console::note(format_args!($($message)*)) };
}

/// Writes what the user may not expect.
macro_rules! warning {
    ($($message:tt)*) => { $crate::cli::console::warning(format_args!($($message)*)) };
}

/// Writes a note; called by [`note!`].
pub(super) fn note(message: Arguments<'_>) {
    let console = console();
    if !console.quiet {
        console.write("note", &message.to_string());
    }
}

/// Writes a warning; called by [`warning!`].
pub(super) fn warning(message: Arguments<'_>) {
    console().write("warning", &with_flags(&message.to_string()));
}

/// Writes why the program ends.
pub(super) fn error(message: &Error) {
    console().write("error", &with_flags(&message.to_string()));
}

/// Writes why all processes of a team end, and which of them says so, also one that is silent.
pub(super) fn error_of(process: &str, message: &Error) {
    console().speak("error", &format!("{process}: {}", with_flags(&message.to_string())));
}

/// True in a process that leaves it to another one to speak.
static SILENT: AtomicBool = AtomicBool::new(false);

/// Makes this process speak, or leave that to another one.
pub(super) fn speak_by(speaks: bool) {
    SILENT.store(!speaks, Ordering::Relaxed);
}

/// Returns true when another process speaks.
pub(super) fn is_silent() -> bool {
    SILENT.load(Ordering::Relaxed)
}

/// Returns true with `--quiet`.
pub(super) fn is_quiet() -> bool {
    console().quiet
}

/// Returns the listener that shows steps.
pub(super) fn progress() -> Progress {
    let console = console();
    Progress::new(match console.quiet || is_silent() {
        true => Audience::Nobody,
        false if console.json => Audience::Programs,
        false => Audience::People,
    })
}

/// Listener that shows steps as progress, and prints notes and warnings.
pub(super) struct Terminal(Progress);

/// Returns the listener of a command that works in the library.
pub(super) fn terminal() -> Terminal {
    Terminal(progress())
}

impl Listener for Terminal {
    fn event(&mut self, event: &Event<'_>) {
        self.0.event(event);
    }

    fn note(&mut self, message: &str) {
        note(format_args!("{message}"));
    }

    fn warning(&mut self, message: &str) {
        warning(format_args!("{message}"));
    }
}

/// Prints sentences that may hold names from data: what would drive the terminal is shown escaped.
pub(super) fn print_text(text: &str) -> Result<()> {
    print(&shown(text))
}

/// Prints to standard output as it is. When its reader has left (`| head`), the program ends at once, with success: nobody
/// wants the rest.
pub(super) fn print(text: &str) -> Result<()> {
    if is_silent() {
        return Ok(());
    }
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => Err(Error::io("standard output", "write", error)),
        Ok(()) => Ok(()),
    }
}

/// Returns lines as a terminal may show them, with every other control and mark of direction escaped.
fn shown(text: &str) -> String {
    let line = |line: &str| line.split('\t').map(printable).collect::<Vec<_>>().join("\t");
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

impl Console {
    fn write(&self, level: &str, message: &str) {
        if !is_silent() {
            self.speak(level, message);
        }
    }

    fn speak(&self, level: &str, message: &str) {
        match (self.json, level) {
            (true, _) => {
                let object = json!({ "time": timestamp(), "level": level, "message": message });
                write_object(&object);
            }
            (false, "note") => write_message(format_args!("{}", shown(message))),
            (false, _) => write_message(format_args!("{level}: {}", shown(message))),
        }
    }
}
