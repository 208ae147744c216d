//! The event channel: one bounded journal, and the listener and connections that read it.

mod accept;
pub mod answer;
mod bind;
mod body;
mod cors;
mod counters;
mod credential;
mod event;
mod flags;
mod guard;
mod host;
pub mod json;
mod limits;
mod lobby;
mod origin;
mod policy;
mod query;
mod token;
mod upgrade;

pub use accept::serve;
pub use bind::{BACKLOG, bind};
pub use counters::{Counters, Reason};
pub use credential::{Form, PROTOCOL_V1, Places};
pub use event::{Event, MAX_EVENT_BYTES, Topic, Topics};
pub use flags::Flags;
pub use guard::Admitted;
pub use host::{HostError, Hosts, LOOPBACK_NAMES};
pub use limits::{
    MAX_BODY_BYTES, MAX_HEAD_BYTES, MAX_HEADERS, MAX_OPEN_HEADS, MAX_UNANSWERED, RECEIVE_DEADLINE,
    REQUEST_DEADLINE, RequestLimits,
};
pub use origin::{Origins, RefusedOrigin};
pub use policy::{Deaf, OPEN_ROUTES, Observer, Policy};
pub use token::{
    MAX_TOKEN_BYTES, MAX_TOKEN_CHARS, RESERVED_TOKENS, SHORT_TOKEN_CHARS, Token, TokenCell,
    TokenError,
};
pub use upgrade::{Handshake, take_socket};
