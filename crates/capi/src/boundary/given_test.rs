//! What a programmer of C reads who has given something else: nothing that only JavaScript has.

use loopwire_runtime::argument::{self as args, Argument};
use loopwire_runtime::{Failure, option};
use serde_json::{Value, json};

use super::given::Given;

fn message<T>(outcome: Result<T, Failure>) -> String {
    outcome.err().expect("a refusal").message().to_owned()
}

#[test]
fn texts_name_what_c_has() {
    let number = json!(7);
    let seven = || Given::Json(&number);
    assert_eq!(
        message(args::json(Given::Null, "json", None)),
        "json must be JSON text, not NULL"
    );
    assert_eq!(
        message(args::bytes(seven(), "options.input")),
        "options.input must be a string, not a number"
    );
    assert_eq!(
        message(args::ports(seven(), "ports", Given::Missing)),
        "ports must be an array of ports, not a number"
    );
    let empty = json!({});
    assert_eq!(
        message(option::forward(Given::Json(&empty), Given::Missing)),
        "options.port must be given, not left out"
    );
    assert_eq!(
        message(option::git("fetch", Given::Json(&empty), None)),
        "options.repoPath must be a string, not left out"
    );
    assert_eq!(
        message(option::git_answer(seven())),
        "answer must be an object, not a number"
    );
}

#[test]
fn options_that_javascript_reads_itself_are_unknown() {
    let refused = |options: Value| {
        let refusal = option::git("fetch", Given::Json(&options), None);
        refusal.err().map(|failure| failure.code().to_owned())
    };
    for own in ["signal", "onCredentials"] {
        assert_eq!(
            refused(json!({ "repoPath": ".", own: true })).as_deref(),
            Some("ERR_UNKNOWN_OPTION")
        );
    }
    assert_eq!(refused(json!({ "repoPath": "." })), None);
    assert_eq!(Given::Missing.kind(), "left out");
}
