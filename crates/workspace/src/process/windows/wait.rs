//! Waits for the end of a process, in a thread of the system that waits for many.

use std::io;
use std::os::windows::io::{AsRawHandle as _, BorrowedHandle};
use std::ptr;

use tokio::sync::Notify;
use windows_sys::Win32::Foundation::{HANDLE, INVALID_HANDLE_VALUE, WAIT_OBJECT_0};
use windows_sys::Win32::System::Threading::{
    INFINITE, RegisterWaitForSingleObject, UnregisterWaitEx, WT_EXECUTEINWAITTHREAD,
    WT_EXECUTEONLYONCE, WaitForSingleObject,
};

/// Whether the process has ended.
#[expect(
    unsafe_code,
    reason = "a call of the system with a handle that is open"
)]
pub(super) fn has_ended(process: BorrowedHandle<'_>) -> bool {
    // SAFETY: it is open, and this does not wait.
    unsafe { WaitForSingleObject(process.as_raw_handle(), 0) == WAIT_OBJECT_0 }
}

/// Waits until the process has ended.
///
/// # Errors
/// The system cannot wait for it.
pub(super) async fn ended(process: BorrowedHandle<'_>) -> io::Result<()> {
    let waiting = Waiting::new(process)?;
    waiting.ended.notified().await;
    Ok(())
}

/// A wait of the system, until this is dropped.
struct Waiting {
    ended: Box<Notify>,
    wait: HANDLE,
}

// SAFETY: the handle is a number, and the system lets any thread give it back.
#[expect(unsafe_code, reason = "the handle of a wait belongs to no thread")]
unsafe impl Send for Waiting {}

// SAFETY: nothing but `drop` uses the handle.
#[expect(unsafe_code, reason = "as above")]
unsafe impl Sync for Waiting {}

impl Waiting {
    #[expect(
        unsafe_code,
        reason = "the system calls back what lives longer than the wait"
    )]
    fn new(process: BorrowedHandle<'_>) -> io::Result<Self> {
        let ended = Box::<Notify>::default();
        let mut wait = ptr::null_mut();
        // SAFETY: the box does not move, and it is freed after the wait was given back, which waits for the callback.
        let begun = unsafe {
            RegisterWaitForSingleObject(
                &raw mut wait,
                process.as_raw_handle(),
                Some(tell),
                (&raw const *ended).cast(),
                INFINITE,
                WT_EXECUTEONLYONCE | WT_EXECUTEINWAITTHREAD,
            )
        };
        super::job::checked(begun).map(|()| Self { ended, wait })
    }
}

/// Called by the system.
#[expect(unsafe_code, reason = "the system gives back what it was given")]
unsafe extern "system" fn tell(ended: *mut core::ffi::c_void, _timed_out: bool) {
    // SAFETY: see `Waiting::new`. This neither blocks nor panics.
    unsafe { &*ended.cast::<Notify>() }.notify_one();
}

impl Drop for Waiting {
    #[expect(unsafe_code, reason = "gives back what `new` has taken")]
    fn drop(&mut self) {
        // SAFETY: it is given back once. With this value the call returns when no callback runs any more.
        unsafe { UnregisterWaitEx(self.wait, INVALID_HANDLE_VALUE) };
    }
}
