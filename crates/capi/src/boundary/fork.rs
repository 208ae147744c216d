//! `fork()` of the host: the child has none of the threads, so nothing of what it inherited can work.
//!
//! A lock may be held by a thread that the child has not, so the child must not even look at it: each call asks here first,
//! and here are atomics alone. Neither is there a moment between "used" and "watched" in which a fork goes unseen: until the
//! handler is in place, a call compares the number of its process with that of the first call.

use loopwire_runtime::Outcome;

/// Refuses the call in a child that was forked after the first call. A child that was forked before it may use the library
/// for itself.
#[cfg(unix)]
pub(super) fn check() -> Outcome<()> {
    use std::sync::atomic::Ordering::{Acquire, Relaxed};

    if watch::FORKED.load(Relaxed) {
        return Err(refused());
    }
    if watch::IS_SET.load(Acquire) {
        return Ok(());
    }
    watch::set().then_some(()).ok_or_else(refused)
}

/// There is no `fork()`. But `FreeLibrary` would unload the code under our threads: the first call keeps the library loaded, as
/// `nodelete` does on Linux.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it may fail")]
pub(super) fn check() -> Outcome<()> {
    use std::sync::Once;

    static PINNED: Once = Once::new();
    PINNED.call_once(pin);
    Ok(())
}

/// Keeps the module that has this function until the process ends.
#[cfg(windows)]
fn pin() {
    use std::ptr;

    use windows_sys::Win32::System::LibraryLoader::{
        GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
    };

    let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
    let inside = pin as *const ();
    let mut module = ptr::null_mut();
    // SAFETY: the address is in a module that is loaded, and with this flag the name is that address. A failure leaves the
    // library as it was.
    let _ = unsafe { GetModuleHandleExW(flags, inside.cast(), &raw mut module) };
}

/// There is no `fork()`.
#[cfg(not(any(unix, windows)))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it may fail")]
pub(super) const fn check() -> Outcome<()> {
    Ok(())
}

#[cfg(unix)]
fn refused() -> loopwire_runtime::Failure {
    use loopwire_runtime::{Class, Failure};

    Failure::new(
        Class::Error,
        "ERR_FORKED",
        "this process was forked after the library had been used: use it in one of them, or exec() a program",
    )
}

#[cfg(unix)]
mod watch {
    use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
    use std::sync::atomic::{AtomicBool, AtomicI32};

    /// This process is a child of the one that uses the library.
    pub(super) static FORKED: AtomicBool = AtomicBool::new(false);
    /// The system calls `in_child` from now on.
    pub(super) static IS_SET: AtomicBool = AtomicBool::new(false);
    /// The process of the first call.
    static OWNER: AtomicI32 = AtomicI32::new(0);

    extern "C" fn in_child() {
        FORKED.store(true, Relaxed);
    }

    /// Whether this process is the one of the first call. The first call itself has the system tell of forks.
    pub(super) fn set() -> bool {
        // SAFETY: it has no conditions.
        let this = unsafe { libc::getpid() };
        match OWNER.compare_exchange(0, this, AcqRel, Acquire) {
            Ok(_) => {
                // SAFETY: the function only stores to an atomic, and the library is never unloaded.
                unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
                IS_SET.store(true, Release);
                true
            }
            Err(owner) => owner == this,
        }
    }
}
