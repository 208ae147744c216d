//! Where upstreams come from: a list in a file, or somebody's HTTP API.
//!
//! `file` reads a list and `watch` notices that it was edited; `http` asks an API, through `client` (one request, its
//! bounds), and `answer` says what a refusal means. `entries` reads what both give. `account` is what goes
//! with each request; `filter` and `port_config` are what the application asks for, read by `fields`.

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
