//! Another process: the same test once more, with other variables, and perhaps killed at some moment.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Says to a test that it is the other process, and in which directory it works.
const DIRECTORY: &str = "LOOPWIRE_TEST_DIRECTORY";

/// Says to a test which of its parts runs in the other process.
const PART: &str = "LOOPWIRE_TEST_PART";

/// In the other process: the directory that it works in, and its part.
pub(crate) fn other() -> Option<(PathBuf, String)> {
    let directory = std::env::var_os(DIRECTORY)?.into();
    Some((directory, std::env::var(PART).unwrap()))
}

/// A command that runs one part of a test.
pub(crate) fn command(test: &str, directory: &Path, part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(DIRECTORY, directory)
        .env(PART, part)
        .stdin(Stdio::null());
    command
}

/// Runs it. Panics if it fails.
pub(crate) fn run(mut command: Command) {
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{told}\n{errors}"
    );
}

/// Starts it, without its output.
pub(crate) fn start(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}
