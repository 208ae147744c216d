//! What is refused, and that it costs nobody else anything.

use loopwire_workspace::{Options, Watch};
use serde_json::{Value, json};

use crate::hearing::{heard, on_demand, watch, watches, with};
use crate::support::TestServer;

#[test]
fn a_hostile_glob_is_refused_and_the_connection_stays() {
    let server = on_demand();
    let mut client = server.connect();
    let globs = [
        "{a,b}".repeat(1_000),
        "{".repeat(4_000),
        "[a-z".to_owned(),
        "**/".repeat(500),
        "*a".repeat(400),
        "a".repeat(100_000),
        "a\0b".to_owned(),
        "*/../../etc/*".to_owned(),
    ];
    for glob in &globs {
        let code = client.refused("file:watch", &json!({"paths": [glob]}));
        assert_eq!(code, "BAD_MESSAGE", "{glob:.20}");
    }
    for data in [
        json!({}),
        json!({"paths": "src"}),
        json!({"paths": []}),
        json!({"paths": [""]}),
        json!({"paths": ["!src"]}),
        json!({"paths": [1]}),
        json!({"paths": vec!["."; 300]}),
        json!({"paths": ["."], "events": []}),
        json!({"paths": ["."], "events": ["touched"]}),
        json!({"paths": ["."], "ignore": "x"}),
    ] {
        assert_eq!(client.refused("file:watch", &data), "BAD_MESSAGE", "{data}");
    }
    for path in ["/etc/*", "../*", "a/../../*", "/"] {
        assert_eq!(
            client.refused("file:watch", &json!({"paths": [path]})),
            "PATH_OUTSIDE"
        );
    }
    assert_eq!(watches(&server).count(), 0);
    watch(&mut client, "w", &["*"]);
    server.write_file("a", "x");
    assert_eq!(heard(&mut client, &server), ["created a"]);
}

#[test]
fn the_reason_says_what_is_wrong_with_the_glob() {
    let server = on_demand();
    let mut client = server.connect();
    client.command("file:watch", &json!({"id": 1, "paths": ["src/{a,b"]}));
    let error = client.expect("error");
    assert_eq!(
        error["message"],
        r#"the path "src/{a,b" cannot be used: a `{` has no `}`"#
    );
    assert_eq!(
        (&error["id"], &error["command"]),
        (&json!(1), &json!("file:watch"))
    );
}

#[test]
fn an_id_is_used_once_by_a_connection_and_is_free_when_its_watch_ends() {
    let server = on_demand();
    let (mut client, mut other) = (server.connect(), server.connect());
    watch(&mut client, "w", &["a"]);
    assert_eq!(
        client.refused("file:watch", &json!({"id": "w", "paths": ["b"]})),
        "ID_IN_USE"
    );
    watch(&mut other, "w", &["a"]);
    client.command("file:unwatch", &json!({"id": "w"}));
    assert_eq!(client.expect("file:unwatch"), json!({"id": "w"}));
    assert_eq!(client.refused("file:unwatch", &json!({"id": "w"})), "GONE");
    assert_eq!(client.refused("file:unwatch", &json!({})), "BAD_MESSAGE");
    watch(&mut client, "w", &["b"]);
    assert_eq!(watches(&server).count(), 2);
}

#[test]
fn a_watch_that_is_refused_does_not_narrow_what_its_connection_hears() {
    let server = crate::hearing::auto();
    let mut client = server.connect();
    assert_eq!(
        client.refused("file:watch", &json!({"paths": ["[a"]})),
        "BAD_MESSAGE"
    );
    std::os::unix::fs::symlink("/etc", server.path("etc")).unwrap();
    let mut codes = Vec::new();
    client.command("file:watch", &json!({"paths": ["etc/*"]}));
    while codes.is_empty() {
        let answer = client.receive();
        if answer["type"] == "error" {
            codes.push(answer["data"]["code"].clone());
        }
    }
    assert_eq!(codes, ["PATH_OUTSIDE"]);
    server.write_file("a", "x");
    let all = heard(&mut client, &server);
    assert!(all.contains(&"created a".to_owned()), "{all:?}");
}

#[test]
fn watches_are_limited_and_one_connection_cannot_have_them_all() {
    let server = with(|options| {
        options.watch = Watch::OnDemand;
        options.max_watches = 5;
    });
    let mut clients: Vec<_> = (0..2).map(|_| server.connect()).collect();
    let mut refused = Vec::new();
    for client in &mut clients {
        for at in 0..4 {
            client.command("file:watch", &json!({"id": at, "paths": ["."]}));
            let answer = client.receive();
            if answer["type"] == "error" {
                refused.push((
                    at,
                    answer["data"]["code"].clone(),
                    answer["data"]["message"].clone(),
                ));
            }
        }
    }
    // Three of five, then two.
    let places: Vec<_> = refused.iter().map(|(at, _, _)| *at).collect();
    assert_eq!(places, [3, 2, 3]);
    let text = |message: &Value| message.as_str().unwrap().to_owned();
    for (_, code, message) in &refused {
        assert_eq!(code, "TOO_MANY_WATCHES");
        assert!(text(message).contains("maxWatches"), "{message}");
    }
    assert!(text(&refused[0].2).contains("share"));
    // The application has its own.
    let request = loopwire_workspace::WatchRequest {
        paths: vec![".".to_owned()],
        ..Default::default()
    };
    assert!(watches(&server).watch(&request).is_ok());
}

#[test]
fn without_watching_it_is_said_that_it_is_off() {
    let server = TestServer::with(Options {
        watch: Watch::Off,
        ..Options::default()
    });
    server.workspace.listened();
    let mut client = server.connect();
    for (name, data) in [
        ("file:watch", json!({"paths": ["."]})),
        ("file:unwatch", json!({"id": 1})),
    ] {
        assert_eq!(client.refused(name, &data), "NOT_ENABLED");
    }
    assert!(server.workspace.watches().is_none());
}
