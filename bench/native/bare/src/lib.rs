//! The smallest axum WebSocket server in a Node addon, for start-up time and size only.
use std::sync::OnceLock;

use axum::{Router, extract::ws::WebSocketUpgrade, response::Response, routing::get};
use napi_derive::napi;
use tokio::{net::TcpListener, runtime::Runtime};

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

async fn upgrade(ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(|mut socket| async move { while socket.recv().await.is_some() {} })
}

/// Listens on a free port of the loopback interface and returns it.
#[napi]
pub fn listen() -> napi::Result<u32> {
    let runtime = RUNTIME.get_or_init(|| Runtime::new().expect("a tokio runtime"));
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let port = listener.local_addr()?.port();
    let _entered = runtime.enter();
    let listener = TcpListener::from_std(listener)?;
    let app = Router::new().route("/ws/{token}", get(upgrade));
    runtime.spawn(async move { axum::serve(listener, app).await });
    Ok(port.into())
}
