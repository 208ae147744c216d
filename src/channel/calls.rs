//! Version, last error, the SDK's start and stop of a channel, shutdown.

use std::sync::Arc;

use loopwire_runtime::{Outcome, argument as args, option};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Answer, Environment, Given, throwing};

/// The version of Loopwire.
///
/// Returns `loopwire/` and the version of the native part, for example `loopwire/0.1.0`.
///
/// @example console.log(getVersionInfo());
#[napi(catch_unwind)]
pub fn get_version_info() -> String {
    loopwire_runtime::VERSION_INFO.to_owned()
}

/// The text of the last error of this environment's integer functions.
///
/// Returns the empty string if there was none. Only the last text is kept; a success does not clear it.
///
/// @example if (startCommunicate(1, 8881, token) !== 0) console.error(sdkGetLastError());
#[napi(catch_unwind)]
pub fn sdk_get_last_error(env: Env) -> Result<String> {
    Ok(Environment::of(&env)?.last_error.lock().clone())
}

/// Starts a listener without a callback, as on the SDK's page.
///
/// `comType` is 1 (WebSocket, the only kind), `port` is 0 to 65535, `token` is as for `startEventListener`. It binds
/// 127.0.0.1. Returns 0, or 1 if that failed; the text is then in `sdkGetLastError()`. Throws `TypeError` for a wrong
/// type and `RangeError` for a bad port.
///
/// @example startCommunicate(1, 8881, generateToken());
#[napi(
    catch_unwind,
    ts_args_type = "comType: number, port: number, token: string"
)]
pub fn start_communicate(
    env: Env,
    com_type: Given<'_>,
    port: Given<'_>,
    token: Given<'_>,
) -> Result<i32> {
    let environment = Environment::of(&env)?;
    let checked = args::number(com_type, "comType").and_then(|kind| {
        let port = args::port(port, "port")?;
        Ok((kind, port, args::string(token, "token")?))
    });
    let (kind, port, token) = throwing(&env, checked)?;
    let outcome = option::channel(kind, "comType").and_then(|()| start(environment, port, &token));
    Ok(environment.settle(outcome))
}

fn start(environment: &Environment, port: u16, token: &str) -> Outcome<()> {
    let open = option::plain_listener(port, option::token(token)?);
    environment.runtime.open(open)?;
    Ok(())
}

/// Stops every listener of this environment, those of `startEventListener` too.
///
/// Takes nothing and returns 0 at once; `listener.close()` and `shutdown()` return Promises that wait for the end.
///
/// @example stopCommunicate();
#[napi(catch_unwind)]
pub fn stop_communicate(env: Env) -> Result<i32> {
    let runtime = &Environment::of(&env)?.runtime;
    for listener in runtime.listeners() {
        // From here on it counts as closed and its callback is not called; the rest happens in the background.
        listener.stop();
        runtime.spawn(async move { listener.close().await });
    }
    Ok(0)
}

/// Stops everything of this environment in order: listeners, forwarded ports, the workspace, threads.
///
/// Resolves when all ports are free. It takes no `signal`: it ends within five seconds by itself. It may be called again.
/// A function called afterwards starts everything anew, with a new epoch. Saved ports stay saved. It corresponds to the SDK's `SafeExit`.
///
/// @example await shutdown();
#[napi(catch_unwind, ts_return_type = "Promise<void>")]
pub fn shutdown(env: &Env) -> Result<Object<'_>> {
    let runtime = Arc::clone(&Environment::of(env)?.runtime);
    let (answer, promise) = Answer::promise(env, |_| Ok(()))?;
    let parts = runtime.begin_shutdown();
    // A new thread: the runtime's threads cannot wait for their own end, and JavaScript's must not wait.
    let finish = move || {
        runtime.finish_shutdown(parts);
        answer.give(|_| Ok(()));
    };
    std::thread::Builder::new()
        .name("loopwire-shutdown".to_owned())
        .spawn(finish)
        .map_err(|error| Error::from_reason(error.to_string()))?;
    Ok(promise)
}
