//! The event channel: one bounded journal of events, and the listeners and connections that read it.

mod callback;
mod command;
mod connection;
mod event;
mod executor;
pub mod fault;
mod guard;
mod inspector;
#[cfg(all(test, loopwire_loom))]
mod interleavings;
mod journal;
mod listener;
mod reliable;
mod server;
mod session;
mod silence;
mod tls;
mod wire;

// Linked, it sees panics and faults that no test ordered.
#[cfg(test)]
use loopwire_testing as _;

pub use callback::{Callback, Change, ConnectionInfo, Inbox, InboxItem, MAX_BATCH_EVENTS, Portion};
pub use command::{
    Cause, CauseObject, Command, CommandError, Engine, EngineSpec, Input, Reply, figure,
};
pub use connection::{EventFilter, Filtered, FrameBuffer, FrameSource, Peer, SourceState};
pub use event::{
    Audience, Event, EventForm, Kind, KindSpec, MAX_ENGINE_TOPICS, MAX_EVENT_BYTES, Topic, Topics,
    json,
};
pub use executor::Executor;
pub use guard::{
    Admitted, Counters, CredentialForm, CredentialPolicy, Flags, HostError, Hosts, LOOPBACK_NAMES,
    MAX_TOKEN_BYTES, MAX_TOKEN_CHARS, NoopObserver, OPEN_ROUTES, Observer, Origins, PROTOCOL_V1,
    Policy, RESERVED_TOKENS, Reason, RefusedOrigin, SHORT_TOKEN_CHARS, Token, TokenCell,
    TokenError, answer,
};
pub use journal::{Bounds, Hurry, Journal, PublishError, Published, Read, Record, Run, SinkWaker};
pub use listener::{
    AddressReport, Behind, ConnectionReport, ConnectionState, Delivery, Listener, ListenerOptions,
    ListenerStats, OpenError, SendError, SlotPlace,
};
pub use server::{
    BACKLOG, Handshake, ListeningSocket, MAX_BODY_BYTES, MAX_HANDSHAKES, MAX_HEAD_BYTES,
    MAX_HEADERS, MAX_OPEN_HEADS, MAX_UNANSWERED, RECEIVE_DEADLINE, REQUEST_DEADLINE, RequestLimits,
    bind, concerns_one_client, serve, take_socket,
};
pub use silence::Mutable;
pub use tls::{Identity, Socket, Tls, TlsError, TlsSocket};
pub use wire::Close;
