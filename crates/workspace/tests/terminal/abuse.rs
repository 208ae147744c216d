//! Abuse: what is no proper command is refused, and the connection stays.

use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::support::TestServer;

#[test]
fn bad_requests_are_refused_one_by_one() {
    let server = TestServer::open();
    std::fs::create_dir(server.root().join("sub")).unwrap();
    std::fs::write(server.root().join("file"), "").unwrap();
    symlink("/etc", server.root().join("out")).unwrap();
    let mut client = server.connect();
    let many: serde_json::Map<String, Value> =
        (0..1_001).map(|at| (format!("V{at}"), json!(""))).collect();
    let execute = [
        (json!({}), "BAD_MESSAGE"),
        (json!({"command": null}), "BAD_MESSAGE"),
        (json!({"command": 1}), "BAD_MESSAGE"),
        (json!({"command": ["ls"]}), "BAD_MESSAGE"),
        (json!({"command": "a\u{0}b"}), "BAD_MESSAGE"),
        (json!({"command": "x".repeat(200_000)}), "BAD_MESSAGE"),
        (json!({"command": "ls", "cwd": 1}), "BAD_MESSAGE"),
        (json!({"command": "ls", "cwd": ".."}), "PATH_OUTSIDE"),
        (json!({"command": "ls", "cwd": "sub/../.."}), "PATH_OUTSIDE"),
        (json!({"command": "ls", "cwd": "/"}), "PATH_OUTSIDE"),
        (json!({"command": "ls", "cwd": "/etc"}), "PATH_OUTSIDE"),
        (json!({"command": "ls", "cwd": "out"}), "PATH_OUTSIDE"),
        (
            json!({"command": "ls", "cwd": "sub/../out/ssl"}),
            "PATH_OUTSIDE",
        ),
        (json!({"command": "ls", "cwd": "nowhere"}), "NOT_FOUND"),
        (json!({"command": "ls", "cwd": "file"}), "NOT_A_DIRECTORY"),
        (json!({"command": "ls", "cwd": "a\u{0}"}), "PATH_INVALID"),
        (
            json!({"command": "ls", "cwd": "x/".repeat(10_000)}),
            "PATH_INVALID",
        ),
        (json!({"command": "ls", "env": []}), "BAD_MESSAGE"),
        (json!({"command": "ls", "env": {"A": 1}}), "BAD_MESSAGE"),
        (json!({"command": "ls", "env": {"": "x"}}), "BAD_MESSAGE"),
        (json!({"command": "ls", "env": {"A=B": "x"}}), "BAD_MESSAGE"),
        (
            json!({"command": "ls", "env": {"A": "\u{0}"}}),
            "BAD_MESSAGE",
        ),
        (
            json!({"command": "ls", "env": {"A": "x".repeat(300_000)}}),
            "BAD_MESSAGE",
        ),
        (json!({"command": "ls", "env": many}), "BAD_MESSAGE"),
        (json!({"command": "ls", "pty": "yes"}), "BAD_MESSAGE"),
        (
            json!({"command": "ls", "pty": true, "cols": 0}),
            "BAD_MESSAGE",
        ),
        (
            json!({"command": "ls", "pty": true, "rows": -1}),
            "BAD_MESSAGE",
        ),
        (
            json!({"command": "ls", "pty": true, "cols": 1e9}),
            "BAD_MESSAGE",
        ),
        (
            json!({"command": "ls", "pty": true, "cols": 2_001}),
            "BAD_MESSAGE",
        ),
        (json!({"command": "ls", "timeoutMs": -1}), "BAD_MESSAGE"),
        (json!({"command": "ls", "timeoutMs": 0.5}), "BAD_MESSAGE"),
        (
            json!({"command": "ls", "timeoutMs": u64::MAX}),
            "BAD_MESSAGE",
        ),
        (
            json!({"command": "ls", "id": "x".repeat(257)}),
            "BAD_MESSAGE",
        ),
    ];
    for (data, code) in execute {
        client.execute(&data);
        let heard = client.receive();
        assert_eq!(heard["type"], "error", "{data}: {heard}");
        let refused = &heard["data"];
        assert_eq!(
            (&refused["code"], &refused["command"]),
            (&json!(code), &json!("terminal:execute")),
            "{data}"
        );
        assert!(client.answers_ping());
    }
    client.execute(&json!({"command": "cat", "id": "c"}));
    client.expect("terminal:started");
    let others = [
        ("input", json!({"id": "c"}), "BAD_MESSAGE"),
        ("input", json!({"id": "c", "input": 7}), "BAD_MESSAGE"),
        ("input", json!({"input": "x"}), "BAD_MESSAGE"),
        ("input", json!({"id": {}, "input": "x"}), "BAD_MESSAGE"),
        ("input", json!({"id": "C", "input": "x"}), "GONE"),
        ("eof", json!([]), "BAD_MESSAGE"),
        ("resize", json!({"id": "c", "cols": 10}), "BAD_MESSAGE"),
        (
            "resize",
            json!({"id": "c", "cols": 0, "rows": 10}),
            "BAD_MESSAGE",
        ),
        (
            "resize",
            json!({"id": "c", "cols": 70_000, "rows": 10}),
            "BAD_MESSAGE",
        ),
        ("signal", json!({"id": "c", "signal": 9}), "BAD_MESSAGE"),
        (
            "signal",
            json!({"id": "c", "signal": "SIGRTMIN"}),
            "UNKNOWN_SIGNAL",
        ),
        (
            "signal",
            json!({"id": "c", "signal": "9"}),
            "UNKNOWN_SIGNAL",
        ),
        ("attach", json!({"id": "c", "offset": -1}), "BAD_MESSAGE"),
        ("attach", json!({"id": "c", "offset": "0"}), "BAD_MESSAGE"),
        ("list", json!([]), "BAD_MESSAGE"),
        ("execute2", json!({"command": "ls"}), "UNKNOWN_TYPE"),
        ("", json!({"command": "ls"}), "UNKNOWN_TYPE"),
    ];
    for (verb, data, code) in others {
        client.command(&format!("terminal:{verb}"), &data);
        assert_eq!(client.expect("error")["code"], code, "{verb} {data}");
    }
    client.command("terminal:eof", &json!({"id": "c"}));
    assert_eq!(client.receive_to_exit().text, "");
    assert_eq!(server.terminals.running(), 0);
}
