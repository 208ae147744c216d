//! Where paths lead: links, what does not exist yet, what an ignore rule hides.

use std::fs;
use std::os::unix::fs::symlink;

use loopwire_workspace::Options;
use serde_json::json;

use crate::hearing::{heard, heard_by, on_demand, watch, watch_with, watching_all};
use crate::support::TestServer;

#[test]
fn the_root_can_be_named_by_the_path_that_was_given() {
    let dir = tempfile::tempdir().unwrap();
    let (real, link) = (dir.path().join("real"), dir.path().join("link"));
    fs::create_dir(&real).unwrap();
    symlink(&real, &link).unwrap();
    let server = watching_all(TestServer::at(&link, Options::default()));
    let mut client = server.connect();
    let glob = link.join("*.js");
    watch(&mut client, "w", &[glob.to_str().unwrap(), "zz-*"]);
    server.write_file("a.js", "x");
    // Its path in events has no links.
    assert_eq!(heard(&mut client, &server), ["created a.js"]);
}

#[test]
fn a_link_inside_is_followed_to_what_it_names() {
    let server = on_demand();
    fs::create_dir(server.path("src")).unwrap();
    symlink("src", server.path("link")).unwrap();
    let mut client = server.connect();
    watch(&mut client, "w", &["link/*.js", "zz-*"]);
    server.write_file("src/a.js", "x");
    assert_eq!(heard(&mut client, &server), ["created src/a.js"]);
}

#[test]
fn a_link_that_leads_out_is_refused() {
    let server = on_demand();
    symlink("/etc", server.path("etc")).unwrap();
    symlink("..", server.path("up")).unwrap();
    let mut client = server.connect();
    for path in ["etc/*", "etc", "up/*.js", "etc/passwd"] {
        let code = client.refused("file:watch", &json!({"paths": [path]}));
        assert_eq!(code, "PATH_OUTSIDE", "{path}");
    }
}

#[test]
fn what_does_not_exist_yet_is_watched_from_the_moment_it_does() {
    let server = on_demand();
    let mut client = server.connect();
    watch(&mut client, "w", &["a/b/**/*.js", "later.txt", "zz-*"]);
    server.write_file("other.txt", "x");
    server.write_file("later.txt", "x");
    fs::create_dir_all(server.path("a/b/c/d")).unwrap();
    server.write_file("a/b/c/d/e.js", "x");
    server.write_file("a/f.js", "x");
    assert_eq!(
        heard(&mut client, &server),
        ["created a/b/c/d/e.js", "created later.txt"]
    );
    // It is watched as well when it comes again.
    fs::remove_dir_all(server.path("a")).unwrap();
    fs::create_dir_all(server.path("a/b")).unwrap();
    server.write_file("a/b/g.js", "x");
    assert_eq!(
        heard(&mut client, &server),
        ["created a/b/g.js", "deleted a/b/c/d/e.js"]
    );
}

#[test]
fn a_single_file_is_watched_although_a_rule_hides_it() {
    let server = on_demand();
    server.write_file(".gitignore", ".env\n*.log\n");
    server.write_file(".env", "old");
    let mut client = server.connect();
    watch(&mut client, "w", &[".env", "*.log", "zz-*"]);
    server.write_file("a.log", "x");
    server.write_file(".env", "new and longer");
    assert_eq!(heard(&mut client, &server), ["modified .env"]);
}

#[test]
fn a_directory_that_a_rule_hides_is_watched_if_it_is_named_or_if_no_rule_holds() {
    let server = on_demand();
    fs::create_dir_all(server.path("node_modules/own")).unwrap();
    fs::create_dir_all(server.path("node_modules/other")).unwrap();
    let (mut named, mut all, mut rules) = (server.connect(), server.connect(), server.connect());
    watch(&mut named, "w", &["node_modules/own", "zz-*"]);
    watch_with(&mut all, json!({"id": 1, "paths": ["."], "ignore": false}));
    watch(&mut rules, "w", &["."]);
    server.write_file("node_modules/own/a", "x");
    server.write_file("node_modules/other/b", "x");
    let heard = heard_by([&mut named, &mut all, &mut rules], &server);
    assert_eq!(heard[0], ["created node_modules/own/a"]);
    assert_eq!(
        heard[1],
        ["created node_modules/other/b", "created node_modules/own/a"]
    );
    assert_eq!(heard[2], Vec::<String>::new());
}

#[test]
fn what_a_watch_ignores_is_left_out() {
    let server = on_demand();
    fs::create_dir_all(server.path("src/generated")).unwrap();
    let mut client = server.connect();
    let data = json!({"id": 1, "paths": ["."], "ignore": ["*.tmp", "src/generated"]});
    let watching = watch_with(&mut client, data);
    assert_eq!(watching["directories"], 2);
    for name in ["src/a.js", "src/b.tmp", "src/generated/c.js"] {
        server.write_file(name, "x");
    }
    assert_eq!(heard(&mut client, &server), ["created src/a.js"]);
}
