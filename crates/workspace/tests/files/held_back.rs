//! Uploads wait for their own connection, so they must not keep it from being read.

use std::time::{Duration, Instant};

use loopwire_workspace::Options;
use serde_json::json;
use tungstenite::Message;

use crate::support::{Client, TestServer, noise, piece, until};

/// How many transfers one connection may have at a time.
const MAX_TRANSFERS: usize = 32;

/// Far less than the pause after which an upload is given up.
const SOON: Duration = Duration::from_secs(20);

fn begin(client: &mut Client, count: usize, size: usize) -> Vec<u32> {
    for at in 0..count {
        client.command(
            "file:write",
            &json!({"path": format!("x{at}"), "size": size, "id": at}),
        );
    }
    let mut streams = vec![0; count];
    for _ in 0..count {
        let opened = client.expect("file:opened");
        let at = usize::try_from(opened["id"].as_u64().unwrap()).unwrap();
        streams[at] = u32::try_from(opened["stream"].as_u64().unwrap()).unwrap();
    }
    streams
}

#[test]
fn as_many_uploads_as_there_may_be_are_done_on_one_connection() {
    let server = TestServer::open();
    let mut client = server.connect_binary();
    let start = Instant::now();
    let streams = begin(&mut client, MAX_TRANSFERS, 20_000);
    assert!(client.answers_ping());
    client.0.send(Message::Ping("?".into())).unwrap();
    // One more is refused, and the connection is still read.
    let more = json!({"path": "y", "size": 1});
    assert_eq!(client.refused("file:write", &more), "TOO_MANY_TRANSFERS");
    // From the last to the first: none is done before all have been begun.
    let bytes = noise(20_000, 7);
    for (offset, part) in bytes.chunks(10_000).enumerate() {
        for stream in streams.iter().rev() {
            client.send_piece(*stream, offset * 10_000, part);
        }
    }
    for _ in 0..MAX_TRANSFERS {
        assert_eq!(client.expect("file:done")["size"], 20_000);
    }
    assert!(start.elapsed() < SOON, "{:?}", start.elapsed());
    for at in 0..MAX_TRANSFERS {
        assert_eq!(server.read_file(&format!("x{at}")), bytes, "{at}");
    }
}

#[test]
fn a_connection_full_of_uploads_can_be_closed_and_the_application_is_not_kept_waiting() {
    let server = TestServer::open();
    let mut client = server.connect_binary();
    begin(&mut client, MAX_TRANSFERS, 1);
    let written = server.block_on(server.files.write("mine", "x".as_bytes().to_vec(), None));
    assert!(written.is_ok());
    client.0.close(None).unwrap();
    let start = Instant::now();
    while client.0.read().is_ok() {}
    assert!(start.elapsed() < SOON);
    until("all are given up", || server.files.transfers() == 0);
    assert_eq!(server.names(), ["mine"]);
}

#[test]
fn downloads_that_wait_for_their_reader_do_not_keep_the_connection_from_being_read() {
    let server = TestServer::open();
    server.write_file("large", noise(16 << 20, 1));
    let mut client = server.connect_binary();
    for at in 0..MAX_TRANSFERS {
        client.command("file:read", &json!({"path": "large", "id": at}));
    }
    client.0.send(Message::text(r#"{"type":"ping"}"#)).unwrap();
    // Far less than all of it comes first.
    let mut before = 0;
    loop {
        match client.next() {
            Message::Binary(piece) => before += piece.len(),
            Message::Text(text) if text.contains(r#""type":"pong""#) => break,
            other => assert!(other.to_string().contains("file:opened"), "{other:?}"),
        }
    }
    assert!(before < 15 << 20, "{before}");
}

#[test]
fn an_upload_that_pauses_too_long_is_given_up_and_one_that_goes_on_is_not() {
    let default = Options::default().upload_pause;
    assert_eq!(default, Duration::from_secs(60), "PROTOCOL section 7");
    let pause = Duration::from_millis(400);
    let server = TestServer::with(Options {
        upload_pause: pause,
        ..Options::default()
    });
    let mut client = server.connect_binary();
    let steady = client.begin_upload("steady", 8);
    let start = Instant::now();
    client.command("file:write", &json!({"path": "x", "size": 2, "id": "idle"}));
    let idle = client.expect("file:opened");
    assert_eq!(idle["id"], "idle");
    // Longer than the pause in all, never longer at once.
    for at in 0..7 {
        client.send_piece(steady, at, b"s");
        std::thread::sleep(pause / 4);
    }
    let error = client.expect("error");
    assert!(start.elapsed() >= pause);
    assert_eq!(
        (&error["code"], &error["id"]),
        (&json!("TIMED_OUT"), &json!("idle"))
    );
    client.send_piece(steady, 7, b"s");
    assert_eq!(client.expect("file:done")["size"], 8);
    // What comes for it later is nothing.
    let stream = u32::try_from(idle["stream"].as_u64().unwrap()).unwrap();
    client.0.send(piece(stream, 0, b"xx")).unwrap();
    assert!(client.answers_ping());
    assert_eq!(server.names(), ["steady"]);
}
