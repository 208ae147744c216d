//! The handle of a runtime.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use loopwire_channel::Journal;
use loopwire_runtime::{Class, Engine, Failure, Outcome, Runtime};
use parking_lot::Mutex;

use super::latch::Latch;
use crate::sink::Sink;

/// A runtime: the journal, the engines, their threads. Programs have one, as a rule.
///
/// A clone is the same one: the handles of listeners and workspaces outlive that of their runtime.
#[derive(Clone)]
pub struct LoopwireRuntime(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) runtime: Runtime,
    /// The journal, once it was used.
    journal: OnceLock<Arc<Journal>>,
    /// The sinks whose threads call C, until these have ended.
    pub(super) sinks: Mutex<Vec<Arc<Sink>>>,
    /// It was shut down; every further call is refused.
    pub(super) ended: AtomicBool,
    /// The shutdown is done.
    pub(super) over: Latch,
    /// Held while settings are read and changed.
    pub(super) configuring: Mutex<()>,
}

impl LoopwireRuntime {
    pub(crate) fn new() -> Self {
        loopwire_runtime::init_log();
        Self(Arc::new(Shared {
            runtime: Runtime::default(),
            journal: OnceLock::new(),
            sinks: Mutex::default(),
            ended: AtomicBool::new(false),
            over: Latch::default(),
            configuring: Mutex::default(),
        }))
    }

    /// What it stands for, unless it was shut down.
    pub(crate) fn get(&self) -> Outcome<&Runtime> {
        if self.0.ended.load(Ordering::SeqCst) {
            return Err(shut_down());
        }
        Ok(&self.0.runtime)
    }

    /// Its journal, made at first use.
    pub(crate) fn journal(&self) -> Outcome<&Arc<Journal>> {
        let runtime = self.get()?;
        Ok(self.0.journal.get_or_init(|| runtime.journal()))
    }

    /// The forward engine, started at first use.
    pub(crate) fn forward(&self) -> Outcome<Engine> {
        Ok(self.get()?.forward()?)
    }

    /// Keeps a sink until it has ended. One that comes after the end is closed at once, and refused; wait for its last call
    /// with [`Sink::join`].
    pub(crate) fn keep(&self, sink: &Arc<Sink>) -> Outcome<()> {
        let mut sinks = self.0.sinks.lock();
        sinks.retain(|sink| !sink.has_ended());
        sinks.push(Arc::clone(sink));
        drop(sinks);
        self.get().map(drop).inspect_err(|_| sink.close())
    }

    /// Whether it is one of this runtime that has not ended.
    pub(crate) fn keeps(&self, sink: &Arc<Sink>) -> bool {
        self.sinks().iter().any(|kept| Arc::ptr_eq(kept, sink))
    }

    /// The sinks that have not ended.
    pub(crate) fn sinks(&self) -> Vec<Arc<Sink>> {
        self.0.sinks.lock().clone()
    }
}

pub(super) fn shut_down() -> Failure {
    Failure::new(Class::Error, "ERR_SHUT_DOWN", "the runtime was shut down")
}

/// The runtime behind a pointer.
///
/// # Safety
/// `pointer` is NULL or a runtime that was not freed.
pub(crate) unsafe fn runtime<'a>(pointer: *const LoopwireRuntime) -> Outcome<&'a LoopwireRuntime> {
    // SAFETY: as the caller has promised.
    unsafe { pointer.as_ref() }.ok_or_else(|| Failure::invalid("runtime must not be NULL"))
}
