//! A port's reporter: turns changes of its status into events, one at a time, and waits for room in the journal on
//! the port's behalf.
//!
//! Changes during the wait are merged: when there is room, the latest status is published once.

use std::future::Future;

use loopwire_channel::Event;
use tokio::sync::watch;

use crate::health::{Ending, PortStatus};
use crate::model::events;

/// Reports until the end of the port is published. `publish` waits for room; if it is dropped before it is ready,
/// nothing was published. `published` holds the last version that went out.
pub(super) async fn report<F: Future<Output = bool>>(
    port: u16,
    status: &mut watch::Receiver<PortStatus>,
    published: &watch::Sender<u64>,
    publish: impl Fn(Event) -> F,
) {
    loop {
        let current = status.borrow_and_update().clone();
        if current.version == *published.borrow() {
            if status.changed().await.is_err() {
                return;
            }
            continue;
        }
        let event = match current.ending {
            Some(Ending::Automatic) => events::port_removed(port, &current.reason),
            _ => events::port_state_update(port, current.online, &current.reason),
        };
        tokio::select! {
            biased;
            open = publish(event) => {
                published.send_replace(current.version);
                if !open || current.ending.is_some() {
                    return;
                }
            }
            // The status has changed: the pending event is out of date.
            Ok(()) = status.changed() => {}
        }
    }
}

#[cfg(test)]
#[path = "reporter_test.rs"]
mod tests;
