//! The forward engine: local proxy ports that forward traffic through upstream proxies.
//!
//! The way of one connection: `port` accepts it, `session` tells what it speaks, `http_port` or `socks_port`
//! learns where it wants to go, `dial` makes the way there through the port's upstream (`connect`, `socks`), and
//! `relay` moves the bytes; plain HTTP requests go one by one through `exchange` instead. The way of one request:
//! `engine` takes the call, `lane` its turn, `request` looks up, checks, opens and says how it ended.

mod body;
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
mod link;
mod list;
mod liveness;
mod port;
mod range;
mod relay;
mod reporter;
mod request;
mod session;
mod settings;
mod snapshot;
mod socks;
mod socks_port;
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "the engine begins to use it with restoreData")
)]
mod store;
mod supervise;
mod target;
mod upstream;
mod wire;

pub use detail::{CODE, Detail};
pub use engine::Engine;
pub use error::ForwardError;
pub use settings::Settings;
pub use target::{Host, Target};
