//! A WebSocket for the client in JavaScript: messages are taken one by one, and what is not taken is not read.

mod event;
mod run;
mod socket;

pub use event::SocketEvent;
pub use socket::Socket;
