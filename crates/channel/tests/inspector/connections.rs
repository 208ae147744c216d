//! The rows of `GET /ws/connections`: the form, the slot, how far behind; and the end of one connection.

use loopwire_channel::{Bounds, Delivery, Event, ListenerOptions, Topic};
use serde_json::{Value, json};
use tungstenite::Message;

use crate::client::{Answer, ask_as, bearer, connect, rows};
use crate::support::{TOKEN, TestServer, receive_data};

const PATH: &str = "/ws/disconnect";

fn event(size: usize) -> Event {
    Event::payload(Topic::APP, "news", &"x".repeat(size))
}

fn facts(row: &Value) -> Value {
    json!([row["id"], row["form"], row["slot"], row["active"]])
}

#[test]
fn a_row_tells_the_form_and_who_holds_the_slot() {
    let server = TestServer::start(ListenerOptions::default(), Vec::new());
    let sdk = format!("/ws/{TOKEN}");
    let _first = connect(&server, &sdk, 1);
    let mut second = connect(&server, &sdk, 2);
    let _sandbox = connect(&server, &format!("/?token={TOKEN}"), 3);
    let listed = rows(&server);
    let told: Vec<_> = listed.iter().map(facts).collect();
    assert_eq!(
        told,
        [
            json!(["conn-1", "sdk", "standby", false]),
            json!(["conn-2", "sdk", "active", true]),
            json!(["conn-3", "sandbox", null, true]),
        ]
    );
    let up_to_date = json!({"events": 0, "bytes": 0});
    let behind: Vec<_> = listed.iter().map(|row| &row["behind"]).collect();
    assert_eq!(behind, [&Value::Null, &up_to_date, &up_to_date]);
    // The keys of the sandbox's page are the first three.
    let keys: Vec<_> = listed[0].as_object().unwrap().keys().collect();
    assert_eq!(keys[..3], ["id", "connected", "lastPing"]);
    second.close(None).unwrap();
    server.until("the older one holds it again", |server| {
        let rows = rows(server);
        rows[0]["slot"] == "active" && rows[0]["behind"] == json!({"events": 0, "bytes": 0})
    });
}

#[test]
fn there_is_no_slot_if_every_connection_receives() {
    let delivery = Delivery::All;
    let options = ListenerOptions {
        delivery,
        ..ListenerOptions::default()
    };
    let server = TestServer::start(options, Vec::new());
    let _clients: Vec<_> = (1..=2)
        .map(|count| connect(&server, &format!("/ws/{TOKEN}"), count))
        .collect();
    for row in rows(&server) {
        assert_eq!((&row["slot"], &row["active"]), (&Value::Null, &true.into()));
    }
}

#[test]
fn a_client_that_does_not_read_is_behind_and_catches_up() {
    let bounds = Bounds {
        bytes: 64 << 20,
        events: 65_536,
    };
    let server = TestServer::bounded(ListenerOptions::default(), Vec::new(), bounds);
    let mut slow = connect(&server, &format!("/?token={TOKEN}"), 1);
    let (event, count) = (event(64 << 10), 400);
    for _ in 0..count {
        server.journal.publish_now(&event).unwrap();
    }
    // The kernel takes some of it, and no more.
    let behind = || rows(&server)[0]["behind"].clone();
    let (mut before, mut now) = (Value::Null, behind());
    while before != now {
        std::thread::sleep(std::time::Duration::from_millis(50));
        (before, now) = (now, behind());
    }
    let (events, bytes) = (
        now["events"].as_u64().unwrap(),
        now["bytes"].as_u64().unwrap(),
    );
    assert!(events > 0 && events < count, "{now}");
    let each = server.journal.size().bytes as u64 / count;
    assert_eq!(bytes, events * each);
    for _ in 0..count {
        assert!(matches!(receive_data(&mut slow), Message::Text(_)));
    }
    server.until("it has caught up", |_| {
        behind() == json!({"events": 0, "bytes": 0})
    });
    server.has_no_fault();
}

fn post(server: &TestServer, target: &str, headers: &str, body: &str) -> Answer {
    let (address, call) = (server.address(), format!("POST {target}"));
    ask_as(address, &address.to_string(), &call, headers, body)
}

fn disconnect(server: &TestServer, body: &Value) -> (u16, Value) {
    let answer = post(server, PATH, &bearer(), &body.to_string());
    (answer.status, answer.json())
}

#[test]
fn one_connection_is_closed_by_its_id() {
    let server = TestServer::start(ListenerOptions::default(), Vec::new());
    let mut clients: Vec<_> = (1..=3)
        .map(|count| connect(&server, &format!("/?token={TOKEN}"), count))
        .collect();
    let done = |count: usize| (200, json!({"success": true, "disconnected": count}));
    for (body, count) in [
        (json!({"id": "conn-4"}), 0),
        (json!({"id": "2"}), 0),
        (json!({"id": "conn-02"}), 0),
        (json!({"id": "conn-2", "token": "another-token"}), 0),
        (json!({"id": "conn-2"}), 1),
    ] {
        assert_eq!(disconnect(&server, &body), done(count), "{body}");
    }
    let end = receive_data(&mut clients[1]);
    let Message::Close(Some(frame)) = end else {
        panic!("{end}")
    };
    assert_eq!(
        (u16::from(frame.code), frame.reason.as_str()),
        (4001, "disconnected on request")
    );
    drop(clients.remove(1));
    server.until("it is gone", |server| server.listener.connected() == 2);
    let ids: Vec<_> = rows(&server).iter().map(|row| row["id"].clone()).collect();
    assert_eq!(ids, ["conn-1", "conn-3"]);
    assert_eq!(
        disconnect(&server, &json!({"id": "conn-3", "token": TOKEN})),
        done(1)
    );
    for body in [
        json!({}),
        json!({"id": 1}),
        json!({"id": null}),
        json!(["conn-1"]),
    ] {
        assert_eq!(disconnect(&server, &body).0, 400, "{body}");
    }
}

#[test]
fn what_is_no_id_is_refused_and_closes_nothing() {
    let server = TestServer::start(ListenerOptions::default(), Vec::new());
    let mut client = connect(&server, &format!("/?token={TOKEN}"), 1);
    let status = |headers: &str, body: &str| post(&server, PATH, headers, body).status;
    for body in [
        "",
        "null",
        "\"conn-1\"",
        r#"{"id":"conn-1","id":"conn-1"}"#,
        r#"{"id":"conn-1""#,
        r#"{"id":"conn-1"}x"#,
        r#"{"id":{"a":1}}"#,
        r#"{"ID":"conn-1"}"#,
    ] {
        assert_eq!(status(&bearer(), body), 400, "{body}");
    }
    for id in [
        "conn-0",
        "conn-01",
        "conn-+1",
        "conn- 1",
        "CONN-1",
        "conn-1 ",
        "conn-1\u{0}",
        "1",
        "",
        "conn-",
        "conn-99999999999999999999",
        "conn-1\u{2028}",
        "__proto__",
        "<b>",
    ] {
        let body = json!({ "id": id });
        assert_eq!(
            disconnect(&server, &body),
            (200, json!({"success": true, "disconnected": 0})),
            "{body}"
        );
    }
    let large = json!({ "id": "x".repeat(17 << 10) }).to_string();
    assert_eq!(status(&bearer(), &large), 413);
    let body = r#"{"id":"conn-1"}"#;
    // Without the token in the header: a form, an image, another page.
    for headers in [
        String::new(),
        "Authorization: Bearer wrong\r\n".to_owned(),
        format!("Cookie: token={TOKEN}\r\n"),
        format!("Sec-WebSocket-Protocol: loopwire.v1, bearer.{TOKEN}\r\n"),
    ] {
        assert_eq!(status(&headers, body), 401, "{headers}");
    }
    let in_query = format!("{PATH}?token={TOKEN}");
    assert_eq!(post(&server, &in_query, "", body).status, 401);
    let page = format!("{}Origin: https://evil.example\r\n", bearer());
    assert_eq!(status(&page, body), 403);
    // The client is still there.
    server.journal.publish_now(&event(1)).unwrap();
    assert!(matches!(receive_data(&mut client), Message::Text(_)));
}

/// A client that is being closed gets no more events, so it is not behind with them.
#[test]
fn a_connection_that_is_closing_is_not_behind() {
    let server = TestServer::start(ListenerOptions::default(), Vec::new());
    let _silent = connect(&server, &format!("/?token={TOKEN}"), 1);
    assert_eq!(
        disconnect(&server, &json!({"id": "conn-1"})),
        (200, json!({"success": true, "disconnected": 1}))
    );
    server.journal.publish_now(&event(1)).unwrap();
    let rows = rows(&server);
    assert!(rows.iter().all(|row| row["behind"].is_null()), "{rows:?}");
    // Its client has not answered, so it is still listed for a while. It is not closed once more.
    for body in [json!({"id": "conn-1"}), json!({"token": TOKEN})] {
        let none = json!({"success": true, "disconnected": 0});
        assert_eq!(disconnect(&server, &body), (200, none), "{body}");
    }
}
