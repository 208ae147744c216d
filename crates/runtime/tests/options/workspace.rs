//! What the calls of a workspace take.

use std::time::Duration;

use loopwire_runtime::{GitAction, WorkspaceOptions, option};
use serde_json::{Value, json};

use crate::given::{Given, invalid, out_of_range, refused, wrong_type};

fn given(value: Value) -> Given {
    Given::from(value)
}

#[test]
fn an_operation_of_git_needs_what_it_is_about() {
    let read = |kind, options| option::git(kind, options, None);
    assert_eq!(
        refused(read("clone", Given::Missing)),
        wrong_type("options must be an object, not undefined")
    );
    assert_eq!(
        refused(read("clone", given(json!({ "url": "u" })))),
        wrong_type("options.targetDir must be a string, not undefined")
    );
    assert_eq!(
        refused(read("fetch", given(json!({})))),
        wrong_type("options.repoPath must be a string, not undefined")
    );
    assert_eq!(
        refused(read("fetch", given(json!({ "repoPath": ".", "dept": 1 })))).1,
        "ERR_UNKNOWN_OPTION"
    );
    let auth = |auth| {
        refused(read(
            "pull",
            given(json!({ "repoPath": ".", "auth": auth })),
        ))
    };
    assert_eq!(
        auth(json!({ "token": "s3cret", "password": "s3cret" })),
        invalid(
            "options.auth must be {username, password?}, {token, username?} or {privateKey, passphrase?}"
        )
    );
    assert_eq!(
        auth(json!({ "token": 7 })),
        wrong_type("options.auth.token must be a string, not a number")
    );
    let request = read("push", given(json!({ "repoPath": "r", "auth": null }))).unwrap();
    assert!(request.auth.is_none());
    assert!(matches!(&request.action, GitAction::Push(push) if !push.force));
    assert_eq!(option::git_repository(&request.action), "r");
}

#[test]
fn no_credentials_cancel() {
    for nothing in [Given::Missing, given(json!(null))] {
        assert!(option::git_answer(nothing).is_ok());
    }
    assert_eq!(
        refused(option::git_answer(given(json!({ "accept": "yes" })))),
        wrong_type("accept in the result of onCredentials must be a boolean, not a string")
    );
}

#[test]
fn a_workspace_has_its_defaults_and_bounds() {
    let read = |options| option::workspace(given(options));
    let (defaults, none) = (WorkspaceOptions::default(), read(json!({})).unwrap());
    assert_eq!(none.max_terminals, defaults.max_terminals);
    assert_eq!(none.detach, defaults.detach);
    let given = json!({ "detachMs": "<Infinity>", "maxOutputBytes": "<Infinity>", "git": false });
    let parsed = read(given).unwrap();
    assert_eq!((parsed.detach, parsed.max_output_bytes), (None, None));
    assert!(!parsed.git && parsed.files);
    assert_eq!(
        refused(read(json!({ "scrollbackBytes": 4_095 }))),
        out_of_range(
            "options.scrollbackBytes must be a whole number from 4096 to 268435456, not 4095"
        )
    );
    assert_eq!(
        refused(read(json!({ "env": { "A=B": "" } }))),
        invalid("options.env has a key that cannot be the name of a variable")
    );
    assert_eq!(
        refused(read(json!({ "env": { "A": 7 } }))),
        wrong_type("options.env.A must be a string, not a number")
    );
    assert_eq!(
        refused(read(json!({ "env": [] }))),
        wrong_type("options.env must be an object of strings, not an array")
    );
    assert_eq!(
        refused(read(json!({ "shell": [] }))),
        invalid("options.shell must be the path of a program and its arguments")
    );
    let root = |text: &str| refused(option::directory(Given::from(json!(text)), "root"));
    for text in ["", "a\0"] {
        assert_eq!(root(text), invalid("root must be the path of a directory"));
    }
}

#[test]
fn a_command_keeps_to_its_bounds() {
    let read = |options| option::terminal(given(options));
    let spawn = read(json!({ "command": "ls", "cols": 2_000, "timeoutMs": 1 })).unwrap();
    assert_eq!((spawn.command.as_deref(), spawn.cols), (Some("ls"), 2_000));
    assert_eq!(spawn.timeout, Some(Duration::from_millis(1)));
    for (key, high) in [("cols", 2_000), ("rows", 2_000), ("timeoutMs", 86_400_000)] {
        let told = format!("options.{key} must be a whole number from 1 to {high}, not 0");
        assert_eq!(refused(read(json!({ key: 0 }))), out_of_range(told));
    }
    assert_eq!(
        refused(read(json!({ "cwd": "a\0" }))),
        invalid("options.cwd contains a NUL character")
    );
}

#[test]
fn files_snapshots_and_watches_keep_to_their_bounds() {
    let mode = |bits: u32| option::file_mode(given(json!(bits)), "options.mode");
    assert_eq!(mode(0o777).unwrap(), 0o777);
    assert_eq!(
        refused(mode(0o1000)),
        out_of_range("options.mode must be a whole number from 0 to 511, not 512")
    );
    let limit = |limit: u32| option::snapshot_limit(given(json!({ "limit": limit })), 10);
    assert_eq!(limit(10).unwrap(), Some(10));
    assert_eq!(
        refused(limit(11)),
        out_of_range("options.limit must be a whole number from 1 to 10, not 11")
    );
    assert_eq!(
        refused(option::snapshot(given(json!({ "message": "a\0" })))),
        invalid("the message contains a NUL character")
    );
    let watch = |paths, options| option::watch(given(paths), options);
    let all = watch(json!("src"), given(json!({ "ignore": false }))).unwrap();
    assert_eq!(all.paths, ["src"]);
    assert_eq!(
        refused(watch(json!({}), Given::Missing)),
        wrong_type("paths must be an array of strings, not an object")
    );
    assert_eq!(
        refused(watch(json!([]), given(json!({ "ignore": [1] })))),
        wrong_type("options.ignore[0] must be a string, not a number")
    );
}
