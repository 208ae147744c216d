//! Commands: what a client asks of an engine, and the reply to it.

mod cause;
mod command;
mod dispatch;
mod engine;
mod in_flight;
mod input;
mod message;
mod prefix;
mod reply;
mod tasks;

pub use cause::{Cause, CauseObject};
pub use command::Command;
pub use engine::{Engine, EngineSpec, figure};
pub use input::Input;
pub use reply::{CommandError, Reply};

pub(crate) use dispatch::{BEGIN_BYTES, Dispatcher};
pub(crate) use message::InboundMessage;
pub(crate) use tasks::TaskScope;
