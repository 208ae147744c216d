//! Faults: a part of ours that fails becomes an event, never an abort and never silence.

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
/// not carry a secret.
pub fn report(journal: &Journal, component: &str, code: &str, message: &str) {
    tracing::error!(component, code, message, "fault");
    let fault = Fault {
        code,
        message,
        component,
    };
    if let Ok(event) = Event::data(Topic::CONTROL, "fault", &fault, SystemTime::now()) {
        // The reserve is there for this; when even that is used up, the log line above has said it.
        let _ = journal.publish_now(&event);
    }
}

/// A component panicked; the fault has been reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Panicked;

/// Runs `future`; a panic inside it is reported as a fault of `component`.
///
/// # Errors
/// [`Panicked`], after the fault was published.
pub async fn supervise<F: Future>(
    journal: &Journal,
    component: &str,
    future: F,
) -> Result<F::Output, Panicked> {
    AssertUnwindSafe(future)
        .catch_unwind()
        .await
        .map_err(|panic| {
            report(journal, component, "ERR_PANIC", &describe(panic.as_ref()));
            Panicked
        })
}

/// What a panic said.
#[must_use]
pub fn describe(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("a panic without a message").to_owned()
}

/// Where a test can have a component panic. Nothing outside the `harness` build.
#[cfg(feature = "harness")]
pub mod injection {
    use std::collections::HashSet;
    use std::sync::LazyLock;

    use parking_lot::Mutex;

    static ARMED: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

    /// Has the next passage of `component` panic.
    pub fn arm(component: &str) {
        ARMED.lock().insert(component.to_owned());
    }

    /// Panics if `component` is armed.
    ///
    /// # Panics
    /// That is its purpose.
    pub fn point(component: &str) {
        assert!(!ARMED.lock().remove(component), "injected into {component}");
    }
}

/// A passage that a test can have panic; free of cost outside the `harness` build.
#[inline]
pub fn injection_point(component: &str) {
    #[cfg(feature = "harness")]
    injection::point(component);
    #[cfg(not(feature = "harness"))]
    let _ = component;
}
