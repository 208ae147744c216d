//! A reader of events that JavaScript pulls: the native half of `for await (const event of listener)`.

use std::sync::Arc;

use loopwire_channel::{Callback, Journal};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Batch, BatchSource, Waker};

/// A cursor of its own in the journal. As for a callback, publishers wait for it.
#[napi]
pub struct NativeEventReader {
    journal: Arc<Journal>,
    callback: Arc<Callback>,
    batches: BatchSource,
}

impl NativeEventReader {
    /// A reader of every event from now on. It starts awake.
    pub(super) fn new(
        journal: &Arc<Journal>,
        wake: &Function<'_, (), ()>,
        detail: bool,
    ) -> Result<Self> {
        let callback = Callback::new(journal, Waker::bare(wake)?, detail);
        let batches = BatchSource::default();
        let _ = batches.callback.set(Arc::clone(&callback));
        Ok(Self {
            journal: Arc::clone(journal),
            callback,
            batches,
        })
    }
}

#[napi]
impl NativeEventReader {
    /// The next batch; `undefined` if there is none. See `Batch`.
    #[napi(catch_unwind, skip_typescript)]
    pub fn drain(&self, env: Env) -> Result<Batch> {
        self.batches.next(&env)
    }

    /// Parks the reader: `wake` is called for the next event. False if there is more to drain.
    #[napi(catch_unwind, skip_typescript)]
    pub fn park(&self) -> bool {
        self.callback.park()
    }

    /// Whether some reader of the journal holds publishers back.
    #[napi(catch_unwind, skip_typescript)]
    pub fn is_above_mark(&self) -> bool {
        self.journal.is_above_mark()
    }

    /// Ends the reader. Publishers do not wait for it any more.
    #[napi(catch_unwind, skip_typescript)]
    pub fn end(&self) {
        self.callback.close();
    }
}

impl Drop for NativeEventReader {
    /// JavaScript has lost it, so nobody can read it any more.
    fn drop(&mut self) {
        self.callback.close();
    }
}
