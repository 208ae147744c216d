//! What a process that we start must not inherit of this one's signals. Both run in the child, between fork and exec.

use std::mem::MaybeUninit;

/// Runs first, before anybody can find the child. The command must not inherit that this process ignores signals. And the
/// handlers of Node write into a pipe that the fork shares with the host: a signal for the child would be one for the host,
/// and the child would survive it.
pub(crate) fn signals() {
    for signal in 1..32 {
        #[expect(
            unsafe_code,
            reason = "sets dispositions of this process alone, which has one thread"
        )]
        unsafe {
            libc::signal(signal, libc::SIG_DFL);
        }
    }
    mask();
}

/// The threads of the C library block all signals, and the thread that forks may be one of them. With its mask no command
/// could be interrupted or asked to end.
pub(crate) fn mask() {
    let mut none = MaybeUninit::uninit();
    #[expect(
        unsafe_code,
        reason = "sets the mask of this process alone, which has one thread"
    )]
    unsafe {
        libc::sigemptyset(none.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut());
    }
}
