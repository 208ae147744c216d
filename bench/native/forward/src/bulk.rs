//! Bulk: how many bytes a second come through so many streams, and what CPU time that takes the proxy.
use std::io::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use pico_args::Arguments;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::clients::{Clients, option};
use crate::meter::{cpu, discard};

/// Until windows are open and buffers grown.
const WARM_UP: Duration = Duration::from_millis(500);
/// What an upload writes at a time.
const CHUNK: usize = 256 << 10;

/// Bytes seen by all streams, and whether one has ended before its time.
#[derive(Default)]
struct Seen {
    bytes: AtomicU64,
    broken: AtomicBool,
}

/// Runs the streams for the time; `{"bytes", "seconds", "cpu"}`.
pub(crate) async fn run(clients: Clients, args: &mut Arguments) -> Result<String> {
    let streams: usize = option(args, "--streams")?;
    let up = args.contains("--up");
    let seen = Arc::new(Seen::default());
    let mut open = Vec::with_capacity(streams);
    for n in 0..streams {
        open.push(clients.connect(n).await?);
    }
    for stream in open {
        let seen = Arc::clone(&seen);
        tokio::spawn(async move {
            let _ = if up {
                send(stream, &seen).await
            } else {
                take(stream, &seen).await
            };
            seen.broken.store(true, Relaxed);
        });
    }
    tokio::time::sleep(WARM_UP).await;
    let (begun, bytes, spent) = (Instant::now(), seen.bytes.load(Relaxed), cpu(clients.pid)?);
    tokio::time::sleep(clients.time).await;
    let bytes = seen.bytes.load(Relaxed) - bytes;
    let (seconds, cpu) = (begun.elapsed().as_secs_f64(), cpu(clients.pid)? - spent);
    if seen.broken.load(Relaxed) {
        return Err(Error::other("a stream ended before its time"));
    }
    Ok(format!(
        r#"{{"bytes":{bytes},"seconds":{seconds},"cpu":{cpu}}}"#
    ))
}

async fn take(mut stream: TcpStream, seen: &Seen) -> Result<()> {
    stream.write_all(b"S").await?;
    loop {
        match discard(&stream).await? {
            0 => return Ok(()),
            count => seen.bytes.fetch_add(count as u64, Relaxed),
        };
    }
}

async fn send(mut stream: TcpStream, seen: &Seen) -> Result<()> {
    stream.write_all(b"K").await?;
    let chunk = vec![b'x'; CHUNK];
    loop {
        let count = stream.write(&chunk).await?;
        seen.bytes.fetch_add(count as u64, Relaxed);
    }
}
