//! CONNECT, as the client of an HTTP upstream.

use crate::http::{HeadError, read_answer};
use crate::model::{Failure, Target};
use crate::socket::BufferedSocket;
use crate::upstream::Upstream;

/// Asks for a tunnel and reads the answer. Bytes after the answer stay buffered: they are the target's first.
pub(crate) async fn tunnel(
    socket: &mut BufferedSocket,
    upstream: &Upstream,
    target: &Target,
) -> Result<(), Failure> {
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(credentials) = &upstream.credentials {
        request.push_str("Proxy-Authorization: ");
        request.push_str(&credentials.basic());
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    socket
        .writer()
        .write_all(request.as_bytes())
        .await
        .map_err(Failure::during_handshake)?;
    let mut reader = socket.reader();
    loop {
        let answer = match read_answer(&mut reader, || ()).await {
            Ok(answer) => answer,
            Err(HeadError::Gone) => return Err(Failure::Closed),
            Err(_) => return Err(Failure::Invalid("HTTP")),
        };
        match answer.status {
            100..=199 => {}
            200..=299 => return Ok(()),
            407 => return Err(Failure::ProxyAuth),
            status => return Err(Failure::Status(status)),
        }
    }
}
