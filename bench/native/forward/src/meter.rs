//! What is counted: bytes that arrive, and the CPU time of another process.
use std::cell::RefCell;
use std::io::{Error, Result};
use std::mem::MaybeUninit;

use socket2::SockRef;
use tokio::io::Interest;
use tokio::net::TcpStream;

/// At most this much is thrown away at a time.
const ROOM: usize = 1 << 20;
/// `sysconf(_SC_CLK_TCK)` of every Linux there is.
const TICKS: f64 = 100.0;
/// Where `utime` stands in /proc/PID/stat, counted from behind the command's name; `stime` follows.
const UTIME: usize = 11;

thread_local! {
    /// Says how much may come; nothing is ever written here.
    static NOWHERE: RefCell<Box<[MaybeUninit<u8>]>> = RefCell::new(Box::new_uninit_slice(ROOM));
}

/// How much came, and is gone; 0 at the end.
///
/// With `MSG_TRUNC` the kernel throws a TCP socket's bytes away instead of copying them: receiving costs next
/// to nothing, and leaves the cores to the proxy. Whether they are the right bytes is for tests to check.
pub(crate) async fn discard(stream: &TcpStream) -> Result<usize> {
    let take = || {
        NOWHERE.with_borrow_mut(|room| SockRef::from(stream).recv_with_flags(room, libc::MSG_TRUNC))
    };
    stream.async_io(Interest::READABLE, take).await
}

/// CPU seconds that process has taken so far, user and system; 0 for none.
pub(crate) fn cpu(pid: Option<u32>) -> Result<f64> {
    let Some(pid) = pid else { return Ok(0.0) };
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The command's name may hold anything but ends with the last bracket.
    let rest = stat.rsplit_once(") ").map(|(_, rest)| rest);
    let mut fields = rest.unwrap_or_default().split(' ').skip(UTIME);
    let mut ticks = || fields.next().and_then(|field| field.parse::<f64>().ok());
    match (ticks(), ticks()) {
        (Some(user), Some(system)) => Ok((user + system) / TICKS),
        _ => Err(Error::other("the proxy's CPU time cannot be read")),
    }
}
