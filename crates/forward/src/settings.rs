//! The times and numbers an application may change at run time.

use std::time::Duration;

use crate::target::Target;

/// How long and how many. Every change takes effect for what begins after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// For TCP to the upstream, name resolution included. Ten seconds: two lost SYNs.
    pub connect_timeout: Duration,
    /// For the proxy handshake that follows. Ten seconds: residential upstreams are slow, people are not patient.
    pub handshake_timeout: Duration,
    /// For a relay in which no byte moves. Five minutes: longer than any keep-alive interval in wide use.
    pub idle_timeout: Duration,
    /// How long a port may go without a handshake before its upstream is checked; zero switches the check off.
    pub idle_check: Duration,
    /// What a check asks an HTTP upstream to connect to; without one, the upstream's own address.
    pub probe: Option<Target>,
    /// Whether a port whose upstream fails takes another one under the same filter.
    pub rotate_on_error: bool,
    /// Connections per local port. 4096: what one port of a browser farm needs, and a bound on what a local
    /// program gone wild can take from the host's descriptors.
    pub max_connections: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            handshake_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(300),
            idle_check: Duration::from_secs(30),
            probe: None,
            rotate_on_error: false,
            max_connections: 4096,
        }
    }
}
