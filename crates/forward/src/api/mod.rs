//! The local HTTP API (`startHttpApi`). `openapi.json` describes it.
//!
//! One request: the channel's guard checks it (`server` sets the policy), `routes` finds its endpoint, `parameters`
//! parses it, `endpoints` carries it out, and `answer` renders the result.

mod answer;
mod endpoints;
mod error;
mod parameters;
mod pick;
mod routes;
mod server;

pub use routes::{API_ROUTES, ApiRoute};
pub use server::Api;
