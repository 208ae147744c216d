//! Writing: from the client's pieces to the file in its place.

mod in_place;
mod keep;
mod receive;
mod save;
mod staging;
mod sync;
mod unnamed;

pub(crate) use sync::{sync_all, sync_data};
