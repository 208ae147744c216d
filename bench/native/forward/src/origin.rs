//! The upstream of all subjects: an HTTP and SOCKS5 proxy that is, whatever it is asked for, the origin itself.
//!
//! One port speaks everything, told apart by the first byte: 5 is SOCKS5, `C` is CONNECT, anything else is
//! what the origin shall do: `E` echoes, `S` sends without end, `K` takes everything.
use std::fs::File;
use std::io::{Error, ErrorKind, Result, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;

use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader, Interest};
use tokio::net::{TcpSocket, TcpStream};

use crate::meter::discard;
use crate::way::END;

/// More than any generator opens at once.
const BACKLOG: u32 = 4096;
/// What is sent over and over. In the page cache, so that sending copies nothing: what is measured is between
/// the ends, and they shall leave it the cores.
const SOURCE: usize = 1 << 20;
/// A request's head and what an echo takes at a time.
const SMALL: usize = 1024;

/// Listens on a port of its own, which it prints, and serves until the process is ended.
pub(crate) async fn serve() -> Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    let listener = socket.listen(BACKLOG)?;
    println!("{}", listener.local_addr()?.port());
    let source: &'static File = Box::leak(Box::new(source()?));
    loop {
        // Out of descriptors or a client gone again: the generator notices what is missing.
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(answer(stream, source));
        }
    }
}

fn source() -> Result<File> {
    let path = std::env::temp_dir().join(format!("loopwire-bench-{}", std::process::id()));
    let mut file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)?;
    std::fs::remove_file(&path)?;
    file.write_all(&vec![b'x'; SOURCE])?;
    Ok(file)
}

async fn answer(stream: TcpStream, source: &File) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::with_capacity(SMALL, stream);
    let task = match stream.read_u8().await? {
        5 => socks5(&mut stream).await?,
        b'C' => connect(&mut stream).await?,
        task => task,
    };
    match task {
        b'E' => echo(stream).await,
        b'S' => send(stream.into_inner(), source).await,
        b'K' => loop {
            if discard(stream.get_ref()).await? == 0 {
                return Ok(());
            }
        },
        _ => Err(ErrorKind::InvalidData.into()),
    }
}

/// Answers SOCKS5 behind its first byte; the task that follows.
async fn socks5(stream: &mut BufReader<TcpStream>) -> Result<u8> {
    let methods = stream.read_u8().await?;
    stream.read_exact(&mut vec![0; methods.into()]).await?;
    stream.write_all(&[5, 0]).await?;
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let address = match head[3] {
        1 => 4,
        4 => 16,
        _ => stream.read_u8().await?.into(),
    };
    stream.read_exact(&mut vec![0; address + 2]).await?;
    stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    stream.read_u8().await
}

/// Answers CONNECT; the task that follows.
async fn connect(stream: &mut BufReader<TcpStream>) -> Result<u8> {
    let mut head = Vec::with_capacity(SMALL);
    while !head.ends_with(END) {
        if head.len() == SMALL {
            return Err(Error::other("a head that long is none of ours"));
        }
        head.push(stream.read_u8().await?);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    stream.read_u8().await
}

async fn echo(mut stream: BufReader<TcpStream>) -> Result<()> {
    // An idle connection of ten thousand keeps this buffer; it is not the process that is measured.
    let mut bytes = [0; SMALL];
    loop {
        let count = stream.read(&mut bytes).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&bytes[..count]).await?;
    }
}

/// Sends until the other side has gone.
async fn send(stream: TcpStream, source: &File) -> Result<()> {
    let mut at = 0;
    loop {
        let count = stream.async_io(Interest::WRITABLE, || {
            SockRef::from(&stream).sendfile(source, at, NonZeroUsize::new(SOURCE - at))
        });
        at = (at + count.await?) % SOURCE;
    }
}
