//! The JavaScript callback behind napi-rs's thread-safe function, called once per event.
use std::sync::Mutex;

use napi::bindgen_prelude::Buffer;
use napi::threadsafe_function::{
    ThreadsafeFunction, ThreadsafeFunctionCallMode::NonBlocking, UnknownReturnValue,
};
use napi::{Error, Status};
use napi_derive::napi;

type WithBuffer = ThreadsafeFunction<Buffer, UnknownReturnValue, Buffer, Status, false>;
type WithString = ThreadsafeFunction<String, UnknownReturnValue, String, Status, false>;

pub(crate) enum Callback {
    Buffer(WithBuffer),
    Text(WithString),
}

pub(crate) static CALLBACK: Mutex<Option<Callback>> = Mutex::new(None);

impl Callback {
    pub(crate) fn call(&self, event: String) {
        let status = match self {
            Self::Buffer(function) => function.call(event.into_bytes().into(), NonBlocking),
            Self::Text(function) => function.call(event, NonBlocking),
        };
        assert_eq!(
            status,
            Status::Ok,
            "the thread-safe function takes every event"
        );
    }
}

fn set(callback: Callback) -> napi::Result<()> {
    *CALLBACK
        .lock()
        .map_err(|_| Error::from_reason("poisoned"))? = Some(callback);
    Ok(())
}

/// From now on every event is given to `callback` as a Buffer.
#[napi]
pub fn on_buffer(callback: WithBuffer) -> napi::Result<()> {
    set(Callback::Buffer(callback))
}

/// From now on every event is given to `callback` as a string.
#[napi]
pub fn on_string(callback: WithString) -> napi::Result<()> {
    set(Callback::Text(callback))
}
