//! How a client asks a proxy for a tunnel.
use std::io::{Error, Result};
use std::str::FromStr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The longest answer to CONNECT that is waited for: no peer's is longer.
const MAX_ANSWER: usize = 1024;
/// How an HTTP head ends.
pub(crate) const END: &[u8] = b"\r\n\r\n";

/// The protocol of the proxy, or of what is behind it when it only copies.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    Http,
    Socks5,
}

impl FromStr for Way {
    type Err = String;

    fn from_str(name: &str) -> std::result::Result<Self, String> {
        match name {
            "http" => Ok(Self::Http),
            "socks5" => Ok(Self::Socks5),
            _ => Err(format!("no way {name}")),
        }
    }
}

impl Way {
    /// Has the proxy connect to `target` on this machine.
    pub(crate) async fn open(self, stream: &mut TcpStream, target: u16) -> Result<()> {
        match self {
            Self::Http => http(stream, target).await,
            Self::Socks5 => socks5(stream, target).await,
        }
    }
}

async fn http(stream: &mut TcpStream, target: u16) -> Result<()> {
    let request =
        format!("CONNECT 127.0.0.1:{target} HTTP/1.1\r\nHost: 127.0.0.1:{target}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = [0; MAX_ANSWER];
    let mut length = 0;
    while !answer[..length].ends_with(END) {
        match stream.read(&mut answer[length..]).await? {
            0 => {
                return Err(Error::other(
                    "the proxy closed instead of answering CONNECT",
                ));
            }
            count => length += count,
        }
    }
    // "HTTP/1.x 200"
    if answer.get(8..11) == Some(b" 20") {
        Ok(())
    } else {
        Err(refused(&answer[..length]))
    }
}

async fn socks5(stream: &mut TcpStream, target: u16) -> Result<()> {
    stream.write_all(&[5, 1, 0]).await?;
    let mut method = [0; 2];
    stream.read_exact(&mut method).await?;
    let [high, low] = target.to_be_bytes();
    stream
        .write_all(&[5, 1, 0, 1, 127, 0, 0, 1, high, low])
        .await?;
    let mut answer = [0; 10];
    stream.read_exact(&mut answer).await?;
    if answer[1] == 0 {
        Ok(())
    } else {
        Err(refused(&answer))
    }
}

fn refused(answer: &[u8]) -> Error {
    Error::other(format!("the proxy refused: {}", answer.escape_ascii()))
}
