//! What a command is to whoever ends it: its process, and the job that all of it is in.

use std::os::windows::io::{AsHandle as _, AsRawHandle as _, OwnedHandle};

use parking_lot::Mutex;
use windows_sys::Win32::System::Threading::GetExitCodeProcess;

use super::job::Job;
use super::signal::Signal;
use super::wait;
use crate::process::shapes::ProgramExit;

/// The exit code of what is ended here. No program is known to end with it.
const ENDED: u32 = 0x4c57_0009;

/// `STATUS_CONTROL_C_EXIT`: Ctrl+C has ended it, or the end of its console.
const CONTROL_C: u32 = 0xc000_013a;

/// A command that runs, by the number of its process. It belongs to no other process while a handle is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionId(pub(super) u32);

impl SessionId {
    /// The number, as messages have it.
    pub(crate) const fn pid(self) -> u32 {
        self.0
    }
}

/// A command that was started.
pub(super) struct Session {
    id: SessionId,
    process: OwnedHandle,
    job: Job,
    /// The last signal that it got.
    sent: Mutex<Option<Signal>>,
}

impl Session {
    pub(super) const fn new(id: SessionId, process: OwnedHandle, job: Job) -> Self {
        Self {
            id,
            process,
            job,
            sent: Mutex::new(None),
        }
    }

    pub(super) const fn id(&self) -> SessionId {
        self.id
    }

    /// Waits until the process of the command has ended.
    pub(super) async fn exited(&self) {
        if let Err(error) = wait::ended(self.process.as_handle()).await {
            tracing::warn!(%error, "the end of a command is looked for again and again");
            while !wait::has_ended(self.process.as_handle()) {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }

    /// Remembers what the command was told, because its exit code does not say it.
    pub(super) fn told(&self, signal: Signal) {
        if !wait::has_ended(self.process.as_handle()) {
            *self.sent.lock() = Some(signal);
        }
    }

    /// Ends all processes of the command at once.
    pub(super) fn terminate(&self, signal: Signal) {
        self.told(signal);
        self.job.terminate(ENDED);
    }

    /// Whether any process is left. One that cannot be asked for is.
    pub(super) fn is_left(&self) -> bool {
        self.job.processes().map_or(true, |left| left > 0)
    }

    /// Waits until no process is left, for a while. Returns whether that is so.
    pub(super) async fn emptied(&self) -> bool {
        self.job.emptied().await
    }

    /// How it ended. Nothing is said of a process that has not ended yet.
    #[expect(
        unsafe_code,
        reason = "a call of the system with a handle that is open"
    )]
    pub(super) fn exit(&self) -> ProgramExit {
        let mut code = 0;
        // SAFETY: the handle is open, and the answer goes to a variable here.
        let asked = unsafe { GetExitCodeProcess(self.process.as_raw_handle(), &raw mut code) };
        let ended = wait::has_ended(self.process.as_handle());
        let sent = *self.sent.lock();
        let (code, signal) = match code {
            _ if asked == 0 || !ended => (None, sent),
            ENDED => (None, Some(sent.unwrap_or(Signal::Kill))),
            CONTROL_C => (None, Some(sent.unwrap_or(Signal::Interrupt))),
            code => (Some(code.cast_signed()), None),
        };
        ProgramExit {
            code,
            signal: signal.map(Signal::name),
        }
    }
}
