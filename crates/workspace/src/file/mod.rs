//! Files: what clients and the application read and write beneath the root.

mod application;
mod commands;
mod done;
mod error;
mod files;
mod read;
mod request;
mod streams;
mod transfers;
mod turns;
mod write;

pub use done::Done;
pub use files::Files;
pub(crate) use write::{sync_all, sync_data};
