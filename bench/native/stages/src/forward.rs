//! The stages of forwarding: a connection, and bytes.
use std::net::{Ipv4Addr, TcpListener};

use loopwire_channel::{Bounds, Journal};
use loopwire_forward::{Engine, Rules, Settings, Through, Wanted};
use tokio::runtime::Builder;

use crate::Result;
use crate::peer::{BLOCK, Peer};

/// Connect, handshake, one byte there and back, close.
pub(crate) fn connections(count: u32) -> Result<u64> {
    run("connections", count)?;
    Ok(count.into())
}

/// Blocks there and back through one connection; the KiB that were relayed.
pub(crate) fn copy(count: u32) -> Result<u64> {
    run("copy", count)?;
    Ok(u64::from(count) * 2 * (BLOCK as u64 >> 10))
}

/// An engine in this thread, between a client and an upstream that are one other process.
fn run(work: &str, count: u32) -> Result {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let mut peer = Peer::start(&["upstream", work, &count.to_string()])?;
    let upstream = peer.hear()?;
    let engine = Engine::new(
        Journal::new(Bounds::default()),
        runtime.handle().clone(),
        Settings::default(),
    );
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port();
    engine.update_ip_format_and_ports("127.0.0.1:%d", port.into(), 1)?;
    let wanted = Wanted {
        through: Through::Inline(format!("http://127.0.0.1:{upstream}").into()),
        rules: Rules::default(),
        request_id: None,
    };
    runtime.block_on(async {
        engine.forward(port, wanted)?.await?;
        peer.say(&port.to_string())?;
        peer.ended().await?;
        engine.shutdown().await;
        Ok(())
    })
}
