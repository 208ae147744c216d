//! The forward engine: local proxy ports that forward traffic through upstream proxies.
//!
//! The way of one connection: `port` accepts it, `session` tells what it speaks, `http_port` or `socks_port`
//! learns where it wants to go, `dial` makes the way there through the port's upstream (`connect`, `socks`), and
//! `relay` moves the bytes; plain HTTP requests go one by one through `exchange` instead. The way of one request:
//! `engine` takes the call, `lane` its turn, `request` looks up, checks, opens and says how it ended.

mod body;
mod carrier;
mod connect;
mod context;
mod counters;
mod detail;
mod dial;
mod engine;
mod error;
mod events;
mod exchange;
mod eyeballs;
mod failure;
mod flaw;
mod head;
mod health;
mod http_port;
mod lane;
mod link;
mod list;
mod liveness;
mod port;
mod range;
mod receive;
mod relay;
mod reporter;
mod request;
mod session;
mod settings;
mod snapshot;
mod socks;
mod socks_port;
mod splice;
mod supervise;
mod target;
mod tls;
mod trust;
mod upstream;
#[allow(dead_code, reason = "for `forward`, which is not there yet")]
mod upstream_url;
mod verifier;
mod way;
mod wire;

pub use detail::{CODE, Detail};
pub use engine::Engine;
pub use error::ForwardError;
pub use settings::Settings;
pub use target::{Host, Target};
pub use trust::Trust;
