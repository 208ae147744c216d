//! The forward engine: local proxy ports that forward traffic through upstream proxies.
//!
//! The way of one connection: `port` accepts it, `session` tells what it speaks, `http_port` or `socks_port`
//! learns where it wants to go, `dial` makes the way there through the port's upstream (`connect`, `socks`), and
//! `relay` moves the bytes; plain HTTP requests go one by one through `exchange` instead. The way of one request:
//! `engine` takes the call, `lane` its turn, `request` looks up, checks, opens and says how it ended.

mod body;
mod condition;
mod connect;
mod context;
mod counters;
mod detail;
mod dial;
mod engine;
mod error;
mod events;
mod exchange;
mod failure;
mod head;
mod health;
mod http_port;
mod lane;
mod ledger;
mod link;
mod list;
mod liveness;
mod outage;
mod port;
mod range;
mod record;
mod relay;
mod reporter;
mod request;
mod session;
mod settings;
mod snapshot;
mod socks;
mod socks_port;
mod supervise;
mod target;
mod trouble;
mod upstream;
mod wire;

pub use detail::{CODE, Detail};
pub use engine::Engine;
pub use error::ForwardError;
pub use settings::Settings;
pub use target::{Host, Target};
