//! The guardian: a small process that outlives this one for a moment and kills the commands that are left.
//!
//! `process.exit()`, a crash and SIGKILL run no code of ours, but all of them close a pipe. A parent-death signal
//! depends on the thread that forked, and does not reach grandchildren.

use std::collections::BTreeSet;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use rustix::process::{WaitIdOptions, WaitIdStatus};

use super::descriptors::{keep_descriptors_back, pipe};
use super::id::SessionId;
use super::session;
use super::table::ProcessTable;

/// The system's shell runs the script, so that no program has to be shipped and found.
const SHELL: &str = "/bin/sh";
const SCRIPT: &str = include_str!("guardian.sh");

/// The name in a list of processes.
const NAME: &str = "loopwire-guardian";

/// How long to wait for the guardian's end. It has nothing left to do then.
const END_PATIENCE: Duration = Duration::from_millis(50);

/// The guardian of one workspace, which is started with the first command, and the sessions that it knows.
#[derive(Default)]
pub(crate) struct Guardian {
    /// Locked for reading while a command starts, for writing while the guardian is replaced.
    live: RwLock<Option<GuardianProcess>>,
    /// The sessions whose leader was not waited for: their numbers cannot belong to other processes.
    sessions: Mutex<BTreeSet<SessionId>>,
    /// Opened before the first command, so that no descriptor is needed when a command is to be ended. `None` where
    /// the system has no such table.
    table: Mutex<Option<Arc<ProcessTable>>>,
    /// No command may start any more.
    closed: AtomicBool,
}

/// What became of a session's leader.
pub(crate) enum Leader {
    /// It was waited for; without a status if the system has lost that.
    Ended(Option<WaitIdStatus>),
    Runs,
}

struct GuardianProcess {
    pipe: OwnedFd,
    child: Mutex<Child>,
}

/// Held while a command starts, so that the guardian is not replaced meanwhile.
pub(crate) struct StartPermit<'a>(RwLockReadGuard<'a, Option<GuardianProcess>>);

impl StartPermit<'_> {
    /// The pipe on which a new session announces itself before it becomes the command.
    pub(crate) fn pipe(&self) -> Option<BorrowedFd<'_>> {
        self.0.as_ref().map(|live| live.pipe.as_fd())
    }
}

impl Guardian {
    /// Starts the guardian if it does not run, and opens what is needed to end a command.
    pub(crate) fn ensure_running(&self) -> io::Result<StartPermit<'_>> {
        {
            let mut table = self.table.lock();
            if table.is_none() {
                *table = ProcessTable::open()?.map(Arc::new);
            }
        }
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
        Err(io::Error::other("the guardian ends again and again"))
    }

    /// The guardian's process id.
    pub(crate) fn pid(&self) -> Option<u32> {
        let live = self.live.read();
        live.as_ref().map(|live| live.child.lock().id())
    }

    /// Replaces a guardian that is gone, or one that may know sessions which failed to start.
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

    /// A session has started. Its leader is alive or a zombie.
    pub(crate) fn session_started(&self, session: SessionId) {
        self.sessions.lock().insert(session);
    }

    /// The table of processes, if the system has one.
    pub(crate) fn table(&self) -> Option<Arc<ProcessTable>> {
        self.table.lock().clone()
    }

    /// Waits for the leader of a session of which nothing else is left, if it has ended. The guardian forgets the
    /// session before that, while its number cannot belong to another process, and under the lock, so that nobody
    /// sends a signal to a free number. A leader that runs stays known to the guardian.
    pub(crate) fn reap(&self, session: SessionId) -> Leader {
        let live = self.live.read();
        let mut sessions = self.sessions.lock();
        let at_once = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        if let Ok(None) = session.leader().wait(at_once | WaitIdOptions::NOWAIT) {
            return Leader::Runs;
        }
        if let Some(live) = live.as_ref() {
            send_line(&live.pipe, b'-', session);
        }
        sessions.remove(&session);
        // An error: the host ignores SIGCHLD, so the kernel has reaped it already, and its status is lost.
        Leader::Ended(session.leader().wait(at_once).ok().flatten())
    }

    /// Calls `act` if the leader of the session was not waited for yet.
    pub(crate) fn with_session(&self, session: SessionId, act: impl FnOnce()) {
        let sessions = self.sessions.lock();
        if sessions.contains(&session) {
            act();
        }
    }

    /// Kills all sessions at once, and ends the guardian.
    pub(crate) fn kill(&self) {
        self.closed.store(true, Ordering::Release);
        // Waits for commands that are being started, which takes no longer than a fork.
        let mut live = self.live.write();
        let sessions = self.sessions.lock();
        let all: Vec<_> = sessions.iter().copied().collect();
        if !all.is_empty() {
            session::kill(&all, self.table().as_deref());
        }
        drop(sessions);
        self.table.lock().take();
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

    /// Closes the pipe and waits for the guardian; if that takes too long, in another thread.
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
        // Without a thread it stays a zombie until this process ends.
        let _ = std::thread::Builder::new().spawn(move || child.wait());
    }
}

fn send_line(pipe: &OwnedFd, sign: u8, session: SessionId) {
    let session = session.number();
    // Shorter than PIPE_BUF, so that it is written as a whole. A guardian that is gone is replaced by the next
    // command.
    let _ = rustix::io::write(pipe, format!("{}{session}\n", char::from(sign)).as_bytes());
}

/// Like [`send_line`], for the calling process and without allocating: between fork and exec.
///
/// # Errors
/// The guardian does not know this process, which must not become a command then.
pub(crate) fn send_own_line(pipe: BorrowedFd<'_>) -> io::Result<()> {
    let mut number = std::process::id();
    let mut line = [b'\n'; 12];
    let mut at = line.len() - 1;
    while number > 0 {
        at -= 1;
        line[at] = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
    line[at - 1] = b'+';
    rustix::io::write(pipe, &line[at - 1..])?;
    Ok(())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
#[path = "guardian_test.rs"]
mod tests;
