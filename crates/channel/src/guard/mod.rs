//! The guard: the checks that every request must pass, and the error responses.

pub mod answer;
mod check;
mod cors;
mod counters;
mod credential;
mod flags;
mod host;
mod origin;
mod policy;
mod query;
mod token;

pub use check::Admitted;
pub use counters::{Counters, Reason};
pub use credential::{CredentialForm, CredentialPolicy, PROTOCOL_V1};
pub use flags::Flags;
pub use host::{HostError, Hosts, LOOPBACK_NAMES};
pub use origin::{Origins, RefusedOrigin};
pub use policy::{NoopObserver, OPEN_ROUTES, Observer, Policy};
pub use token::{
    MAX_TOKEN_BYTES, MAX_TOKEN_CHARS, RESERVED_TOKENS, SHORT_TOKEN_CHARS, Token, TokenCell,
    TokenError,
};

pub(crate) use check::{RefusedPage, respond};
pub(crate) use credential::protocols;
pub(crate) use host::host_name;
pub(crate) use query::has_token;
