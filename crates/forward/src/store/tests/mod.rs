//! What the tests of the store share: directories, states to save, and this test binary run once more as a child.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod crash;
mod damage;
mod faults;
mod holder;
mod state;

use std::env;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::store::entry::Content;
use crate::store::file::load;

/// Longer than anything here takes; a test that reaches it is stuck.
const STUCK: std::time::Duration = std::time::Duration::from_secs(20);

/// Tells a child process of a test that it is one, and its directory.
const DIRECTORY: &str = "LOOPWIRE_STORE_TEST_DIRECTORY";

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn open(dir: &Path) -> Store {
    let store = Store::open(dir, &Handle::current()).unwrap();
    assert_eq!(store.notice(), None);
    store
}

fn saved(port: u16, proxy_id: &str) -> Saved {
    Saved {
        port,
        proxy_id: proxy_id.to_owned(),
        plan: "1".to_owned(),
        action_type: "manual".to_owned(),
        filter: Some(json!({"country": "de"})),
        upstream: Some(json!({"host": "h", "password": "secret"})),
        options: None,
    }
}

/// The content of a file in a directory, read again.
fn on_disk(path: &Path) -> Vec<Saved> {
    match load(path).unwrap() {
        Some(Content::Ports(ports, 0)) => ports,
        other => panic!("{}: {other:?}", path.display()),
    }
}

async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(STUCK, future).await {
        Ok(value) => value,
        Err(_) => panic!("stuck: {what}"),
    }
}

/// The directory that a child of this test is given; `None` in the test itself.
fn role() -> Option<PathBuf> {
    env::var_os(DIRECTORY).map(PathBuf::from)
}

/// This binary with that test of this module alone, which finds its directory by [`role`]; run by `shell` if that
/// is not empty.
fn again(test: &str, dir: &Path, shell: &[&str]) -> Command {
    let binary = env::current_exe().unwrap();
    let name = format!("{}::{test}", module_path!().split_once("::").unwrap().1);
    let mut command = match shell {
        [] => Command::new(binary),
        [program, rest @ ..] => {
            let mut command = Command::new(program);
            command.args(rest).arg(binary);
            command
        }
    };
    command
        .args([&name, "--exact", "--nocapture", "--test-threads=1"])
        .env(DIRECTORY, dir)
        .stdin(Stdio::null());
    command
}

/// A child process that reports its progress in lines. It is killed when this is dropped.
struct Other {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Other {
    fn start(test: &str, dir: &Path) -> Self {
        let mut child = again(test, dir, &[])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The rest of the next line that has that word; `None` when the child has ended.
    fn next(&mut self, word: &str) -> Option<String> {
        self.lines.by_ref().map_while(Result::ok).find_map(|line| {
            // The test's own name may stand before it.
            line.split_once(word).map(|(_, value)| value.to_owned())
        })
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
