//! A Node environment: its runtime, kept as instance data of its `napi_env`, not in a static.
#![expect(
    unsafe_code,
    reason = "instance data is a raw pointer that Node-API keeps for us"
)]

use std::cell::RefCell;
use std::ptr;
use std::sync::Arc;

use loopwire_runtime::{Outcome, Runtime};
use napi::bindgen_prelude::*;
use napi::sys;
use parking_lot::Mutex;

use super::emit_buffer::EmitBuffer;

/// The result of an integer function that failed; the text is in `sdkGetLastError()`.
const FAILED: i32 = 1;

/// The state of one environment. Two loads in one thread are two environments; Jest does that.
pub(crate) struct Environment {
    pub(crate) runtime: Arc<Runtime>,
    /// The text that `sdkGetLastError()` returns.
    pub(crate) last_error: Mutex<String>,
    /// The buffers of `emit`.
    pub(crate) emit_buffer: RefCell<EmitBuffer>,
    /// What is to be called when ports begin or cease to keep the process alive, until the forward engine starts.
    pub(crate) liveness: RefCell<Option<(Env, FunctionRef<(), ()>)>>,
}

/// Begins an environment: the addon is being loaded into it.
pub(crate) fn begin(env: Env) -> Result<()> {
    loopwire_runtime::init_log();
    let runtime = Arc::new(Runtime::default());
    let environment = Box::new(Environment {
        runtime: Arc::clone(&runtime),
        last_error: Mutex::default(),
        emit_buffer: RefCell::new(EmitBuffer::new()),
        liveness: RefCell::default(),
    });
    let environment = Box::into_raw(environment);
    keep(&env, environment)?;
    // Runs while the environment still lives, before any finalizer: sinks are dropped, threads end.
    let raw = env.raw();
    env.add_env_cleanup_hook(runtime, move |runtime| {
        runtime.dispose();
        let _ = keep(&Env::from_raw(raw), ptr::null_mut());
        // SAFETY: it was made by `Box::into_raw` above, the hook runs once, and from here on `of` finds
        // nothing.
        drop(unsafe { Box::from_raw(environment) });
    })?;
    Ok(())
}

/// Stores the pointer that `Environment::of` reads.
fn keep(env: &Env, environment: *mut Environment) -> Result<()> {
    // SAFETY: the environment is the one of the running call or cleanup; Node-API only keeps the pointer.
    let status = unsafe {
        sys::napi_set_instance_data(env.raw(), environment.cast(), None, ptr::null_mut())
    };
    if status == sys::Status::napi_ok {
        return Ok(());
    }
    Err(Error::new(
        Status::from(status),
        "the instance data could not be set",
    ))
}

impl Environment {
    /// The environment of the running call. It lives at least as long as the call.
    pub(crate) fn of(env: &Env) -> Result<&Self> {
        let mut data = ptr::null_mut();
        // SAFETY: `env` is the one of the running call; the pointer is the one that `load` stored.
        let environment = unsafe {
            sys::napi_get_instance_data(env.raw(), &raw mut data);
            data.cast::<Self>().as_ref()
        };
        environment.ok_or_else(|| Error::from_reason("the environment has ended"))
    }

    /// Turns an outcome into the result of an integer function, and keeps the text of a failure.
    pub(crate) fn settle(&self, outcome: Outcome<()>) -> i32 {
        match outcome {
            Ok(()) => 0,
            Err(failure) => {
                failure.message().clone_into(&mut self.last_error.lock());
                FAILED
            }
        }
    }
}
