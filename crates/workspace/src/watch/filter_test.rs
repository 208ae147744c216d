//! What a connection gets of the events about files.

use std::path::{MAIN_SEPARATOR_STR, Path};

use serde_json::{Value, json};

use super::*;
use crate::watch::pattern::Selection;

fn wanted(paths: &[&str], kinds: &[&str]) -> Arc<Wanted> {
    let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    let kinds = Kinds::read(&owned(kinds)).unwrap_or(Kinds::ALL);
    Arc::new(Wanted {
        selection: Selection::read(&owned(paths), &[], [Path::new("/opt/app"); 2]).expect("paths"),
        kinds,
        rules: true,
        tag: None,
    })
}

fn filter(watches: Vec<Arc<Wanted>>) -> WatchFilter {
    let filter = WatchFilter::new(&native("/opt/app"));
    filter.set(watches);
    filter
}

/// The path as events of this system have it.
fn native(path: &str) -> String {
    path.replace('/', MAIN_SEPARATOR_STR)
}

fn changed(data: Value) -> Vec<u8> {
    let mut data = data;
    for (key, value) in [
        ("size", json!(5)),
        ("timestamp", json!("T")),
        ("isDirectory", json!(false)),
    ] {
        data[key] = value;
    }
    for key in ["path", "oldPath"] {
        if let Some(path) = data[key].as_str() {
            data[key] = native(path).into();
        }
    }
    // The type comes first, as in every event.
    let mut event = json!({"type": "file:changed"});
    event["data"] = data;
    event["timestamp"] = json!("T");
    event.to_string().into_bytes()
}

fn renamed(old: &str, new: &str) -> Vec<u8> {
    changed(json!({"path": new, "changeType": "renamed", "oldPath": old}))
}

/// `path changeType` of each event that takes the place of one; `*` for the event itself.
fn heard(filter: &WatchFilter, json: &[u8]) -> Vec<String> {
    match filter.filter(json) {
        Filtered::Pass => vec!["*".to_owned()],
        Filtered::Drop => Vec::new(),
        Filtered::Instead(all) => all
            .iter()
            .map(|json| {
                let event: Value = serde_json::from_slice(json).expect("JSON");
                assert_eq!(event["type"], "file:changed");
                assert_eq!(event["timestamp"], "T");
                assert_eq!(event["data"].get("oldPath"), None);
                let text = |key: &str| event["data"][key].as_str().expect("text").to_owned();
                format!(
                    "{} {} {}",
                    text("path").replace(MAIN_SEPARATOR_STR, "/"),
                    text("changeType"),
                    event["data"]["size"]
                )
            })
            .collect(),
    }
}

#[test]
fn a_connection_gets_what_one_of_its_watches_matches() {
    let filter = filter(vec![
        wanted(&["src/**"], &["created"]),
        wanted(&["lib"], &[]),
    ]);
    for (path, kind, expected) in [
        ("/opt/app/src/a", "created", true),
        ("/opt/app/src/a", "modified", false),
        ("/opt/app/lib/a", "modified", true),
        ("/opt/app/other", "created", false),
        ("/opt/application/src/a", "created", false),
        ("relative", "created", false),
    ] {
        let heard = heard(&filter, &changed(json!({"path": path, "changeType": kind})));
        assert_eq!(heard == ["*"], expected, "{path} {kind}");
    }
}

#[test]
fn a_rename_over_the_border_is_a_creation_or_a_deletion() {
    let filter = filter(vec![wanted(&["src/**"], &[])]);
    let (inside, outside) = ("/opt/app/src/a", "/opt/app/b");
    assert_eq!(heard(&filter, &renamed(inside, "/opt/app/src/c")), ["*"]);
    assert_eq!(
        heard(&filter, &renamed(outside, inside)),
        ["/opt/app/src/a created 5"]
    );
    assert_eq!(
        heard(&filter, &renamed(inside, outside)),
        ["/opt/app/src/a deleted 0"]
    );
    assert!(heard(&filter, &renamed(outside, "/opt/app/c")).is_empty());
    let replacing =
        json!({"path": inside, "changeType": "renamed", "oldPath": outside, "replaced": true});
    assert_eq!(
        heard(&filter, &changed(replacing)),
        ["/opt/app/src/a modified 5"]
    );
}

#[test]
fn a_watch_that_did_not_ask_for_renames_gets_both_halves() {
    let page = wanted(&["**"], &["created", "modified", "deleted"]);
    let (old, new) = ("/opt/app/a", "/opt/app/b");
    let filter_of = |all| filter(all);
    let both = ["/opt/app/a deleted 0", "/opt/app/b created 5"];
    assert_eq!(
        heard(&filter_of(vec![Arc::clone(&page)]), &renamed(old, new)),
        both
    );
    let created = wanted(&["**"], &["created"]);
    assert_eq!(
        heard(&filter_of(vec![created]), &renamed(old, new)),
        both[1..]
    );
    // With another watch that has asked, the rename says it all.
    let all = wanted(&["**"], &[]);
    assert_eq!(
        heard(&filter_of(vec![page, all]), &renamed(old, new)),
        ["*"]
    );
}

#[test]
fn two_watches_of_one_connection_see_both_sides_of_a_border() {
    let filter = filter(vec![wanted(&["a/**"], &[]), wanted(&["b/**"], &[])]);
    let expected = ["/opt/app/a/x deleted 0", "/opt/app/b/x created 5"];
    assert_eq!(
        heard(&filter, &renamed("/opt/app/a/x", "/opt/app/b/x")),
        expected
    );
}

#[test]
fn what_a_rule_hides_is_heard_by_those_who_named_it() {
    let hidden = changed(
        json!({"path": "/opt/app/node_modules/own/a", "changeType": "created", "ignored": 1}),
    );
    assert!(heard(&filter(vec![wanted(&["**"], &[])]), &hidden).is_empty());
    let named = wanted(&["node_modules/own"], &[]);
    assert_eq!(heard(&filter(vec![named]), &hidden), ["*"]);
}

#[test]
fn a_connection_without_watches_gets_nothing_of_files_and_all_of_the_application() {
    let (none, one) = (filter(Vec::new()), filter(vec![wanted(&["src"], &[])]));
    let overflow = br#"{"type":"file:overflow","data":{"root":"/opt/app"},"timestamp":"T"}"#;
    let own = br#"{"type":"file:own","data":{},"timestamp":"T"}"#;
    let odd = br#"{"type":"file:changed","data":{"any":1},"timestamp":"T"}"#;
    let change = changed(json!({"path": "/opt/app/src/a", "changeType": "created"}));
    assert_eq!(heard(&none, overflow), Vec::<String>::new());
    assert_eq!(heard(&one, overflow), ["*"]);
    for filter in [&none, &one] {
        assert_eq!(heard(filter, own), ["*"]);
        assert_eq!(heard(filter, odd), ["*"]);
    }
    assert!(heard(&none, &change).is_empty());
}

#[test]
fn the_most_costly_globs_that_are_allowed_do_not_stop_a_connection() {
    let glob = format!("{}{}z", "**/".repeat(8), "*a".repeat(16));
    let mut paths: Vec<String> = (0..200).map(|at| format!("{glob}{at}")).collect();
    paths.extend((0..50).map(|at| format!("!{glob}{at}")));
    paths.push("**".to_owned());
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let filter = filter(vec![wanted(&paths, &[])]);
    let long = format!("/opt/app/{}", "a/aaaaaaaa/".repeat(370));
    let json = changed(json!({"path": long, "changeType": "created"}));
    assert_eq!(heard(&filter, &json), ["*"]);
}

#[test]
fn a_client_that_asks_is_told_which_of_its_watches_a_change_is_for() {
    let named = |paths: &[&str], id: &str| {
        let wanted = Arc::into_inner(wanted(paths, &[])).expect("one");
        Arc::new(Wanted {
            tag: Some(json!(id)),
            ..wanted
        })
    };
    let filter = filter(vec![
        named(&["**"], "all"),
        named(&["a/**"], "a"),
        named(&["b/**"], "b"),
    ]);
    let told = |json: &[u8]| match filter.filter(json) {
        Filtered::Pass => panic!("without its watches"),
        Filtered::Drop => Vec::new(),
        Filtered::Instead(all) => {
            let event = |json: &Vec<u8>| -> Value { serde_json::from_slice(json).expect("JSON") };
            let data = all.iter().map(|json| event(json)["data"].take());
            data.map(|data| (data["changeType"].clone(), data["watches"].clone()))
                .collect()
        }
    };
    let modified = changed(json!({"path": "/opt/app/a/x", "changeType": "modified"}));
    assert_eq!(told(&modified), [(json!("modified"), json!(["all", "a"]))]);
    let expected = [
        (json!("deleted"), json!(["a"])),
        (json!("created"), json!(["b"])),
        (json!("renamed"), json!(["all"])),
    ];
    assert_eq!(told(&renamed("/opt/app/a/x", "/opt/app/b/x")), expected);
    let outside = changed(json!({"path": "/opt/elsewhere", "changeType": "modified"}));
    assert!(told(&outside).is_empty());
}
