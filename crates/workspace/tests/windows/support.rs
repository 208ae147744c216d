//! A workspace of a test, and its commands.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use loopwire_channel::{Bounds, CommandError, Journal};
use loopwire_workspace::{Execute, Executed, Options, Spawn, Terminals, Workspace};
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Far longer than anything in these tests takes.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(120);

pub(crate) struct Opened {
    pub(crate) workspace: Workspace,
    pub(crate) runtime: Runtime,
    pub(crate) dir: TempDir,
}

impl Opened {
    pub(crate) fn new() -> Self {
        Self::with(|_| Options::default())
    }

    pub(crate) fn with(options: impl Fn(&Path) -> Options) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let dir = tempfile::tempdir().unwrap();
        let journal = Journal::new(Bounds::default());
        let (handle, options) = (runtime.handle().clone(), options(dir.path()));
        let workspace = Workspace::open(dir.path(), options, Arc::clone(&journal), handle).unwrap();
        Self {
            workspace,
            runtime,
            dir,
        }
    }

    pub(crate) fn terminals(&self) -> &Terminals {
        self.workspace.terminals().unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn run(&self, command: &str) -> Result<Executed, CommandError> {
        self.run_with(command, "", &[])
    }

    pub(crate) fn run_with(
        &self,
        command: &str,
        input: &str,
        env: &[(&str, &str)],
    ) -> Result<Executed, CommandError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let execute = Execute {
            spawn: Spawn {
                command: Some(command.to_owned()),
                env: env.iter().map(owned).collect(),
                ..Spawn::default()
            },
            input: Bytes::copy_from_slice(input.as_bytes()),
            max_output_bytes: None,
        };
        let run = self.terminals().run(execute);
        self.runtime
            .block_on(async { tokio::time::timeout(TIMEOUT, run).await.unwrap() })
    }

    pub(crate) fn close(&self) {
        self.runtime.block_on(self.workspace.close());
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.workspace.kill();
    }
}

/// A command line that runs one of the functions in `child.rs`.
pub(crate) fn child(name: &str) -> String {
    let own = std::env::current_exe().unwrap();
    format!(
        "\"{}\" child::{name} --exact --ignored --nocapture -q",
        own.display()
    )
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

/// Whether a process holds the file so that nobody else can open it.
pub(crate) fn is_held(file: &Path) -> bool {
    file.exists() && std::fs::OpenOptions::new().write(true).open(file).is_err()
}

pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < TIMEOUT, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
