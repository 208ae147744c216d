//! The forward engine: ports, their upstreams, the provider.

mod access;
mod config;
mod create;
mod http_api;
mod ports;
mod provider;
mod range;
mod saved;
mod timing;
