//! The flag `client`, and how long a client is remembered.

use loopwire_channel::ListenerOptions;
use serde_json::json;
use tungstenite::Error;

use crate::client::{Client, ID};
use crate::support::{TOKEN, TestServer};

/// As `MAX_ABSENT` of the channel.
const MAX_ABSENT: usize = 1_024;

fn status(server: &TestServer, flags: &str) -> u16 {
    let url = format!("ws://{}/?token={TOKEN}&{flags}", server.address());
    match tungstenite::client(url, server.connect()) {
        Ok(_) => 101,
        Err(tungstenite::HandshakeError::Failure(Error::Http(answer))) => answer.status().as_u16(),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn an_id_has_22_to_64_characters() {
    let server = TestServer::start(ListenerOptions::default(), Vec::new());
    let (short, long) = ("a".repeat(21), "a".repeat(65));
    for (client, expected) in [
        (ID, 101),
        (&long[1..], 101),
        (&long, 400),
        (&short, 400),
        ("", 400),
        ("0123456789abcdef/BCDEF", 400),
        ("0123456789abcdef%20BCDEF", 400),
    ] {
        assert_eq!(
            status(&server, &format!("v=1&client={client}")),
            expected,
            "{client}"
        );
    }
    assert_eq!(
        status(&server, &format!("v=1&client={ID}&client={ID}")),
        400
    );
    // Without `loopwire.v1` the key is the application's.
    assert_eq!(status(&server, "client=me&client=you"), 101);
}

#[test]
fn a_client_that_has_been_forgotten_is_told() {
    let server = TestServer::start(ListenerOptions::default(), Vec::new());
    let mut client = Client::connect(&server, ID);
    client.reliable(1, &json!({"type": "pong"}));
    client.acknowledged(1);
    let memory = client.memory();
    drop(client);
    server.until("it has gone", |server| server.listener.connected() == 0);
    for at in 0..=MAX_ABSENT {
        drop(Client::connect(&server, &format!("{at:022}")));
        server.until("it has gone", |server| server.listener.connected() == 0);
    }
    let kept = Client::connect(&server, &format!("{:022}", 9)).memory();
    assert_eq!(
        Client::connect(&server, &format!("{:022}", 9)).memory(),
        kept
    );
    let forgotten = Client::connect(&server, ID);
    assert_eq!(forgotten.taken(), Some(0));
    assert_ne!(forgotten.memory(), memory);
    // Also if the connection that told it was lost.
    assert_ne!(Client::connect(&server, ID).memory(), memory);
}
