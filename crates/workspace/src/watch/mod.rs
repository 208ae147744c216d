//! The watches of clients and of the application: which changes of files each of them hears of.

mod application;
mod change;
mod commands;
mod error;
mod filter;
mod pattern;
mod place;
mod publish;
mod readers;
mod register;
mod request;
mod wanted;
mod watches;

pub use application::FileWatch;
pub use change::FileChange;
pub use readers::{FileNotice, Ready};
pub use request::{Ignored, WatchRequest};
pub use watches::Watches;
