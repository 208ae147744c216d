//! What the library hands out: memory of `malloc`, so that any language can have it freed.

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use loopwire_runtime::{Class, Failure, Outcome};

/// Frees what the library handed out: a text or an array. NULL is allowed.
///
/// # Safety
/// `memory` is NULL, or came from a function of this library and was not freed yet.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_free(memory: *mut c_void) {
    // SAFETY: as the caller has promised; all of it is made by `allocated`.
    unsafe { libc::free(memory) };
}

/// A copy with a NUL behind it; NULL if there is no memory.
pub(super) fn allocated(bytes: &[u8]) -> *mut u8 {
    // SAFETY: the memory is as large as what is written to it.
    unsafe {
        let memory = libc::malloc(bytes.len() + 1).cast::<u8>();
        if !memory.is_null() {
            ptr::copy_nonoverlapping(bytes.as_ptr(), memory, bytes.len());
            memory.add(bytes.len()).write(0);
        }
        memory
    }
}

fn null(name: &str) -> Failure {
    Failure::invalid(format!("{name} must not be NULL"))
}

fn no_memory() -> Failure {
    Failure::new(Class::Error, "ENOMEM", "there is no memory for the result")
}

/// Checks a place for a result before anything is done, and empties it.
///
/// # Safety
/// `out` is NULL or can be written.
pub(crate) unsafe fn handle_out<T>(out: *mut *mut T, name: &str) -> Outcome<()> {
    if out.is_null() {
        return Err(null(name));
    }
    // SAFETY: as the caller has promised.
    unsafe { out.write(ptr::null_mut()) };
    Ok(())
}

/// Checks the place for a length, and sets it to 0.
///
/// # Safety
/// `len` is NULL or can be written.
pub(crate) unsafe fn len_out<T: Default>(len: *mut T, name: &str) -> Outcome<()> {
    if len.is_null() {
        return Err(null(name));
    }
    // SAFETY: as the caller has promised.
    unsafe { len.write(T::default()) };
    Ok(())
}

/// Hands a number out, unless `out` is NULL.
///
/// # Safety
/// `out` is NULL or can be written.
pub(crate) unsafe fn number_out<T>(out: *mut T, number: T) {
    if !out.is_null() {
        // SAFETY: as the caller has promised.
        unsafe { out.write(number) };
    }
}

/// Hands a text out.
///
/// # Safety
/// `out` can be written.
pub(crate) unsafe fn text_out(out: *mut *mut c_char, text: &str) -> Outcome<()> {
    let memory = allocated(text.as_bytes());
    // SAFETY: as the caller has promised.
    unsafe { out.write(memory.cast()) };
    if memory.is_null() {
        Err(no_memory())
    } else {
        Ok(())
    }
}

/// Hands bytes out. A NUL follows them, which does not count.
///
/// # Safety
/// Both can be written.
pub(crate) unsafe fn bytes_out(out: *mut *mut u8, len: *mut usize, bytes: &[u8]) -> Outcome<()> {
    let memory = allocated(bytes);
    // SAFETY: as the caller has promised.
    unsafe {
        out.write(memory);
        len.write(if memory.is_null() { 0 } else { bytes.len() });
    }
    if memory.is_null() {
        Err(no_memory())
    } else {
        Ok(())
    }
}

/// Hands ports out, as the SDK's page says: an array of 32-bit numbers and how many they are. NULL for none.
///
/// # Safety
/// Both can be written.
pub(crate) unsafe fn ports_out(out: *mut *mut u32, len: *mut c_int, ports: &[u16]) -> Outcome<()> {
    // SAFETY: as the caller has promised; the memory is as large as what is written to it.
    unsafe {
        out.write(ptr::null_mut());
        len.write(0);
        if ports.is_empty() {
            return Ok(());
        }
        let memory = libc::malloc(size_of_val(ports) * 2).cast::<u32>();
        if memory.is_null() {
            return Err(no_memory());
        }
        for (at, port) in ports.iter().enumerate() {
            memory.add(at).write(u32::from(*port));
        }
        out.write(memory);
        len.write(c_int::try_from(ports.len()).unwrap_or(c_int::MAX));
    }
    Ok(())
}
