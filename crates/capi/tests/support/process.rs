//! A process with a deadline, and what it said.

use std::ffi::OsStr;
use std::io::{Read, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Longer than any program takes, even under Valgrind on a machine that stalls: one that reaches it is stuck.
pub const STUCK: Duration = Duration::from_secs(120);

/// A process that is to be started.
pub struct Run {
    command: Command,
    deadline: Duration,
}

/// A process that has ended.
#[derive(Debug)]
pub struct Ended {
    pub command: String,
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            command: Command::new(program),
            deadline: STUCK,
        }
    }

    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    pub fn args<T: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.command.args(arguments);
        self
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Starts it, for a test that talks with it.
    pub fn start(mut self) -> Running {
        let text = format!("{:?}", self.command);
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        let stdout = Said::read(child.stdout.take().expect("a pipe"));
        let stderr = Said::read(child.stderr.take().expect("a pipe"));
        Running {
            command: text,
            stdin: child.stdin.take(),
            child,
            stdout,
            stderr,
            until: Instant::now() + self.deadline,
        }
    }

    /// Runs it to its end.
    pub fn end(self) -> Ended {
        self.start().end()
    }

    /// Runs it to its end, which is a success.
    pub fn succeeds(self) -> Ended {
        self.end().succeeded()
    }
}

/// What a process has said so far.
struct Said {
    text: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Said {
    fn read(mut from: impl Read + Send + 'static) -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&text);
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count @ 1..) = from.read(&mut buffer) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&buffer[..count]);
            }
        });
        Self {
            text,
            reader: Some(reader),
        }
    }

    fn so_far(&self) -> String {
        let text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&text).into_owned()
    }

    fn all(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        self.so_far()
    }
}

/// A process that runs. Killed when it is dropped.
pub struct Running {
    command: String,
    stdin: Option<ChildStdin>,
    child: Child,
    stdout: Said,
    stderr: Said,
    until: Instant,
}

impl Running {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Writes a line for it to read.
    pub fn tell(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("a pipe");
        let _ = stdin.write_all(format!("{line}\n").as_bytes());
    }

    /// What it has written so far.
    pub fn stdout(&self) -> String {
        self.stdout.so_far()
    }

    /// Waits until it has written a line that begins so, and gives the rest of that line.
    pub fn says(&mut self, beginning: &str) -> String {
        loop {
            let ended = self.child.try_wait().expect("a child").is_some();
            let text = if ended {
                self.stdout.all()
            } else {
                self.stdout.so_far()
            };
            let whole = text.rfind('\n').map_or("", |end| &text[..end]);
            if let Some(rest) = whole.lines().find_map(|line| line.strip_prefix(beginning)) {
                return rest.to_owned();
            }
            assert!(!ended, "it ended without `{beginning}`: {}", self.told());
            self.tick(beginning);
        }
    }

    /// Ends it as a crash does: nothing of it runs any more.
    pub fn kill(mut self) {
        self.child.kill().expect("a child that runs");
        let _ = self.child.wait();
    }

    /// Waits for its end. It has nothing more to read.
    pub fn end(mut self) -> Ended {
        self.stdin = None;
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                break status;
            }
            self.tick("its end");
        };
        Ended {
            command: self.command.clone(),
            status,
            stdout: self.stdout.all(),
            stderr: self.stderr.all(),
        }
    }

    /// A short wait; past the deadline it fails the test.
    fn tick(&mut self, what: &str) {
        if Instant::now() < self.until {
            thread::sleep(Duration::from_millis(5));
            return;
        }
        let threads = self.threads();
        let _ = self.child.kill();
        panic!("stuck before {what}: {}\n{threads}", self.told());
    }

    fn told(&self) -> String {
        let (stdout, stderr) = (self.stdout.so_far(), self.stderr.so_far());
        format!(
            "{}\n--- stdout\n{stdout}\n--- stderr\n{stderr}",
            self.command
        )
    }

    /// What its threads wait in: the first thing that one asks of a program that is stuck.
    fn threads(&self) -> String {
        let folder = format!("/proc/{}/task", self.id());
        let tasks = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let lines = tasks.map(|task| {
            let read = |name: &str| {
                let text = std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
                text.trim().to_owned()
            };
            format!("{} {} {}", read("comm"), read("wchan"), read("syscall"))
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ended {
    /// Itself, after checking that it was a success.
    pub fn succeeded(self) -> Self {
        assert!(self.status.success(), "{}", self.told());
        self
    }

    /// All of it, for a failure.
    pub fn told(&self) -> String {
        format!(
            "{}\n{}\n--- stdout\n{}\n--- stderr\n{}",
            self.command, self.status, self.stdout, self.stderr
        )
    }
}
