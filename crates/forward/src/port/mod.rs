//! A local port: its state, its rules, and the tasks that live as long as it does.

pub(crate) mod checks;
mod context;
mod descriptors;
mod liveness;
mod local_auth;
mod local_port;
mod reporter;
mod rules;
mod snapshot;
pub(crate) mod supervise;

pub(crate) use checks::check_now;
pub(crate) use context::Context;
pub(crate) use descriptors::admit;
pub(crate) use liveness::Liveness;
pub use local_auth::Accept;
pub(crate) use local_port::{Port, Reserved, Start, reserve};
pub use rules::{Auth, OnRotate, Rules};
pub(crate) use snapshot::config_json;
