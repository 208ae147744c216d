//! A connection of a listener, as JavaScript sees it.

use std::time::{SystemTime, UNIX_EPOCH};

use loopwire_channel::ConnectionInfo;
use napi_derive::napi;

/// Who a connection is.
#[napi(object)]
pub struct Connection {
    /// `conn-1`, `conn-2`, …: unique per listener, as in `GET /ws/connections`.
    pub id: String,
    /// Whether it asked for `loopwire.v1` (PROTOCOL section 1).
    pub v1: bool,
    /// `'sdk'` for `/ws/{token}` (seed 000), `'sandbox'` for the other forms (seed 004).
    #[napi(ts_type = "'sdk' | 'sandbox'")]
    pub form: String,
}

/// A connection as `listener.connections()` shows it.
#[napi(object)]
pub struct ConnectionState {
    /// `conn-1`, `conn-2`, …
    pub id: String,
    /// Whether it asked for `loopwire.v1`.
    pub v1: bool,
    /// `'sdk'` for `/ws/{token}` (seed 000), `'sandbox'` for the other forms (seed 004).
    #[napi(ts_type = "'sdk' | 'sandbox'")]
    pub form: String,
    /// Whether it receives events. Of the SDK's form only the last active one does (seed 000).
    pub active: bool,
    /// When it was accepted, in milliseconds since 1970.
    pub connected: f64,
    /// When it was last pinged, in milliseconds since 1970; when it was accepted, before that.
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
