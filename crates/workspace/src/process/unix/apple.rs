//! What macOS has in another form: descriptors, and the list of processes. `docs/design/macos.md` says what was read, and
//! what nobody has tried.

use std::io;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd, RawFd};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::pty::OpenptFlags;

/// How many descriptors are asked for at once, on the stack: between fork and exec nothing is allocated.
const LISTED: usize = 1024;

/// A pipe that no child inherits. A child that is forked between the two calls keeps it back by itself (see
/// [`keep_descriptors_back`]), if it is one of ours.
pub(super) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    let ends = rustix::pipe::pipe()?;
    fcntl_setfd(&ends.0, FdFlags::CLOEXEC)?;
    fcntl_setfd(&ends.1, FdFlags::CLOEXEC)?;
    Ok(ends)
}

/// The master of a new PTY, as [`pipe`] has it.
pub(super) fn openpt() -> io::Result<OwnedFd> {
    let master = rustix::pty::openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    fcntl_setfd(&master, FdFlags::CLOEXEC)?;
    Ok(master)
}

/// Lets a write to a pipe without a reader fail, and do nothing else. The signal would go to the whole process, and end a
/// host that neither ignores nor handles it, as one with the C library may. The flag belongs to what is open, so that a
/// command with this end would have it, too.
pub(super) fn without_sigpipe(end: impl AsFd) {
    #[expect(
        unsafe_code,
        reason = "changes nothing but a flag of a descriptor that is held meanwhile"
    )]
    unsafe {
        libc::fcntl(end.as_fd().as_raw_fd(), libc::F_SETNOSIGPIPE, 1);
    }
}

/// Makes exec close all descriptors but the standard ones: between fork and exec, in the child. Here they are not made with
/// that flag, but get it a moment later.
pub(super) fn keep_descriptors_back() {
    let mut open = [libc::proc_fdinfo {
        proc_fd: 0,
        proc_fdtype: 0,
    }; LISTED];
    let size = i32::try_from(size_of_val(&open)).unwrap_or_default();
    #[expect(
        unsafe_code,
        reason = "the kernel writes as much as the array holds, and tells how much that is"
    )]
    let got = unsafe {
        let (own, at) = (libc::getpid(), open.as_mut_ptr().cast());
        libc::proc_pidinfo(own, libc::PROC_PIDLISTFDS, 0, at, size)
    };
    let listed = usize::try_from(got).unwrap_or_default() / size_of::<libc::proc_fdinfo>();
    if 0 < listed && listed < LISTED {
        open[..listed].iter().for_each(|it| keep_back(it.proc_fd));
    } else {
        #[expect(unsafe_code, reason = "returns a number")]
        let end = unsafe { libc::getdtablesize() };
        (0..end).for_each(keep_back);
    }
}

fn keep_back(descriptor: RawFd) {
    if descriptor > libc::STDERR_FILENO {
        #[expect(
            unsafe_code,
            reason = "changes nothing but a flag of this process's descriptor, or fails"
        )]
        unsafe {
            libc::fcntl(descriptor, libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
}

/// The numbers of all processes.
///
/// # Errors
/// This process may not see them, or there are more each time.
pub(super) fn numbers() -> io::Result<Vec<i32>> {
    /// `PROC_ALL_PIDS` of `sys/proc_info.h`.
    const ALL: u32 = 1;
    for _ in 0..3 {
        // Twenty processes more than there are.
        #[expect(
            unsafe_code,
            reason = "without a buffer it only says how many bytes would do"
        )]
        let room = unsafe { libc::proc_listpids(ALL, 0, std::ptr::null_mut(), 0) };
        let Some(room) = usize::try_from(room).ok().filter(|room| *room > 0) else {
            return Err(io::Error::last_os_error());
        };
        let room = room / size_of::<i32>();
        // Twice as many: with fewer than there was room for, it was not the room that ended the list.
        let mut numbers = vec![0_i32; room * 2];
        let size = libc::c_int::try_from(numbers.len() * size_of::<i32>());
        #[expect(
            unsafe_code,
            reason = "the kernel writes as much as the vector holds, and tells how much that is"
        )]
        let got = unsafe {
            let at = numbers.as_mut_ptr().cast();
            libc::proc_listpids(ALL, 0, at, size.unwrap_or_default())
        };
        let got = usize::try_from(got).unwrap_or_default() / size_of::<i32>();
        if got == 0 {
            return Err(io::Error::last_os_error());
        }
        if got < room {
            numbers.truncate(got);
            return Ok(numbers);
        }
    }
    Err(io::Error::other(
        "processes are started too fast to be listed",
    ))
}
