//! What the tests of watching share: a workspace that is listened to, and what a client hears of it.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use loopwire_workspace::{Options, Watch, Watches};
use serde_json::{Value, json};

use crate::support::{Client, TestServer, until};

/// How the files begin that a test writes when it has done everything else.
const LAST: &str = "zz-";

/// Counts those files: each is new.
static NEXT: AtomicUsize = AtomicUsize::new(0);

pub(crate) fn watches(server: &TestServer) -> &Watches {
    server.workspace.watches().unwrap()
}

/// A workspace of which everything is watched.
pub(crate) fn auto() -> TestServer {
    watching_all(TestServer::open())
}

/// Waits until all of it is watched.
pub(crate) fn watching_all(server: TestServer) -> TestServer {
    server.workspace.listened();
    until("everything is watched", || watches(&server).is_everything());
    server
}

/// A workspace of which nothing is watched before a client asks.
pub(crate) fn on_demand() -> TestServer {
    with(|options| options.watch = Watch::OnDemand)
}

pub(crate) fn with(change: impl FnOnce(&mut Options)) -> TestServer {
    let mut options = Options::default();
    change(&mut options);
    let server = TestServer::with(options);
    server.workspace.listened();
    server
}

/// Asks for a watch and waits until it has begun.
pub(crate) fn watch(client: &mut Client, id: &str, paths: &[&str]) -> Value {
    watch_with(client, json!({"id": id, "paths": paths}))
}

pub(crate) fn watch_with(client: &mut Client, data: Value) -> Value {
    client.command("file:watch", &data);
    loop {
        let mut answer = client.receive();
        // What it heard before is not looked at.
        if answer["type"] != "file:changed" {
            assert_eq!(answer["type"], "file:watching", "{answer}");
            assert_eq!(answer["data"]["id"], data["id"]);
            return answer["data"].take();
        }
    }
}

/// What a client has heard so far, each as `created src/a.js` or `renamed a > b`.
pub(crate) fn heard(client: &mut Client, server: &TestServer) -> Vec<String> {
    let [heard] = heard_by([client], server);
    heard
}

/// What these clients have heard so far. Changes of different files come in any order: one that may still be written to
/// waits longest, as long as one that may come again. So a file is written and removed: when that is heard, what happened
/// before has been told.
pub(crate) fn heard_by<const N: usize>(
    mut clients: [&mut Client; N],
    server: &TestServer,
) -> [Vec<String>; N] {
    let mut all = [const { Vec::new() }; N];
    let last = format!("{LAST}{}", NEXT.fetch_add(1, Ordering::Relaxed));
    server.write_file(&last, "");
    for (client, all) in clients.iter_mut().zip(&mut all) {
        all.extend(heard_until(client, server, &last));
    }
    fs::remove_file(server.path(&last)).unwrap();
    let last = format!("deleted {last}");
    for (client, all) in clients.iter_mut().zip(&mut all) {
        all.extend(heard_before(client, server, &last));
        all.sort();
    }
    all
}

/// What a client has heard until that path is created.
pub(crate) fn heard_until(client: &mut Client, server: &TestServer, last: &str) -> Vec<String> {
    heard_before(client, server, &format!("created {last}"))
}

/// What a client has heard before that line.
fn heard_before(client: &mut Client, server: &TestServer, last: &str) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        let mut event = client.receive();
        assert_eq!(event["type"], "file:changed", "{event}");
        let one = line(&event["data"].take(), server);
        if one == last {
            return all;
        }
        all.push(one);
    }
}

/// One change, with paths relative to the root.
pub(crate) fn line(data: &Value, server: &TestServer) -> String {
    let root = server.root().to_str().unwrap();
    let relative = |path: &Value| {
        let path = path.as_str().unwrap();
        let inside = path.strip_prefix(root).unwrap_or_else(|| panic!("{path}"));
        inside.trim_start_matches('/').to_owned()
    };
    let kind = data["changeType"].as_str().unwrap();
    match data.get("oldPath") {
        Some(old) => format!("{kind} {} > {}", relative(old), relative(&data["path"])),
        None => format!("{kind} {}", relative(&data["path"])),
    }
}
