//! The waker: the thread-safe call that tells JavaScript that events wait for it.

use std::rc::Rc;
use std::sync::Arc;

use loopwire_channel::SinkWaker;
use napi::Status;
use napi::bindgen_prelude::*;
use napi::threadsafe_function::{
    ThreadsafeCallContext, ThreadsafeFunction, ThreadsafeFunctionCallMode,
};

use super::batch::{Batch, BatchSource};

/// Calls a JavaScript function from any thread. The reference is weak: `lib/keep-alive.js` decides what keeps the
/// process alive. No event is queued in it, so none can be lost: events stay in the journal until JavaScript takes them.
pub(crate) struct Waker<Args: 'static + JsValuesTupleIntoVec> {
    wake: ThreadsafeFunction<(), (), Args, Status, false, true>,
}

impl Waker<Batch> {
    /// A waker that brings the first batch along: one call into JavaScript less for a lone event.
    pub(crate) fn with_batch(
        wake: &Function<'_, Batch, ()>,
        batches: Rc<BatchSource>,
    ) -> Result<Arc<Self>> {
        let next = move |call: ThreadsafeCallContext<()>| batches.next(&call.env);
        let wake = wake
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .build_callback(next)?;
        Ok(Arc::new(Self { wake }))
    }
}

impl Waker<()> {
    pub(crate) fn bare(wake: &Function<'_, (), ()>) -> Result<Arc<Self>> {
        let wake = wake
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .build()?;
        Ok(Arc::new(Self { wake }))
    }
}

impl<Args: 'static + JsValuesTupleIntoVec> SinkWaker for Waker<Args> {
    fn wake(&self, _woken: usize) {
        // The journal wakes a sleeping callback once, so at most one call is ever queued.
        self.wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
    }
}

/// Wakes JavaScript when it is dropped: also if the runtime drops the task that waits.
pub(crate) struct Woken(pub(crate) Arc<dyn SinkWaker>);

impl Drop for Woken {
    fn drop(&mut self) {
        self.0.wake(1);
    }
}
