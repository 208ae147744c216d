//! Reading: from the disk to the client's frames.

mod contents;
mod queue;
mod range;
mod send;
mod text;

pub(super) use range::FileRange;
