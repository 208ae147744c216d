//! A cancel: what an aborted signal of JavaScript calls.

use std::cell::RefCell;

use napi_derive::napi;
use tokio_util::sync::CancellationToken;

/// Cancels one operation, to which it is given at its start.
#[napi]
#[derive(Default)]
pub struct NativeCancel {
    token: RefCell<CancellationToken>,
}

#[napi]
impl NativeCancel {
    /// A cancel that is not used yet.
    #[napi(constructor, catch_unwind, skip_typescript)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Cancels the operation, if that is still possible.
    #[napi(catch_unwind, skip_typescript)]
    pub fn cancel(&self) {
        self.token.borrow().cancel();
    }
}

impl NativeCancel {
    /// The token that it cancels.
    pub(crate) fn token(&self) -> CancellationToken {
        self.token.borrow().clone()
    }

    /// Makes it cancel this token.
    pub(crate) fn attach(&self, token: CancellationToken) {
        self.token.replace(token);
    }
}
