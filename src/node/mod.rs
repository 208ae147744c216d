//! What every export needs of Node-API: arguments, errors, Promises, the environment, and the way to the callback.

mod batch;
mod cancel;
mod emit_buffer;
mod emit_call;
mod environment;
mod errors;
mod given;
mod promise;
mod token;
mod waker;

pub(crate) use batch::{Batch, BatchSource};
pub(crate) use cancel::NativeCancel;
pub(crate) use emit_buffer::read_text;
pub(crate) use emit_call::export;
pub(crate) use environment::{Environment, begin};
pub(crate) use errors::{throw, throwing};
pub(crate) use given::Given;
pub(crate) use promise::{Answer, promised};
pub(crate) use waker::{Waker, Woken};
