//! A session: the task that reads one connection, from the upgrade to its end.

mod assembly;
mod buffer;
mod control;
mod header;
mod heartbeat;
mod inbound;
mod reading;
mod session;

pub(crate) use session::{Session, SessionOptions};
