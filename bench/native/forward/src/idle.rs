//! Idle connections: opened, used once, then held, so that the runner can look at the proxy's memory.
use std::io::{Error, Result};
use std::sync::Arc;

use pico_args::Arguments;
use tokio::io::{AsyncReadExt, AsyncWriteExt, stdin};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::clients::{Clients, option};

/// So many are opened at once, which no backlog is too short for.
const OPENERS: usize = 64;
/// What each has carried before it is idle, either way: its buffers have been there.
const BYTES: usize = 16 << 10;

/// Opens them, prints `open`, and holds them until the standard input ends.
pub(crate) async fn run(clients: Clients, args: &mut Arguments) -> Result<()> {
    let count: usize = option(args, "--count")?;
    let clients = Arc::new(clients);
    let mut openers = JoinSet::new();
    for opener in 0..OPENERS {
        let clients = Arc::clone(&clients);
        openers.spawn(async move {
            let mut open = Vec::new();
            for n in (opener..count).step_by(OPENERS) {
                open.push(used(&clients, n).await?);
            }
            Ok::<_, Error>(open)
        });
    }
    let mut open = Vec::with_capacity(count);
    while let Some(opened) = openers.join_next().await {
        open.append(&mut opened.map_err(Error::other)??);
    }
    println!("open");
    stdin().read_to_end(&mut Vec::new()).await?;
    Ok(())
}

async fn used(clients: &Clients, n: usize) -> Result<TcpStream> {
    let mut stream = clients.connect(n).await?;
    let mut bytes = vec![b'E'; BYTES];
    stream.write_all(&bytes).await?;
    // The first was the origin's task.
    stream.read_exact(&mut bytes[1..]).await?;
    Ok(stream)
}
