//! `run.toml`: arguments and data of a run, so that it can be resumed.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::files::packed::is_standard_input;
use crate::files::toml_file;
use crate::math::simd::simd_level;

/// File of the record in its run's folder.
pub(super) const RECORD: &str = "run.toml";

/// Start of a run: program, machine, arguments and data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RunRecord {
    /// True when the training has ended.
    pub finished: bool,
    /// Version of the program.
    pub version: String,
    /// Number of threads at the start; results do not depend on it.
    pub threads: usize,
    /// Instruction set of the kernels.
    pub simd: String,
    /// Folder that relative paths among the arguments start from.
    pub folder: PathBuf,
    /// Program and arguments.
    pub arguments: Vec<String>,
    /// Every file that was read.
    #[serde(default)]
    pub data: Vec<DataFile>,
}

/// Path, size and check sum of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DataFile {
    /// Absolute path of the file.
    pub path: PathBuf,
    /// Size in bytes.
    pub bytes: u64,
    /// CRC-32 of the content, in hexadecimal.
    pub crc32: String,
}

impl RunRecord {
    /// Record of a run that this process starts with the `given` files and folders.
    pub fn of_this_process(given: &[PathBuf]) -> Result<Self> {
        let utf8 = |argument: std::ffi::OsString| {
            argument.into_string().map_err(|argument| {
                Error::Config(format!("{}: expected an argument in UTF-8", argument.to_string_lossy()))
            })
        };
        let folder = std::env::current_dir().map_err(|source| Error::io(".", "find", source))?;
        let mut data = vec![];
        // Standard input can be read only once.
        for path in given.iter().filter(|path| !is_standard_input(path)) {
            describe(&folder.join(path), &mut data).map_err(|source| Error::io(path, "read", source))?;
        }
        Ok(Self {
            finished: false,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            threads: rayon::current_num_threads(),
            simd: simd_level().to_owned(),
            folder,
            arguments: std::env::args_os().map(utf8).collect::<Result<_>>()?,
            data,
        })
    }

    /// Returns true when the run in `folder` was interrupted and can be resumed by this version, on this machine, with the
    /// data that it was begun with.
    pub fn is_resumable(folder: &Path) -> bool {
        let record: Result<Self> = toml_file::read(&folder.join(RECORD));
        record.is_ok_and(|record| !record.finished && matches!(record.validate(folder), Ok(None)))
    }

    /// Validates that the data are still those that the `run` was started with; returns a warning when the numbers of a
    /// resumed run may differ.
    pub fn validate(&self, run: &Path) -> Result<Option<String>> {
        for file in &self.data {
            let mut now = vec![];
            describe(&file.path, &mut now).map_err(|source| Error::io(&file.path, "read", source))?;
            if now.first() != Some(file) {
                let run = run.display();
                let message = format!(
                    "not the data that the run {run} was started with ({} bytes, crc32 {}); put those back, or \
                     start a new run",
                    file.bytes, file.crc32
                );
                return Err(Error::data(&file.path, message));
            }
        }
        let (version, simd) = (env!("CARGO_PKG_VERSION"), simd_level());
        let same = self.version == version && self.simd == simd;
        Ok((!same).then(|| {
            format!(
                "started by version {} on {}, resumed by {version} on {simd}: its numbers may differ from those of an \
                 uninterrupted run",
                self.version, self.simd
            )
        }))
    }
}

/// Adds the file at `path`, or every file below the folder there. A pipe can be read only once, and is left out.
fn describe(path: &Path, into: &mut Vec<DataFile>) -> io::Result<()> {
    let kind = std::fs::metadata(path)?;
    if kind.is_dir() {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        entries.sort();
        return entries.iter().try_for_each(|entry| describe(entry, into));
    }
    if kind.is_file() {
        let (mut file, mut sum) = (File::open(path)?, crc32fast::Hasher::new());
        let (mut buffer, mut bytes) = (vec![0; 1 << 20], 0);
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            sum.update(&buffer[..read]);
            bytes += read as u64;
        }
        into.push(DataFile { path: path.to_owned(), bytes, crc32: format!("{:08x}", sum.finalize()) });
    }
    Ok(())
}
