//! A batch: the next events, copied from the journal into memory of JavaScript.
#![expect(
    unsafe_code,
    reason = "bytes are copied into memory that Node-API has just made"
)]

use std::cell::OnceCell;
use std::ptr;
use std::sync::Arc;

use loopwire_channel::{Callback, Portion};
use napi::bindgen_prelude::*;
use napi::sys;

/// Where the batches of a listener come from. The waker and the pump share it, on one thread.
#[derive(Default)]
pub(crate) struct BatchSource {
    /// Set once the listener is open; the waker is made before it.
    pub(crate) callback: OnceCell<Arc<Callback>>,
}

/// A batch as a JavaScript value of the running call: `undefined` for no event, a Buffer for one event, and an ArrayBuffer
/// for several: the events, padding to four bytes, the offset at which each ends, and their number.
pub struct Batch(sys::napi_value);

impl ToNapiValue for Batch {
    unsafe fn to_napi_value(_env: sys::napi_env, batch: Self) -> Result<sys::napi_value> {
        Ok(batch.0)
    }
}

impl BatchSource {
    /// Takes the next events. Without memory for them they stay in the journal.
    pub(crate) fn next(&self, env: &Env) -> Result<Batch> {
        let callback = self.callback.get();
        let Some((callback, portion)) = callback.and_then(|all| Some((all, all.portion()?))) else {
            return undefined(env);
        };
        let batch = match portion.events() {
            1 => lone(env, &portion),
            _ => many(env, &portion),
        }?;
        callback.advance(&portion);
        Ok(batch)
    }
}

fn undefined(env: &Env) -> Result<Batch> {
    let mut value = ptr::null_mut();
    // SAFETY: the environment is the one of the running call.
    check(unsafe { sys::napi_get_undefined(env.raw(), &raw mut value) })?;
    Ok(Batch(value))
}

fn lone(env: &Env, portion: &Portion) -> Result<Batch> {
    let (buffer, memory) = Memory::of_buffer(env, portion.bytes())?;
    memory.fill(|out| portion.copy(|piece| out.put(piece)));
    Ok(Batch(buffer))
}

fn many(env: &Env, portion: &Portion) -> Result<Batch> {
    const NUMBER: usize = size_of::<u32>();
    let padding = portion.bytes().next_multiple_of(NUMBER) - portion.bytes();
    let size = portion.bytes() + padding + (portion.events() + 1) * NUMBER;
    let (array, memory) = Memory::of_array(env, size)?;
    memory.fill(|out| {
        portion.copy(|piece| out.put(piece));
        out.put(&[0; NUMBER][..padding]);
        portion.ends(out);
        let events = u32::try_from(portion.events()).unwrap_or_default();
        out.put(&events.to_ne_bytes());
    });
    Ok(Batch(array))
}

/// Memory of JavaScript that nobody knows yet. It may hold anything until it is filled.
struct Memory {
    data: *mut u8,
    size: usize,
}

impl Memory {
    /// That of a Buffer: it is not cleared, as an ArrayBuffer would be.
    fn of_buffer(env: &Env, size: usize) -> Result<(sys::napi_value, Self)> {
        let (mut data, mut buffer) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the environment is the one of the running call.
        check(unsafe { sys::napi_create_buffer(env.raw(), size, &raw mut data, &raw mut buffer) })?;
        let data = data.cast();
        Ok((buffer, Self { data, size }))
    }

    /// That of an ArrayBuffer: the one that a Buffer of this size has for itself.
    fn of_array(env: &Env, size: usize) -> Result<(sys::napi_value, Self)> {
        let (buffer, memory) = Self::of_buffer(env, size)?;
        let (mut offset, mut length, mut array) = (usize::MAX, 0, ptr::null_mut());
        // SAFETY: the Buffer was just made in the running call; what is not asked for may be null.
        check(unsafe {
            sys::napi_get_typedarray_info(
                env.raw(),
                buffer,
                ptr::null_mut(),
                &raw mut length,
                ptr::null_mut(),
                &raw mut array,
                &raw mut offset,
            )
        })?;
        let mut whole = 0;
        // SAFETY: the ArrayBuffer is a value of the running call.
        check(unsafe {
            sys::napi_get_arraybuffer_info(env.raw(), array, ptr::null_mut(), &raw mut whole)
        })?;
        // Node has no pool for these. Should it ever have one, the others in it are not to be seen.
        if (offset, length, whole) == (0, size, size) {
            return Ok((array, memory));
        }
        let (mut data, mut array) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the environment is the one of the running call.
        check(unsafe {
            sys::napi_create_arraybuffer(env.raw(), size, &raw mut data, &raw mut array)
        })?;
        let data = data.cast();
        Ok((array, Self { data, size }))
    }

    /// Writes all of it, from the beginning to the end: JavaScript never sees what was there.
    fn fill(self, write: impl FnOnce(&mut Filling)) {
        let mut filling = Filling {
            data: self.data,
            left: self.size,
        };
        write(&mut filling);
        // SAFETY: so many bytes are left of the memory, and nothing else uses it yet.
        unsafe { ptr::write_bytes(filling.data, 0, filling.left) };
    }
}

/// Memory that is being filled.
struct Filling {
    data: *mut u8,
    left: usize,
}

impl Filling {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        assert!(bytes.len() <= self.left, "a batch has the size it said");
        // SAFETY: there is room, and nothing else uses this memory yet.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), self.data, bytes.len());
            self.data = self.data.add(bytes.len());
        }
        self.left -= bytes.len();
    }
}

impl Extend<u32> for Filling {
    fn extend<T: IntoIterator<Item = u32>>(&mut self, numbers: T) {
        for number in numbers {
            self.put(&number.to_ne_bytes());
        }
    }
}

fn check(status: sys::napi_status) -> Result<()> {
    if status == sys::Status::napi_ok {
        return Ok(());
    }
    Err(Error::new(Status::from(status), "no memory for a batch"))
}
