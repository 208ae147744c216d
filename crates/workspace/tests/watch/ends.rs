//! The end of watches: by command, with their connection, with the workspace.

use serde_json::json;

use crate::hearing::{auto, heard_until, on_demand, watch, watches};
use crate::support::until;

#[test]
fn the_watches_of_a_connection_end_with_it() {
    let server = on_demand();
    let (mut client, mut other) = (server.connect(), server.connect());
    for id in ["a", "b"] {
        watch(&mut client, id, &["."]);
    }
    watch(&mut other, "a", &["."]);
    assert_eq!(watches(&server).count(), 3);
    client.disconnect();
    until("its watches have ended", || watches(&server).count() == 1);
    server.write_file("a", "x");
    heard_until(&mut other, &server, "a");
}

#[test]
fn a_thousand_watches_that_come_and_go_are_all_answered() {
    let server = auto();
    let mut client = server.connect();
    for at in 0..1_000 {
        watch(&mut client, "w", &[&format!("dir-{at}/**")]);
        client.command("file:unwatch", &json!({"id": "w"}));
        assert_eq!(client.expect("file:unwatch"), json!({"id": "w"}));
    }
    // Together, without waiting for an answer.
    for at in 0..100 {
        client.command("file:watch", &json!({"id": at, "paths": ["."]}));
        client.command("file:unwatch", &json!({"id": at}));
    }
    let mut answers = 0;
    while answers < 200 {
        let answer = client.receive();
        match answer["type"].as_str().unwrap() {
            "file:watching" | "file:unwatch" => answers += 1,
            // Ended before it had begun.
            "error" => {
                assert_eq!(answer["data"]["code"], "GONE", "{answer}");
                answers += 1;
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(watches(&server).count(), 0);
}

#[test]
fn all_watches_end_with_the_workspace() {
    let server = auto();
    let mut client = server.connect();
    watch(&mut client, "w", &["."]);
    server.block_on(server.workspace.close());
    assert_eq!(watches(&server).count(), 0);
    assert!(!watches(&server).is_everything());
    server.write_file("a", "x");
    assert_eq!(
        client.refused("file:watch", &json!({"paths": ["."]})),
        "NO_WORKSPACE"
    );
}
