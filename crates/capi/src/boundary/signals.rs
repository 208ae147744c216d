//! Signals of the host: our threads take none.
//!
//! A thread inherits the mask of the thread that starts it. So all signals are blocked during a call, in which threads may
//! be started, except while it waits: then the caller's thread takes its signals as ever.
//!
//! A callback is code of the host in a thread of ours, and in such a thread a few signals are let through ([`CallbackMask`]).

use std::cell::Cell;
use std::mem::MaybeUninit;

thread_local! {
    /// The mask that the caller's thread has outside of the call.
    static CALLER: Cell<Option<libc::sigset_t>> = const { Cell::new(None) };
}

fn set(mask: &libc::sigset_t) -> libc::sigset_t {
    let mut before = MaybeUninit::uninit();
    // SAFETY: both sets are ours. It can only fail for a wrong first argument.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, mask, before.as_mut_ptr());
        before.assume_init()
    }
}

fn all() -> libc::sigset_t {
    let mut mask = MaybeUninit::uninit();
    // SAFETY: the set is ours.
    unsafe {
        libc::sigfillset(mask.as_mut_ptr());
        mask.assume_init()
    }
}

/// Signals that are not for the host's handlers but part of how code runs: faults of the thread itself, and those by which
/// the runtimes of other languages suspend threads in their code. With these blocked, a null reference in C# would end the
/// process, caught or not, and the first collection of garbage would wait for the callback's thread for ever.
const OF_CODE: [i32; 6] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGSYS,
];

/// What suspends threads in Mono, .NET and others.
#[cfg(target_os = "linux")]
fn of_runtimes() -> impl Iterator<Item = i32> {
    [libc::SIGPWR, libc::SIGXCPU]
        .into_iter()
        .chain(libc::SIGRTMIN()..=libc::SIGRTMAX())
}

#[cfg(not(target_os = "linux"))]
fn of_runtimes() -> impl Iterator<Item = i32> {
    [libc::SIGXCPU].into_iter()
}

/// The mask of a thread that runs callbacks, also between them: all signals are blocked but those of code and runtimes, and of these
/// none that the thread blocks which sets the callback. A host that keeps a signal for `sigwait` gets it there.
#[derive(Clone, Copy)]
pub(crate) struct CallbackMask(libc::sigset_t);

impl CallbackMask {
    /// For a callback that this thread sets.
    pub(crate) fn of_caller() -> Self {
        let caller = CALLER.get();
        let mut mask = all();
        for signal in OF_CODE.into_iter().chain(of_runtimes()) {
            // SAFETY: both sets are ours.
            unsafe {
                if caller.is_some_and(|caller| libc::sigismember(&raw const caller, signal) == 0) {
                    libc::sigdelset(&raw mut mask, signal);
                }
            }
        }
        Self(mask)
    }

    /// Does `callbacks` with it.
    pub(crate) fn during<T>(&self, callbacks: impl FnOnce() -> T) -> T {
        let _restore = Restore {
            mask: set(&self.0),
            caller: CALLER.get(),
        };
        callbacks()
    }
}

struct Restore {
    mask: libc::sigset_t,
    caller: Option<libc::sigset_t>,
}

impl Drop for Restore {
    fn drop(&mut self) {
        CALLER.set(self.caller);
        set(&self.mask);
    }
}

/// Calls `work` with all signals blocked.
pub(crate) fn blocked<T>(work: impl FnOnce() -> T) -> T {
    let mask = set(&all());
    let caller = CALLER.replace(Some(CALLER.get().unwrap_or(mask)));
    let _restore = Restore { mask, caller };
    work()
}

/// Calls `wait`, which starts no thread, with the caller's own mask.
pub(crate) fn unblocked<T>(wait: impl FnOnce() -> T) -> T {
    let Some(caller) = CALLER.get() else {
        return wait();
    };
    let _restore = Restore {
        mask: set(&caller),
        caller: Some(caller),
    };
    wait()
}
