//! A batch: the next events, copied into memory of JavaScript.
#![expect(
    unsafe_code,
    reason = "bytes are copied into memory that Node-API has just made"
)]

use std::cell::{OnceCell, RefCell};
use std::ptr;
use std::sync::Arc;

use loopwire_channel::Callback;
use napi::bindgen_prelude::*;
use napi::sys;

/// How much memory is kept between batches, so that one large event does not keep its megabyte for ever.
const MAX_SCRATCH_BYTES: usize = 128 << 10;

/// Where the batches of a listener are built. The waker and the pump share it, on one thread.
#[derive(Default)]
pub(crate) struct BatchBuffer {
    /// Set once the listener is open; the waker is made before it.
    pub(crate) callback: OnceCell<Arc<Callback>>,
    /// The events one after another, and the offset at which each ends.
    scratch: RefCell<(Vec<u8>, Vec<u32>)>,
}

/// A batch as a JavaScript value of the running call: `undefined` for no event, a Buffer for one event, and an ArrayBuffer
/// for several: the events, padding to four bytes, the offset at which each ends, and their number.
pub struct Batch(sys::napi_value);

impl ToNapiValue for Batch {
    unsafe fn to_napi_value(_env: sys::napi_env, batch: Self) -> Result<sys::napi_value> {
        Ok(batch.0)
    }
}

impl BatchBuffer {
    /// Takes the next events.
    pub(crate) fn next(&self, env: &Env) -> Result<Batch> {
        let (bytes, ends) = &mut *self.scratch.borrow_mut();
        let count = self
            .callback
            .get()
            .map_or(0, |callback| callback.drain(bytes, ends));
        let batch = match count {
            0 => undefined(env),
            1 => lone(env, bytes),
            _ => many(env, bytes, ends),
        };
        if bytes.capacity() > MAX_SCRATCH_BYTES {
            *bytes = Vec::new();
        }
        batch
    }
}

fn undefined(env: &Env) -> Result<Batch> {
    let mut value = ptr::null_mut();
    // SAFETY: the environment is the one of the running call.
    check(unsafe { sys::napi_get_undefined(env.raw(), &raw mut value) })?;
    Ok(Batch(value))
}

fn lone(env: &Env, bytes: &[u8]) -> Result<Batch> {
    let mut value = ptr::null_mut();
    // SAFETY: Node-API copies the bytes before it returns.
    check(unsafe {
        sys::napi_create_buffer_copy(
            env.raw(),
            bytes.len(),
            bytes.as_ptr().cast(),
            ptr::null_mut(),
            &raw mut value,
        )
    })?;
    Ok(Batch(value))
}

fn many(env: &Env, bytes: &[u8], ends: &mut Vec<u32>) -> Result<Batch> {
    ends.push(u32::try_from(ends.len()).unwrap_or_default());
    let padded = bytes.len().next_multiple_of(size_of::<u32>());
    let size = padded + size_of_val(ends.as_slice());
    let (mut data, mut value) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: Node-API gives memory of the size asked for, aligned for any typed array, and nothing else uses
    // it yet. The bytes are copied: Electron refuses external buffers, and a copy costs less than the
    // finalizer of one.
    unsafe {
        check(sys::napi_create_arraybuffer(
            env.raw(),
            size,
            &raw mut data,
            &raw mut value,
        ))?;
        let data = data.cast::<u8>();
        ptr::copy_nonoverlapping(bytes.as_ptr(), data, bytes.len());
        ptr::copy_nonoverlapping(
            ends.as_ptr().cast::<u8>(),
            data.add(padded),
            size_of_val(ends.as_slice()),
        );
    }
    Ok(Batch(value))
}

fn check(status: sys::napi_status) -> Result<()> {
    if status == sys::Status::napi_ok {
        return Ok(());
    }
    Err(Error::new(Status::from(status), "no memory for a batch"))
}
