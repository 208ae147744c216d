//! The doorbell: the one thread-safe call that wakes JavaScript when there is something to drain.

use std::sync::Arc;

use loopwire_channel::Ring;
use napi::Status;
use napi::bindgen_prelude::*;
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};

/// Carries nothing, so that nothing can be lost in it: payloads stay in the journal until drained.
type Bell = ThreadsafeFunction<(), (), (), Status, false, true>;

/// Rings a JavaScript function. Weak: what keeps the process alive is the face's business.
pub(crate) struct Doorbell {
    bell: Bell,
}

impl Doorbell {
    pub(crate) fn new(bell: &Function<'_, (), ()>) -> Result<Arc<Self>> {
        let bell = bell
            .build_threadsafe_function::<()>()
            .weak::<true>()
            .build()?;
        Ok(Arc::new(Self { bell }))
    }
}

impl Ring for Doorbell {
    fn ring(&self, _company: usize) {
        // The journal rings once per sleep, so at most one call is ever queued.
        self.bell.call((), ThreadsafeFunctionCallMode::NonBlocking);
    }
}
