//! A client that keeps to the rules hears over TLS what it hears without.

use loopwire_channel::{Event, ListenerOptions, Topic};
use serde_json::json;
use std::time::Duration;
use tungstenite::{Error, Message};

use crate::house::{House, TOKEN};

#[test]
fn every_form_of_the_contract_connects() {
    let house = House::open();
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
        let mut client = house.enter(house.dial(), &target, &headers).unwrap();
        if v1 {
            assert_eq!(client.protocol.as_deref(), Some("loopwire.v1"));
            assert_eq!(client.answer()["type"], "hello");
        } else {
            assert_eq!(client.protocol, None);
        }
        assert!(client.is_at_ease(), "{target}");
        let event = Event::payload(Topic::APP, "news", &target);
        house.journal.publish_now(&event).unwrap();
        let heard = client.answer();
        assert_eq!(heard["type"], "news");
        assert_eq!(heard["payload"], target);
        client.socket.close(None).unwrap();
        house.until("it is gone", |house| house.listener.connected() == 0);
    }
    house.is_sound();
}

#[test]
fn a_wrong_token_is_refused_inside_of_tls() {
    let house = House::open();
    let refused = house.enter(house.dial(), "/ws/wrong-token-wrong-token", &[]);
    match refused.map(|_| ()).unwrap_err().as_ref() {
        Error::Http(answer) => assert_eq!(answer.status(), 401),
        other => panic!("{other}"),
    }
}

#[test]
fn commands_are_answered_with_their_ids() {
    let house = House::open();
    let mut client = house.visit("");
    for id in 0..100 {
        let command = json!({"type": "test:echo", "data": {"n": id, "id": id}});
        client.say(command.to_string());
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
fn a_sandbox_client_is_pinged_by_the_application_too() {
    let house = House::with(ListenerOptions {
        heartbeat: Duration::from_secs(2),
        ..ListenerOptions::default()
    });
    let mut client = house.visit("");
    // More than the two that may go unanswered: the answers count.
    let mut pings = 0;
    while pings < 4 {
        if client.answer() == json!({"type": "ping"}) {
            client.say(r#"{"type":"pong"}"#);
            pings += 1;
        }
    }
}

#[test]
fn many_publishers_are_heard_in_the_order_of_the_journal() {
    const EACH: usize = 5_000;
    let house = House::open();
    let mut client = house.visit("&v=1");
    assert_eq!(client.answer()["type"], "hello");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..EACH {
                    let event = Event::payload(Topic::APP, "news", "something that is new");
                    house.journal.publish_now(&event).unwrap();
                }
            });
        }
        for seq in 1..=4 * EACH {
            assert_eq!(client.answer()["seq"], seq);
        }
    });
}

#[test]
fn binary_input_comes_back_through_a_tap() {
    let house = House::open();
    let mut client = house.visit("&binary=true");
    for len in [0, 1, 125, 126, 65_535, 65_536, 1 << 20] {
        let sent: Vec<u8> = (0..len).map(|at: usize| (at / 7) as u8).collect();
        client.socket.send(Message::binary(sent.clone())).unwrap();
        assert!(client.hear_binary() == sent, "{len}");
    }
    assert!(client.is_at_ease());
}
