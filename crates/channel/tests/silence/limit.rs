//! The limit of the silent mode. The time of the listener is the test's: it stands still unless the test moves it.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use std::time::Duration;

use loopwire_channel::{Bounds, Journal, Listener, ListenerOptions};
use tokio::runtime::{Builder, Handle};

use crate::client::{Client, set_silent, silent};
use crate::engine::{engine, publish};
use crate::support::{PATIENCE, listen};

const MINUTE: Duration = Duration::from_secs(60);
const CHANGED: &str = "file:changed";

/// Moves the time of the runtime.
fn advance(handle: &Handle, by: Duration) {
    let (done, moved) = sync_channel(1);
    handle.spawn(async move {
        tokio::time::advance(by).await;
        done.send(()).unwrap();
    });
    moved.recv_timeout(PATIENCE).unwrap();
}

/// Runs a test beside a listener whose time stands still: a blocking task keeps a paused clock from moving by itself.
fn with_paused_time(test: impl FnOnce(&Handle, &Journal, &Arc<Listener>) + Send + 'static) {
    let runtime = Builder::new_current_thread()
        .thread_name(loopwire_testing::test_name())
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let (handle, journal) = (Handle::current(), Journal::new(Bounds::default()));
        let options = ListenerOptions {
            // No client is missed while the time jumps.
            heartbeat: 1_000 * MINUTE,
            stall: 1_000 * MINUTE,
            ..ListenerOptions::default()
        };
        let listener = listen(&handle, &journal, vec![engine()], options);
        let test = tokio::task::spawn_blocking(move || test(&handle, &journal, &listener));
        test.await.unwrap();
    });
}

#[test]
fn it_ends_after_ten_minutes_by_itself() {
    with_paused_time(|handle, journal, listener| {
        let address = listener.address();
        let mut client = Client::open(address, "");
        set_silent(address, true);
        publish(journal, CHANGED, "inside");
        advance(handle, 10 * MINUTE - Duration::from_secs(1));
        assert_eq!(silent(address), [true]);
        publish(journal, CHANGED, "inside");
        advance(handle, Duration::from_secs(2));
        assert_eq!(client.word(), "2 held back");
        assert_eq!(silent(address), [false]);
        publish(journal, CHANGED, "after");
        assert_eq!(client.word(), "after");
    });
}

#[test]
fn another_silent_call_prolongs_it() {
    with_paused_time(|handle, journal, listener| {
        let address = listener.address();
        let mut client = Client::open(address, "");
        set_silent(address, true);
        publish(journal, CHANGED, "inside");
        advance(handle, 6 * MINUTE);
        set_silent(address, true);
        advance(handle, 6 * MINUTE);
        assert_eq!(silent(address), [true]);
        publish(journal, CHANGED, "inside");
        advance(handle, 5 * MINUTE);
        assert_eq!(client.word(), "2 held back");
        // One that has ended does not end the next one.
        set_silent(address, true);
        publish(journal, CHANGED, "inside");
        set_silent(address, false);
        assert_eq!(client.word(), "1 held back");
        advance(handle, 6 * MINUTE);
        set_silent(address, true);
        publish(journal, CHANGED, "inside");
        advance(handle, 6 * MINUTE);
        assert_eq!(silent(address), [true]);
    });
}
