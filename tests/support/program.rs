//! A folder in which the real programs run.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

/// A temporary folder.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|cause| panic!("{name}: {cause}"))
    }

    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and the folders it lies in; returns its path.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("inside a folder")).expect("the folder is writable");
        fs::write(&path, bytes).expect("the folder is writable");
        path
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("irgan"));
        command.current_dir(self.0.path()).args(arguments);
        command
    }

    /// `irgan`, run inside the folder.
    pub fn irgan(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().expect("the program starts")
    }

    /// `seqgan`, run inside the folder.
    pub fn seqgan(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("seqgan"));
        command.current_dir(self.0.path()).args(arguments).output().expect("the program starts")
    }

    /// `irgan`, started inside the folder.
    pub fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
    }
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("messages are UTF-8")
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("output is UTF-8")
}

/// One error with every one of `parts`, and the exit status `code`.
#[track_caller]
pub fn assert_fails(output: &Output, code: i32, parts: &[&str]) {
    let text = stderr(output);
    assert!(!text.contains("panicked"), "{text}");
    assert_eq!(output.status.code(), Some(code), "{text}");
    let errors: Vec<&str> = text.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(errors.len(), 1, "{text}");
    for part in parts {
        assert!(text.contains(part), "no `{part}` in {text}");
    }
}

#[track_caller]
pub fn assert_succeeds(output: &Output) {
    assert!(output.status.success(), "{}", stderr(output));
}

/// Files that know when, where or how long a run was trained.
const OWN: [&str; 4] = ["run.toml", "timing.json", "report.html", "events.out.tfevents.run"];

/// Every file of a run below its folder, by its path there, but for those of [`OWN`].
pub fn run_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        let name = path.file_name().expect("a file").to_str().expect("UTF-8").to_owned();
        if path.is_dir() {
            found.extend(
                run_files(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)),
            );
        } else if !OWN.contains(&name.as_str()) {
            found.insert(name, fs::read(&path).expect("readable"));
        }
    }
    found
}
