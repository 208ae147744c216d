//! The settings that an application may change at run time.

use std::time::Duration;

use super::trust::Trust;
use crate::model::Target;

/// Timeouts and limits. A change takes effect for everything that starts after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// For TCP to the upstream, name resolution included. Ten seconds: two lost SYNs.
    pub connect_timeout: Duration,
    /// For each handshake that follows, TLS and the proxy's. Ten seconds: residential upstreams are slow, people are
    /// not patient.
    pub handshake_timeout: Duration,
    /// For the first byte of an answer, after a request or the last byte of a tunnel's client was sent, or after the
    /// last sign of life of a server that has not answered yet: an interim answer, or a part of a head. Two minutes:
    /// slow servers need a minute or so, and a dead upstream is given up before the client's own timeout. A tunnel
    /// whose client has sent nothing is not concerned.
    pub first_byte_timeout: Duration,
    /// For a relay in which no byte moves. Five minutes: longer than common keep-alive intervals.
    pub idle_timeout: Duration,
    /// How long a port may go without a handshake before its upstream is checked; zero disables the check.
    pub idle_check: Duration,
    /// What a check asks an HTTP upstream to connect to; without one, the upstream's own address.
    pub probe: Option<Target>,
    /// Whether a port whose upstream fails takes another one that matches the same filter.
    pub rotate_on_error: bool,
    /// Whether an HTTP provider may answer `direct` for a proxy that is asked for by its id. Off: a server would decide
    /// that traffic leaves with this machine's own address.
    pub allow_provider_direct: bool,
    /// Connections per local port. 4096: enough for a port of a browser farm, and a limit for a local program that
    /// opens too many.
    pub max_connections: usize,
    /// The certificates that are trusted for HTTPS upstreams.
    pub trust: Trust,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            handshake_timeout: Duration::from_secs(10),
            first_byte_timeout: Duration::from_secs(120),
            idle_timeout: Duration::from_secs(300),
            idle_check: Duration::from_secs(30),
            probe: None,
            rotate_on_error: false,
            allow_provider_direct: false,
            max_connections: 4096,
            trust: Trust::default(),
        }
    }
}
