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
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::process::{Signal, WaitIdOptions, WaitIdStatus};

use super::descriptors::{keep_descriptors_back, pipe, without_sigpipe};
use super::id::{ProcessId, SessionId};
use super::pty::Pty;
use super::table::ProcessTable;
use super::tracking::TrackingId;
use super::{child, escaped, session};

/// The system's shell runs the script, so that no program has to be shipped and found.
const SHELL: &str = "/bin/sh";
const SCRIPT: &str = include_str!("guardian.sh");

/// The name in a list of processes.
const NAME: &str = "loopwire-guardian";

/// How long to wait for the guardian's end. It hardly ever has anything left to do then.
const END_PATIENCE: Duration = Duration::from_millis(50);

/// The guardian of one workspace, which is started with the first command, and the sessions that it knows.
#[derive(Default)]
pub(crate) struct Guardian {
    /// Locked for reading while a command starts, for writing while the guardian is replaced.
    live: RwLock<Option<GuardianProcess>>,
    /// The sessions whose leader was not waited for: their numbers cannot belong to other processes.
    sessions: Mutex<BTreeSet<SessionId>>,
    /// The mark of all processes that are started here, and of what they start.
    tracking: TrackingId,
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
    /// It was killed, because it does not read.
    lost: AtomicBool,
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
        let next = GuardianProcess::start(self.tracking)?;
        for session in self.sessions.lock().iter() {
            next.tell('+', *session);
        }
        if let Some(last) = live.replace(next) {
            // It may be stopped, and what it knows is out of date by the time it goes on.
            last.end_at_once();
        }
        Ok(())
    }

    /// The mark of the processes that are started here.
    pub(crate) const fn tracking(&self) -> TrackingId {
        self.tracking
    }

    /// Whether a session of this number runs, so that somebody will end it.
    fn knows(&self, session: i32) -> bool {
        SessionId::new(session).is_some_and(|session| self.sessions.lock().contains(&session))
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
        let told = live.as_ref().is_none_or(|live| live.tell('-', session));
        sessions.remove(&session);
        // An error: the host ignores SIGCHLD, so the kernel has reaped it already, and its status is lost.
        let status = session.leader().wait(at_once).ok().flatten();
        drop((sessions, live));
        if !told && let Err(error) = self.replace(false) {
            tracing::warn!(%error, "nothing ends the commands that run should this process be killed; the next command tries again");
        }
        Leader::Ended(status)
    }

    /// Sends a signal to the group in the foreground of the PTY, or else to the leader's. Nothing if the leader was waited
    /// for already. Returns what is to be typed instead: that is never so here.
    pub(crate) fn signal(
        &self,
        session: SessionId,
        pty: Option<&Pty>,
        signal: Signal,
    ) -> Option<&'static [u8]> {
        let sessions = self.sessions.lock();
        if sessions.contains(&session) {
            session.signal_foreground(pty.map(Pty::descriptor), signal);
        }
        None
    }

    /// Ends the processes that have left their sessions: SIGTERM, and SIGKILL after two seconds.
    pub(crate) async fn end_escaped(self: &Arc<Self>) {
        if let Some(table) = self.table() {
            let guardian = Arc::clone(self);
            escaped::end(self.tracking, table, move |session| guardian.knows(session)).await;
        }
    }

    /// Waits for the processes that have left their sessions and ended, where this process is the parent of orphans.
    /// While a command starts, its leader is not known yet, and must not be taken for one of them.
    #[cfg(target_os = "linux")]
    pub(crate) fn reap_escaped(&self) {
        if let Some(_nobody_starts) = self.live.try_write() {
            escaped::reap(
                self.tracking,
                self.table().as_deref(),
                &self.sessions.lock(),
            );
        }
    }

    /// Kills all processes at once, those that have left their sessions, too, and ends the guardian.
    pub(crate) fn kill(&self) {
        self.closed.store(true, Ordering::Release);
        // Waits for commands that are being started, which takes no longer than a fork.
        let mut live = self.live.write();
        let sessions = self.sessions.lock();
        let all: Vec<_> = sessions.iter().copied().collect();
        let table = self.table.lock().take();
        if !all.is_empty() {
            session::kill(&all, table.as_deref());
        }
        drop(sessions);
        let Some(live) = live.take() else { return };
        if escaped::kill(self.tracking, table.as_deref()) {
            live.end_idle();
        } else {
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
    fn start(tracking: TrackingId) -> io::Result<Self> {
        let (read, write) = pipe()?;
        without_sigpipe(&write);
        // A guardian that is stopped must not hold up commands.
        let flags = rustix::fs::fcntl_getfl(&write)?;
        rustix::fs::fcntl_setfl(&write, flags | OFlags::NONBLOCK)?;
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
                child::reset_mask();
                rustix::process::setsid()?;
                TrackingId::unset_limit();
                keep_descriptors_back();
                Ok(())
            });
        }
        rustix::io::write(&write, tracking.lines().as_bytes())?;
        Ok(Self {
            pipe: write,
            child: Mutex::new(command.spawn()?),
            lost: AtomicBool::new(false),
        })
    }

    /// Whether it is there, and not stopped.
    fn is_running(&self) -> bool {
        if self.lost.load(Ordering::Acquire) {
            return false;
        }
        let mut child = self.child.lock();
        let stopped = WaitIdOptions::STOPPED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        matches!(child.try_wait(), Ok(None))
            && ProcessId::of_child(child.id())
                .is_some_and(|process| matches!(process.wait(stopped), Ok(None)))
    }

    /// Tells it of a session. A guardian whose pipe is full is killed, because it must not know less than there is: it
    /// would kill a session that has ended, whose number may be another one's. Then, and if it is gone, the answer is
    /// false.
    fn tell(&self, sign: char, session: SessionId) -> bool {
        // Shorter than PIPE_BUF, so that it is written as a whole.
        let line = format!("{sign}{}\n", session.number());
        let told = rustix::io::write(&self.pipe, line.as_bytes()).is_ok();
        if !told {
            self.lost.store(true, Ordering::Release);
            let _ = self.child.lock().kill();
        }
        told
    }

    /// Ends it where it has nothing to kill.
    fn end_idle(self) {
        let _ = rustix::io::write(&self.pipe, b"q\n");
        self.end();
    }

    /// Ends it without letting it kill anything.
    fn end_at_once(self) {
        let _ = self.child.lock().kill();
        self.end();
    }

    /// Closes the pipe and waits for the guardian; if that takes too long, in another thread.
    fn end(self) {
        let Self { pipe, child, .. } = self;
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

/// Like [`GuardianProcess::tell`], for the calling process and without allocating: between fork and exec.
///
/// # Errors
/// The guardian does not know this process, which must not become a command then. [`is_lost`] tells that from others.
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
    match rustix::io::write(pipe, &line[at - 1..]) {
        Ok(_) => Ok(()),
        // The pipe is full. What else may fail here says this in other cases.
        Err(Errno::AGAIN) => Err(Errno::PIPE.into()),
        Err(error) => Err(error.into()),
    }
}

/// Whether a command could not be started because its guardian is gone or does not read.
pub(crate) fn is_lost(error: &io::Error) -> bool {
    Errno::from_io_error(error) == Some(Errno::PIPE)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
#[path = "guardian_test.rs"]
mod tests;
