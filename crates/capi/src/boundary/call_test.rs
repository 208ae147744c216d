//! What a call does around its work.

use std::ffi::CStr;

use loopwire_runtime::{Class, Failure};

use super::call::call;
use super::last_error::{loopwire_last_error_code, loopwire_last_error_message};
use super::output::loopwire_free;
use super::result::LoopwireResult;
use super::signals::unblocked;

fn last() -> (String, String) {
    let (code, message) = (loopwire_last_error_code(), loopwire_last_error_message());
    // SAFETY: both are texts that the library has handed out.
    unsafe {
        let texts = [code, message].map(|text| CStr::from_ptr(text).to_string_lossy().into_owned());
        loopwire_free(code.cast());
        loopwire_free(message.cast());
        texts.into()
    }
}

/// Signal 1 and so on that are blocked for this thread.
fn mask() -> Vec<i32> {
    let mut mask = std::mem::MaybeUninit::uninit();
    // SAFETY: the set is ours.
    unsafe {
        libc::pthread_sigmask(libc::SIG_SETMASK, std::ptr::null(), mask.as_mut_ptr());
        let mask = mask.assume_init();
        (1..=64)
            .filter(|signal| libc::sigismember(&raw const mask, *signal) == 1)
            .collect()
    }
}

#[test]
fn a_panic_becomes_a_result_and_leaves_the_signals_as_they_were() {
    let _ordered = loopwire_testing::ordered("somebody pulled the plug");
    let before = mask();
    for inside in [false, true] {
        let plug = || -> Result<(), Failure> { panic!("somebody pulled the plug") };
        let result = call(|| if inside { unblocked(plug) } else { plug() });
        assert_eq!(result, LoopwireResult::Internal);
        let (code, message) = last();
        assert_eq!(code, "ERR_INTERNAL");
        assert!(message.contains("please report it: somebody pulled the plug"));
        assert_eq!(mask(), before);
    }
    assert_eq!(call(|| Ok(())), LoopwireResult::Ok);
}

#[test]
fn a_call_takes_no_signal_but_while_it_waits() {
    let before = mask();
    let failure = Failure::new(Class::Error, "NO_WORKSPACE", "it was closed");
    let result = call(|| {
        let during = mask();
        assert!(during.contains(&libc::SIGALRM) && during.contains(&libc::SIGSEGV));
        assert_eq!(unblocked(mask), before);
        assert_eq!(mask(), during);
        // A function that is made of another one.
        let nested = call(|| {
            assert_eq!(unblocked(mask), before);
            Ok(())
        });
        assert_eq!(nested, LoopwireResult::Ok);
        assert_eq!(mask(), during);
        Err(failure)
    });
    assert_eq!(result, LoopwireResult::Closed);
    assert_eq!(
        last(),
        ("NO_WORKSPACE".to_owned(), "it was closed".to_owned())
    );
    assert_eq!(mask(), before);
}
