//! The ids of processes and sessions, and the only calls that hand them to the system.
//!
//! `kill` reads more than one process out of some numbers: 0 is the caller's group, -1 is every process of the user,
//! and -N is the group N. A number that was read from the system may be any of these. That is why an id is checked
//! when it is made, cannot be made elsewhere, and no other file calls `kill`, `killpg` or `waitid`.

use std::io;
use std::os::fd::AsFd;
#[cfg(target_os = "linux")]
use std::os::fd::OwnedFd;

use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitIdStatus, kill_process_group, waitid,
};

/// A process that may get a signal: its number is above 1, and it is not this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ProcessId(i32);

/// The session of a command, named by its leader: it is not the session of this process, nor its process group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SessionId(ProcessId);

impl ProcessId {
    /// The process of that number, if it may get a signal.
    pub(crate) fn new(number: i32) -> Option<Self> {
        let own = i32::try_from(std::process::id()).ok();
        (number > 1 && Some(number) != own).then_some(Self(number))
    }

    /// A child of this process.
    pub(crate) fn of_child(id: u32) -> Option<Self> {
        Self::new(i32::try_from(id).ok()?)
    }

    #[cfg(any(target_os = "linux", test))]
    pub(crate) const fn number(self) -> i32 {
        self.0
    }

    fn pid(self) -> Option<Pid> {
        Pid::from_raw(self.0)
    }

    /// The number of the process's session; 0 for one outside of this PID namespace, of which rustix would make a
    /// `Pid`.
    pub(crate) fn session(self) -> rustix::io::Result<i32> {
        #[expect(unsafe_code, reason = "takes and returns numbers")]
        let session = unsafe { libc::getsid(self.0) };
        if session < 0 {
            let error = io::Error::last_os_error();
            return Err(rustix::io::Errno::from_io_error(&error).unwrap_or(rustix::io::Errno::IO));
        }
        Ok(session)
    }

    /// A descriptor of the process, which never becomes that of another one.
    #[cfg(target_os = "linux")]
    pub(crate) fn open(self) -> io::Result<OwnedFd> {
        let pid = self.pid().ok_or(rustix::io::Errno::SRCH)?;
        let flags = rustix::process::PidfdFlags::empty();
        Ok(rustix::process::pidfd_open(pid, flags)?)
    }

    /// Sends a signal to the process, if that one `is_meant`. A descriptor keeps the process, and then it is asked: the
    /// number may belong to another process by now. Returns whether it was sent.
    #[cfg(target_os = "linux")]
    pub(crate) fn signal_if(self, signal: Signal, is_meant: impl Fn() -> bool) -> bool {
        match self.open() {
            Ok(open) => is_meant() && rustix::process::pidfd_send_signal(open, signal).is_ok(),
            Err(error) if error.raw_os_error() == Some(libc::ESRCH) => false,
            // No descriptor is left, or the kernel is older.
            Err(_) => is_meant() && self.signal(signal),
        }
    }

    /// Sends a signal to the process, if that one `is_meant`. Nothing here keeps the process in between, but its number is
    /// used again only after all others. Returns whether it was sent.
    #[cfg(not(target_os = "linux"))]
    pub(crate) fn signal_if(self, signal: Signal, is_meant: impl Fn() -> bool) -> bool {
        is_meant() && self.signal(signal)
    }

    /// The soft limit of the file locks of the process, by which a workspace knows its own (`tracking.rs`).
    #[cfg(target_os = "linux")]
    pub(super) fn soft_lock_limit(self) -> rustix::io::Result<u64> {
        // Soft and hard, with 64 bits on every platform. The C library's type may be smaller.
        let mut limits = [0_u64; 2];
        #[expect(
            unsafe_code,
            reason = "the kernel writes as much as the array holds, and sets nothing"
        )]
        let status = unsafe {
            libc::syscall(
                libc::SYS_prlimit64,
                self.0,
                libc::RLIMIT_LOCKS,
                std::ptr::null::<u64>(),
                limits.as_mut_ptr(),
            )
        };
        if status < 0 {
            let error = io::Error::last_os_error();
            return Err(rustix::io::Errno::from_io_error(&error).unwrap_or(rustix::io::Errno::IO));
        }
        Ok(limits[0])
    }

    /// Sends a signal to the process.
    fn signal(self, signal: Signal) -> bool {
        let pid = self.pid();
        pid.is_some_and(|pid| rustix::process::kill_process(pid, signal).is_ok())
    }

    /// Waits for the process, which has to be a child of this one.
    pub(crate) fn wait(self, options: WaitIdOptions) -> rustix::io::Result<Option<WaitIdStatus>> {
        let pid = self.pid().ok_or(rustix::io::Errno::CHILD)?;
        waitid(WaitId::Pid(pid), options)
    }
}

impl SessionId {
    /// The session of that number, if its processes may get signals.
    pub(crate) fn new(number: i32) -> Option<Self> {
        let id = ProcessId::new(number)?;
        (!own_groups().contains(&number)).then_some(Self(id))
    }

    /// The session that a child of this process leads.
    pub(crate) fn of_child(id: u32) -> Option<Self> {
        Self::new(i32::try_from(id).ok()?)
    }

    pub(crate) const fn number(self) -> i32 {
        self.0.0
    }

    /// The number, as messages have it.
    pub(crate) const fn pid(self) -> u32 {
        self.0.0.unsigned_abs()
    }

    pub(crate) const fn leader(self) -> ProcessId {
        self.0
    }

    /// Sends a signal to the process group of the leader.
    pub(crate) fn signal(self, signal: Signal) {
        if let Some(group) = self.0.pid() {
            let _ = kill_process_group(group, signal);
        }
    }

    /// Sends a signal to the group in the foreground of the session's terminal; without one, to the leader's.
    pub(crate) fn signal_foreground(self, master: Option<impl AsFd>, signal: Signal) {
        master
            .and_then(|master| self.foreground(master))
            .unwrap_or(self)
            .signal(signal);
    }

    /// The group in the foreground of a terminal, if it is known to belong to this session.
    fn foreground(self, master: impl AsFd) -> Option<Self> {
        let group = rustix::termios::tcgetpgrp(master).ok()?;
        let group = Self::new(group.as_raw_pid())?;
        (group.0.session() == Ok(self.number())).then_some(group)
    }

    /// Whether a process of the leader's group is left; on Linux a zombie is one.
    pub(crate) fn has_group(self) -> bool {
        let group = self.0.pid();
        group.is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
    }
}

/// The session and the process group of this process.
fn own_groups() -> [i32; 2] {
    #[expect(unsafe_code, reason = "take and return numbers")]
    unsafe {
        [libc::getsid(0), libc::getpgrp()]
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn no_id_stands_for_more_than_one_process_or_for_this_one() {
        let own = i32::try_from(std::process::id()).unwrap();
        for number in [i32::MIN, -own, -2, -1, 0, 1, own] {
            assert_eq!(ProcessId::new(number), None, "{number}");
            assert_eq!(SessionId::new(number), None, "{number}");
        }
        for number in own_groups() {
            assert_eq!(SessionId::new(number), None, "{number}");
        }
        assert_eq!(SessionId::of_child(u32::MAX), None);
        assert_eq!(SessionId::of_child(0), None);
        assert_eq!(
            ProcessId::new(i32::MAX).map(ProcessId::number),
            Some(i32::MAX)
        );
    }

    /// The source files that name one of these calls.
    fn files_with(dir: &Path, calls: &[&str], found: &mut Vec<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files_with(&path, calls, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                if calls.iter().any(|call| text.contains(call)) {
                    found.push(path.file_name().unwrap().to_string_lossy().into_owned());
                }
            }
        }
    }

    #[test]
    fn no_other_file_makes_an_id_or_sends_a_signal_by_number() {
        let calls = [
            "Pid::from_raw",
            "process::Pid",
            "kill_process",
            "kill_current",
            "waitid(",
            "waitpid",
            "libc::kill",
            "getsid",
        ];
        let mut found = Vec::new();
        let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        files_with(&src, &calls, &mut found);
        assert_eq!(found, ["id.rs"]);
    }
}
