//! A client that encrypts its records itself, to send what no library would (RFC 8446 section 5.2).

use std::io::{Read, Write};
use std::net::TcpStream;

use super::client::PacedTcp;
use super::server::TlsServer;
use crate::support::TOKEN;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use rustls::ConnectionTrafficSecrets;

pub(crate) const ALERT: u8 = 21;
pub(crate) const HANDSHAKE: u8 = 22;
pub(crate) const CONTENT: u8 = 23;

/// A WebSocket connection with the keys of its client.
pub(crate) struct RecordWriter {
    pub(crate) tcp: TcpStream,
    seal: (u64, LessSafeKey, [u8; 12]),
    open: (u64, LessSafeKey, [u8; 12]),
}

impl RecordWriter {
    pub(crate) fn visit(server: &TlsServer) -> Self {
        let mut config = server.trusting();
        config.enable_secret_extraction = true;
        let stream = server.tls_stream(config, PacedTcp::new(server.connect()));
        let client = server
            .open_websocket(stream, &format!("/?token={TOKEN}"), &[])
            .unwrap();
        let stream = client.socket.into_inner();
        let secrets = stream.conn.dangerous_extract_secrets().unwrap();
        let key = |(seq, secrets)| {
            let ConnectionTrafficSecrets::Aes256Gcm { key, iv } = secrets else {
                panic!("another cipher than ring's first");
            };
            let key = UnboundKey::new(&AES_256_GCM, key.as_ref()).unwrap();
            let iv = iv.as_ref().try_into().unwrap();
            (seq, LessSafeKey::new(key), iv)
        };
        Self {
            tcp: stream.sock.tcp,
            seal: key(secrets.tx),
            open: key(secrets.rx),
        }
    }

    fn nonce(seq: u64, iv: [u8; 12]) -> Nonce {
        let mut nonce = iv;
        for (byte, seq) in nonce[4..].iter_mut().zip(seq.to_be_bytes()) {
            *byte ^= seq;
        }
        Nonce::assume_unique_for_key(nonce)
    }

    /// A record of any kind, with zeros behind its body.
    pub(crate) fn record(&mut self, kind: u8, body: &[u8], padding: usize) -> Vec<u8> {
        let mut inner = body.to_vec();
        inner.push(kind);
        inner.resize(inner.len() + padding, 0);
        let len = u16::try_from(inner.len() + 16).unwrap().to_be_bytes();
        let header = [CONTENT, 3, 3, len[0], len[1]];
        let (seq, key, iv) = &mut self.seal;
        key.seal_in_place_append_tag(Self::nonce(*seq, *iv), Aad::from(header), &mut inner)
            .unwrap();
        *seq += 1;
        [&header[..], &inner].concat()
    }

    pub(crate) fn send(&mut self, kind: u8, body: &[u8], padding: usize) {
        let record = self.record(kind, body, padding);
        self.tcp.write_all(&record).unwrap();
    }

    /// A text message, as content.
    pub(crate) fn frame(text: &str) -> Vec<u8> {
        let len = u8::try_from(text.len()).unwrap();
        let mut frame = vec![0x81, 0x80 | len, 0, 0, 0, 0];
        frame.extend(text.as_bytes());
        frame
    }

    /// The next record's kind and body.
    pub(crate) fn receive(&mut self) -> (u8, Vec<u8>) {
        let mut header = [0; 5];
        self.tcp.read_exact(&mut header).unwrap();
        let mut sealed = vec![0; usize::from(u16::from_be_bytes([header[3], header[4]]))];
        self.tcp.read_exact(&mut sealed).unwrap();
        let (seq, key, iv) = &mut self.open;
        let inner = key
            .open_in_place(Self::nonce(*seq, *iv), Aad::from(header), &mut sealed)
            .unwrap();
        *seq += 1;
        let kind = inner.last().copied().unwrap();
        (kind, inner[..inner.len() - 1].to_vec())
    }

    /// Whether a ping is answered by a pong, and nothing comes first.
    pub(crate) fn answers_ping(&mut self) -> bool {
        self.send(CONTENT, &Self::frame(r#"{"type":"ping"}"#), 0);
        let (kind, body) = self.receive();
        kind == CONTENT && String::from_utf8_lossy(&body).contains(r#""type":"pong""#)
    }
}
