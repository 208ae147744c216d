//! The application's own watches.

use std::fs;

use loopwire_workspace::{FileNotice, FileWatch, WatchRequest};

use crate::hearing::{on_demand, watches};
use crate::support::TestServer;

fn request(paths: &[&str]) -> WatchRequest {
    WatchRequest {
        paths: paths.iter().map(|one| (*one).to_owned()).collect(),
        ..Default::default()
    }
}

fn open(server: &TestServer, paths: &[&str]) -> FileWatch {
    let watch = watches(server).watch(&request(paths)).unwrap();
    let ready = server.block_on(watch.ready()).unwrap();
    assert!(
        ready.directories > 0 && ready.polling.is_none(),
        "{ready:?}"
    );
    watch
}

/// What it tells until that name, as `created name`.
fn told(server: &TestServer, watch: &FileWatch, last: &str) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        for notice in server.block_on(watch.next()) {
            let FileNotice::Changed(change) = notice else {
                panic!("{notice:?}")
            };
            let path = change.path.rsplit('/').next().unwrap().to_owned();
            all.push(format!("{} {path}", change.kind));
            if path == last {
                return all;
            }
        }
    }
}

#[test]
fn it_tells_of_what_it_matches_without_any_connection() {
    let server = on_demand();
    let watch = open(&server, &["*.js"]);
    let other = open(&server, &["**/*.ts"]);
    for name in ["a.js", "b.ts", "c.js", "d.ts"] {
        server.write_file(name, "x");
    }
    assert_eq!(
        told(&server, &watch, "c.js"),
        ["created a.js", "created c.js"]
    );
    assert_eq!(
        told(&server, &other, "d.ts"),
        ["created b.ts", "created d.ts"]
    );
}

#[test]
fn a_rename_over_its_border_is_a_creation_or_a_deletion() {
    let server = on_demand();
    fs::create_dir(server.path("in")).unwrap();
    server.write_file("in/a", "x");
    let watch = open(&server, &["in/*"]);
    fs::rename(server.path("in/a"), server.path("b")).unwrap();
    assert_eq!(told(&server, &watch, "a"), ["deleted a"]);
    fs::rename(server.path("b"), server.path("in/c")).unwrap();
    assert_eq!(told(&server, &watch, "c"), ["created c"]);
}

#[test]
fn closing_it_ends_its_reading_and_frees_its_place() {
    let server = on_demand();
    let watch = open(&server, &["."]);
    let reading = watch.clone();
    let (ended, ()) = server.block_on(async {
        tokio::join!(reading.next(), async {
            tokio::task::yield_now().await;
            watch.close();
        })
    });
    assert_eq!(ended, []);
    assert_eq!(server.block_on(watch.next()), []);
    assert_eq!(watches(&server).count(), 0);
}

#[test]
fn the_end_of_the_workspace_ends_it() {
    let server = on_demand();
    let watch = open(&server, &["."]);
    server.block_on(server.workspace.close());
    assert_eq!(server.block_on(watch.next()), []);
    let refused = watches(&server).watch(&request(&["."])).unwrap_err();
    assert_eq!(refused.code, "NO_WORKSPACE");
}
