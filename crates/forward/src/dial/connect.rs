//! CONNECT, as the client of an HTTP upstream.

use crate::http::{HeadError, read_answer, write_line};
use crate::model::{Failure, Target};
use crate::socket::BufferedSocket;
use crate::upstream::Upstream;

/// Room for a usual head.
const HEAD: usize = 256;

/// Asks for a tunnel, for a client that has come through the proxies `via`, and reads the answer. Bytes after the answer
/// stay buffered: they are the target's first.
pub(crate) async fn tunnel(
    socket: &mut BufferedSocket,
    upstream: &Upstream,
    target: &Target,
    via: &[u8],
) -> Result<(), Failure> {
    let target = target.to_string();
    let mut request = Vec::with_capacity(HEAD);
    for part in ["CONNECT ", &target, " HTTP/1.1\r\nHost: ", &target, "\r\n"] {
        request.extend_from_slice(part.as_bytes());
    }
    if let Some(credentials) = &upstream.credentials {
        let basic = credentials.basic();
        write_line(&mut request, "Proxy-Authorization", basic.as_bytes());
    }
    // Passed on, so that a loop through foreign proxies can be seen.
    if !via.is_empty() {
        write_line(&mut request, "Via", via);
    }
    request.extend_from_slice(b"\r\n");
    socket
        .writer()
        .write_all(&request)
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
