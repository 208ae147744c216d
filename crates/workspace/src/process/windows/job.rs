//! Job objects: all processes that a command starts are in its job, and none of them can leave the workspace's.

use std::io;
use std::mem::size_of;
use std::os::windows::io::{
    AsHandle, AsRawHandle as _, BorrowedHandle, FromRawHandle as _, OwnedHandle,
};
use std::ptr;
use std::time::{Duration, Instant};

use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, IsProcessInJob, JOB_OBJECT_LIMIT_BREAKAWAY_OK,
    JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE, JOBOBJECT_BASIC_ACCOUNTING_INFORMATION,
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION, JobObjectBasicAccountingInformation,
    JobObjectExtendedLimitInformation, QueryInformationJobObject, SetInformationJobObject,
    TerminateJobObject,
};

/// How long processes may take to be gone once they were terminated. The system does not interrupt one that waits for a
/// device; then the command's end is told without it.
const PATIENCE: Duration = Duration::from_secs(1);

/// The pauses between two looks for processes that are left: short at first, because most end at once.
const LOOKS: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(20));

/// A job. When its last handle closes, and that is when this process ends however it does, its processes end.
#[derive(Debug)]
pub(super) struct Job(OwnedHandle);

impl Job {
    /// The job of a workspace, which no process in it can leave.
    pub(super) fn of_workspace() -> io::Result<Self> {
        Self::new(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE)
    }

    /// The job of a command. A process that is started to outlive it (`CREATE_BREAKAWAY_FROM_JOB`) is then in the
    /// workspace's alone.
    pub(super) fn of_command() -> io::Result<Self> {
        Self::new(JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_BREAKAWAY_OK)
    }

    #[expect(unsafe_code, reason = "calls of the system with what lives here")]
    fn new(limits: u32) -> io::Result<Self> {
        // SAFETY: without attributes no child inherits the handle. It is ours, if it is one.
        let job = unsafe { CreateJobObjectW(ptr::null(), ptr::null()) };
        if job.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was just made, and nobody else has it.
        let job = Self(unsafe { OwnedHandle::from_raw_handle(job) });
        let mut information = JOBOBJECT_EXTENDED_LIMIT_INFORMATION::default();
        information.BasicLimitInformation.LimitFlags = limits;
        let size = u32::try_from(size_of::<JOBOBJECT_EXTENDED_LIMIT_INFORMATION>());
        // SAFETY: the system reads as much as the structure has.
        let set = unsafe {
            SetInformationJobObject(
                job.0.as_raw_handle(),
                JobObjectExtendedLimitInformation,
                (&raw const information).cast(),
                size.unwrap_or_default(),
            )
        };
        checked(set).map(|()| job)
    }

    /// Puts a process into the job, unless it is there.
    #[expect(unsafe_code, reason = "calls of the system with handles that are open")]
    pub(super) fn assign(&self, process: BorrowedHandle<'_>) -> io::Result<()> {
        let (job, process, mut inside) = (self.0.as_raw_handle(), process.as_raw_handle(), 0);
        // SAFETY: both are open, and the answer goes to a variable here.
        let asked = unsafe { IsProcessInJob(process, job, &raw mut inside) };
        if asked != 0 && inside != 0 {
            return Ok(());
        }
        // SAFETY: both are open.
        checked(unsafe { AssignProcessToJobObject(job, process) })
    }

    /// Ends all its processes at once, with that exit code.
    #[expect(
        unsafe_code,
        reason = "a call of the system with a handle that is open"
    )]
    pub(super) fn terminate(&self, code: u32) {
        // SAFETY: it is open.
        if let Err(error) = checked(unsafe { TerminateJobObject(self.0.as_raw_handle(), code) }) {
            tracing::warn!(%error, "the processes of a command cannot be ended");
        }
    }

    /// How many processes are in it.
    ///
    /// # Errors
    /// The system cannot be asked. That says nothing of the processes.
    #[expect(unsafe_code, reason = "a call of the system with what lives here")]
    pub(super) fn processes(&self) -> io::Result<u32> {
        let mut information = JOBOBJECT_BASIC_ACCOUNTING_INFORMATION::default();
        let size = u32::try_from(size_of::<JOBOBJECT_BASIC_ACCOUNTING_INFORMATION>());
        // SAFETY: the system writes as much as the structure has.
        let asked = unsafe {
            QueryInformationJobObject(
                self.0.as_raw_handle(),
                JobObjectBasicAccountingInformation,
                (&raw mut information).cast(),
                size.unwrap_or_default(),
                ptr::null_mut(),
            )
        };
        checked(asked).map(|()| information.ActiveProcesses)
    }

    /// Waits until no process is left in it, for a while. Returns whether that is so.
    pub(super) async fn emptied(&self) -> bool {
        let (start, (mut pause, longest)) = (Instant::now(), LOOKS);
        while self.processes().map_or(true, |left| left > 0) {
            if start.elapsed() >= PATIENCE {
                return false;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(longest);
        }
        true
    }

    /// The same for a thread that may wait so long.
    pub(super) fn wait_until_emptied(&self, patience: Duration) -> bool {
        let (start, (mut pause, longest)) = (Instant::now(), LOOKS);
        while self.processes().map_or(true, |left| left > 0) {
            if start.elapsed() >= patience {
                return false;
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(longest);
        }
        true
    }
}

impl AsHandle for Job {
    fn as_handle(&self) -> BorrowedHandle<'_> {
        self.0.as_handle()
    }
}

/// The error of a call that has returned false.
pub(super) fn checked(succeeded: i32) -> io::Result<()> {
    match succeeded {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
