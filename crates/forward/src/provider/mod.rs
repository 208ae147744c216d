//! The providers of upstreams: a list in a file, or an HTTP API.
//!
//! `file` reads a list (`read` its bytes), and `watch` notices edits; `http` asks an API through `client` (one
//! request and its limits), and `answer` maps its errors. `entries` parses what both return. `account` is sent with
//! each request; `filter` and `port_config` are the application's wishes, parsed by `fields`. `source` is either
//! provider.

mod account;
mod answer;
mod client;
mod entries;
mod fields;
mod file;
mod filter;
mod http;
mod port_config;
mod read;
mod source;
mod watch;

#[cfg(test)]
#[path = "../../tests/support/api.rs"]
mod api;

pub(crate) use account::Account;
pub(crate) use filter::{DEFAULT_ACTION, DEFAULT_PLAN, Filter};
pub(crate) use port_config::PortConfig;
pub(crate) use source::Provider;
