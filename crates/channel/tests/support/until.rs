//! Waiting for a condition.

use std::time::{Duration, Instant};

/// Far longer than any wait in a test: it is reached only by what never happens.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How long to sleep between two checks of a condition that has no event to be awaited.
const PAUSE: Duration = Duration::from_millis(1);

/// Blocks until `condition` holds.
pub(crate) fn until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "never happened: {what}");
        std::thread::sleep(PAUSE);
    }
}

/// Waits until `condition` holds, without blocking the other tasks of the runtime.
pub(crate) async fn until_async(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < PATIENCE, "never happened: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}
