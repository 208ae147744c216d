//! Another process of a test: the same test once more, as another user, with other variables, or killed at some moment.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Says to a test that it is the other process, and in which directory it works.
const DIRECTORY: &str = "LOOPWIRE_TEST_DIRECTORY";

/// Says to a test which of its parts runs in the other process.
const PART: &str = "LOOPWIRE_TEST_PART";

/// The user that owns nothing.
pub(crate) const NOBODY: u32 = 65_534;

/// In the other process: the directory that it works in, and its part.
pub(crate) fn other_process() -> Option<(PathBuf, String)> {
    let directory = std::env::var_os(DIRECTORY)?.into();
    Some((directory, std::env::var(PART).unwrap()))
}

/// Runs the test once more, in another process, by the user `nobody`. Panics if it fails there.
pub(crate) fn as_nobody(test: &str, directory: &Path, part: &str) {
    // Nobody may not get to the directory in which the test was built.
    let own = tempfile::tempdir().unwrap();
    fs::set_permissions(own.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let program = own.path().join("test");
    // By another process: a descriptor of ours could be in a child that another test forks at this moment, and a program
    // that somebody has open for writing cannot be executed.
    let mut copy = Command::new("cp");
    copy.arg(std::env::current_exe().unwrap()).arg(&program);
    assert!(copy.status().unwrap().success());
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(program);
    // Without the supplementary groups of root, too.
    command.uid(NOBODY).gid(NOBODY).current_dir("/");
    run_process(with_part(command, test, directory, part));
}

/// Runs the test once more, in another process of the same user. Panics if it fails there.
pub(crate) fn in_another_process(test: &str, directory: &Path, part: &str) {
    run_process(another_process(test, directory, part));
}

/// A command that runs the test once more, in another process of the same user.
pub(crate) fn another_process(test: &str, directory: &Path, part: &str) -> Command {
    let command = Command::new(std::env::current_exe().unwrap());
    with_part(command, test, directory, part)
}

fn with_part(mut command: Command, test: &str, directory: &Path, part: &str) -> Command {
    command
        .args(["--exact", test, "--nocapture"])
        .env(DIRECTORY, directory)
        .env(PART, part)
        .stdin(Stdio::null());
    command
}

/// Runs the other process. Panics if the test fails there.
pub(crate) fn run_process(mut command: Command) {
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && told.contains("1 passed"),
        "{command:?}: {told}\n{errors}"
    );
}

/// Starts the other process, without its output.
pub(crate) fn start_process(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().unwrap()
}

pub(crate) fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// Runs a program. False if it is not there, or fails.
pub(crate) fn succeeds(program: &str, arguments: &[&str], path: &Path) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).arg(path).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
