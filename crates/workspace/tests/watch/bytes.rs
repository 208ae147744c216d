//! Names in any bytes.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use serde_json::json;

use crate::hearing::{auto, heard, watch};

#[test]
fn names_that_are_not_utf_8_are_told_and_match() {
    let server = auto();
    let mut client = server.connect();
    watch(&mut client, "w", &["**/*.js", "zz-*"]);
    fs::create_dir(server.root().join(OsStr::from_bytes(b"d\xff"))).unwrap();
    fs::write(server.root().join(OsStr::from_bytes(b"d\xff/\xfe.js")), "x").unwrap();
    server.write_file("quote\"back\\slash\nline.js", "x");
    server.write_file("grüße 🎉.js", "x");
    let all = heard(&mut client, &server);
    let expected = [
        "created d\u{fffd}/\u{fffd}.js",
        "created grüße 🎉.js",
        "created quote\"back\\slash\nline.js",
    ];
    assert_eq!(all, expected);
}

#[test]
fn names_with_the_characters_of_globs_can_be_watched() {
    let server = auto();
    let mut client = server.connect();
    fs::create_dir(server.path("[id]")).unwrap();
    // The path as it is in an event, and a glob with backslashes.
    client.command(
        "file:watch",
        &json!({"id": 1, "paths": ["\\[id\\]/*.js", "zz-*"]}),
    );
    assert_eq!(client.expect("file:watching")["id"], 1);
    server.write_file("[id]/a.js", "x");
    server.write_file("i", "x");
    assert_eq!(heard(&mut client, &server), ["created [id]/a.js"]);
}
