//! Servers that hold all events already and send them to whoever connects.
use axum::extract::ws::{Message, Utf8Bytes, WebSocket, WebSocketUpgrade};
use axum::{Router, response::Response, routing::get};
use bytes::Bytes;
use fastwebsockets::{Frame, Payload, Role};
use futures_util::SinkExt;
use napi_derive::napi;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};
use tokio::net::{TcpListener, TcpStream};

use crate::{event, runtime};

/// As large as the largest buffer of axum's tungstenite before it writes.
const BUFFER: usize = 128 * 1024;
const BIG_WRITE: usize = 256 * 1024;
/// For `raw-hot`: a block that stays in the processor's cache.
const HOT_BLOCK: usize = 64 * 1024;

pub(crate) fn listener() -> napi::Result<(TcpListener, u32)> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    let _entered = runtime().enter();
    Ok((TcpListener::from_std(listener)?, port.into()))
}

/// Serves `/ws/{token}` with TCP_NODELAY, each connection by `talk`.
pub(crate) fn serve_axum<F, T>(listener: TcpListener, talk: F)
where
    F: Fn(WebSocket) -> T + Clone + Send + Sync + 'static,
    T: Future<Output = ()> + Send + 'static,
{
    use axum::serve::ListenerExt;
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).expect("TCP_NODELAY"));
    let upgrade = move |ws: WebSocketUpgrade| async move {
        let answer: Response = ws.on_upgrade(talk);
        answer
    };
    let app = Router::new().route("/ws/{token}", get(upgrade));
    runtime().spawn(async move { axum::serve(listener, app).await });
}

/// Takes a connection and answers its upgrade; the counting client does not check the key.
pub(crate) async fn accept(listener: &TcpListener) -> std::io::Result<TcpStream> {
    let (mut stream, _) = listener.accept().await?;
    stream.set_nodelay(true)?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_buf(&mut head).await?;
    }
    stream
        .write_all(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        .await?;
    Ok(stream)
}

fn events(count: u32, bytes: u32) -> Arc<Vec<Utf8Bytes>> {
    Arc::new(
        (0..count)
            .map(|n| event::numbered(0, n as usize, bytes as usize).into())
            .collect(),
    )
}

async fn axum_send(mut socket: WebSocket, events: Arc<Vec<Utf8Bytes>>) {
    for event in events.iter() {
        if socket.send(Message::Text(event.clone())).await.is_err() {
            return;
        }
    }
    while socket.recv().await.is_some() {}
}

async fn axum_feed(mut socket: WebSocket, events: Arc<Vec<Utf8Bytes>>) {
    for event in events.iter() {
        if socket.feed(Message::Text(event.clone())).await.is_err() {
            return;
        }
    }
    if socket.flush().await.is_ok() {
        while socket.recv().await.is_some() {}
    }
}

async fn fast(stream: TcpStream, events: Vec<Bytes>) -> Result<(), fastwebsockets::WebSocketError> {
    let mut socket = fastwebsockets::WebSocket::after_handshake(
        BufWriter::with_capacity(BUFFER, stream),
        Role::Server,
    );
    // A small frame is copied into the buffer whole; with writev it would be written in two parts.
    socket.set_writev(false);
    for event in &events {
        socket
            .write_frame(Frame::text(Payload::Borrowed(event)))
            .await?;
    }
    socket.flush().await?;
    let _ = socket.read_frame().await;
    Ok(())
}

/// Writes `total` bytes, going through `block` as often as that takes.
async fn raw(mut stream: TcpStream, block: Vec<u8>, total: usize) -> std::io::Result<()> {
    let mut left = total;
    while left > 0 {
        for part in block.chunks(BIG_WRITE) {
            let part = &part[..part.len().min(left)];
            stream.write_all(part).await?;
            left -= part.len();
        }
    }
    stream.read_u8().await.map(drop)
}

/// Starts a server of one kind, ready to send `count` events of `bytes` to each connection; its port.
///
/// `raw` sends the whole stream, framed beforehand, in big writes; with `seq` its events carry the
/// last key that `loopwire.v1` adds. `raw-hot` repeats one block that stays in the cache.
#[napi]
pub fn serve_drain(kind: String, count: u32, bytes: u32, seq: Option<bool>) -> napi::Result<u32> {
    let (listener, port) = listener()?;
    match kind.as_str() {
        "axum-send" => {
            let events = events(count, bytes);
            serve_axum(listener, move |socket| axum_send(socket, events.clone()));
        }
        "axum-feed" => {
            let events = events(count, bytes);
            serve_axum(listener, move |socket| axum_feed(socket, events.clone()));
        }
        "fast" => {
            let events = (0..count)
                .map(|n| event::numbered(0, n as usize, bytes as usize).into())
                .collect();
            runtime().spawn(async move { fast(accept(&listener).await?, events).await });
        }
        "raw" | "raw-hot" => {
            let mut block = Vec::new();
            let mut made = 0;
            while made < count && (kind == "raw" || block.len() < HOT_BLOCK) {
                let mut event = event::numbered(0, made as usize, bytes as usize);
                made += 1;
                if seq == Some(true) {
                    event.truncate(event.len() - 1);
                    event.push_str(&format!(",\"seq\":{made}}}"));
                }
                event::frame(&mut block, event.as_bytes());
            }
            // Frames of a repeated block are all of one length.
            let total = block.len() / made as usize * count as usize;
            let total = if made < count { total } else { block.len() };
            runtime().spawn(async move { raw(accept(&listener).await?, block, total).await });
        }
        _ => return Err(napi::Error::from_reason(format!("no server {kind}"))),
    }
    Ok(port)
}
