//! The guardian: a tiny process that outlives this one by a moment, and kills what it has left behind.
//!
//! `process.exit()`, a crash and SIGKILL run no code of ours. What they all do is close a pipe. A parent-death
//! signal would follow the thread that forked, and would not reach grandchildren.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, RwLock, RwLockReadGuard};

use super::descriptors::{keep_descriptors_back, pipe};
use super::id::SessionId;
use super::session;

/// The system's shell runs it: a program of ours would have to be shipped and found.
const SHELL: &str = "/bin/sh";
const SCRIPT: &str = include_str!("guardian.sh");

/// What it is called in a list of processes.
const NAME: &str = "loopwire-guardian";

/// How long an end may wait for it: it has nothing to do by then.
const END_PATIENCE: Duration = Duration::from_millis(50);

/// The guardian of one workspace, which is there from its first command on, and the sessions that it knows.
#[derive(Default)]
pub(crate) struct Guardian {
    /// Read by whoever starts a command, written by whoever puts another one in its place.
    live: RwLock<Option<GuardianProcess>>,
    /// The leaders that have not been waited for: their numbers are theirs.
    sessions: Mutex<BTreeSet<SessionId>>,
    /// Nothing is started any more.
    closed: AtomicBool,
}

struct GuardianProcess {
    pipe: OwnedFd,
    child: Mutex<Child>,
}

/// Held while a command starts.
pub(crate) struct StartPermit<'a>(RwLockReadGuard<'a, Option<GuardianProcess>>);

impl StartPermit<'_> {
    /// Where a new session says so itself, before it becomes the command.
    pub(crate) fn pipe(&self) -> Option<BorrowedFd<'_>> {
        self.0.as_ref().map(|live| live.pipe.as_fd())
    }
}

impl Guardian {
    /// Has a guardian be there.
    pub(crate) fn ensure_running(&self) -> io::Result<StartPermit<'_>> {
        for _ in 0..3 {
            let live = self.live.read();
            if self.closed.load(Ordering::Acquire) {
                return Err(io::Error::other("the workspace is closed"));
            }
            if live.as_ref().is_some_and(GuardianProcess::is_running) {
                return Ok(StartPermit(live));
            }
            drop(live);
            self.replace(false)?;
        }
        Err(io::Error::other("the guardian does not stay"))
    }

    /// The guardian's own process id.
    pub(crate) fn pid(&self) -> Option<u32> {
        let live = self.live.read();
        live.as_ref().map(|live| live.child.lock().id())
    }

    /// Puts a new one in the place of one that is gone, or that may know sessions which never came to be.
    pub(crate) fn replace(&self, even_if_there: bool) -> io::Result<()> {
        let mut live = self.live.write();
        if self.closed.load(Ordering::Acquire) {
            return Ok(());
        }
        if !even_if_there && live.as_ref().is_some_and(GuardianProcess::is_running) {
            return Ok(());
        }
        let next = GuardianProcess::start()?;
        for session in self.sessions.lock().iter() {
            send_line(&next.pipe, b'+', *session);
        }
        if let Some(last) = live.replace(next) {
            let _ = rustix::io::write(&last.pipe, b"q\n");
            last.end();
        }
        Ok(())
    }

    /// A session has begun; its leader is alive, or waits to be waited for.
    pub(crate) fn session_started(&self, session: SessionId) {
        self.sessions.lock().insert(session);
    }

    /// Nothing is left of a session. To be said before its leader is waited for: then its number is not another's.
    /// Reaping happens in here, so that nobody signals a number that is free.
    pub(crate) fn session_ended(&self, session: SessionId, reap: impl FnOnce()) {
        let live = self.live.read();
        let mut sessions = self.sessions.lock();
        if let Some(live) = live.as_ref() {
            send_line(&live.pipe, b'-', session);
        }
        sessions.remove(&session);
        reap();
    }

    /// Does something to a session whose leader has not been waited for, and nothing to any other.
    pub(crate) fn with_session(&self, session: SessionId, act: impl FnOnce()) {
        let sessions = self.sessions.lock();
        if sessions.contains(&session) {
            act();
        }
    }

    /// Kills all there is, at once, and lets the guardian go.
    pub(crate) fn kill(&self) {
        self.closed.store(true, Ordering::Release);
        // Waits for those that are being started, which takes no longer than a fork.
        let mut live = self.live.write();
        let sessions = self.sessions.lock();
        let all: Vec<_> = sessions.iter().copied().collect();
        if !all.is_empty() {
            session::kill(&all);
        }
        drop(sessions);
        if let Some(live) = live.take() {
            live.end();
        }
    }
}

impl Drop for Guardian {
    fn drop(&mut self) {
        if let Some(live) = self.live.get_mut().take() {
            live.end();
        }
    }
}

impl GuardianProcess {
    fn start() -> io::Result<Self> {
        let (read, write) = pipe()?;
        let mut command = Command::new(SHELL);
        command
            .args(["-c", SCRIPT, NAME])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(read))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        #[expect(
            unsafe_code,
            reason = "only system calls that allocate nothing follow the fork"
        )]
        unsafe {
            command.pre_exec(|| {
                rustix::process::setsid()?;
                keep_descriptors_back();
                Ok(())
            });
        }
        Ok(Self {
            pipe: write,
            child: Mutex::new(command.spawn()?),
        })
    }

    fn is_running(&self) -> bool {
        matches!(self.child.lock().try_wait(), Ok(None))
    }

    /// Closes the pipe and waits for it, elsewhere if it takes its time.
    fn end(self) {
        let Self { pipe, child } = self;
        drop(pipe);
        let mut child = child.into_inner();
        let start = Instant::now();
        while start.elapsed() < END_PATIENCE {
            if !matches!(child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::spawn(move || child.wait());
    }
}

fn send_line(pipe: &OwnedFd, sign: u8, session: SessionId) {
    let session = session.number();
    // Shorter than PIPE_BUF: it goes in whole. One that is gone is replaced by the next command.
    let _ = rustix::io::write(pipe, format!("{}{session}\n", char::from(sign)).as_bytes());
}

/// As [`tell`], of this very process, without allocating: between fork and exec.
pub(crate) fn send_own_line(pipe: BorrowedFd<'_>) {
    let mut number = std::process::id();
    let mut line = [b'\n'; 12];
    let mut at = line.len() - 1;
    while number > 0 {
        at -= 1;
        line[at] = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
    line[at - 1] = b'+';
    let _ = rustix::io::write(pipe, &line[at - 1..]);
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
#[path = "guardian_test.rs"]
mod tests;
