//! The watcher panics: who watches is told that changes may be missing, and hears of the next ones. Alone, because the
//! fault hits whichever watcher passes first.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

#[path = "../support/mod.rs"]
mod support;

use loopwire_workspace::{FileNotice, Options, Watch, WatchRequest};
use serde_json::json;

use support::TestServer;

#[test]
fn a_panic_is_an_overflow_for_everybody_who_watches_and_nothing_more() {
    let _ordered = loopwire_testing::ordered("injected into watcher");
    let server = TestServer::with(Options {
        watch: Watch::OnDemand,
        ..Options::default()
    });
    let watches = server.workspace.watches().unwrap();
    let (mut client, mut other) = (server.connect(), server.connect());
    client.command("file:watch", &json!({"id": 1, "paths": ["a*"]}));
    client.expect("file:watching");
    let request = WatchRequest {
        paths: vec!["*".to_owned()],
        ..Default::default()
    };
    let own = watches.watch(&request).unwrap();
    server.block_on(own.ready()).unwrap();

    loopwire_channel::fault::injection::arm("watcher");
    server.write_file("b", "it wakes up");
    let overflow = client.expect("file:overflow");
    assert_eq!(overflow, json!({"root": server.root()}));
    server.write_file("a", "x");
    let changed = client.expect("file:changed");
    assert_eq!(changed["path"], server.path("a").to_str().unwrap());

    let mut told = Vec::new();
    let root = server.root().to_str().unwrap();
    while !told.contains(&"a".to_owned()) {
        for notice in server.block_on(own.next()) {
            told.push(match notice {
                FileNotice::Changed(change) => change.path[root.len() + 1..].to_owned(),
                FileNotice::Overflow { root: path, .. } => {
                    assert_eq!(path, root);
                    "overflow".to_owned()
                }
            });
        }
    }
    assert!(told.contains(&"overflow".to_owned()), "{told:?}");
    assert!(other.answers_ping(), "who has not asked hears nothing");
}
