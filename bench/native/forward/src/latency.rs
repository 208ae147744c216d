//! Latency, open loop: messages at a fixed rate whatever comes back, in turn through the proxy and past it.
//!
//! Both ways are measured in the same seconds by the same threads, so that what the proxy adds is not what
//! else the machine did meanwhile.
use std::io::{Read, Result, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use pico_args::Arguments;
use tokio::runtime::Runtime;

use crate::clients::{Clients, option};

/// Each way.
const CONNECTIONS: usize = 8;
/// Messages per second, each way: far from what any subject can carry, so that no queue is measured.
const RATE: u32 = 1000;
const MESSAGE: usize = 64;
/// How long the last answers may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The connections of one way, and where the times of its messages go.
struct Side {
    streams: Vec<TcpStream>,
    times: mpsc::Receiver<u64>,
}

/// Sends for the time; the percentiles in microseconds of both ways.
pub(crate) fn run(runtime: &Runtime, clients: &Clients, args: &mut Arguments) -> Result<String> {
    let direct = clients.direct(option(args, "--direct")?);
    let began = Instant::now();
    let mut via = Side::open(runtime, clients, began)?;
    let mut past = Side::open(runtime, &direct, began)?;
    let count = (clients.time.as_secs_f64() * f64::from(RATE)) as usize;
    let gap = Duration::from_secs(1) / RATE / 2;
    let first = Instant::now() + gap;
    for n in 0..count * 2 {
        let due = first + gap * n as u32;
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let side = if n % 2 == 0 { &mut via } else { &mut past };
        let mut message = [0; MESSAGE];
        // From when it is sent: being late itself is the generator's own delay.
        message[..8].copy_from_slice(&nanoseconds(began).to_le_bytes());
        side.streams[n / 2 % CONNECTIONS].write_all(&message)?;
    }
    let [(via50, via99), (past50, past99)] = [via.percentiles(count)?, past.percentiles(count)?];
    Ok(format!(
        r#"{{"p50":{via50},"p99":{via99},"direct50":{past50},"direct99":{past99}}}"#
    ))
}

fn nanoseconds(began: Instant) -> u64 {
    began.elapsed().as_nanos() as u64
}

impl Side {
    fn open(runtime: &Runtime, clients: &Clients, began: Instant) -> Result<Self> {
        let (times, seen) = mpsc::channel();
        let mut streams = Vec::with_capacity(CONNECTIONS);
        for n in 0..CONNECTIONS {
            let mut stream = runtime.block_on(clients.connect(n))?.into_std()?;
            stream.set_nonblocking(false)?;
            stream.write_all(b"E")?;
            let (mut reader, times) = (stream.try_clone()?, times.clone());
            std::thread::spawn(move || {
                let mut message = [0; MESSAGE];
                while reader.read_exact(&mut message).is_ok() {
                    let sent = u64::from_le_bytes(message[..8].try_into().expect("eight bytes"));
                    let _ = times.send(nanoseconds(began) - sent);
                }
            });
            streams.push(stream);
        }
        Ok(Self {
            streams,
            times: seen,
        })
    }

    /// The 50th and the 99th of `count` times, in microseconds.
    fn percentiles(&self, count: usize) -> Result<(f64, f64)> {
        let mut times = Vec::with_capacity(count);
        for _ in 0..count {
            times.push(
                self.times
                    .recv_timeout(PATIENCE)
                    .map_err(std::io::Error::other)?,
            );
        }
        times.sort_unstable();
        Ok((
            times[count / 2] as f64 / 1e3,
            times[count * 99 / 100] as f64 / 1e3,
        ))
    }
}
