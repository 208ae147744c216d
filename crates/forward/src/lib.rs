//! The forward engine: local proxy ports that forward traffic through upstream proxies.
//!
//! Rooms from the top down; each imports only rooms below it: `api`, `engine`, `request`, `connection`, `port`,
//! `health`, `dial`, `http`, `socket`, `provider`, `store`, `upstream`, `model`.
//!
//! One connection: `connection` accepts it, detects its protocol and reads its target, `dial` connects to the target
//! through the upstream of the `port`, and `connection` relays the bytes. One request: `engine` takes it, `request`
//! gives each of its ports a job and a turn, and reports the result.

mod api;
mod connection;
mod dial;
mod engine;
mod health;
mod http;
mod model;
mod port;
mod provider;
mod request;
mod socket;
mod store;
mod upstream;

// Linked, it sees panics and faults that no test ordered.
#[cfg(test)]
use loopwire_testing as _;

pub use api::{API_ROUTES, Api, ApiRoute};
pub use engine::{Engine, NotStarted, PortInfo, SPEC, Stats, Through, UpstreamInfo, Wanted};
pub use model::{CODE, Detail, ForwardError, Host, Target};
pub use port::{Accept, Auth, OnRotate, Rules};
pub use request::Forwarded;
pub use upstream::{Settings, Trust};
