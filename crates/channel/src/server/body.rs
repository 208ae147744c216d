//! The body of a request, read as a whole before a route gets the request.
//!
//! The routes take small JSON or nothing, so no handler must care about slow or endless bodies.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use thiserror::Error;

/// How much of a body that is too large is read and discarded before the error response. Closing a connection with
/// unread bytes resets it, and the client would never see the 413.
const DISCARDED_BYTES: usize = 256 * 1024;

/// Why a body could not be read.
#[derive(Debug, Error)]
pub(super) enum BodyError {
    /// Larger than the limit.
    #[error("the body is too large")]
    TooLarge,
    /// The client sent an invalid body, or left.
    #[error("the body could not be read")]
    Broken(#[from] hyper::Error),
}

/// Reads a body of at most `limit` bytes. The caller sets the deadline.
pub(super) async fn read(mut body: Incoming, limit: usize) -> Result<Bytes, BodyError> {
    if body.size_hint().lower() > (limit + DISCARDED_BYTES) as u64 {
        return Err(BodyError::TooLarge);
    }
    let mut kept = BytesMut::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        seen += data.len();
        if seen <= limit {
            kept.extend_from_slice(&data);
        } else if seen > limit + DISCARDED_BYTES {
            break;
        }
    }
    if seen > limit {
        return Err(BodyError::TooLarge);
    }
    Ok(kept.freeze())
}
