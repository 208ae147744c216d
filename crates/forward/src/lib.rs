//! The forward engine: local proxy ports that forward traffic through upstream proxies.
//!
//! The way of one connection: `port` accepts it, `session` tells what it speaks, `http_port` or `socks_port`
//! learns where it wants to go, `dial` makes the way there through the port's upstream (`connect`, `socks`), and
//! `relay` moves the bytes; plain HTTP requests go one by one through `exchange` instead. The way of one request:
//! `calls` takes it, each of its ports gets a `job` with its turn in that port's `lane`, the job looks up or picks,
//! checks, opens or swaps, and `batch` says how it all ended.

mod access;
mod api;
mod batch;
mod body;
mod calls;
mod carrier;
mod condition;
mod connect;
mod context;
mod counters;
mod detail;
mod dial;
mod door;
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
mod job;
mod lane;
mod ledger;
mod link;
mod liveness;
mod orders;
mod origin;
mod outage;
mod outcome;
mod persist;
mod picker;
mod port;
mod ports;
mod provider;
mod range;
mod receive;
mod record;
mod relay;
mod renew;
mod reporter;
mod rules;
mod schedule;
mod session;
mod settings;
mod snapshot;
mod socks;
mod socks_port;
mod source;
mod splice;
mod stats;
mod store;
mod supervise;
mod target;
mod timing;
mod tls;
mod trouble;
mod trust;
mod upstream;
mod upstream_url;
mod way;
mod wire;

pub use api::{API_ROUTES, Api, ApiRoute};
pub use calls::{Through, Wanted};
pub use detail::{CODE, Detail};
pub use door::Accept;
pub use engine::Engine;
pub use error::ForwardError;
pub use outcome::Forwarded;
pub use rules::{Auth, OnRotate, Rules};
pub use settings::Settings;
pub use stats::{PortInfo, Stats, UpstreamInfo};
pub use target::{Host, Target};
pub use trust::Trust;
