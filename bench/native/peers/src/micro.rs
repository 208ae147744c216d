//! What handing one event over costs the thread that publishes, while a consumer takes them.
use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use bytes::Bytes;
use napi_derive::napi;
use tokio::sync::{broadcast, mpsc};

use crate::{clock, event, runtime};

/// A publisher has its JSON in a scratch buffer; what follows is one copy of it and the hand-over.
fn time(count: u32, bytes: u32, mut hand_over: impl FnMut(&[u8])) -> f64 {
    let scratch = event::numbered(0, 0, bytes as usize);
    let began = clock::now();
    for _ in 0..count {
        hand_over(black_box(scratch.as_bytes()));
    }
    (clock::now() - began) as f64 / f64::from(count)
}

fn by_broadcast(count: u32, bytes: u32) -> f64 {
    let (sender, mut events) = broadcast::channel::<Bytes>(65_536);
    runtime().spawn(async move {
        while !matches!(
            events.recv().await,
            Err(broadcast::error::RecvError::Closed)
        ) {}
    });
    time(count, bytes, |json| {
        let _ = sender.send(Bytes::copy_from_slice(json));
    })
}

fn by_mpsc(count: u32, bytes: u32) -> f64 {
    let (sender, mut events) = mpsc::unbounded_channel::<Bytes>();
    runtime().spawn(async move { while events.recv().await.is_some() {} });
    time(count, bytes, |json| {
        sender
            .send(Bytes::copy_from_slice(json))
            .expect("a receiver")
    })
}

fn by_deque(count: u32, bytes: u32) -> f64 {
    let shared = Arc::new((
        Mutex::new((VecDeque::<Bytes>::new(), false)),
        Condvar::new(),
    ));
    let consumer = thread::spawn({
        let shared = shared.clone();
        move || {
            let mut taken = VecDeque::new();
            loop {
                let mut held = shared.0.lock().expect("not poisoned");
                while held.0.is_empty() {
                    if held.1 {
                        return;
                    }
                    held = shared.1.wait(held).expect("not poisoned");
                }
                std::mem::swap(&mut held.0, &mut taken);
                drop(held);
                taken.drain(..).for_each(|event| drop(black_box(event)));
            }
        }
    });
    let cost = time(count, bytes, |json| {
        let event = Bytes::copy_from_slice(json);
        let mut held = shared.0.lock().expect("not poisoned");
        let asleep = held.0.is_empty();
        held.0.push_back(event);
        drop(held);
        if asleep {
            shared.1.notify_one();
        }
    });
    shared.0.lock().expect("not poisoned").1 = true;
    shared.1.notify_one();
    consumer.join().expect("the consumer ends");
    cost
}

/// Nanoseconds per publish into `broadcast`, `mpsc` or `deque`.
#[napi]
pub fn publish_cost(kind: String, count: u32, bytes: u32) -> napi::Result<f64> {
    match kind.as_str() {
        "broadcast" => Ok(by_broadcast(count, bytes)),
        "mpsc" => Ok(by_mpsc(count, bytes)),
        "deque" => Ok(by_deque(count, bytes)),
        _ => Err(napi::Error::from_reason(format!("no queue {kind}"))),
    }
}
