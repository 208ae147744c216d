//! A listener: one bound port with its connections, its slot, its routes and its metrics.

mod admission;
mod listener;
mod metrics;
mod options;
mod registry;
mod report;
mod resume;
mod routes;
mod serve;
mod silence;
mod silent_mode;
mod slot;

pub use listener::{ConnectionState, Listener, SendError, SlotPlace};
pub use options::{Delivery, ListenerOptions};
pub use report::{AddressReport, Behind, ConnectionReport, ListenerStats};
pub use serve::OpenError;
