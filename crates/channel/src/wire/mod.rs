//! The wire format: WebSocket frames, the channel's own messages, and close codes.

mod close;
pub(crate) mod frame;
pub(crate) mod message;

pub use close::Close;
pub(crate) use frame::{MAX_HEADER_BYTES, Opcode};
pub(crate) use message::{GapReason, Hello, LastTaken};
