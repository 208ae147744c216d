//! Waiting for a message.

use std::io::{Read, Write};
use std::time::Instant;

use tungstenite::{Message, WebSocket};

use super::until::PATIENCE;

/// The next message that belongs to no heartbeat. Pings come for ever, so that they do not prolong the wait.
pub(crate) fn receive<Stream: Read + Write>(socket: &mut WebSocket<Stream>) -> Message {
    let start = Instant::now();
    loop {
        match socket.read().unwrap() {
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Text(text) if text.as_str() == r#"{"type":"ping"}"# => {}
            message => return message,
        }
        assert!(start.elapsed() < PATIENCE, "nothing came but pings");
    }
}
