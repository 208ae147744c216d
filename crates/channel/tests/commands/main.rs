//! Commands over real sockets: what a client asks, what an engine makes of it, and the one reply that comes back.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on has to say where"
)]

mod answers;
mod bounds;
mod endings;
mod fixtures;
mod house;
mod streams;
