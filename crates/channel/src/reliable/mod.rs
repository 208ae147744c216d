//! Reliable messages: what a client sends again after a reconnect has its effect once.

mod client;
mod clients;

pub(crate) use client::Client;
pub(crate) use clients::{Clients, Membership};
