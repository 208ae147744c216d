//! The doorbell: the one thread-safe call that wakes JavaScript when there is something for it.

use std::rc::Rc;
use std::sync::Arc;

use loopwire_channel::Ring;
use napi::Status;
use napi::bindgen_prelude::*;
use napi::threadsafe_function::{
    ThreadsafeCallContext, ThreadsafeFunction, ThreadsafeFunctionCallMode,
};

use crate::batch::{Batch, Tray};

/// Rings a JavaScript function. Weak: what keeps the process alive is the face's business. Nothing is ever
/// queued in it, so nothing can be lost in it: events stay in the journal until JavaScript takes them.
pub(crate) struct Doorbell<Args: 'static + JsValuesTupleIntoVec> {
    bell: ThreadsafeFunction<(), (), Args, Status, false, true>,
}

impl Doorbell<Batch> {
    /// A bell that brings the first batch along: one call into JavaScript less for a lone event.
    pub(crate) fn with_batch(bell: &Function<'_, Batch, ()>, tray: Rc<Tray>) -> Result<Arc<Self>> {
        let next = move |call: ThreadsafeCallContext<()>| tray.next(&call.env);
        let bell = bell
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .build_callback(next)?;
        Ok(Arc::new(Self { bell }))
    }
}

impl Doorbell<()> {
    pub(crate) fn bare(bell: &Function<'_, (), ()>) -> Result<Arc<Self>> {
        let bell = bell
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .build()?;
        Ok(Arc::new(Self { bell }))
    }
}

impl<Args: 'static + JsValuesTupleIntoVec> Ring for Doorbell<Args> {
    fn ring(&self, _company: usize) {
        // The journal rings once per sleep, so at most one call is ever queued.
        self.bell.call((), ThreadsafeFunctionCallMode::NonBlocking);
    }
}
