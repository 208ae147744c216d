//! Reading: from the disk to the client's frames.

mod pipe;
mod send;
mod source;
mod text;

pub(super) use source::Source;
