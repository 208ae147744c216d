//! A session: the task that reads one connection, from the upgrade to its end.

mod heartbeat;
mod inbound;
mod meter;
mod session;

pub(crate) use session::{Session, SessionOptions};
