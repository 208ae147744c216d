//! The exports of the channel: listeners, `emit`, settings, shutdown.

mod calls;
mod connection;
mod listener;
mod publish;
mod reader;
mod settings;

pub(crate) use publish::export_functions;
