//! Renames over the border of what a watch sees.

use std::fs;

use serde_json::json;

use crate::hearing::{heard, heard_by, on_demand, watch, watch_with};

#[test]
fn a_rename_over_the_border_is_a_creation_or_a_deletion() {
    let server = on_demand();
    for name in ["in", "out"] {
        fs::create_dir(server.path(name)).unwrap();
    }
    for name in ["in/leaves", "in/moves", "out/comes", "out/stays"] {
        server.write_file(name, "x");
    }
    let (mut client, mut page, mut both) = (server.connect(), server.connect(), server.connect());
    watch(&mut client, "w", &["in/**", "zz-*"]);
    let three = ["created", "modified", "deleted"];
    watch_with(
        &mut page,
        json!({"id": 1, "paths": ["in/**", "zz-*"], "events": three}),
    );
    watch(&mut both, "w", &["."]);
    for (from, to) in [
        ("in/leaves", "out/left"),
        ("in/moves", "in/moved"),
        ("out/comes", "in/came"),
        ("out/stays", "out/stayed"),
    ] {
        fs::rename(server.path(from), server.path(to)).unwrap();
    }
    let heard = heard_by([&mut client, &mut page, &mut both], &server);
    assert_eq!(
        heard[0],
        [
            "created in/came",
            "deleted in/leaves",
            "renamed in/moves > in/moved"
        ]
    );
    assert_eq!(
        heard[1],
        [
            "created in/came",
            "created in/moved",
            "deleted in/leaves",
            "deleted in/moves"
        ]
    );
    let expected = [
        "renamed in/leaves > out/left",
        "renamed in/moves > in/moved",
        "renamed out/comes > in/came",
        "renamed out/stays > out/stayed",
    ];
    assert_eq!(heard[2], expected);
}

#[test]
fn a_directory_that_moves_in_comes_with_what_is_in_it() {
    let server = on_demand();
    fs::create_dir_all(server.path("out/deep/er")).unwrap();
    fs::create_dir(server.path("in")).unwrap();
    server.write_file("out/deep/er/a", "x");
    let mut client = server.connect();
    watch(&mut client, "w", &["in", "zz-*"]);
    fs::rename(server.path("out/deep"), server.path("in/deep")).unwrap();
    let all = heard(&mut client, &server);
    assert_eq!(
        all,
        [
            "created in/deep",
            "created in/deep/er",
            "created in/deep/er/a"
        ]
    );
    fs::rename(server.path("in/deep"), server.path("out/again")).unwrap();
    let all = heard(&mut client, &server);
    let expected = [
        "deleted in/deep",
        "deleted in/deep/er",
        "deleted in/deep/er/a",
    ];
    assert_eq!(all, expected);
}
