//! A part of ours that panics: its operation ends, and everything else goes on. Alone, because the fault hits
//! whichever operation passes first.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests")]

mod support;

use loopwire_workspace::{GitProtocol, Options};
use serde_json::json;

use support::TestServer;

#[test]
fn a_panic_ends_the_operation_and_is_told_and_nothing_is_left() {
    let _ordered = loopwire_testing::ordered("injected into git");
    let server = TestServer::with(Options {
        git_protocols: GitProtocol::ALL.to_vec(),
        ..Options::default()
    });
    let mut client = server.connect();
    let made = client.run("git init -q --bare remote.git");
    assert_eq!(made.exit["exitCode"], 0, "{}", made.text);
    let mut end = |target: &str| {
        client.command(
            "git:clone",
            &json!({"url": "remote.git", "targetDir": target, "id": 1}),
        );
        loop {
            let value = client.receive();
            if value["type"] != "git:progress" {
                return value;
            }
        }
    };
    loopwire_channel::fault::injection::arm("git");
    let failed = end("a/b");
    assert_eq!(failed["type"], "git:error", "{failed}");
    assert_eq!(failed["data"]["code"], "INTERNAL");
    assert_eq!(server.names(), ["remote.git"]);
    let events = server.events();
    let told = |what: &str| events.iter().any(|event| event.contains(what));
    assert!(told(r#""type":"fault""#) && told(r#""component":"git""#));
    assert_eq!(end("a/b")["type"], "git:complete");
}
