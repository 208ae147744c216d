//! The options of a listener: what the application may choose, with its defaults.

use std::time::Duration;

use crate::guard::Origins;
use crate::tls::Identity;

/// Which SDK connections receive events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Only the last active one (seed 000).
    #[default]
    Last,
    /// Every one.
    All,
}

/// What the application may choose. The defaults are those of `startEventListener`.
#[derive(Clone, Debug)]
pub struct ListenerOptions {
    /// Who the listener is over TLS; without it, it is bare TCP.
    pub tls: Option<Identity>,
    /// Further Host values, with or without a port.
    pub allowed_hosts: Vec<String>,
    /// Further origins.
    pub origins: Origins,
    /// Who of the SDK's form receives.
    pub delivery: Delivery,
    /// How often a connection is asked whether it is still there.
    pub heartbeat: Duration,
    /// How long a connection may take no byte.
    pub stall: Duration,
    /// The largest message a client may send.
    pub max_message_bytes: usize,
    /// How many connections there may be.
    pub max_connections: usize,
    /// Whether the application takes messages that are nobody's command.
    pub takes_messages: bool,
    /// Whether the application wants to hear of connections.
    pub takes_notices: bool,
}

impl Default for ListenerOptions {
    fn default() -> Self {
        Self {
            tls: None,
            allowed_hosts: Vec::new(),
            origins: Origins::default(),
            delivery: Delivery::Last,
            heartbeat: Duration::from_secs(30),
            stall: Duration::from_secs(30),
            max_message_bytes: 1 << 20,
            max_connections: 256,
            takes_messages: false,
            takes_notices: false,
        }
    }
}
