//! The start and the end of a test binary.
#![expect(
    unsafe_code,
    reason = "code before main and at exit is registered with the system"
)]

use std::io::Write as _;
use std::panic;

use crate::faults::Faults;
use crate::ordered::is_ordered;
use crate::record::{self, Record};

/// What the test runner ends with when a test has failed.
const FAILED: libc::c_int = 101;

/// Runs before `main`, so that no test has to call it.
#[used]
#[cfg_attr(
    not(any(windows, target_vendor = "apple")),
    unsafe(link_section = ".init_array")
)]
#[cfg_attr(
    target_vendor = "apple",
    unsafe(link_section = "__DATA,__mod_init_func")
)]
#[cfg_attr(windows, unsafe(link_section = ".CRT$XCU"))]
static BEGIN: extern "C" fn() = begin;

extern "C" fn begin() {
    let default = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let payload = info.payload();
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let text = text.unwrap_or("a panic without a text");
        if is_ordered(text) {
            return;
        }
        default(info);
        let place = info.location().map(ToString::to_string);
        let place = place.unwrap_or_default();
        record::add(Record::here(format!("panicked at {place}: {text}")));
    }));
    let _ = tracing::subscriber::set_global_default(Faults);
    // SAFETY: `end` is a function of this binary, which stays loaded, and does not unwind.
    let _ = unsafe { libc::atexit(end) };
}

extern "C" fn end() {
    let records = record::take(|_| true);
    if records.is_empty() {
        return;
    }
    let mut text = String::new();
    for record in records {
        text.push_str(&format!("\nNOT ORDERED: {record}"));
    }
    text.push('\n');
    // Not `eprint!`: this runs when the runner's capture and the thread's locals are gone.
    let _ = std::io::stderr().write_all(text.as_bytes());
    // SAFETY: it ends the process at once; all that was printed is written.
    unsafe { libc::_exit(FAILED) };
}
