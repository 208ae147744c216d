//! Panics are caught, reported and survived.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use std::sync::Arc;

use loopwire_channel::{Bounds, Journal};
use loopwire_testing::ordered;
use parking_lot::Mutex;

use super::*;
use crate::upstream::Settings;

fn context() -> (Context, Arc<Mutex<Vec<String>>>) {
    let handle = tokio::runtime::Handle::current();
    let context = Context::new(Journal::new(Bounds::default()), handle, Settings::default());
    let faults: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&faults);
    context.on_fault(Arc::new(move |component, _code, message| {
        seen.lock().push(format!("{component}: {message}"));
    }));
    (context, faults)
}

#[tokio::test(start_paused = true)]
async fn a_component_restarts_after_a_panic() {
    let _ordered = ordered("round ");
    let (context, faults) = context();
    let mut begun = 0;
    let value = keep(&context, "part", || {
        begun += 1;
        let round = begun;
        async move {
            tokio::task::yield_now().await;
            assert!(round == 3, "round {round}");
            round
        }
    })
    .await;
    assert_eq!(value, 3);
    assert_eq!(*faults.lock(), ["part: round 1", "part: round 2"]);
}

#[tokio::test]
async fn a_task_that_runs_once_ends_with_a_panic() {
    let _ordered = ordered("a panic without a text");
    let (context, faults) = context();
    let none: Option<()> = once(&context, "one", async { std::panic::panic_any(1) }).await;
    assert_eq!(none, None);
    assert_eq!(*faults.lock(), ["one: panicked"]);
    assert_eq!(once(&context, "one", async { 1 }).await.unwrap(), 1);
}
