//! A port's reporter: turns changes of its state into events, one at a time, and waits for journal room in
//! the port's stead.
//!
//! What changes while it waits is merged: when there is room, the state of that moment is published once.

use std::future::Future;

use loopwire_channel::Event;
use tokio::sync::watch;

use crate::health::{Ending, PortStatus};
use crate::model::events;

/// Reports until the port's ending is published. `publish` waits for room; dropped before it is ready, it has
/// published nothing. `published` tells the version that went out last.
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
            // News: what was about to be said is out of date.
            Ok(()) = status.changed() => {}
        }
    }
}

#[cfg(test)]
#[path = "reporter_test.rs"]
mod tests;
