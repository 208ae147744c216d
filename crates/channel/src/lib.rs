//! The event channel: one bounded journal, and the listener and connections that read it.

mod accept;
pub mod answer;
mod bind;
mod body;
mod callback;
mod certificate;
mod close;
mod command;
mod connection;
mod cors;
mod counters;
mod credential;
mod desk;
mod engine;
mod event;
pub mod fault;
mod flags;
mod frame;
mod guard;
mod heartbeat;
mod hold;
mod host;
mod inbound;
mod inbox;
mod input;
mod journal;
pub mod json;
mod kind;
mod limits;
mod listener;
mod lobby;
mod message;
mod meter;
mod metrics;
mod office;
mod options;
mod origin;
mod peer;
mod policy;
mod query;
mod registry;
mod render;
mod reply;
mod routes;
mod segment;
mod session;
mod silence;
mod slot;
mod socket;
mod tap;
mod tls;
mod token;
mod upgrade;
mod wake;
mod welcome;
mod word;
mod writer;

#[cfg(test)]
mod journal_doze;
#[cfg(test)]
mod journal_model;
#[cfg(test)]
mod journal_steps;
#[cfg(test)]
mod journal_threads;

pub use accept::serve;
pub use bind::{BACKLOG, bind};
pub use callback::{Callback, MAX_BATCH_EVENTS};
pub use certificate::TlsError;
pub use close::Close;
pub use command::Command;
pub use counters::{Counters, Reason};
pub use credential::{Form, PROTOCOL_V1, Places};
pub use engine::{Engine, figure};
pub use event::{Event, MAX_EVENT_BYTES, Topic, Topics};
pub use flags::Flags;
pub use guard::Admitted;
pub use host::{HostError, Hosts, LOOPBACK_NAMES};
pub use inbox::{Change, ConnectionInfo, Inbox, Letter};
pub use input::Input;
pub use journal::{Bounds, Journal, PublishError, Published, Read, Ring};
pub use kind::{Form as EventForm, Kind};
pub use limits::{
    MAX_BODY_BYTES, MAX_HEAD_BYTES, MAX_HEADERS, MAX_OPEN_HEADS, MAX_UNANSWERED, RECEIVE_DEADLINE,
    REQUEST_DEADLINE, RequestLimits,
};
pub use listener::{ConnectionState, Listener, OpenError, SendError};
pub use options::{Delivery, ListenerOptions};
pub use origin::{Origins, RefusedOrigin};
pub use peer::Peer;
pub use policy::{Deaf, OPEN_ROUTES, Observer, Policy};
pub use reply::{Refusal, Reply};
pub use segment::{Record, Segment};
pub use socket::{Sealed, Socket};
pub use tap::{Frames, Tap, Tapped};
pub use tls::{Identity, Tls};
pub use token::{
    MAX_TOKEN_BYTES, MAX_TOKEN_CHARS, RESERVED_TOKENS, SHORT_TOKEN_CHARS, Token, TokenCell,
    TokenError,
};
pub use upgrade::{Handshake, take_socket};
