//! System calls on a TCP socket past the runtime's readiness: where what it knows is old, or not there yet.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpStream;

#[cfg(not(target_os = "linux"))]
pub(crate) use portable::{connect, is_silent, read_part, send_part};

#[cfg(target_os = "linux")]
pub(crate) use linux::{connect, is_silent, read_part, send_part};

#[cfg(target_os = "linux")]
mod linux {
    use rustix::io::Errno;
    use rustix::net::sockopt::set_tcp_nodelay;
    use rustix::net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, getpeername, ipproto, recv,
        send, socket_with,
    };
    use tokio::io::Interest;

    use super::{SocketAddr, TcpStream, io};

    /// Connects, without Nagle's algorithm. On this machine a connection is there when the call returns, and then
    /// nothing is waited for.
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
        let family = match address {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(family, SocketType::STREAM, flags, Some(ipproto::TCP))?;
        set_tcp_nodelay(&socket, true)?;
        match rustix::net::connect(&socket, &address) {
            Ok(()) | Err(Errno::INPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        let connected = getpeername(&socket).is_ok();
        let stream = TcpStream::from_std(socket.into())?;
        if !connected {
            stream.writable().await?;
            if let Some(error) = stream.take_error()? {
                return Err(error);
            }
        }
        Ok(stream)
    }

    /// Reads what is there, `WouldBlock` if nothing is. After a part of the buffer the runtime waits for more, and
    /// does not look first: the socket had no more.
    pub(crate) fn read_part(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
        let mut part = None;
        let read = stream.try_io(Interest::READABLE, || {
            let count = recv(stream, &mut *buffer, RecvFlags::empty())?.0;
            if 0 < count && count < buffer.len() {
                part = Some(count);
                return Err(io::ErrorKind::WouldBlock.into());
            }
            Ok(count)
        });
        part.map_or(read, Ok)
    }

    /// Writes what the socket takes, even if the runtime does not know yet that it takes any; `WouldBlock` if it does
    /// not.
    pub(crate) fn send_part(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
        Ok(send(stream, bytes, SendFlags::NOSIGNAL)?)
    }

    /// Whether nothing is there to be read, not even the end, whatever the runtime has heard.
    pub(crate) fn is_silent(stream: &TcpStream) -> bool {
        recv(stream, &mut [0; 1], RecvFlags::PEEK) == Err(Errno::AGAIN)
    }
}

#[cfg(not(target_os = "linux"))]
mod portable {
    use std::mem::MaybeUninit;

    use socket2::SockRef;

    use super::{SocketAddr, TcpStream, io};

    /// Connects, without Nagle's algorithm.
    pub(crate) async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
        let stream = open(address).await?;
        // macOS refuses it once the peer has reset the connection, which the first use tells better.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    #[cfg(not(windows))]
    async fn open(address: SocketAddr) -> io::Result<TcpStream> {
        TcpStream::connect(address).await
    }

    #[cfg(windows)]
    async fn open(address: SocketAddr) -> io::Result<TcpStream> {
        use tokio::net::TcpSocket;

        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        if address.ip().is_loopback() {
            loopwire_trust::refuse_at_once(&socket);
        }
        socket.connect(address).await
    }

    /// Reads what is there, `WouldBlock` if nothing is.
    pub(crate) fn read_part(stream: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
        stream.try_read(buffer)
    }

    /// Writes what the socket takes; `WouldBlock` if nothing, or if the runtime does not know that it takes any.
    pub(crate) fn send_part(stream: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
        stream.try_write(bytes)
    }

    /// Whether nothing is there to be read, not even the end, whatever the runtime has heard.
    pub(crate) fn is_silent(stream: &TcpStream) -> bool {
        let peeked = SockRef::from(stream).peek(&mut [MaybeUninit::uninit()]);
        matches!(peeked, Err(error) if error.kind() == io::ErrorKind::WouldBlock)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use std::io::Write;
    use std::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn an_end_that_the_runtime_has_not_heard_of_is_no_silence() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = connect(listener.local_addr().unwrap()).await.unwrap();
        let (peer, _) = listener.accept().unwrap();
        assert!(is_silent(&stream));
        drop(peer);
        // The runtime, which has only this thread, does not look meanwhile.
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!is_silent(&stream));
    }

    #[tokio::test]
    #[cfg(windows)]
    async fn a_refusal_on_this_machine_comes_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let begun = std::time::Instant::now();
        let error = connect(address).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(begun.elapsed() < std::time::Duration::from_secs(1));
    }

    #[tokio::test]
    #[cfg(target_os = "linux")]
    async fn a_connection_on_this_machine_takes_bytes_at_once_and_its_end_is_seen_at_once() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = connect(listener.local_addr().unwrap()).await.unwrap();
        assert!(stream.nodelay().unwrap());
        // The runtime has not looked at the socket yet.
        assert_eq!(
            stream.try_write(b"x").unwrap_err().kind(),
            io::ErrorKind::WouldBlock
        );
        assert_eq!(send_part(&stream, b"x").unwrap(), 1);
        let (peer, _) = listener.accept().unwrap();
        assert!(is_silent(&stream));
        drop(peer);
        assert!(!is_silent(&stream));
    }

    #[tokio::test]
    async fn bytes_that_come_after_a_part_of_the_buffer_was_read_are_waited_for_and_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut peer, _) = listener.accept().unwrap();
        let mut buffer = [0; 8];
        for text in [&b"one"[..], b"other"] {
            peer.write_all(text).unwrap();
            stream.readable().await.unwrap();
            let count = read_part(&stream, &mut buffer).unwrap();
            assert_eq!(&buffer[..count], text);
        }
        drop(peer);
        stream.readable().await.unwrap();
        assert_eq!(read_part(&stream, &mut buffer).unwrap(), 0);
    }
}
