//! The options of a listener and their defaults.

use std::time::Duration;

use crate::guard::Origins;
use crate::tls::Identity;

/// Which SDK connections receive events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Delivery {
    /// Only the last active one.
    #[default]
    Last,
    /// Every one.
    All,
}

/// The options of a listener. The defaults are those of `startEventListener`.
#[derive(Clone, Debug)]
pub struct ListenerOptions {
    /// The TLS identity; without one, the listener uses plain TCP.
    pub tls: Option<Identity>,
    /// Additional hosts, with or without a port.
    pub allowed_hosts: Vec<String>,
    /// Additional origins.
    pub origins: Origins,
    /// Which connections of the SDK's form receive events.
    pub delivery: Delivery,
    /// The interval of pings.
    pub heartbeat: Duration,
    /// How long a client may read nothing before it is disconnected.
    pub stall: Duration,
    /// The largest message a client may send.
    pub max_message_bytes: usize,
    /// The most connections.
    pub max_connections: usize,
    /// Whether the application accepts messages that are not commands.
    pub takes_messages: bool,
    /// Whether the application wants notices about connections.
    pub takes_notices: bool,
    /// Whether the listener serves the inspector's page.
    pub inspector: bool,
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
            inspector: false,
        }
    }
}
