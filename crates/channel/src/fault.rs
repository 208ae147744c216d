//! Faults: an internal failure is published as an event. It never aborts the process and is never ignored.

use std::any::Any;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::SystemTime;

use futures_util::FutureExt as _;
use serde::Serialize;

use crate::event::{Event, Topic};
use crate::journal::Journal;

#[derive(Serialize)]
struct Fault<'a> {
    code: &'a str,
    message: &'a str,
    component: &'a str,
}

/// Publishes `{"type":"fault","data":{"code","message","component"}}` (PROTOCOL section 2). `message` must
/// not contain a secret.
pub fn report(journal: &Journal, component: &str, code: &str, message: &str) {
    tracing::error!(component, code, reason = message, "fault");
    let fault = Fault {
        code,
        message,
        component,
    };
    if let Ok(event) = Event::data(Topic::CONTROL, "fault", &fault, SystemTime::now()) {
        // It may use the reserve. If the reserve is used up as well, the log line above is all there is.
        let _ = journal.publish_now(&event);
    }
}

/// A component panicked. The fault has been reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panicked;

/// Runs `future` and reports a panic in it as a fault of `component`.
///
/// An `async fn` would hold `future` twice, once as its argument and once while it runs it.
///
/// # Errors
/// [`Panicked`], after the fault was published.
pub fn supervise<F: Future>(
    journal: &Journal,
    component: &str,
    future: F,
) -> impl Future<Output = Result<F::Output, Panicked>> {
    let supervised = AssertUnwindSafe(future).catch_unwind();
    supervised.map(move |result| {
        result.map_err(|panic| {
            report(journal, component, "ERR_PANIC", &describe(panic.as_ref()));
            Panicked
        })
    })
}

/// The message of a panic.
#[must_use]
pub fn describe(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

/// Fault injection: a test can make a component panic. Only in the `harness` build.
#[cfg(feature = "harness")]
pub mod injection {
    use std::collections::HashSet;
    use std::sync::LazyLock;

    use parking_lot::Mutex;

    static ARMED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

    /// Makes the next injection point of `component` panic.
    pub fn arm(component: &str) {
        ARMED.lock().insert(component.to_owned());
    }

    /// Panics if `component` is armed.
    ///
    /// # Panics
    /// If `component` is armed.
    pub fn point(component: &str) {
        assert!(!ARMED.lock().remove(component), "injected into {component}");
    }
}

/// A point at which a test can inject a panic. Free of cost outside the `harness` build.
#[inline]
pub fn injection_point(component: &str) {
    #[cfg(feature = "harness")]
    injection::point(component);
    #[cfg(not(feature = "harness"))]
    let _ = component;
}
