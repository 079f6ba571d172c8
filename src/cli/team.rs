//! Processes of an MPI job on the command line: the first one speaks and writes, and an error or a panic of any ends all.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::console;
use crate::error::{Error, Result};
use crate::math::gemm::bfloat16_level;
use crate::math::simd::simd_level;
use crate::team::Team;

/// Time that the first rank has to tell an error that all ranks have, and to end them: the launcher kills a second after it asked.
const AFTER_FIRST: Duration = Duration::from_secs(3);

static TEAM: OnceLock<Team> = OnceLock::new();
/// Moment at which the team was complete.
static BEGUN: OnceLock<Instant> = OnceLock::new();
/// Folder of this rank's copy of the run, where it is not the first.
static COPY: OnceLock<TempDir> = OnceLock::new();

/// Returns the team of this process, after [`join`].
pub(super) fn team() -> Team {
    TEAM.get().copied().unwrap_or(Team::ALONE)
}

/// Joins the team that a launcher started, of which every rank but the first falls silent.
///
/// # Errors
/// When a build without MPI is one of several processes, the command does not share its work (`shares`), or ranks are of another build,
/// processor or arguments than the first.
pub(super) fn join(shares: bool) -> Result<()> {
    let team = Team::join()?;
    TEAM.get_or_init(|| team);
    BEGUN.get_or_init(Instant::now);
    if team.size() == 1 {
        return Ok(());
    }
    console::speak_by(team.rank() == 0);
    if !shares {
        let message = "this command runs in one process: start it without the launcher (`seqgan train`, `irgan train` on vectors and over an --index, \
                       `irgan rank` and `search` over an --index share their work)";
        return Err(Error::Config(message.into()));
    }
    let program = std::env::current_exe().and_then(fs::read).map_or(0, |bytes| crc32c::crc32c(&bytes));
    team.agree("build of the program", program.into())?;
    team.agree("set of instructions of its processor", instructions())?;
    let kernels = format!("{} {}", simd_level(), bfloat16_level().unwrap_or_default());
    team.agree("`IRGAN_SIMD`", crc32c::crc32c(kernels.as_bytes()).into())?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    team.agree("list of arguments", crc32c::crc32c(arguments.join("\0").as_bytes()).into())
}

/// Returns the instructions that kernels are chosen by, one bit each.
fn instructions() -> u64 {
    #[cfg(target_arch = "x86_64")]
    {
        let known = [
            std::is_x86_feature_detected!("avx2"),
            std::is_x86_feature_detected!("fma"),
            std::is_x86_feature_detected!("avx512f"),
            std::is_x86_feature_detected!("avx512vnni"),
        ];
        known.into_iter().fold(0, |bits, has| bits << 1 | u64::from(has))
    }
    #[cfg(not(target_arch = "x86_64"))]
    0
}

/// Reports the error of a command and turns the outcome into an exit status; an error ends all ranks.
pub(super) fn finish(done: Result<()>) -> ExitCode {
    let team = team();
    let Err(error) = done else {
        tell_traffic(team);
        team.leave();
        return ExitCode::SUCCESS;
    };
    if let (Some(name), false) = (team.name(), matches!(error, Error::Interrupted { .. })) {
        if team.rank() > 0 {
            std::thread::sleep(AFTER_FIRST); // it ends this rank when the error is its own too
        }
        console::error_of(&name, &error);
        team.abort(error.exit_code().into());
    }
    console::error(&error); // all ranks were asked to stop, and have saved
    team.leave();
    ExitCode::from(error.exit_code())
}

/// Tells what the messages between ranks took.
fn tell_traffic(team: Team) {
    if let Some(begun) = BEGUN.get().filter(|_| team.size() > 1) {
        let (bytes, seconds) = team.traffic();
        let (all, share) = (begun.elapsed().as_secs_f64(), 100.0 * seconds / begun.elapsed().as_secs_f64());
        let ranks = team.size();
        note!(
            "{ranks} ranks: {bytes} bytes in messages, {seconds:.2} s of {all:.2} s ({share:.0} %), waiting included"
        );
    }
}

/// Gives every rank but the first a folder of its own in the place of the run's, `out` or `resume`, with what is in the run that is
/// resumed: the first alone writes where the user looks.
///
/// # Errors
/// When the run cannot be read, or the copy not be written.
pub(super) fn keep_apart(out: &mut Option<PathBuf>, resume: &mut Option<PathBuf>) -> Result<()> {
    let team = team();
    if team.size() == 1 {
        return Ok(());
    }
    let files = match (&*resume, team.rank()) {
        (Some(folder), 0) => read_all(folder)?,
        _ => vec![],
    };
    let files = team.from_first(files);
    if team.rank() == 0 {
        return Ok(());
    }
    let io = |path: &Path, source| Error::io(path, "write a copy of the run to", source);
    let copy = tempfile::tempdir().map_err(|source| io(&std::env::temp_dir(), source))?;
    let folder = COPY.get_or_init(|| copy).path().join("run");
    for (name, bytes) in &files {
        let path = folder.join(name);
        let parent = path.parent().expect("a file in the folder");
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, bytes))
            .map_err(|source| io(&path, source))?;
    }
    *(if resume.is_some() { resume } else { out }) = Some(folder);
    Ok(())
}

/// Checks that all processes of the team have the same model in `folder`: its descriptions and tensors.
pub(super) fn agree_on_model(folder: &Path) -> Result<()> {
    let team = team();
    if team.size() == 1 {
        return Ok(());
    }
    let of_model =
        |name: &str| (name.ends_with(".toml") && name != "run.toml") || name.ends_with(".safetensors");
    let mut files = read_all(folder)?;
    files.retain(|(name, _)| of_model(name));
    files.sort();
    let sum = files.iter().fold(0, |sum, (_, bytes)| crc32c::crc32c_append(sum, bytes));
    team.agree("model", sum.into())
}

/// Returns every file below `folder` by its path there.
fn read_all(folder: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let (mut files, mut folders) = (vec![], vec![PathBuf::new()]);
    let io = |path: &Path, source| Error::io(path, "read", source);
    while let Some(inner) = folders.pop() {
        let here = folder.join(&inner);
        for entry in fs::read_dir(&here).map_err(|source| io(&here, source))? {
            let name = entry.map_err(|source| io(&here, source))?.file_name();
            let (name, path) = (inner.join(&name), here.join(&name));
            match path.is_dir() {
                true => folders.push(name),
                false => {
                    let bytes = fs::read(&path).map_err(|source| io(&path, source))?;
                    files.push((name.to_string_lossy().into_owned(), bytes));
                }
            }
        }
    }
    Ok(files)
}
