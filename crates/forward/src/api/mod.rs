//! The local HTTP API (`startHttpApi`): the engine for programs that speak HTTP. `openapi.json` describes it.
//!
//! The way of one request: the channel's guard lets it through (`server` says by which rules), `routes` finds its
//! endpoint, `parameters` reads what it asks, `endpoints` does it, and `answer` says what came of it.

mod answer;
mod endpoints;
mod error;
mod parameters;
mod pick;
mod routes;
mod server;

pub use routes::{API_ROUTES, ApiRoute};
pub use server::Api;
