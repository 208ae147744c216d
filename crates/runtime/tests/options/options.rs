//! What each call takes: keys, bounds, defaults.

use std::time::Duration;

use loopwire_channel::EventForm;
use loopwire_runtime::option::Caller;
use loopwire_runtime::{Class, OpenListener, Outcome, Settings, option};
use serde_json::{Value, json};

use crate::given::{Given, invalid, out_of_range, refused, unknown, wrong_type};

fn given(value: Value) -> Given {
    Given::from(value)
}

/// A listener of JavaScript, with a token of so many characters.
fn listener(options: Given, electron: bool, chars: usize) -> Outcome<OpenListener> {
    let (port, token) = (given(json!(7)), given(json!("t".repeat(chars))));
    option::listener(port, token, options, Caller::JavaScript { electron })
}

#[test]
fn a_listener_has_the_defaults_of_the_channel() {
    let wanted = listener(Given::Missing, false, 43).unwrap();
    assert!(wanted.host.is_loopback() && wanted.tls.is_none() && !wanted.detail);
    assert!(!wanted.options.origins.allow_file);
    assert_eq!((wanted.port, wanted.events), (7, false));
    // Only a token that nobody guesses opens it to pages of local files, and only where they are the application's.
    for (electron, chars, allowed) in [(true, 22, true), (true, 21, false), (false, 43, false)] {
        let wanted = listener(Given::Missing, electron, chars).unwrap();
        assert_eq!(wanted.options.origins.allow_file, allowed);
    }
}

#[test]
fn a_listener_keeps_to_its_bounds() {
    let read = |options| listener(given(options), false, 43);
    for (key, low, high) in [
        ("heartbeatMs", 100, 3_600_000),
        ("stallMs", 100, 3_600_000),
        ("maxMessageBytes", 1_024, 64 << 20),
        ("maxConnections", 1, 65_535),
    ] {
        for inside in [low, high] {
            assert!(read(json!({ key: inside })).is_ok(), "{key} {inside}");
        }
        for outside in [low - 1, high + 1] {
            let told =
                format!("options.{key} must be a whole number from {low} to {high}, not {outside}");
            assert_eq!(refused(read(json!({ key: outside }))), out_of_range(told));
        }
    }
    assert_eq!(
        refused(read(json!({ "formt": 1 }))),
        unknown("options has no option formt; did you mean format?")
    );
    assert_eq!(
        refused(read(json!({ "onMessage": "f" }))),
        wrong_type("options.onMessage must be a function, not a string")
    );
    let taken = read(json!({ "onMessage": "<function>" })).unwrap().options;
    assert!(taken.takes_messages && !taken.takes_notices);
}

#[test]
fn an_address_that_others_can_reach_needs_tls_or_insecure() {
    let read = |options| listener(given(options), false, 43);
    for host in ["0.0.0.0", "::", "192.0.2.1"] {
        let (class, code, _) = refused(read(json!({ "host": host })));
        assert_eq!((class, code.as_str()), (Class::Error, "ERR_INSECURE_HOST"));
        assert!(read(json!({ "host": host, "insecure": true })).is_ok());
        assert!(read(json!({ "host": host, "tls": "self-signed" })).is_ok());
    }
    assert!(
        read(json!({ "host": "LocalHost" }))
            .unwrap()
            .host
            .is_loopback()
    );
}

#[test]
fn options_inside_of_options_are_told_with_their_whole_name() {
    let opened = |options| refused(listener(given(options), false, 43));
    assert_eq!(
        opened(json!({ "tls": { "cert": 7 } })),
        wrong_type("options.tls.cert must be a string or a Uint8Array, not a number")
    );
    assert_eq!(
        opened(json!({ "tls": { "cert": "c" } })),
        invalid("options.tls needs both cert and key")
    );
    assert_eq!(
        opened(json!({ "tls": { "cer": "c" } })),
        unknown("options.tls has no option cer; did you mean cert?")
    );
    assert_eq!(
        opened(json!({ "tls": 7 })),
        wrong_type("options.tls must be 'self-signed' or an object { cert, key }, not a number")
    );
    let forward = |options| refused(option::forward(given(options), given(json!("direct://"))));
    assert_eq!(
        forward(json!({ "port": 1, "probe": { "prot": 1 } })),
        unknown("options.probe has no option prot; did you mean port?")
    );
    assert_eq!(
        forward(json!({ "port": 1, "auth": { "username": 1 } })),
        wrong_type("options.auth.username must be a string, not a number")
    );
    let snapshot = |options| refused(option::snapshot(given(options)));
    assert_eq!(
        snapshot(json!({ "keep": { "count": 0 } })).2,
        "options.keep.count must be a whole number from 1 to 9007199254740991, not 0"
    );
}

#[test]
fn a_probe_is_a_host_and_a_port_or_null() {
    let read = |value| option::target(value, "settings.probe");
    assert_eq!(read(given(json!(null))).unwrap(), None);
    assert!(
        read(given(json!({ "host": "a.example", "port": 80 })))
            .unwrap()
            .is_some()
    );
    let told =
        invalid("settings.probe must be {host, port} with a host and a port from 1 to 65535");
    for target in [
        json!({}),
        json!({ "host": "a" }),
        json!({ "host": "", "port": 1 }),
        json!({ "host": "a", "port": 0 }),
    ] {
        assert_eq!(refused(read(given(target))), told);
    }
}

#[test]
fn settings_change_what_is_given_and_leave_the_rest() {
    let before = Settings::default();
    let changed = option::settings(
        given(json!({ "journalEvents": 2048, "idleCheckMs": 0 })),
        before.clone(),
    )
    .unwrap();
    assert_eq!(changed.bounds.events, 2048);
    assert_eq!(changed.bounds.bytes, before.bounds.bytes);
    assert_eq!(changed.forward.idle_check, Duration::ZERO);
    assert_eq!(
        changed.forward.connect_timeout,
        before.forward.connect_timeout
    );
    let refused = |settings| refused(option::settings(given(settings), Settings::default()));
    assert_eq!(
        refused(json!({ "journalByte": 1 })),
        unknown("settings has no option journalByte; did you mean journalBytes?")
    );
    assert_eq!(
        refused(json!({ "journalBytes": 65_535 })),
        out_of_range(
            "settings.journalBytes must be a whole number from 65536 to 1073741824, not 65535"
        )
    );
    assert_eq!(
        refused(json!({ "rotateOnError": null })),
        wrong_type("settings.rotateOnError must be a boolean, not null")
    );
}

#[test]
fn forward_needs_a_port_and_an_upstream() {
    let read = |options: Value, upstream: Given| option::forward(given(options), upstream);
    let url = || given(json!("socks5://127.0.0.1:1080"));
    assert_eq!(
        refused(read(json!({}), url())),
        wrong_type("options.port must be given, not undefined")
    );
    assert_eq!(
        refused(read(json!({ "port": 7 }), Given::Missing)),
        wrong_type("options.upstream must be a string, not undefined")
    );
    assert_eq!(
        refused(read(json!({ "port": 7 }), given(json!("{\"id\":1}")))),
        invalid(
            "options.upstream must have a protocol, or be {id} of a proxy that the provider lists"
        )
    );
    let (_, code, told) = refused(read(json!({ "port": 7 }), given(json!("gopher://a"))));
    assert_eq!(code, "ERR_INVALID_ARG_VALUE");
    assert!(told.starts_with("forward: "), "{told}");
    let (port, wanted) = read(json!({ "port": 7, "requestId": "r" }), url()).unwrap();
    assert_eq!((port, wanted.request_id.as_deref()), (7, Some("r")));
}

#[test]
fn the_calls_of_the_sdk_have_their_defaults() {
    assert!(option::channel(1.0, "comType").is_ok());
    for (kind, shown) in [(2.0, "2"), (1.5, "1.5"), (f64::NAN, "NaN")] {
        assert_eq!(
            refused(option::channel(kind, "comType")),
            out_of_range(format!("comType must be 1 (WebSocket), not {shown}"))
        );
    }
    assert_eq!(option::plan(Given::Missing).unwrap(), "1");
    assert_eq!(option::action_type(Given::Missing).unwrap(), "manual");
    assert!(!option::only_free(Given::Missing).unwrap());
    assert!(option::only_free(given(json!(1))).unwrap());
    assert_eq!(option::protocol(given(json!(2))).unwrap(), 2);
    assert_eq!(
        refused(option::protocol(given(json!(3)))).1,
        "ERR_OUT_OF_RANGE"
    );
    assert_eq!(
        refused(option::seconds(given(json!(0)), "seconds")),
        out_of_range("seconds must be a whole number from 1 to 2678400, not 0")
    );
    assert_eq!(
        option::renew_limit(given(json!(0)), "countLimit").unwrap(),
        0
    );
    assert_eq!(
        refused(option::port_number(given(json!(65_536)), "count")),
        out_of_range("count must be a whole number from 1 to 65535, not 65536")
    );
    assert_eq!(option::port_limit(given(json!(70_000))).unwrap(), 70_000);
}

#[test]
fn a_token_is_given_or_made() {
    assert_eq!(option::token_bytes(Given::Missing).unwrap(), 32);
    for bytes in [11, 193] {
        assert_eq!(
            refused(option::token_bytes(given(json!(bytes)))),
            out_of_range(format!(
                "bytes must be a whole number from 12 to 192, not {bytes}"
            ))
        );
    }
    let made = option::next_token(Given::Missing).unwrap();
    assert_eq!(made.reveal().len(), 43);
    for text in ["", "a b", "ü"] {
        let (class, code, _) = refused(option::next_token(given(json!(text))));
        assert_eq!((class, code.as_str()), (Class::Range, "ERR_TOKEN_INVALID"));
    }
    assert_eq!(
        refused(option::next_token(given(json!(null)))),
        wrong_type("next must be a string, not null")
    );
    assert!(option::http_api(given(json!({}))).unwrap().is_none());
    let api = option::http_api(given(json!({ "token": "abcd1234" })));
    assert!(api.unwrap().is_some());
}

#[test]
fn an_event_has_a_type_of_its_own_and_the_form_of_its_type() {
    let read = |kind: Value| option::event_type(given(kind));
    assert_eq!(
        refused(read(json!(7))),
        wrong_type("type must be a string, not a number")
    );
    assert_eq!(
        refused(read(json!(""))),
        out_of_range("type must be 1 to 128 characters long, not 0")
    );
    assert_eq!(
        refused(read(json!("a".repeat(129)))),
        out_of_range("type must be 1 to 128 characters long, not 129")
    );
    let (class, code, told) = refused(read(json!("gap")));
    assert_eq!((class, code.as_str()), (Class::Type, "ERR_EVENT_RESERVED"));
    assert!(
        told.ends_with("choose another one, such as my:gap"),
        "{told}"
    );
    let (name, kind) = read(json!("my:type")).unwrap();
    for form in [EventForm::Bare, EventForm::Payload, EventForm::Data] {
        assert!(option::check_form(&name, &kind, form).is_ok());
    }
    let (name, kind) = read(json!("log")).unwrap();
    let (class, code, told) = refused(option::check_form(&name, &kind, EventForm::Data));
    assert_eq!((class, code.as_str()), (Class::Type, "ERR_EVENT_FORM"));
    assert!(told.contains("must have a string as its payload"), "{told}");
}

#[test]
fn the_object_of_an_event_is_text_on_one_line() {
    let read = |json| option::event_data(json, "json");
    assert_eq!(read(" {\"a\":\r\n[1,\n2]}\n").unwrap(), "{\"a\":  [1, 2]}");
    for other in ["", "[1]", "7", "{", "{} {}", "null"] {
        assert_eq!(
            refused(read(other)),
            invalid("json must be the text of an object")
        );
    }
}
