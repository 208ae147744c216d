//! Publishing from a native thread into whatever sinks there are: callback, broadcast, inline.
use std::thread;
use std::time::Duration;

use napi_derive::napi;

use crate::callback::CALLBACK;
use crate::{clock, event, live};

fn give(event: String, broadcast: bool) {
    let callback = CALLBACK.lock().expect("not poisoned");
    match &*callback {
        Some(callback) => {
            if broadcast {
                live::broadcast(event.clone());
            }
            callback.call(event);
        }
        None => live::broadcast(event),
    }
}

/// Publishes `count` events of `bytes` as fast as the sinks take them, from a thread of its own.
#[napi]
pub fn publish(count: u32, bytes: u32) {
    thread::spawn(move || {
        let broadcast = live::subscribers() > 0;
        for n in 0..count {
            give(event::numbered(0, n as usize, bytes as usize), broadcast);
        }
    });
}

/// Publishes `count` events, `interval_us` apart, each with the time of its birth; with `inline` the
/// socket is written by this thread, after the callback if there is one.
#[napi]
pub fn lone(count: u32, interval_us: u32, bytes: u32, inline: Option<bool>) {
    let inline = inline == Some(true);
    thread::spawn(move || {
        let broadcast = live::subscribers() > 0;
        let callback = CALLBACK.lock().expect("not poisoned").is_some();
        for _ in 0..count {
            thread::sleep(Duration::from_micros(interval_us.into()));
            let event = event::stamped(clock::now(), bytes as usize);
            if inline {
                if callback {
                    give(event.clone(), false);
                }
                live::write_inline(&event);
            } else {
                give(event, broadcast);
            }
        }
    });
}
