//! The start and the settings of the forward engine, with the names of the SDK's page.

use loopwire_channel::SinkWaker;
use loopwire_runtime::{Engine, Failure, ForwardError, Outcome, argument as args, option};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Environment, Given, Waker, throwing};

impl Environment {
    /// The forward engine. It starts lazily: without `runAsync()`, too.
    pub(crate) fn forward(&self) -> Outcome<Engine> {
        // A thread-safe function is an open handle, which test runners report: none is made before it is needed.
        if let Some((env, wake)) = self.liveness.take()
            && let Ok(waker) = wake
                .borrow_back(&env)
                .and_then(|wake| Waker::<()>::bare(&wake))
        {
            self.runtime.on_liveness(move || waker.wake(1));
        }
        self.runtime.forward().map_err(Failure::from)
    }

    /// The result of an integer function that calls the engine.
    pub(crate) fn ask(
        &self,
        call: impl FnOnce(&Engine) -> std::result::Result<(), ForwardError>,
    ) -> i32 {
        let outcome = self.forward().and_then(|engine| Ok(call(&engine)?));
        self.settle(outcome)
    }
}

/// Calls `wake` when forwarded ports, or the HTTP API, begin or stop keeping the process alive.
#[napi(catch_unwind, skip_typescript)]
pub fn on_liveness(env: Env, wake: Function<'_, (), ()>) -> Result<()> {
    let wake = wake.create_ref()?;
    Environment::of(&env)?.liveness.replace(Some((env, wake)));
    Ok(())
}

/// Whether forwarded ports, or the HTTP API, keep the process alive.
#[napi(catch_unwind, skip_typescript)]
pub fn is_forwarding(env: Env) -> Result<bool> {
    Ok(Environment::of(&env)?.runtime.is_forwarding())
}

/// Checks its argument and returns 0. Loopwire's native part is loaded already.
///
/// It exists because programs for the SDK call it first. `path` is a string or left out; another type throws
/// `TypeError`. No event follows.
///
/// @example initialize();
#[napi(catch_unwind, ts_args_type = "path?: string")]
pub fn initialize(env: Env, path: Given<'_>) -> Result<i32> {
    throwing(&env, args::string_or(path, "path", ""))?;
    Ok(0)
}

/// Starts the forward engine on its own threads and returns at once.
///
/// You need not call it: the first function that uses the engine starts it. It exists because programs for the SDK
/// call it. Forwarded ports keep the process alive, the engine alone does not. Throws only if no thread can be
/// started.
///
/// @example runAsync();
#[napi(catch_unwind)]
pub fn run_async(env: Env) -> Result<()> {
    throwing(&env, Environment::of(&env)?.forward()).map(drop)
}

/// The same as `runAsync()`. Unlike the SDK's function it never blocks Node's thread.
///
/// @example run();
#[napi(catch_unwind)]
pub fn run(env: Env) -> Result<()> {
    run_async(env)
}

/// Switches `log` events on: `{"type":"log","payload":"…"}` describes what the engine does.
///
/// Takes nothing, returns nothing. The texts never contain a password. They are the only events that may be dropped,
/// when a callback is far behind. `emit('log', …)` works without `enableDebug()`.
///
/// @example enableDebug();
#[napi(catch_unwind)]
pub fn enable_debug(env: Env) -> Result<()> {
    throwing(&env, Environment::of(&env)?.forward())?.enable_debug();
    Ok(())
}

/// Sets the provider, which lists the upstream proxies.
///
/// `url` is a `file:///` URL of a JSON list, or the `http(s)://` base URL of a provider that answers `GET
/// /proxies/{id}` and `GET /proxies?country=…&limit=n`. An entry is `{id, protocol: "http" | "https" | "socks5" |
/// "direct", host, port, username?, password?, ca?, country_code?, state?, city?, zip?, isp?, public_ip?}`. A file is
/// watched: when an entry is edited, its ports use the new one, and are offline while it does not answer; when it is
/// deleted, its ports are removed (`portRemoved`). A server may say `direct` only with `configure({ allowProviderDirect:
/// true })`. Returns 0, or 1 if the URL is invalid or has another scheme; the text is then in
/// `sdkGetLastError()`. Throws `TypeError` if it is not a string.
///
/// @example setAPIHost('file:///etc/proxies.json');
#[napi(js_name = "setAPIHost", catch_unwind, ts_args_type = "url: string")]
pub fn set_api_host(env: Env, url: Given<'_>) -> Result<i32> {
    let url = throwing(&env, args::string(url, "url"))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_api_host(&url)))
}

/// The provider's URL, as `setAPIHost` was given it; the empty string if there is none.
///
/// @example console.log(getAPIHost());
#[napi(js_name = "getAPIHost", catch_unwind)]
pub fn get_api_host(env: Env) -> Result<String> {
    Ok(Environment::of(&env)?.runtime.api_host())
}

/// Sets a header that is sent with each request to an HTTP provider.
///
/// `name` and `value` are strings. It replaces a header of the same name; an empty value deletes it. Returns 0, or 1
/// if they cannot be a header; the text is then in `sdkGetLastError()`. Requests that wait because the provider
/// answered 401 are sent again at once (see `closeTokenChan`). Throws `TypeError` for another type.
///
/// @example setHeader('X-Api-Key', key);
#[napi(catch_unwind, ts_args_type = "name: string, value: string")]
pub fn set_header(env: Env, name: Given<'_>, value: Given<'_>) -> Result<i32> {
    let (name, value) = throwing(&env, pair(name, value))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_header(&name, &value)))
}

/// Sets a query parameter that is sent with each request to an HTTP provider, such as its key.
///
/// `name` and `value` are strings. It replaces a parameter of the same name; an empty value deletes it. Returns 0, or
/// 1 if it is too long; the text is then in `sdkGetLastError()`. Requests that wait because the provider answered 401
/// are sent again at once (see `closeTokenChan`). Throws `TypeError` for another type.
///
/// @example setQuery('api-key', key);
#[napi(catch_unwind, ts_args_type = "name: string, value: string")]
pub fn set_query(env: Env, name: Given<'_>, value: Given<'_>) -> Result<i32> {
    let (name, value) = throwing(&env, pair(name, value))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_query(&name, &value)))
}

fn pair(name: Given<'_>, value: Given<'_>) -> Outcome<(String, String)> {
    Ok((args::string(name, "name")?, args::string(value, "value")?))
}

/// Sets the user's country. It is sent with each request to an HTTP provider as `user_country_code`, and shown as
/// `client_country_code` in `getConfigJSON`.
///
/// `code` is a string such as `"HK"`. Returns 0. Throws `TypeError` for another type.
///
/// @example setUserCountryCode('HK');
#[napi(catch_unwind, ts_args_type = "code: string")]
pub fn set_user_country_code(env: Env, code: Given<'_>) -> Result<i32> {
    let code = throwing(&env, args::string(code, "code"))?;
    Ok(Environment::of(&env)?.ask(|engine| {
        engine.set_user_country_code(&code);
        Ok(())
    }))
}

/// Ends the wait of requests that an HTTP provider has answered with 401.
///
/// Such a request waits up to 20 seconds for a new key (`setQuery`, `setHeader`) and is then sent again. This call
/// makes it fail now, with `proxyError` `…@status:401|message:…`. Takes nothing and returns 0.
///
/// @example closeTokenChan();
#[napi(catch_unwind)]
pub fn close_token_chan(env: Env) -> Result<i32> {
    Environment::of(&env)?.runtime.close_token_chan();
    Ok(0)
}

/// Switches whether local ports ask their clients for credentials: status 407 for HTTP, RFC 1929 for SOCKS5.
///
/// `enable` is 0 or 1. Returns 0, or 1 if `setProxyAuth` has set no credentials yet, or if it would be switched off
/// while other machines can reach the ports. Open connections continue. Throws `TypeError` for a wrong type and
/// `RangeError` for another number.
///
/// @example setEnableProxyAuth(1);
#[napi(catch_unwind, ts_args_type = "enable: number")]
pub fn set_enable_proxy_auth(env: Env, enable: Given<'_>) -> Result<i32> {
    let enable = throwing(&env, args::switch(enable, "enable"))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_enable_proxy_auth(enable)))
}

/// Sets the credentials that local ports ask their clients for, and whether they ask.
///
/// `enable` is 0 or 1; `username` has 1 to 255 bytes and no colon, `password` 1 to 255 bytes. Ports of `forward` with
/// the option `auth` use their own. Returns 0, or 1 with the text in `sdkGetLastError()`. Open connections continue.
/// Throws `TypeError` for a wrong type and `RangeError` for another number.
///
/// @example setProxyAuth(1, 'alice', password);
#[napi(
    catch_unwind,
    ts_args_type = "enable: number, username: string, password: string"
)]
pub fn set_proxy_auth(
    env: Env,
    enable: Given<'_>,
    username: Given<'_>,
    password: Given<'_>,
) -> Result<i32> {
    let checked = args::switch(enable, "enable").and_then(|enable| {
        let username = args::string(username, "username")?;
        Ok((enable, username, args::string(password, "password")?))
    });
    let (enable, username, password) = throwing(&env, checked)?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_proxy_auth(enable, &username, &password)))
}

/// Stores the kind of tunnel: 0 Auto, 1 Mux, 2 Qux. It is shown in `stats()` and has no other effect.
///
/// Every local port speaks HTTP and SOCKS5; the first byte of a connection tells which. `forward({ accept })`
/// restricts a port to one. Returns 0. Throws `TypeError` for a wrong type and `RangeError` for another number.
///
/// @example setProtocol(0);
#[napi(catch_unwind, ts_args_type = "protocol: number")]
pub fn set_protocol(env: Env, protocol: Given<'_>) -> Result<i32> {
    let protocol = throwing(&env, option::protocol(protocol))?;
    Ok(Environment::of(&env)?.ask(|engine| engine.set_protocol(protocol)))
}
