//! The channel's functions besides `startEventListener`: version, last error, the flat start and stop, shutdown.

use std::net::Ipv4Addr;
use std::sync::Arc;

use loopwire_channel::ListenerOptions;
use loopwire_runtime::OpenListener;
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Answer, Environment, Failure, Outcome, args, throwing, token};

/// The only kind of channel there is: WebSocket (reference: `startCommunicate`).
const WEBSOCKET: u64 = 1;

/// The version of Loopwire.
///
/// Returns `loopwire/` and the version of the native part, for example `loopwire/0.1.0`.
///
/// @example console.log(getVersionInfo());
#[napi(catch_unwind)]
pub fn get_version_info() -> String {
    concat!("loopwire/", env!("CARGO_PKG_VERSION")).to_owned()
}

/// The text of the last error of this environment's integer functions.
///
/// Returns the empty string if there was none. Only the most recent one is kept; a success does not clear
/// it.
///
/// @example if (startCommunicate(1, 8881, token) !== 0) console.error(sdkGetLastError());
#[napi(catch_unwind)]
pub fn sdk_get_last_error(env: Env) -> Result<String> {
    Ok(Environment::of(&env)?.last_error.lock().clone())
}

/// Starts the channel without a callback, as the SDK's native page has it.
///
/// `comType` is 1 (WebSocket, the only kind), `port` a port from 0 to 65535, `token` as for
/// `startEventListener`. Binds 127.0.0.1 at once and returns 0, or 1 when that failed; the text is then in
/// `sdkGetLastError()`. Wrong types throw `TypeError`, a bad port `RangeError`.
///
/// @example startCommunicate(1, 8881, generateToken());
#[napi(
    catch_unwind,
    ts_args_type = "comType: number, port: number, token: string"
)]
pub fn start_communicate(
    env: Env,
    com_type: Unknown<'_>,
    port: Unknown<'_>,
    token: Unknown<'_>,
) -> Result<i32> {
    let environment = Environment::of(&env)?;
    let checked = args::number(com_type, "comType").and_then(|kind| {
        let port = args::port(port, "port")?;
        Ok((kind, port, args::string(token, "token")?))
    });
    let (kind, port, token) = throwing(&env, checked)?;
    #[expect(clippy::cast_precision_loss, reason = "it is 1")]
    let outcome = if kind == WEBSOCKET as f64 {
        start(environment, port, &token)
    } else {
        Err(Failure::out_of_range(
            "comType",
            "1 (WebSocket)",
            &kind.to_string(),
        ))
    };
    Ok(environment.settle(outcome))
}

fn start(environment: &Environment, port: u16, token: &str) -> Outcome<()> {
    let open = OpenListener {
        host: Ipv4Addr::LOCALHOST.into(),
        port,
        token: token::parse(token)?,
        waker: None,
        detail: false,
        tls: None,
        options: ListenerOptions::default(),
    };
    environment.runtime.open(open)?;
    Ok(())
}

/// Stops the channel: every listener of this environment, `startEventListener`'s too.
///
/// Posts and returns 0; `listener.close()` and `shutdown()` return Promises for those who want to wait.
///
/// @example stopCommunicate();
#[napi(catch_unwind)]
pub fn stop_communicate(env: Env) -> Result<i32> {
    let runtime = &Environment::of(&env)?.runtime;
    for listener in runtime.listeners() {
        // From here on it counts as closed and no callback hears anything; the rest takes its time.
        listener.stop();
        runtime.spawn(async move { listener.close().await });
    }
    Ok(0)
}

/// Stops everything of this environment in order: listeners, forwarded ports, threads.
///
/// Resolves when all ports are free. Idempotent; what is called afterwards starts afresh, with a new epoch.
/// Saved ports stay saved. The counterpart of the SDK's `SafeExit`.
///
/// @example await shutdown();
#[napi(catch_unwind, ts_return_type = "Promise<void>")]
pub fn shutdown(env: &Env) -> Result<Object<'_>> {
    let runtime = Arc::clone(&Environment::of(env)?.runtime);
    let (answer, promise) = Answer::promise(env, |_| Ok(()))?;
    let parts = runtime.begin_shutdown();
    // A thread of its own: the runtime's cannot wait for their own end, and JavaScript's must not.
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
