//! Forwarding ports, and ceasing to.

use std::ffi::{c_char, c_int};

use loopwire_runtime::argument as args;

use crate::boundary::{
    Given, LoopwireResult, call, handle_out, len_out, ports_in, ports_out, text,
};
use crate::runtime::{LoopwireRuntime, runtime};

/// Forwards the local port `port` to the proxy with the id `proxy_id` of the provider, and waits for it.
///
/// `port` is 1 to 65535 and in the range (default: 60000 to 60099); the id is also the request's id in events. `plan`
/// (usually "1") and `action_type` (usually "manual") are stored and sent to an HTTP provider. A port that is forwarded
/// already changes its upstream.
///
/// `LOOPWIRE_RESULT_OK` after the handshake with the upstream succeeded; `portStateUpdate` and `forwardListCompleted` were
/// published before. Otherwise `proxyError` was, and the port is not forwarded.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_create_with_id(
    runtime: *const LoopwireRuntime,
    port: c_int,
    proxy_id: *const c_char,
    plan: *const c_char,
    action_type: *const c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, id, plan, action) = unsafe {
            (
                self::runtime(runtime)?,
                text(proxy_id, "proxy_id")?,
                text(plan, "plan")?,
                text(action_type, "action_type")?,
            )
        };
        let port = args::forwarded_port(Given::Integer(port.into()), "port")?;
        let id = args::id(id, "proxy_id")?;
        let plan = args::id(plan, "plan")?;
        let action = args::id(action, "action_type")?;
        let engine = runtime.forward()?;
        runtime.wait_forward(engine.create_with_id(port, &id, &plan, &action))
    })
}

/// Forwards `ports`, each through a proxy that matches a filter, and waits for it.
///
/// `ports` are `n` ports. `filter_json` is JSON text: `{plan?, country?, state?, city?, zip?, isp?, list_type: -1, action?}`;
/// a key that is left out matches everything. `out` receives an array of the `out_len` ports that are forwarded, in the order
/// of `ports`; give it back with `loopwire_free`. One event ends the request: `forwardListCompleted` or `proxyError`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL; `ports` is NULL or has `n` numbers;
/// `out` and `out_len` are NULL or can be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_create_with_configure(
    runtime: *const LoopwireRuntime,
    request_id: *const c_char,
    ports: *const u32,
    n: c_int,
    filter_json: *const c_char,
    out: *mut *mut u32,
    out_len: *mut c_int,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, id, ports, filter) = unsafe {
            handle_out(out, "out")?;
            len_out(out_len, "out_len")?;
            (
                self::runtime(runtime)?,
                text(request_id, "request_id")?,
                ports_in(ports, n, "ports")?,
                text(filter_json, "filter_json")?,
            )
        };
        let id = args::id(id, "request_id")?;
        let filter = args::json(filter, "filter_json", None)?;
        let engine = runtime.forward()?;
        let forwarded = runtime.wait_forward(engine.create_with_configure(&id, &ports, &filter))?;
        // SAFETY: as the caller has promised, and checked above.
        unsafe { ports_out(out, out_len, &forwarded) }
    })
}

/// Forwards each of the `n` `ports` that has a configuration (`loopwire_forward_put_config_port`,
/// `loopwire_forward_set_config_ports`) through a proxy that matches it, and waits for it. Ports without one are skipped.
///
/// `request_id` is the request's id in events; `plan` (usually "1") is sent to the provider. If a proxy fails its handshake,
/// others that match are tried, each once. One proxy may serve several ports; proxies that serve none are taken first.
///
/// `out` receives an array of the `out_len` ports that are forwarded, in the order of `ports`, NULL if there are none; give
/// it back with `loopwire_free`. One event ends the request: `forwardListCompleted` if a port was forwarded or all were
/// skipped, otherwise `proxyError` with the reason of the first port.
///
/// # Safety
/// As for `loopwire_forward_create_with_configure`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_create_proxy_by_port_configs(
    runtime: *const LoopwireRuntime,
    request_id: *const c_char,
    plan: *const c_char,
    ports: *const u32,
    n: c_int,
    out: *mut *mut u32,
    out_len: *mut c_int,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, id, plan, ports) = unsafe {
            handle_out(out, "out")?;
            len_out(out_len, "out_len")?;
            (
                self::runtime(runtime)?,
                text(request_id, "request_id")?,
                text(plan, "plan")?,
                ports_in(ports, n, "ports")?,
            )
        };
        let id = args::id(id, "request_id")?;
        let plan = args::id(plan, "plan")?;
        let engine = runtime.forward()?;
        let forwarded =
            runtime.wait_forward(engine.create_proxy_by_port_configs(&id, &plan, &ports))?;
        // SAFETY: as the caller has promised, and checked above.
        unsafe { ports_out(out, out_len, &forwarded) }
    })
}

/// Forwards the `n` `ports`, each through a proxy that matches its configuration, or through any proxy if it has none, and
/// waits for it.
///
/// With `only_free` 1, ports that are not free (forwarded already, or used by another program) are skipped; with 0 all are
/// tried. Everything else is as for `loopwire_forward_create_proxy_by_port_configs`.
///
/// # Safety
/// As for `loopwire_forward_create_with_configure`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_quick_create_proxies(
    runtime: *const LoopwireRuntime,
    request_id: *const c_char,
    plan: *const c_char,
    ports: *const u32,
    n: c_int,
    only_free: c_int,
    out: *mut *mut u32,
    out_len: *mut c_int,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, id, plan, ports) = unsafe {
            handle_out(out, "out")?;
            len_out(out_len, "out_len")?;
            (
                self::runtime(runtime)?,
                text(request_id, "request_id")?,
                text(plan, "plan")?,
                ports_in(ports, n, "ports")?,
            )
        };
        let id = args::id(id, "request_id")?;
        let plan = args::id(plan, "plan")?;
        let free = args::switch(Given::Integer(only_free.into()), "only_free")?;
        let engine = runtime.forward()?;
        let forwarded =
            runtime.wait_forward(engine.quick_create_proxies(&id, &plan, &ports, free))?;
        // SAFETY: as the caller has promised, and checked above.
        unsafe { ports_out(out, out_len, &forwarded) }
    })
}

/// Forwards one port through a proxy that matches its configuration, or through any proxy if it has none, and waits for it.
///
/// `port` is 1 to 65535; `request_id` is the request's id in events, `plan` (usually "1") is sent to the provider. Events are
/// those of `loopwire_forward_create_with_id`.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed; texts are NULL or end with a NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_quick_create_at_port(
    runtime: *const LoopwireRuntime,
    port: c_int,
    request_id: *const c_char,
    plan: *const c_char,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let (runtime, id, plan) = unsafe {
            (
                self::runtime(runtime)?,
                text(request_id, "request_id")?,
                text(plan, "plan")?,
            )
        };
        let port = args::forwarded_port(Given::Integer(port.into()), "port")?;
        let id = args::id(id, "request_id")?;
        let plan = args::id(plan, "plan")?;
        let engine = runtime.forward()?;
        runtime.wait_forward(engine.quick_create_at_port(port, &id, &plan))
    })
}

/// Stops forwarding `port`, 1 to 65535, and closes its connections. It returns at once.
///
/// One `portStateUpdate` follows if the port was forwarded. The port is also deleted from the saved data.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_remove_port(
    runtime: *const LoopwireRuntime,
    port: c_int,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        let runtime = unsafe { self::runtime(runtime) }?;
        let port = args::forwarded_port(Given::Integer(port.into()), "port")?;
        runtime.get()?.remove_port(port);
        Ok(())
    })
}

/// Stops forwarding all ports. It returns at once; one `portStateUpdate` for each port follows.
///
/// The saved data stays: `loopwire_forward_restore_data` brings them back.
///
/// # Safety
/// `runtime` is NULL or a runtime that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn loopwire_forward_stop_proxy(
    runtime: *const LoopwireRuntime,
) -> LoopwireResult {
    call(|| {
        // SAFETY: as the caller has promised.
        unsafe { self::runtime(runtime) }?.get()?.stop_proxy();
        Ok(())
    })
}
