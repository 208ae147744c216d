//! The same engine as typed calls for new code: `forward`, `rotate`, `ports`, `stats`.

use loopwire_runtime as runtime;
use loopwire_runtime::{Accept, Auth, ForwardError, OnRotate, Rules, Through, Wanted};
use napi::bindgen_prelude::*;
use napi_derive::napi;
use serde_json::Value;

use crate::node::{Environment, Failure, Outcome, args, promised, target, throwing};

const KNOWN: [&str; 8] = [
    "port",
    "upstream",
    "accept",
    "probe",
    "onRotate",
    "rotateOnError",
    "auth",
    "requestId",
];

/// A port that forwards, and through what.
#[napi(object)]
pub struct Forwarded {
    /// The local port.
    pub port: u16,
    /// Where it listens, as `"127.0.0.1:60000"`.
    pub address: String,
    /// The upstream's id.
    pub proxy_id: String,
    /// The upstream as a URL, without credentials.
    pub upstream: String,
    /// How long its dial and handshake took, in milliseconds.
    pub latency_ms: f64,
}

/// One forwarded port, as `ports()` gives it. Bytes and connections are counted over the port's life.
#[napi(object)]
pub struct PortInfo {
    /// The local port.
    pub port: u16,
    /// Where it listens, as `"127.0.0.1:60000"`.
    pub address: String,
    /// The id of the upstream in service.
    pub proxy_id: String,
    /// The upstream as a URL, without credentials.
    pub upstream: String,
    /// Whether the last handshake with it went well.
    pub online: bool,
    /// How long that took, in milliseconds.
    pub latency_ms: f64,
    /// Why the last one failed that did, if one has.
    pub last_error: Option<String>,
    /// What the provider says of the upstream's exit; empty if it says nothing.
    pub country_code: String,
    /// The same for its city.
    pub city: String,
    /// The same for its address.
    pub public_ip: String,
    /// How often the provider was asked for this proxy again.
    pub refreshes: f64,
    /// Connections of clients so far.
    pub connections: f64,
    /// Connections that are open.
    pub streams: f64,
    /// Bytes that upstreams have taken.
    pub bytes_up: f64,
    /// Bytes that clients have taken.
    pub bytes_down: f64,
}

/// One upstream, over all ports it has served.
#[napi(object)]
pub struct UpstreamInfo {
    /// Its id.
    pub proxy_id: String,
    /// It as a URL, without credentials.
    pub upstream: String,
    /// How many ports it serves now.
    pub ports: f64,
    /// Whether it failed lately and is left alone for a while.
    pub cooling: bool,
    /// Connections made through it so far.
    pub connections: f64,
    /// Those that are open.
    pub streams: f64,
    /// Bytes it has taken.
    pub bytes_up: f64,
    /// Bytes that clients have taken from it.
    pub bytes_down: f64,
}

/// The forward engine as a whole.
#[napi(object)]
pub struct ForwardStats {
    /// Forwarded ports.
    pub ports: f64,
    /// Those of them that are online.
    pub online: f64,
    /// Connections of clients so far, of the ports that are forwarded now.
    pub connections: f64,
    /// Connections that are open.
    pub streams: f64,
    /// Bytes that upstreams have taken, of the ports that are forwarded now.
    pub bytes_up: f64,
    /// Bytes that clients have taken.
    pub bytes_down: f64,
    /// `log` events that found no room in the journal.
    pub dropped_logs: f64,
    /// What `setProtocol` was given.
    pub protocol: u8,
    /// The upstreams known, in the order of their ids.
    pub upstreams: Vec<UpstreamInfo>,
}

/// JavaScript's numbers are exact up to 2^53: nine petabytes.
#[expect(clippy::cast_precision_loss, reason = "nobody counts beyond 2^53")]
const fn double(number: u64) -> f64 {
    number as f64
}

impl From<runtime::Forwarded> for Forwarded {
    fn from(forwarded: runtime::Forwarded) -> Self {
        Self {
            port: forwarded.port,
            address: forwarded.address.to_string(),
            proxy_id: forwarded.proxy_id,
            upstream: forwarded.upstream,
            latency_ms: double(forwarded.latency_ms),
        }
    }
}

impl From<runtime::PortInfo> for PortInfo {
    fn from(port: runtime::PortInfo) -> Self {
        Self {
            port: port.port,
            address: port.address.to_string(),
            proxy_id: port.proxy_id,
            upstream: port.upstream,
            online: port.online,
            latency_ms: double(port.latency_ms),
            last_error: port.last_error,
            country_code: port.country_code,
            city: port.city,
            public_ip: port.public_ip,
            refreshes: double(port.refreshes),
            connections: double(port.connections),
            streams: double(port.streams),
            bytes_up: double(port.bytes_up),
            bytes_down: double(port.bytes_down),
        }
    }
}

impl From<runtime::UpstreamInfo> for UpstreamInfo {
    fn from(upstream: runtime::UpstreamInfo) -> Self {
        Self {
            proxy_id: upstream.proxy_id,
            upstream: upstream.upstream,
            ports: double(upstream.ports as u64),
            cooling: upstream.cooling,
            connections: double(upstream.connections),
            streams: double(upstream.streams),
            bytes_up: double(upstream.bytes_up),
            bytes_down: double(upstream.bytes_down),
        }
    }
}

impl From<runtime::Stats> for ForwardStats {
    fn from(stats: runtime::Stats) -> Self {
        Self {
            ports: double(stats.ports as u64),
            online: double(stats.online as u64),
            connections: double(stats.connections),
            streams: double(stats.streams),
            bytes_up: double(stats.bytes_up),
            bytes_down: double(stats.bytes_down),
            dropped_logs: double(stats.dropped_logs),
            protocol: stats.protocol,
            upstreams: stats.upstreams.into_iter().map(Into::into).collect(),
        }
    }
}

/// A Promise of a port that forwards, rejected with the error's `code` if it does not.
fn forwarded(
    env: &Env,
    future: impl Future<Output = std::result::Result<runtime::Forwarded, ForwardError>> + Send + 'static,
) -> Result<Object<'_>> {
    let runtime = &Environment::of(env)?.runtime;
    promised(env, runtime, async move {
        let outcome = future.await.map_err(Failure::from);
        outcome.map(Forwarded::from)
    })
}

/// `upstream` is JSON text where it was an object: the face has made it.
#[napi(catch_unwind, skip_typescript)]
pub fn forward<'env>(
    env: &'env Env,
    options: Unknown<'_>,
    upstream: Unknown<'_>,
) -> Result<Object<'env>> {
    let (port, wanted) = throwing(env, wanted(options, upstream))?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    let begun = engine
        .forward(port, wanted)
        .map_err(|error| Failure::invalid(error.to_string()));
    forwarded(env, throwing(env, begun)?)
}

fn wanted(options: Unknown<'_>, upstream: Unknown<'_>) -> Outcome<(u16, Wanted)> {
    let mut port = None;
    let mut rules = Rules::default();
    let mut request_id = None;
    for (key, value) in args::options(options, "options", &KNOWN)? {
        let name = format!("options.{key}");
        match key.as_str() {
            "port" => port = Some(args::forwarded_port(value, &name)?),
            "accept" => rules.accept = accept(&args::string(value, &name)?)?,
            "probe" => rules.probe = target(value, &name)?,
            "onRotate" => rules.on_rotate = on_rotate(&args::string(value, &name)?)?,
            "rotateOnError" => rules.rotate_on_error = Some(args::boolean(value, &name)?),
            "auth" => rules.auth = Some(auth(value)?),
            "requestId" => request_id = Some(args::string(value, &name)?),
            // The face has taken it apart.
            _ => {}
        }
    }
    let missing = |name| Failure::wrong_type(name, "given", "undefined");
    let port = port.ok_or_else(|| missing("options.port"))?;
    let text = args::string(upstream, "options.upstream")?;
    let through = match serde_json::from_str(&text) {
        // An object that names a proxy and says nothing more of it.
        Ok(Value::Object(given)) if !given.contains_key("protocol") => {
            let id = given.get("id").and_then(Value::as_str).map(str::to_owned);
            Through::Named(id.filter(|_| given.len() == 1).ok_or_else(|| {
                Failure::invalid(
                    "options.upstream must have a protocol, or be {id} of the provider's list",
                )
            })?)
        }
        Ok(object @ Value::Object(_)) => Through::Inline(object),
        _ => Through::Inline(Value::String(text)),
    };
    let wanted = Wanted {
        through,
        rules,
        request_id,
    };
    Ok((port, wanted))
}

fn accept(text: &str) -> Outcome<Accept> {
    match text {
        "any" => Ok(Accept::Any),
        "http" => Ok(Accept::Http),
        "socks5" => Ok(Accept::Socks5),
        _ => Err(Failure::invalid(
            "options.accept must be 'any', 'http' or 'socks5'",
        )),
    }
}

fn on_rotate(text: &str) -> Outcome<OnRotate> {
    match text {
        "keep" => Ok(OnRotate::Keep),
        "drain" => Ok(OnRotate::Drain),
        "break" => Ok(OnRotate::Break),
        _ => Err(Failure::invalid(
            "options.onRotate must be 'keep', 'drain' or 'break'",
        )),
    }
}

fn auth(value: Unknown<'_>) -> Outcome<Auth> {
    let (mut username, mut password) = (String::new(), String::new());
    for (key, value) in args::options(value, "options.auth", &["username", "password"])? {
        let text = args::string(value, &format!("options.auth.{key}"))?;
        match key.as_str() {
            "username" => username = text,
            _ => password = text,
        }
    }
    Auth::new(&username, &password).map_err(|_| {
        Failure::invalid(
            "options.auth must be {username, password}: a username of 1 to 255 bytes without a colon, a \
             password of 1 to 255 bytes",
        )
    })
}

/// Puts another proxy under the same filter into the service of `port`: its configuration's, the one that picked it,
/// or any.
///
/// Resolves to the new upstream and its latency once it has handshaken; `portStateUpdate` was published, and what
/// becomes of connections under way `onRotate` says (`'keep'` unless `forward` said otherwise). Rejects, with the old
/// upstream still in service, with code `ERR_PORT_NOT_FORWARDED`, or `req_proxy_config_error` and the detail as in
/// `proxyError` (`no port available`: there is no other one). Throws `TypeError` or `RangeError` for what is no port.
///
/// @example const { proxyId, latencyMs } = await rotate(60000);
#[napi(
    catch_unwind,
    ts_args_type = "port: number",
    ts_return_type = "Promise<Forwarded>"
)]
pub fn rotate<'env>(env: &'env Env, port: Unknown<'_>) -> Result<Object<'env>> {
    let port = throwing(env, args::forwarded_port(port, "port"))?;
    let engine = throwing(env, Environment::of(env)?.forward())?;
    forwarded(env, engine.rotate(port))
}

/// The forwarded ports, in order: a snapshot, with live counters.
///
/// @example for (const { port, online } of ports()) console.log(port, online);
#[napi(catch_unwind)]
pub fn ports(env: Env) -> Result<Vec<PortInfo>> {
    let engine = Environment::of(&env)?.runtime.started_forward();
    let ports = engine.map(|engine| engine.port_infos()).unwrap_or_default();
    Ok(ports.into_iter().map(Into::into).collect())
}

/// What the forward engine has counted: a snapshot.
///
/// @example const { streams, bytesUp, bytesDown } = stats();
#[napi(catch_unwind)]
pub fn stats(env: Env) -> Result<ForwardStats> {
    let engine = throwing(&env, Environment::of(&env)?.forward())?;
    Ok(engine.stats().into())
}
