//! Over TLS a client gets the same as without it.

use crate::setup::server::TlsServer;
use crate::support::TOKEN;
use loopwire_channel::{Event, ListenerOptions, Topic};
use serde_json::json;
use std::time::Duration;
use tungstenite::{Error, Message};

#[test]
fn every_form_of_the_url_connects() {
    let server = TlsServer::start();
    let bearer = format!("Bearer {TOKEN}");
    let offered = format!("loopwire.v1, bearer.{TOKEN}");
    let forms: [(String, Vec<(&'static str, &str)>); 5] = [
        (format!("/?token={TOKEN}"), vec![]),
        (format!("/ws?token={TOKEN}"), vec![]),
        ("/ws".to_owned(), vec![("authorization", &bearer)]),
        ("/ws".to_owned(), vec![("sec-websocket-protocol", &offered)]),
        (format!("/ws/{TOKEN}"), vec![]),
    ];
    for (target, headers) in forms {
        let v1 = headers
            .iter()
            .any(|(name, _)| *name == "sec-websocket-protocol");
        let mut client = server
            .open_websocket(server.connect_tls(), &target, &headers)
            .unwrap();
        if v1 {
            assert_eq!(client.protocol.as_deref(), Some("loopwire.v1"));
            assert_eq!(client.answer()["type"], "hello");
        } else {
            assert_eq!(client.protocol, None);
        }
        assert!(client.answers_ping(), "{target}");
        let event = Event::payload(Topic::APP, "news", &target);
        server.journal.publish_now(&event).unwrap();
        let heard = client.answer();
        assert_eq!(heard["type"], "news");
        assert_eq!(heard["payload"], target);
        client.socket.close(None).unwrap();
        server.until("it is gone", |server| server.listener.connected() == 0);
    }
    server.has_no_fault();
}

#[test]
fn a_wrong_token_is_refused_over_tls() {
    let server = TlsServer::start();
    let refused = server.open_websocket(server.connect_tls(), "/ws/wrong-token-wrong-token", &[]);
    match refused.map(|_| ()).unwrap_err().as_ref() {
        Error::Http(answer) => assert_eq!(answer.status(), 401),
        other => panic!("{other}"),
    }
}

#[test]
fn commands_are_answered_with_their_ids() {
    let server = TlsServer::start();
    let mut client = server.open_client("");
    for id in 0..100 {
        let command = json!({"type": "test:echo", "data": {"n": id, "id": id}});
        client.send_text(command.to_string());
    }
    for id in 0..100 {
        let heard = client.answer();
        assert_eq!(
            (&heard["data"]["id"], &heard["data"]["n"]),
            (&json!(id), &json!(id))
        );
    }
}

#[test]
fn a_sandbox_client_gets_application_pings() {
    let server = TlsServer::with(ListenerOptions {
        heartbeat: Duration::from_secs(2),
        ..ListenerOptions::default()
    });
    let mut client = server.open_client("");
    // More than the two that may go unanswered: the answers count.
    let mut pings = 0;
    while pings < 4 {
        if client.answer() == json!({"type": "ping"}) {
            client.send_text(r#"{"type":"pong"}"#);
            pings += 1;
        }
    }
}

#[test]
fn events_of_many_publishers_arrive_in_the_order_of_the_journal() {
    const EACH: usize = 5_000;
    let server = TlsServer::start();
    let mut client = server.open_client("&v=1");
    assert_eq!(client.answer()["type"], "hello");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..EACH {
                    let event = Event::payload(Topic::APP, "news", "something that is new");
                    server.journal.publish_now(&event).unwrap();
                }
            });
        }
        for seq in 1..=4 * EACH {
            assert_eq!(client.answer()["seq"], seq);
        }
    });
}

#[test]
fn binary_input_comes_back_through_a_frame_source() {
    let server = TlsServer::start();
    let mut client = server.open_client("&binary=true");
    for len in [0, 1, 125, 126, 65_535, 65_536, 1 << 20] {
        let sent: Vec<u8> = (0..len).map(|at: usize| (at / 7) as u8).collect();
        client.socket.send(Message::binary(sent.clone())).unwrap();
        assert!(client.receive_binary() == sent, "{len}");
    }
    assert!(client.answers_ping());
}
