//! Servers that send what is published while they run.
use std::io::Write;
use std::net::TcpStream;
use std::sync::{Mutex, OnceLock};

use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use napi_derive::napi;
use tokio::sync::broadcast::{self, Sender, error::RecvError};

use crate::{drain, event, runtime};

/// Room in the broadcast channel; the publisher waits at half of it, so nothing is lost.
const ROOM: usize = 65_536;

pub(crate) fn sender() -> &'static Sender<Utf8Bytes> {
    static SENDER: OnceLock<Sender<Utf8Bytes>> = OnceLock::new();
    SENDER.get_or_init(|| broadcast::channel(ROOM).0)
}

/// Sends, and waits while the slowest receiver is half the channel behind.
pub(crate) fn broadcast(event: String) {
    let sender = sender();
    let _ = sender.send(event.into());
    if sender.len() > ROOM / 2 {
        while sender.len() > ROOM / 4 {
            std::thread::sleep(std::time::Duration::from_micros(50));
        }
    }
}

async fn talk(mut socket: WebSocket) {
    let mut events = sender().subscribe();
    loop {
        match events.recv().await {
            Ok(event) => {
                if socket.send(Message::Text(event)).await.is_err() {
                    return;
                }
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// axum, one `send` per event that is published; its port.
#[napi]
pub fn serve_live() -> napi::Result<u32> {
    let (listener, port) = drain::listener()?;
    serve(listener);
    Ok(port)
}

fn serve(listener: tokio::net::TcpListener) {
    drain::serve_axum(listener, talk);
}

/// Connections that are subscribed by now.
#[napi]
pub fn subscribers() -> u32 {
    sender().receiver_count() as u32
}

static INLINE: Mutex<Option<TcpStream>> = Mutex::new(None);

/// One connection that the publisher writes to itself: what a lone event costs at least; its port.
#[napi]
pub fn serve_inline() -> napi::Result<u32> {
    let (listener, port) = drain::listener()?;
    runtime().spawn(async move {
        let stream = drain::accept(&listener).await?.into_std()?;
        *INLINE.lock().expect("not poisoned") = Some(stream);
        std::io::Result::Ok(())
    });
    Ok(port)
}

/// Writes a frame from this thread, if there is such a connection.
pub(crate) fn write_inline(event: &str) {
    if let Some(stream) = INLINE.lock().expect("not poisoned").as_mut() {
        let mut frame = Vec::with_capacity(event.len() + 10);
        event::frame(&mut frame, event.as_bytes());
        stream
            .write_all(&frame)
            .expect("room in the kernel for a lone event");
    }
}
