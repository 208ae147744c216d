//! An HTTP error response of our own: why a request was not passed on.

use crate::model::Failure;

/// An error response of our own.
#[derive(Debug)]
pub(super) struct Rejection {
    pub(crate) status: u16,
    pub(crate) reason: String,
}

impl Rejection {
    pub(crate) fn new(status: u16, reason: impl Into<String>) -> Self {
        Self {
            status,
            reason: reason.into(),
        }
    }
}

impl From<Failure> for Rejection {
    fn from(failure: Failure) -> Self {
        Self::new(failure.http_status(), failure.to_string())
    }
}
