//! A connection of a listener, as JavaScript sees it.

use loopwire_channel::{Behind, ConnectionInfo, ConnectionReport};
use napi::bindgen_prelude::{Either, Null};
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

/// A connection, as `listener.connections()` returns it, with the keys of a row of `GET /ws/connections`.
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
    /// `'active'` for the last active connection to `/ws/{token}`, `'standby'` for those that wait behind it; `null` where
    /// every connection receives.
    #[napi(ts_type = "'active' | 'standby' | null")]
    pub slot: Either<String, Null>,
    /// Whether changes of files are muted for it now: by itself, or by the silent mode of the listener.
    pub silent: bool,
    /// What the journal holds of the events that it has not come to; `null` while it receives none.
    pub behind: Either<ConnectionBehind, Null>,
    /// When it was accepted, in milliseconds since 1970.
    pub connected: f64,
    /// When the last ping was sent, in milliseconds since 1970; before the first one, when it was accepted.
    pub last_ping: f64,
}

/// How far a connection is behind: events of all topics. What the system has taken and the client has not read is not
/// counted.
#[napi(object)]
pub struct ConnectionBehind {
    /// How many events.
    pub events: f64,
    /// How many bytes they take in the journal.
    pub bytes: f64,
}

impl From<&ConnectionInfo> for Connection {
    fn from(info: &ConnectionInfo) -> Self {
        Self {
            id: info.id.clone(),
            v1: info.v1,
            form: info.form().to_owned(),
        }
    }
}

impl From<loopwire_channel::ConnectionState> for ConnectionState {
    fn from(state: loopwire_channel::ConnectionState) -> Self {
        let report = ConnectionReport::from(state);
        Self {
            id: report.id,
            v1: report.v1,
            form: report.form.to_owned(),
            active: report.active,
            slot: or_null(report.slot, str::to_owned),
            silent: report.silent,
            behind: or_null(report.behind, ConnectionBehind::from),
            connected: report.connected as f64,
            last_ping: report.last_ping as f64,
        }
    }
}

impl From<Behind> for ConnectionBehind {
    fn from(Behind { events, bytes }: Behind) -> Self {
        Self {
            events: events as f64,
            bytes: bytes as f64,
        }
    }
}

fn or_null<T, U>(value: Option<T>, made: impl FnOnce(T) -> U) -> Either<U, Null> {
    value.map_or(Either::B(Null), |value| Either::A(made(value)))
}
