//! Connections: connect, the proxy's handshake, one byte there and back, close; over and over.
use std::io::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::clients::Clients;
use crate::meter::cpu;

/// So many at once: enough that nobody waits for the generator, too few to fill a backlog.
const WORKERS: usize = 64;

/// What the workers have to tell.
#[derive(Default)]
struct Seen {
    done: AtomicU64,
    failed: AtomicU64,
}

/// Runs the workers for the time; `{"done", "failed", "seconds", "cpu"}`.
pub(crate) async fn run(clients: Clients) -> Result<String> {
    let seen = Arc::new(Seen::default());
    // The first connection is not counted: it shows that the way is there at all.
    once(&clients, 0).await?;
    for worker in 0..WORKERS {
        let (clients, seen) = (clients.clone(), Arc::clone(&seen));
        tokio::spawn(async move {
            loop {
                let count = match once(&clients, worker).await {
                    Ok(()) => &seen.done,
                    Err(_) => &seen.failed,
                };
                count.fetch_add(1, Relaxed);
            }
        });
    }
    let look = || (seen.done.load(Relaxed), seen.failed.load(Relaxed));
    // A quarter of the time to warm up.
    tokio::time::sleep(clients.time / 4).await;
    let (begun, before, spent) = (Instant::now(), look(), cpu(clients.pid)?);
    tokio::time::sleep(clients.time).await;
    let (done, failed) = (look().0 - before.0, look().1 - before.1);
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), cpu(clients.pid)? - spent);
    Ok(format!(
        r#"{{"done":{done},"failed":{failed},"seconds":{seconds},"cpu":{cpu}}}"#
    ))
}

async fn once(clients: &Clients, n: usize) -> Result<()> {
    let mut stream = clients.connect(n).await?;
    stream.write_all(b"E!").await?;
    match stream.read_u8().await? {
        b'!' => Ok(()),
        byte => Err(Error::other(format!("{byte} came back"))),
    }
}
