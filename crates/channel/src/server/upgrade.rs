//! The upgrade: from an admitted request to the socket of a WebSocket.

use std::io;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use data_encoding::{Encoding, Specification};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tungstenite::handshake::derive_accept_key;

use super::target::TargetIo;
use crate::guard::{self, PROTOCOL_V1, answer};
use crate::tls::Socket;

/// The one version of the WebSocket protocol (RFC 6455).
const VERSION: &[u8] = b"13";

/// The error for what is no WebSocket handshake.
const NO_SOCKET: &str = "this route is a WebSocket: connect to it with a WebSocket client";

/// A key is this many bytes, base64.
const KEY_BYTES: usize = 16;

/// A handshake that may be answered with 101.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// Proves to the client that a WebSocket server has read its key.
    accept: HeaderValue,
    /// Whether `loopwire.v1` is selected. The token in the list of sub-protocols is never sent back.
    v1: bool,
}

impl Handshake {
    /// Checks the method, the version and the WebSocket headers. axum would accept an invalid key.
    ///
    /// # Errors
    /// The error response.
    #[expect(
        clippy::result_large_err,
        reason = "the error is the response, which is returned at once"
    )]
    pub fn check(parts: &Parts) -> Result<Self, Response> {
        let headers = &parts.headers;
        // As a GET that asks for no upgrade is answered: a HEAD cannot ask for one.
        if parts.method == Method::HEAD {
            return Err(answer::upgrade_required(NO_SOCKET));
        }
        if parts.method != Method::GET {
            return Err(answer::method_not_allowed("GET"));
        }
        if parts.version != Version::HTTP_11 {
            return Err(answer::bad_request("a WebSocket needs HTTP/1.1"));
        }
        if !asks_for_websocket(headers) || !has_token(headers, &header::CONNECTION, "upgrade") {
            return Err(answer::upgrade_required(NO_SOCKET));
        }
        if only(headers, &header::SEC_WEBSOCKET_VERSION).map(HeaderValue::as_bytes) != Some(VERSION)
        {
            return Err(answer::upgrade_required(
                "the WebSocket version has to be 13",
            ));
        }
        if has_body(headers) {
            return Err(answer::bad_request("a WebSocket handshake has no body"));
        }
        let accept = only(headers, &header::SEC_WEBSOCKET_KEY)
            .filter(|key| is_key(key.as_bytes()))
            .and_then(|key| HeaderValue::try_from(derive_accept_key(key.as_bytes())).ok());
        let Some(accept) = accept else {
            return Err(answer::refuse(
                StatusCode::BAD_REQUEST,
                "BAD_KEY",
                "Sec-WebSocket-Key must come once and be the base64 of 16 bytes",
            ));
        };
        let v1 = guard::protocols(headers).any(|offered| offered == PROTOCOL_V1);
        Ok(Self { accept, v1 })
    }

    /// The response 101. The socket can be taken when it has been written: see [`take_socket`].
    #[must_use]
    pub fn response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(header::SEC_WEBSOCKET_ACCEPT, self.accept);
        if self.v1 {
            headers.insert(
                header::SEC_WEBSOCKET_PROTOCOL,
                HeaderValue::from_static(PROTOCOL_V1),
            );
        }
        response
    }
}

/// Waits until the response 101 is written, and takes the socket, with the bytes that the client sent directly after
/// its handshake.
///
/// # Errors
/// If the connection ended before it was upgraded, or is neither TCP nor TLS.
pub async fn take_socket(upgrade: OnUpgrade) -> io::Result<(Socket, Bytes)> {
    let upgraded = upgrade.await.map_err(io::Error::other)?;
    let (socket, read_buf) = match upgraded.downcast::<TokioIo<TargetIo<TcpStream>>>() {
        Ok(parts) => {
            let tcp = parts.io.into_inner().into_inner();
            (Socket::Plain(tcp), parts.read_buf)
        }
        Err(upgraded) => {
            let parts = upgraded
                .downcast::<TokioIo<TargetIo<TlsStream<TcpStream>>>>()
                .map_err(|_| io::Error::other("the upgraded connection is neither TCP nor TLS"))?;
            let (tcp, session) = parts.io.into_inner().into_inner().into_inner();
            (Socket::tls(tcp, session), parts.read_buf)
        }
    };
    // Copied, although it is mostly empty: otherwise it would keep hyper's whole read buffer (8 KiB) as long as the
    // connection lasts.
    Ok((socket, Bytes::copy_from_slice(&read_buf)))
}

/// Whether a request asks for a WebSocket. Other upgrades (curl's to HTTP/2) are not answered.
pub(super) fn asks_for_websocket(headers: &HeaderMap) -> bool {
    has_token(headers, &header::UPGRADE, "websocket")
}

/// Whether a list in the headers of that name has an entry; ASCII case is ignored.
fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    headers
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .any(|entry| entry.trim().eq_ignore_ascii_case(token))
}

/// The value of a header that is given exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers
            .get(header::CONTENT_LENGTH)
            .is_some_and(|length| length.as_bytes() != b"0")
}

/// Whether a key decodes to 16 bytes. Unused bits before the padding are ignored: some clients send 22 random
/// characters and `==`.
fn is_key(key: &[u8]) -> bool {
    lenient()
        .and_then(|base64| base64.decode(key).ok())
        .is_some_and(|key| key.len() == KEY_BYTES)
}

fn lenient() -> Option<Encoding> {
    let mut specification: Specification = data_encoding::BASE64.specification();
    specification.check_trailing_bits = false;
    specification.encoding().ok()
}
