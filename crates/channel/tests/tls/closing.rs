//! How connections end over TLS: with a close frame, then with a `close_notify`.

use crate::setup::server::TlsServer;
use loopwire_channel::ListenerOptions;

#[test]
fn a_listener_closes_the_websocket_and_tls() {
    let server = TlsServer::start();
    let mut clients: Vec<_> = (0..5).map(|_| server.open_client("")).collect();
    assert!(clients.iter_mut().all(|client| client.answers_ping()));
    let closing = server.close();
    for client in &mut clients {
        client.expect_close(1001);
    }
    closing.join().unwrap();
    assert_eq!(server.listener.connected(), 0);
    server.has_no_fault();
}

#[test]
fn a_listener_closes_although_clients_read_nothing() {
    let server = TlsServer::start();
    let clients: Vec<_> = (0..5).map(|_| server.open_client("")).collect();
    server.close().join().unwrap();
    assert_eq!(server.listener.connected(), 0);
    drop(clients);
}

#[test]
fn a_message_beyond_the_limit_ends_the_connection() {
    let server = TlsServer::with(ListenerOptions {
        max_message_bytes: 1_000,
        ..ListenerOptions::default()
    });
    let mut client = server.open_client("");
    client.send_text("x".repeat(1_001));
    client.expect_close(1009);
}

#[test]
fn a_client_that_vanishes_is_removed() {
    let server = TlsServer::start();
    for _ in 0..20 {
        let mut client = server.open_client("");
        assert!(client.answers_ping());
    }
    server.until("all are gone", |server| server.listener.connected() == 0);
    server.has_no_fault();
}
