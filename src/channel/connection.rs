//! A connection of a listener, as JavaScript sees it.

use std::time::{SystemTime, UNIX_EPOCH};

use loopwire_channel::ConnectionInfo;
use napi_derive::napi;

/// A connection of a listener.
#[napi(object)]
pub struct Connection {
    /// `conn-1`, `conn-2`, …: unique within a listener, as in `GET /ws/connections`.
    pub id: String,
    /// Whether the client asked for `loopwire.v1` (PROTOCOL section 1).
    pub v1: bool,
    /// `'sdk'` for a connection to `/ws/{token}`, as on the SDK's page; `'sandbox'` for the forms of the sandbox's
    /// page.
    #[napi(ts_type = "'sdk' | 'sandbox'")]
    pub form: String,
}

/// A connection, as `listener.connections()` returns it.
#[napi(object)]
pub struct ConnectionState {
    /// `conn-1`, `conn-2`, …
    pub id: String,
    /// Whether the client asked for `loopwire.v1` (PROTOCOL section 1).
    pub v1: bool,
    /// `'sdk'` for a connection to `/ws/{token}`, as on the SDK's page; `'sandbox'` for the forms of the sandbox's
    /// page.
    #[napi(ts_type = "'sdk' | 'sandbox'")]
    pub form: String,
    /// Whether it receives events. With `delivery: 'last'` only the newest connection to `/ws/{token}` does.
    pub active: bool,
    /// When it was accepted, in milliseconds since 1970.
    pub connected: f64,
    /// When the last ping was sent, in milliseconds since 1970; before the first one, when it was accepted.
    pub last_ping: f64,
}

fn form(info: &ConnectionInfo) -> &'static str {
    if info.sandbox { "sandbox" } else { "sdk" }
}

impl From<&ConnectionInfo> for Connection {
    fn from(info: &ConnectionInfo) -> Self {
        Self {
            id: info.id.clone(),
            v1: info.v1,
            form: form(info).to_owned(),
        }
    }
}

impl From<loopwire_channel::ConnectionState> for ConnectionState {
    fn from(state: loopwire_channel::ConnectionState) -> Self {
        Self {
            form: form(&state.info).to_owned(),
            v1: state.info.v1,
            active: state.active,
            connected: millis(state.opened),
            last_ping: millis(state.last_ping),
            id: state.info.id,
        }
    }
}

/// Whole milliseconds since 1970.
fn millis(at: SystemTime) -> f64 {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    (since.as_secs_f64() * 1_000.0).floor()
}
