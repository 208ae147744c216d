//! The forward engine's start and settings, under the names that the SDK page gives them.

use loopwire_channel::SinkWaker;
use loopwire_runtime::{Engine, ForwardError};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, Failure, Outcome, Waker, args, throwing};

impl Environment {
    /// The forward engine. It starts lazily: without `runAsync()`, too.
    pub(crate) fn forward(&self) -> Outcome<Engine> {
        self.runtime.forward().map_err(Failure::from)
    }

    /// The result of an integer function that asks the engine for something.
    pub(crate) fn ask(
        &self,
        call: impl FnOnce(&Engine) -> std::result::Result<(), ForwardError>,
    ) -> i32 {
        let outcome = self.forward().and_then(|engine| Ok(call(&engine)?));
        self.settle(outcome)
    }
}

/// Has `wake` called when forwarded ports, or the HTTP API, begin or cease to keep the process alive.
#[napi(catch_unwind, skip_typescript)]
pub fn on_liveness(env: Env, wake: Function<'_, (), ()>) -> Result<()> {
    let waker = Waker::bare(&wake)?;
    Environment::of(&env)?
        .runtime
        .on_liveness(move || waker.wake(1));
    Ok(())
}

/// Whether forwarded ports, or the HTTP API, keep the process alive.
#[napi(catch_unwind, skip_typescript)]
pub fn is_forwarding(env: Env) -> Result<bool> {
    Ok(Environment::of(&env)?.runtime.is_forwarding())
}

/// Checks its argument and returns 0: the native part is loaded already.
///
/// It is here because programs for the SDK call it first (reference 1a). `path` is a string or left out; other
/// types throw `TypeError`. No event follows.
///
/// @example initialize();
#[napi(catch_unwind, ts_args_type = "path?: string")]
pub fn initialize(env: Env, path: Unknown<'_>) -> Result<i32> {
    throwing(&env, args::string_or(path, "path", ""))?;
    Ok(0)
}

/// Starts the forward engine on threads of its own and returns at once.
///
/// Not needed: the engine starts with the first function that wants it. It is here because programs for
/// the SDK call it (seed 000, "How to start"). Forwarded ports, not the engine, keep the process alive.
///
/// @example runAsync();
#[napi(catch_unwind)]
pub fn run_async(env: Env) -> Result<()> {
    throwing(&env, Environment::of(&env)?.forward()).map(drop)
}

/// The same as `runAsync()`: it never blocks Node's thread, as the SDK's own does (SDK page, "Functions").
///
/// @example run();
#[napi(catch_unwind)]
pub fn run(env: Env) -> Result<()> {
    run_async(env)
}

/// Switches `log` events on: `{"type":"log","payload":"…"}` tells what the engine does.
///
/// They never carry a password, and they are the only events that may be dropped when a callback is far
/// behind. `emit('log', …)` needs no `enableDebug()`.
///
/// @example enableDebug();
#[napi(catch_unwind)]
pub fn enable_debug(env: Env) -> Result<()> {
    throwing(&env, Environment::of(&env)?.forward())?.enable_debug();
    Ok(())
}

/// Sets the provider: where upstream proxies come from.
///
/// `url` is a `file:///` URL of a JSON list, or the `http(s)://` base of a provider that answers
/// `GET /proxies/{id}` and `GET /proxies?country=…&limit=n`. An entry is `{id, protocol: "http" | "https" |
/// "socks5" | "direct", host, port, username?, password?, ca?, country_code?, state?, city?, zip?, isp?, public_ip?}`.
/// A file is watched: ports whose entry was edited take the new one, and one whose entry is gone is removed
/// (`portRemoved`). Returns 0, or 1 for a URL that is none or of another scheme; the text is then in
/// `sdkGetLastError()`. Throws `TypeError` unless it is a string.
///
/// @example setAPIHost('file:///etc/proxies.json');
#[napi(js_name = "setAPIHost", catch_unwind, ts_args_type = "url: string")]
pub fn set_api_host(env: Env, url: Unknown<'_>) -> Result<i32> {
    let url = throwing(&env, args::string(url, "url"))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_api_host(&url)))
}

/// The provider's URL as `setAPIHost` was given it; the empty string if there is none.
///
/// @example console.log(getAPIHost());
#[napi(js_name = "getAPIHost", catch_unwind)]
pub fn get_api_host(env: Env) -> Result<String> {
    let engine = Environment::of(&env)?.runtime.started_forward();
    Ok(engine.map_or_else(String::new, |engine| engine.api_host()))
}

/// Sets a header that goes with each request to an HTTP provider.
///
/// `name` and `value` are strings; one of the same name is replaced, an empty value takes it out. Returns 0, or 1 for
/// what cannot stand in a header; the text is then in `sdkGetLastError()`. It also ends the waiting of requests that the provider has
/// answered 401 (see `closeTokenChan`). Throws `TypeError` for other types.
///
/// @example setHeader('X-Api-Key', key);
#[napi(catch_unwind, ts_args_type = "name: string, value: string")]
pub fn set_header(env: Env, name: Unknown<'_>, value: Unknown<'_>) -> Result<i32> {
    let (name, value) = throwing(&env, pair(name, value))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_header(&name, &value)))
}

/// Sets a query parameter that goes with each request to an HTTP provider, such as its key.
///
/// `name` and `value` are strings; one of the same name is replaced, an empty value takes it out. Returns 0, or 1 with
/// the text in `sdkGetLastError()` for one that is too long. It also ends the waiting of requests that the provider has
/// answered 401 (see `closeTokenChan`). Throws `TypeError` for other types.
///
/// @example setQuery('api-key', key);
#[napi(catch_unwind, ts_args_type = "name: string, value: string")]
pub fn set_query(env: Env, name: Unknown<'_>, value: Unknown<'_>) -> Result<i32> {
    let (name, value) = throwing(&env, pair(name, value))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_query(&name, &value)))
}

fn pair(name: Unknown<'_>, value: Unknown<'_>) -> Outcome<(String, String)> {
    Ok((args::string(name, "name")?, args::string(value, "value")?))
}

/// Sets the user's country: it goes with each request to an HTTP provider as `user_country_code`, and is
/// `client_country_code` in `getConfigJSON`.
///
/// `code` is a string such as `"HK"`. Returns 0. Throws `TypeError` for other types.
///
/// @example setUserCountryCode('HK');
#[napi(catch_unwind, ts_args_type = "code: string")]
pub fn set_user_country_code(env: Env, code: Unknown<'_>) -> Result<i32> {
    let code = throwing(&env, args::string(code, "code"))?;
    Ok(Environment::of(&env)?.ask(|engine| {
        engine.set_user_country_code(&code);
        Ok(())
    }))
}

/// Ends at once the waiting of requests that an HTTP provider has answered 401.
///
/// Such a request waits up to 20 seconds for a new key (`setQuery`, `setHeader`) and is then sent again; this
/// lets it fail now, with `proxyError` `…@status:401|message:…`. Returns 0.
///
/// @example closeTokenChan();
#[napi(catch_unwind)]
pub fn close_token_chan(env: Env) -> Result<i32> {
    if let Some(engine) = Environment::of(&env)?.runtime.started_forward() {
        engine.close_token_chan();
    }
    Ok(0)
}

/// Switches whether local ports ask their clients for credentials: 407 for HTTP, RFC 1929 for SOCKS5.
///
/// `enable` is 0 or 1. Returns 0, or 1 if `setProxyAuth` has set no credentials yet, or if it is to be switched off
/// while the ports lie at an address that others can reach. Connections under way go on. Wrong types throw
/// `TypeError`, other numbers `RangeError`.
///
/// @example setEnableProxyAuth(1);
#[napi(catch_unwind, ts_args_type = "enable: number")]
pub fn set_enable_proxy_auth(env: Env, enable: Unknown<'_>) -> Result<i32> {
    let enable = throwing(&env, args::switch(enable, "enable"))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_enable_proxy_auth(enable)))
}

/// Sets the credentials that local ports ask their clients for, and whether they do.
///
/// `enable` is 0 or 1; `username` has 1 to 255 bytes and no colon, `password` 1 to 255 bytes. Ports of `forward`
/// with `auth` have their own. Returns 0, or 1 with the text in `sdkGetLastError()`. Connections under way go
/// on. Wrong types throw `TypeError`, other numbers `RangeError`.
///
/// @example setProxyAuth(1, 'alice', password);
#[napi(
    catch_unwind,
    ts_args_type = "enable: number, username: string, password: string"
)]
pub fn set_proxy_auth(
    env: Env,
    enable: Unknown<'_>,
    username: Unknown<'_>,
    password: Unknown<'_>,
) -> Result<i32> {
    let checked = args::switch(enable, "enable").and_then(|enable| {
        let username = args::string(username, "username")?;
        Ok((enable, username, args::string(password, "password")?))
    });
    let (enable, username, password) = throwing(&env, checked)?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_proxy_auth(enable, &username, &password)))
}

/// Keeps the kind of tunnel: 0 Auto, 1 Mux, 2 Qux. It is shown in `stats()` and has no other effect.
///
/// Every local port speaks HTTP and SOCKS5, told apart by the first byte; `forward({ accept })` restricts one. Returns
/// 0. Wrong types throw `TypeError`, other numbers `RangeError`.
///
/// @example setProtocol(0);
#[napi(catch_unwind, ts_args_type = "protocol: number")]
pub fn set_protocol(env: Env, protocol: Unknown<'_>) -> Result<i32> {
    let protocol = throwing(&env, args::integer(protocol, "protocol", 0..=2))?;
    let protocol = u8::try_from(protocol).unwrap_or_default();
    Ok(Environment::of(&env)?.ask(|engine| engine.set_protocol(protocol)))
}
