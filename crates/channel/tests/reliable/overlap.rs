//! Several connections of one client at once: one is lost, and the server has not noticed yet.

use loopwire_channel::ListenerOptions;
use serde_json::json;

use crate::client::{Client, ID, envelope, next, nothing_more};
use crate::support::TestServer;

/// How many messages wait for the application before connections are not read any more.
const MAX_WAITING: u64 = 64;

#[test]
fn what_an_older_connection_has_unread_is_taken_once_and_in_order() {
    let (server, callback) = TestServer::with_callback(ListenerOptions::default());
    let many = 3 * MAX_WAITING;
    let mut old = Client::connect(&server, ID);
    for n in 1..=many {
        old.reliable(n, &json!(n.to_string()));
    }
    for n in 1..=MAX_WAITING {
        old.acknowledged(n);
    }
    // The application takes nothing, so the rest lies unread; the client connects again and sends all that it does not
    // know of, and more.
    let _cut = old.cut();
    let mut new = Client::connect(&server, ID);
    assert_eq!(new.taken(), Some(MAX_WAITING));
    for n in MAX_WAITING + 1..=many + 10 {
        new.reliable(n, &json!(n.to_string()));
    }
    for n in 1..=many + 10 {
        assert_eq!(next(&callback), n.to_string());
    }
    for n in MAX_WAITING + 1..=many + 10 {
        new.acknowledged(n);
    }
    assert!(nothing_more(&callback));
    server.has_no_fault();
}

#[test]
fn connections_that_race_for_the_same_messages_take_each_once() {
    let (server, callback) = TestServer::with_callback(ListenerOptions::default());
    const MANY: u64 = 5_000;
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut client = Client::connect(&server, ID);
                let from = client.taken().unwrap() + 1;
                for n in from..=MANY {
                    client.text(envelope(n, &json!(n.to_string())));
                }
                for n in from..=MANY {
                    client.acknowledged(n);
                }
            });
        }
        for n in 1..=MANY {
            assert_eq!(next(&callback), n.to_string());
        }
    });
    assert!(nothing_more(&callback));
    assert_eq!(Client::connect(&server, ID).taken(), Some(MANY));
    server.has_no_fault();
}
