//! The server and the clients of this suite.

pub(crate) mod client;
pub(crate) mod record_writer;
pub(crate) mod server;
pub(crate) mod stream_engine;
