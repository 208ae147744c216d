//! A sink and its thread.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use loopwire_channel::{Callback, Journal, SinkWaker};
use loopwire_runtime::{Failure, Outcome, RuntimeError};
use parking_lot::Mutex;

use super::batch::Batch;
use super::handover::Handover;
use super::inside::{Inside, is_inside};
use super::target::Target;
use super::waker::Waker;
use crate::boundary::unblocked;

/// A reader that calls C, from one thread of its own. It loses nothing.
pub(crate) struct Sink {
    callback: Arc<Callback>,
    waker: Arc<Waker>,
    handover: Handover,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A sink that has no callback yet.
pub(crate) struct Unstarted {
    target: Target,
    waker: Arc<Waker>,
}

impl Unstarted {
    pub(crate) fn new(target: Target) -> Self {
        let waker = Arc::default();
        Self { target, waker }
    }

    /// What wakes its thread.
    pub(crate) fn waker(&self) -> Arc<dyn SinkWaker> {
        Arc::clone(&self.waker) as _
    }

    /// Starts the thread, which calls the target for all that `callback` gets.
    pub(crate) fn start(self, callback: Arc<Callback>) -> Outcome<Arc<Sink>> {
        let sink = Arc::new(Sink {
            callback,
            waker: self.waker,
            handover: Handover::new(self.target),
            thread: Mutex::default(),
        });
        let running = Arc::clone(&sink);
        let spawned = thread::Builder::new()
            .name("loopwire-events".to_owned())
            .spawn(move || running.run());
        match spawned {
            Ok(thread) => {
                *sink.thread.lock() = Some(thread);
                Ok(sink)
            }
            Err(error) => {
                sink.close();
                Err(Failure::from(RuntimeError::Threads(error)))
            }
        }
    }
}

impl Sink {
    /// Calls `target` for every event of the journal from now on.
    pub(crate) fn start(
        journal: &Arc<Journal>,
        detail: bool,
        target: Target,
    ) -> Outcome<Arc<Self>> {
        let sink = Unstarted::new(target);
        let callback = Callback::new(journal, sink.waker(), detail);
        sink.start(callback)
    }

    /// Has another target called from the next event on; no event is lost, and none comes twice. What to wait for with
    /// [`Sink::settle`]; nothing if the sink was stopped.
    pub(crate) fn redirect(&self, target: Target) -> Option<u64> {
        let version = self.handover.set(Some(target))?;
        self.waker.wake(1);
        Some(version)
    }

    /// Waits until no call of a former target runs; inside a callback it does not.
    pub(crate) fn settle(&self, version: u64) {
        if !is_inside() {
            self.handover.wait(version);
        }
    }

    /// Whether it has ended, and its thread with it.
    pub(crate) fn has_ended(&self) -> bool {
        // Whoever holds the lock waits for the thread.
        let Some(thread) = self.thread.try_lock() else {
            return false;
        };
        self.handover.is_stopped() && thread.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Whether the listener that it belongs to was stopped.
    pub(crate) fn is_cut_off(&self) -> bool {
        self.callback.is_closed()
    }

    /// Nothing is called any more, but a call may be running.
    pub(crate) fn close(&self) {
        self.handover.set(None);
        self.callback.close();
        self.waker.wake(1);
    }

    /// Waits until a running call has returned; inside a callback it does not.
    pub(crate) fn join(&self) {
        if is_inside() {
            return;
        }
        unblocked(|| {
            // Whoever comes second waits for the first one at this lock.
            let mut thread = self.thread.lock();
            if let Some(thread) = thread.take() {
                let _ = thread.join();
            }
        });
    }

    /// Both.
    pub(crate) fn stop(&self) {
        self.close();
        self.join();
    }

    /// As `lib/pump.js`: a batch of events, then what a connection has brought, then again or sleep.
    fn run(&self) {
        // What C calls from this thread is called by a callback.
        let _inside = Inside::enter();
        self.waker.belongs_to_this_thread();
        let mut batch = Batch::default();
        while let Some(target) = self.handover.take() {
            // Also while it waits: what suspends threads in C# and others waits for this one as soon as it has run their code.
            target.mask.during(|| {
                while !self.handover.has_news() {
                    if !self.turn(&target, &mut batch) && self.callback.park() {
                        self.waker.wait();
                    }
                }
            });
        }
    }

    /// Whether there was something.
    fn turn(&self, target: &Target, batch: &mut Batch) -> bool {
        let events = batch.fill(&self.callback);
        if events {
            batch.deliver(target, || self.handover.has_news());
        }
        if self.handover.has_news() {
            return true;
        }
        let item = self.callback.inbox().take();
        let found = item.is_some();
        if let Some(item) = item {
            target.take(item);
        }
        events || found
    }
}
