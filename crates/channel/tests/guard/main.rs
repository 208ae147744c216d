//! The guard and the accept loop over real sockets: each test is red when its protection is taken out.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to say where"
)]

mod bodies;
mod descriptors;
mod handshakes;
mod hosts;
mod house;
mod local_api;
mod openers;
mod origins;
mod routes;
mod stop;
mod tokens;
