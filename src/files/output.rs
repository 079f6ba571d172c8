//! Files that a user names for output: compressed by their ending, or standard output.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::atomic::write_atomically;
use crate::error::{Error, Result};

/// Writes `path` as [`write_atomically`] does, compressed when its name ends in `.gz` or `.zst`; `-` is standard output.
///
/// # Errors
/// When the folder does not exist or the file cannot be written. A reader of standard output that leaves is no error.
pub fn write_output(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    if path.as_os_str() == "-" {
        return to_standard_output(write);
    }
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("gz") => write_atomically(path, |writer| {
            let mut packer = GzEncoder::new(BufWriter::new(writer), Compression::default());
            write(&mut packer)?;
            packer.finish()?.flush()
        }),
        Some("zst") => write_atomically(path, |writer| {
            let mut packer = zstd::Encoder::new(writer, 0)?; // 0 is zstandard's usual level
            write(&mut packer)?;
            packer.finish()?.flush()
        }),
        _ => write_atomically(path, write),
    }
}

fn to_standard_output(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut writer = BufWriter::new(io::stdout().lock());
    match write(&mut writer).and_then(|()| writer.flush()) {
        Err(cause) if cause.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::io("standard output", "write", cause))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::lines::for_each_line;

    #[test]
    fn the_ending_names_the_compression() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, start) in
            [("a.run", &b"one"[..]), ("a.run.gz", &[0x1f, 0x8b]), ("a.zst", &[0x28, 0xb5, 0x2f])]
        {
            let path = folder.path().join(name);
            write_output(&path, |writer| writer.write_all(b"one\ntwo\n")).expect("the folder is writable");
            assert!(std::fs::read(&path).expect("written").starts_with(start), "{name}");
            let mut lines = vec![];
            let each = |_, line: &[u8], _| {
                lines.push(String::from_utf8_lossy(line).into_owned());
                Ok(())
            };
            for_each_line(&path, each).expect("readable");
            assert_eq!(lines, ["one", "two"], "{name}");
        }
    }
}
