//! The other ends: a WebSocket client that reads, and a client with its upstream. They run in processes of their own.
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::Result;
use crate::events::LAST;

/// Bytes that go there and back at a time: less than a relay's buffer.
pub(crate) const BLOCK: usize = 16 << 10;
/// Before a block goes either way: no flow is fast enough to be spliced, and the relay sleeps each time, so how fast the
/// machine is does not decide what is counted.
const PAUSE: Duration = Duration::from_millis(3);
const HEAD_END: &[u8] = b"\r\n\r\n";

/// Such a process, from the side that is counted.
pub(crate) struct Peer {
    child: Child,
}

impl Peer {
    pub(crate) fn start(args: &[&str]) -> Result<Self> {
        let child = Command::new(std::env::current_exe()?)
            .arg("peer")
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self { child })
    }

    pub(crate) fn say(&mut self, line: &str) -> Result {
        let stdin = self.child.stdin.as_mut().ok_or("it is told nothing more")?;
        Ok(writeln!(stdin, "{line}")?)
    }

    /// The one line that it prints.
    pub(crate) fn hear(&mut self) -> Result<String> {
        let stdout = self.child.stdout.take().ok_or("it has said all")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    /// Waits until it has seen all, without stopping the runtime.
    pub(crate) async fn ended(mut self) -> Result {
        let (told, heard) = oneshot::channel();
        thread::spawn(move || told.send(self.child.wait()));
        let status = heard.await??;
        if status.success() {
            Ok(())
        } else {
            Err(format!("the peer ended with {status}").into())
        }
    }
}

fn line() -> Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

/// Reads up to and with the end of a head. What follows it comes later.
fn head(stream: &mut TcpStream) -> Result {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(HEAD_END) {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(())
}

/// Reads frames up to the last event; one that is held begins when it is told.
pub(crate) fn reader(port: u16, path: &str, held: bool) -> Result {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    head(&mut stream)?;
    if held {
        line()?;
    }
    let mut bytes = vec![0; 1 << 20];
    let mut kept = 0;
    loop {
        let read = stream.read(&mut bytes[kept..])?;
        if read == 0 {
            return Err("the stream ended before the last event".into());
        }
        let end = kept + read;
        let from = kept.saturating_sub(LAST.len());
        if bytes[from..end]
            .windows(LAST.len())
            .any(|part| part == LAST.as_bytes())
        {
            return Ok(());
        }
        kept = end.min(LAST.len());
        bytes.copy_within(end - kept..end, 0);
    }
}

/// Prints the port of an upstream, is told that of the engine, and does its work from there to the upstream and back.
pub(crate) fn upstream(work: &str, count: u32) -> Result {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    println!("{}", listener.local_addr()?.port());
    let copies = work == "copy";
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let pause = if copies { PAUSE } else { Duration::ZERO };
            thread::spawn(move || echo(stream, pause).map_err(|error| error.to_string()));
        }
    });
    let port = line()?.parse()?;
    match work {
        "connections" => (0..count).try_for_each(|_| connection(port)),
        "copy" => copy(port, count),
        _ => Err(format!("no work {work}").into()),
    }
}

/// Answers CONNECT, then sends back what comes, each time after a pause.
fn echo(mut stream: TcpStream, pause: Duration) -> Result {
    stream.set_nodelay(true)?;
    head(&mut stream)?;
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
    let mut block = vec![0; BLOCK];
    loop {
        let read = stream.read(&mut block)?;
        if read == 0 {
            return Ok(());
        }
        thread::sleep(pause);
        stream.write_all(&block[..read])?;
    }
}

fn tunnel(port: u16) -> Result<TcpStream> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    stream.write_all(b"CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: 127.0.0.1:9\r\n\r\n")?;
    head(&mut stream)?;
    Ok(stream)
}

/// Connect, handshake, one byte there and back, close.
fn connection(port: u16) -> Result {
    let mut stream = tunnel(port)?;
    stream.write_all(b"x")?;
    stream.read_exact(&mut [0])?;
    stream.shutdown(Shutdown::Write)?;
    // It has closed everything when its end comes.
    stream.read_to_end(&mut Vec::new())?;
    Ok(())
}

/// So many blocks there and back on one connection.
fn copy(port: u16, count: u32) -> Result {
    let mut stream = tunnel(port)?;
    let mut block = vec![b'x'; BLOCK];
    for _ in 0..count {
        thread::sleep(PAUSE);
        stream.write_all(&block)?;
        stream.read_exact(&mut block)?;
    }
    Ok(())
}
