//! The forward engine: local proxy ports that forward traffic through upstream proxies.
//!
//! The rooms, from the top floor down; each imports only those below it.
//!
//! The way of one connection: `connection` accepts it, learns what it speaks and where it wants to go, has `dial`
//! make the way there through the upstream of its `port`, and moves the bytes. The way of one request: `engine` takes
//! it, `request` gives each of its ports a job and a turn, and tells how it ended.

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

pub use api::{API_ROUTES, Api, ApiRoute};
pub use engine::{Engine, NotStarted, PortInfo, SPEC, Stats, Through, UpstreamInfo, Wanted};
pub use model::{CODE, Detail, ForwardError, Host, Target};
pub use port::{Accept, Auth, OnRotate, Rules};
pub use request::Forwarded;
pub use upstream::{Settings, Trust};
