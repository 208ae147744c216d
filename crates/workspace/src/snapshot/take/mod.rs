//! Takes a snapshot: looks for what has changed, and has git store it.

mod commit;
mod compare;
mod contents;
mod feed;
mod pipe;
mod quote;
mod snapshot;

pub(super) use snapshot::{Request, take, take_unlisted};
