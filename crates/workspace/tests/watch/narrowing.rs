//! Who hears of what: everything at first, then what was asked for.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use tungstenite::Message;

use crate::hearing::{
    auto, heard, heard_by, heard_until, line, on_demand, watch, watch_with, watches,
};
use crate::support::{Client, until};

#[test]
fn a_change_has_the_form_of_the_sandboxs_page() {
    let server = auto();
    let mut client = server.connect();
    assert!(client.answers_ping());
    server.write_file("a.txt", "hello");
    let Message::Text(text) = client.next() else {
        panic!("not a text")
    };
    let event: Value = serde_json::from_str(&text).unwrap();
    let keys = |value: &Value| {
        value
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(keys(&event), ["type", "data", "timestamp"]);
    let data = &event["data"];
    assert_eq!(
        keys(data),
        ["path", "changeType", "size", "timestamp", "isDirectory"]
    );
    assert_eq!(data["path"], server.path("a.txt").to_str().unwrap());
    assert_eq!(
        (&data["changeType"], &data["size"]),
        (&json!("created"), &json!(5))
    );
    assert_eq!(
        (&data["timestamp"], &data["isDirectory"]),
        (&event["timestamp"], &json!(false))
    );
}

#[test]
fn a_connection_hears_of_everything_that_is_not_ignored_until_its_first_watch() {
    let server = auto();
    let mut client = server.connect();
    assert!(client.answers_ping());
    for name in ["src", "node_modules", "lib"] {
        fs::create_dir(server.path(name)).unwrap();
    }
    for name in ["src/a.js", "node_modules/b.js", "lib/c.js"] {
        server.write_file(name, "x");
    }
    let all = heard(&mut client, &server);
    assert_eq!(
        all,
        [
            "created lib",
            "created lib/c.js",
            "created src",
            "created src/a.js"
        ]
    );

    watch(&mut client, "w", &["src/**/*.js", "zz-*"]);
    for name in ["src/d.js", "src/d.ts", "lib/e.js"] {
        server.write_file(name, "x");
    }
    assert_eq!(heard(&mut client, &server), ["created src/d.js"]);

    // It has asked once, and no longer does.
    client.command("file:unwatch", &json!({"id": "w"}));
    let mut answer = client.receive();
    while answer["type"] == "file:changed" {
        answer = client.receive();
    }
    assert_eq!(
        (&answer["type"], &answer["data"]),
        (&json!("file:unwatch"), &json!({"id": "w"}))
    );
    let mut other = server.connect();
    assert!(other.answers_ping());
    server.write_file("src/f.js", "x");
    heard_until(&mut other, &server, "src/f.js");
    assert!(client.answers_ping());
}

#[test]
fn on_demand_nothing_is_heard_or_watched_before_a_watch() {
    let server = on_demand();
    let (mut asked, mut other) = (server.connect(), server.connect());
    assert!(other.answers_ping());
    server.write_file("a.txt", "x");
    watch(&mut asked, "w", &["*.txt", "zz-*"]);
    server.write_file("b.txt", "x");
    assert_eq!(heard(&mut asked, &server), ["created b.txt"]);
    assert!(other.answers_ping());
    assert!(!watches(&server).is_everything());
}

#[test]
fn two_clients_get_exactly_what_their_own_watches_match() {
    let server = on_demand();
    let (mut one, mut two) = (server.connect(), server.connect_binary());
    for name in ["a", "b"] {
        fs::create_dir(server.path(name)).unwrap();
    }
    watch(&mut one, "w", &["a/*", "zz-*"]);
    watch(&mut two, "w", &["{a,b}/*.js", "zz-*"]);
    for name in ["a/1.js", "a/2.ts", "b/3.js", "b/4.ts"] {
        server.write_file(name, "x");
    }
    let heard = heard_by([&mut one, &mut two], &server);
    assert_eq!(heard[0], ["created a/1.js", "created a/2.ts"]);
    assert_eq!(heard[1], ["created a/1.js", "created b/3.js"]);
}

#[test]
fn only_clients_that_gave_an_id_or_take_binary_are_answered() {
    let server = auto();
    let (mut page, mut binary) = (server.connect(), server.connect_binary());
    page.command("file:watch", &json!({"paths": [server.path("src/**/*.js")], "events": ["created", "modified", "deleted"]}));
    binary.command("file:watch", &json!({"paths": ["."]}));
    let answer = binary.expect("file:watching");
    assert_eq!(answer, json!({"directories": 1}));
    until("the first one has begun, too", || {
        watches(&server).count() == 2
    });
    fs::create_dir(server.path("src")).unwrap();
    server.write_file("src/a.js", "x");
    assert_eq!(
        heard_until(&mut binary, &server, "src/a.js"),
        ["created src"]
    );
    let expected: [&str; 0] = [];
    assert_eq!(heard_until(&mut page, &server, "src/a.js"), expected);
}

#[test]
fn a_watch_hears_of_the_kinds_that_it_asked_for() {
    let server = on_demand();
    let mut client = server.connect();
    watch_with(
        &mut client,
        json!({"id": 1, "paths": ["*.txt"], "events": ["deleted"]}),
    );
    watch(&mut client, "end", &["zz-*"]);
    server.write_file("a.txt", "x");
    fs::remove_file(server.path("a.txt")).unwrap();
    server.write_file("b.txt", "x");
    let mut other = server.connect();
    watch(&mut other, "w", &["c.txt"]);
    server.write_file("c.txt", "x");
    heard_until(&mut other, &server, "c.txt");
    fs::remove_file(server.path("b.txt")).unwrap();
    // The first file came and went so fast that nobody saw it, or it was seen to go.
    let all = heard(&mut client, &server);
    assert_eq!(all.last().unwrap(), "deleted b.txt");
    assert!(all.iter().all(|one| one.starts_with("deleted")), "{all:?}");
}

#[test]
fn narrowing_leaves_no_gap_in_what_both_match() {
    let server = auto();
    let mut client = server.connect();
    assert!(client.answers_ping());
    let done = AtomicBool::new(false);
    let (mut seen, mut written) = (Vec::new(), 0);
    std::thread::scope(|scope| {
        let writing = scope.spawn(|| {
            let mut written = 0;
            while !done.load(Ordering::Acquire) || written < 500 {
                server.write_file(&format!("a-{written}"), "x");
                server.write_file(&format!("b-{written}"), "x");
                written += 1;
                std::thread::yield_now();
            }
            written
        });
        let mut asked = false;
        while seen.len() < 400 {
            let event = client.receive();
            if event["type"] == "file:watching" {
                done.store(true, Ordering::Release);
                continue;
            }
            let one = line(&event["data"], &server);
            if let Some(name) = one.strip_prefix("created a-") {
                seen.push(name.parse::<usize>().unwrap());
            }
            if seen.len() == 100 && !asked {
                asked = true;
                client.command("file:watch", &json!({"id": 1, "paths": ["a-*"]}));
            }
        }
        done.store(true, Ordering::Release);
        written = writing.join().unwrap();
    });
    assert!(written >= 400);
    seen.sort_unstable();
    seen.dedup();
    // Files of one moment come in any order, so the last ones seen may leave some out that come later.
    while seen.len() < written {
        let event = client.receive();
        if event["type"] == "file:changed"
            && let Some(name) = line(&event["data"], &server).strip_prefix("created a-")
        {
            seen.push(name.parse().unwrap());
        }
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..written).collect::<Vec<_>>());
}

#[test]
fn callbacks_see_what_anybody_has_asked_for() {
    let server = on_demand();
    let mut client = server.connect();
    watch_with(
        &mut client,
        json!({"id": 1, "paths": ["."], "ignore": false}),
    );
    fs::create_dir(server.path("node_modules")).unwrap();
    server.write_file("node_modules/a.js", "x");
    heard_until(&mut client, &server, "node_modules/a.js");
    let events = server.events();
    let hidden = events.iter().find(|event| event.contains("a.js")).unwrap();
    assert!(hidden.contains(r#""ignored":1"#), "{hidden}");
}

#[test]
fn a_client_that_resumes_gets_what_it_missed_and_asks_for_its_watch_again() {
    let server = auto();
    let mut client = Client::connect(server.address(), "&v=1");
    let hello = client.expect("hello");
    watch(&mut client, "w", &["*.js"]);
    server.write_file("a.js", "x");
    let event = client.receive();
    assert_eq!(line(&event["data"], &server), "created a.js");
    let since = event["seq"].as_u64().unwrap();
    client.disconnect();
    until("its watch has ended", || watches(&server).count() == 0);

    server.write_file("b.js", "x");
    server.write_file("c.ts", "x");
    let mut witness = server.connect();
    server.write_file("d.js", "x");
    heard_until(&mut witness, &server, "d.js");
    let epoch = hello["epoch"].as_str().unwrap();
    let mut client = Client::connect(
        server.address(),
        &format!("&v=1&epoch={epoch}&since={since}"),
    );
    let mut missed = Vec::new();
    while missed.last().is_none_or(|last| last != "created d.js") {
        let Message::Text(text) = client.next() else {
            panic!("not a text")
        };
        let event: Value = serde_json::from_str(&text).unwrap();
        match event["type"].as_str().unwrap() {
            "file:changed" => missed.push(line(&event["data"], &server)),
            other => assert!(["hello", "resumed"].contains(&other), "{text}"),
        }
    }
    // Without a watch it hears of everything.
    missed.sort();
    assert_eq!(missed, ["created b.js", "created c.ts", "created d.js"]);
    watch(&mut client, "w", &["*.js"]);
    server.write_file("e.ts", "x");
    server.write_file("f.js", "x");
    assert_eq!(
        heard_until(&mut client, &server, "f.js"),
        Vec::<String>::new()
    );
}
