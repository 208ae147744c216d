//! Options that are one of some words.

use loopwire_runtime::option::{self, Caller};
use serde_json::{Value, json};

use crate::given::{Given, invalid, refused};

fn given(value: Value) -> Given {
    Given::from(value)
}

#[test]
fn a_word_that_there_is_not_is_told_with_those_that_there_are() {
    let listener = |options| {
        let (port, token) = (given(json!(0)), given(json!("abcd1234")));
        refused(option::listener(
            port,
            token,
            given(options),
            Caller::JavaScript { electron: false },
        ))
    };
    assert_eq!(
        listener(json!({ "delivery": "some" })),
        invalid("options.delivery must be 'last' or 'all'")
    );
    assert_eq!(
        listener(json!({ "format": "json" })),
        invalid("options.format must be 'buffer', 'string' or 'object'")
    );
    assert_eq!(
        listener(json!({ "host": "example.com" })),
        invalid("options.host must be an IP address or localhost")
    );
    assert_eq!(
        listener(json!({ "tls": "signed" })),
        invalid("options.tls must be 'self-signed' or { cert, key }, both PEM")
    );
    let forward = |options| {
        let upstream = given(json!("direct://"));
        refused(option::forward(given(options), upstream).map(|_| ()))
    };
    assert_eq!(
        forward(json!({ "port": 1, "accept": "udp" })),
        invalid("options.accept must be 'any', 'http' or 'socks5'")
    );
    assert_eq!(
        forward(json!({ "port": 1, "onRotate": "stop" })),
        invalid("options.onRotate must be 'keep', 'drain' or 'break'")
    );
    let workspace = |options| refused(option::workspace(given(options)).map(|_| ()));
    for watch in [json!(true), json!("never")] {
        assert_eq!(
            workspace(json!({ "watch": watch })),
            invalid("options.watch must be 'auto', 'onDemand' or false")
        );
    }
    let (_, code, told) = workspace(json!({ "gitProtocols": ["gopher"] }));
    assert_eq!(code, "ERR_INVALID_ARG_VALUE");
    assert!(
        told.starts_with("options.gitProtocols may have '"),
        "{told}"
    );
}
