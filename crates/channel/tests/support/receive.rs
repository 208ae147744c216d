//! Waiting for a message. Pings come for ever, so that they do not prolong the wait.

use std::io::{ErrorKind, Read, Write};
use std::time::Instant;

use tungstenite::{Error, Message, WebSocket};

use super::until::PATIENCE;

/// The next message; the pings of a sandbox client are messages.
pub(crate) fn receive<Stream: Read + Write>(socket: &mut WebSocket<Stream>) -> Message {
    receive_if(socket, |_| true)
}

/// The next message that is no ping of a sandbox client.
pub(crate) fn receive_data<Stream: Read + Write>(socket: &mut WebSocket<Stream>) -> Message {
    receive_if(socket, |message| match message {
        Message::Text(text) => text.as_str() != r#"{"type":"ping"}"#,
        _ => true,
    })
}

fn receive_if<Stream: Read + Write>(
    socket: &mut WebSocket<Stream>,
    wanted: impl Fn(&Message) -> bool,
) -> Message {
    let start = Instant::now();
    loop {
        match socket.read() {
            Ok(Message::Ping(_) | Message::Pong(_)) => {}
            Ok(message) if wanted(&message) => return message,
            Ok(_) => {}
            // A process that is stopped and continued: a read with a timeout is not begun again by the system.
            Err(Error::Io(error)) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => panic!("{error}"),
        }
        assert!(start.elapsed() < PATIENCE, "nothing came but pings");
    }
}
