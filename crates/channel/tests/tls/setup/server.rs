//! A test server with a certificate, and the ways to connect to it.

use std::ops::Deref;
use std::sync::Arc;

use loopwire_channel::{Engine, Identity, ListenerOptions, Tls};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use tungstenite::client::IntoClientRequest;
use tungstenite::{Error, Message};

use super::client::{Client, EchoClient, PacedTcp, Stream, read_to_close, trusting};
use super::stream_engine::StreamEngine;
use crate::support::{TOKEN, TestServer, receive_data};

/// A running listener with TLS.
pub(crate) struct TlsServer {
    server: TestServer,
    pub(crate) identity: Identity,
}

impl TlsServer {
    /// A server with an engine and a self-signed certificate.
    pub(crate) fn start() -> Self {
        Self::with(ListenerOptions::default())
    }

    pub(crate) fn with(options: ListenerOptions) -> Self {
        let identity = self_signed(&options.allowed_hosts);
        Self::with_identity(identity, options)
    }

    pub(crate) fn with_identity(identity: Identity, options: ListenerOptions) -> Self {
        let engines: Vec<Arc<dyn Engine>> = vec![Arc::new(StreamEngine)];
        let tls = Some(identity.clone());
        Self {
            server: TestServer::start(ListenerOptions { tls, ..options }, engines),
            identity,
        }
    }

    /// A server whose application sends every message back.
    pub(crate) fn echo() -> Self {
        Self::echo_with(ListenerOptions::default())
    }

    pub(crate) fn echo_with(options: ListenerOptions) -> Self {
        let identity = options.tls.clone();
        let identity = identity.unwrap_or_else(|| self_signed(&options.allowed_hosts));
        let tls = Some(identity.clone());
        Self {
            server: TestServer::echo(ListenerOptions { tls, ..options }),
            identity,
        }
    }

    /// A client's configuration that trusts only the server's certificate.
    pub(crate) fn trusting(&self) -> ClientConfig {
        trusting(self.identity.certificate(), rustls::ALL_VERSIONS)
    }

    /// A client's TLS session without a connection.
    pub(crate) fn session(&self, config: ClientConfig, name: &str) -> ClientConnection {
        let name = ServerName::try_from(name.to_owned()).unwrap();
        ClientConnection::new(Arc::new(config), name).unwrap()
    }

    /// A TLS stream. The handshake begins with its first bytes.
    pub(crate) fn connect_tls(&self) -> Stream {
        self.tls_stream(self.trusting(), PacedTcp::new(self.connect()))
    }

    pub(crate) fn tls_stream(&self, config: ClientConfig, tcp: PacedTcp) -> Stream {
        StreamOwned::new(self.session(config, "localhost"), tcp)
    }

    /// A client of the sandbox's form, with further flags (`&binary=true`).
    pub(crate) fn open_client(&self, flags: &str) -> Client {
        let target = format!("/?token={TOKEN}{flags}");
        self.open_websocket(self.connect_tls(), &target, &[])
            .unwrap()
    }

    /// A client of any form.
    pub(crate) fn open_websocket(
        &self,
        stream: Stream,
        target: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Client, Box<Error>> {
        let url = format!("wss://{}{target}", self.address());
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let opened = tungstenite::client(request, stream);
        let (socket, response) = opened.map_err(|error| match error {
            tungstenite::HandshakeError::Failure(error) => Box::new(error),
            tungstenite::HandshakeError::Interrupted(_) => panic!("no response in time"),
        })?;
        let protocol = response.headers().get("sec-websocket-protocol");
        Ok(Client {
            protocol: protocol.map(|value| value.to_str().unwrap().to_owned()),
            socket,
        })
    }

    /// A client of the SDK's form at an echo server.
    pub(crate) fn open_echo_client(&self) -> EchoClient {
        self.open_echo_client_at(&format!("/ws/{TOKEN}"))
    }

    pub(crate) fn open_echo_client_at(&self, path: &str) -> EchoClient {
        let url = format!("wss://{}{path}", self.address());
        let (mut client, _) = tungstenite::client(url, self.connect_tls()).unwrap();
        // The echo shows that the connection is registered.
        client.send(Message::text("hello")).unwrap();
        while receive_data(&mut client) != Message::text("hello") {}
        client
    }

    /// Checks that an echo server still serves a new client.
    pub(crate) fn serves_new_client(&self) {
        let mut client = self.open_echo_client();
        client.close(None).unwrap();
        read_to_close(client);
    }
}

impl Deref for TlsServer {
    type Target = TestServer;

    fn deref(&self) -> &TestServer {
        &self.server
    }
}

fn self_signed(allowed_hosts: &[String]) -> Identity {
    Identity::new(&Tls::SelfSigned, [127, 0, 0, 1].into(), allowed_hosts).unwrap()
}
