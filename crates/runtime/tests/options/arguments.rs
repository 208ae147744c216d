//! Single arguments: types, bounds, texts.

use std::time::Duration;

use loopwire_runtime::Class;
use loopwire_runtime::argument as args;
use serde_json::{Value, json};

use crate::given::{Given, invalid, out_of_range, refused, unknown, wrong_type};

/// A value of each type, and how it is called.
fn all() -> Vec<(Given, &'static str)> {
    vec![
        (Given::Missing, "undefined"),
        (Given::Function, "a function"),
        (Given::Bytes(vec![1]), "an object"),
        (json!(null).into(), "null"),
        (json!(true).into(), "a boolean"),
        (json!(7).into(), "a number"),
        (json!("7").into(), "a string"),
        (json!([7]).into(), "an array"),
        (json!({}).into(), "an object"),
    ]
}

/// Those that are called otherwise.
fn but(kind: &str) -> Vec<(Given, &'static str)> {
    all()
        .into_iter()
        .filter(|(_, called)| *called != kind)
        .collect()
}

#[test]
fn another_type_is_told_with_its_name_and_what_it_should_be() {
    for (value, got) in but("a number") {
        let told = wrong_type(format!("n must be a number, not {got}"));
        assert_eq!(refused(args::number(value.clone(), "n")), told);
        assert_eq!(refused(args::integer(value.clone(), "n", 0..=9)), told);
        assert_eq!(refused(args::size(value.clone(), "n", 0..=9)), told);
        assert_eq!(refused(args::millis(value.clone(), "n", 0..=9)), told);
        assert_eq!(refused(args::for_ever(value.clone(), "n", 0..=9)), told);
        assert_eq!(refused(args::switch(value.clone(), "n")), told);
        assert_eq!(refused(args::port(value.clone(), "n")), told);
        assert_eq!(refused(args::forwarded_port(value, "n")), told);
    }
    for (value, got) in but("a boolean") {
        let told = wrong_type(format!("b must be a boolean, not {got}"));
        assert_eq!(refused(args::boolean(value, "b")), told);
    }
    for (value, got) in but("a function") {
        let told = wrong_type(format!("f must be a function, not {got}"));
        assert_eq!(refused(args::function(&value, "f")), told);
    }
    for (value, got) in but("a string") {
        let told = wrong_type(format!("s must be a string, not {got}"));
        assert_eq!(refused(args::string(value.clone(), "s")), told);
        assert_eq!(refused(args::text(value.clone(), "s")), told);
        assert_eq!(refused(args::id(value.clone(), "s")), told);
        if got != "undefined" {
            assert_eq!(refused(args::string_or(value.clone(), "s", "d")), told);
            assert_eq!(refused(args::id_or(value, "s", "d")), told);
        }
    }
    for (value, got) in but("an array") {
        let told = wrong_type(format!("l must be an array of strings, not {got}"));
        assert_eq!(refused(args::strings(value, "l")), told);
    }
    for value in [json!(null), json!(7), json!([]), json!({})] {
        let got = Given::from(value.clone());
        let got = loopwire_runtime::argument::Argument::kind(&got);
        let bytes = wrong_type(format!("d must be a string or a Uint8Array, not {got}"));
        assert_eq!(refused(args::bytes(Given::from(value.clone()), "d")), bytes);
        let json = wrong_type(format!("d must be a string or a Buffer of JSON, not {got}"));
        assert_eq!(refused(args::json(Given::from(value), "d", None)), json);
    }
}

#[test]
fn options_are_an_object_that_is_no_array() {
    for (value, got) in all() {
        let outcome = args::options(value, "options", &["a"]);
        match got {
            "undefined" => assert!(outcome.unwrap().is_empty()),
            "an object" => {}
            _ => assert_eq!(
                refused(outcome),
                wrong_type(format!("options must be an object, not {got}"))
            ),
        }
    }
}

#[test]
fn a_number_is_whole_and_inside_its_bounds() {
    let read = |value: Value| args::integer(Given::from(value), "n", 2..=5);
    assert_eq!(read(json!(2)).unwrap(), 2);
    assert_eq!(read(json!(5.0)).unwrap(), 5);
    for (value, shown) in [
        (json!(1), "1"),
        (json!(6), "6"),
        (json!(2.5), "2.5"),
        (json!(-3), "-3"),
        (json!(1e300), &format!("1{}", "0".repeat(300))),
    ] {
        let told = out_of_range(format!("n must be a whole number from 2 to 5, not {shown}"));
        assert_eq!(refused(read(value)), told);
    }
    let told = out_of_range("n must be a whole number from 2 to 5, not inf");
    assert_eq!(refused(args::integer(Given::Infinity, "n", 2..=5)), told);
    assert_eq!(
        args::millis(Given::from(json!(5)), "n", 2..=5).unwrap(),
        Duration::from_millis(5)
    );
    let largest = Given::from(json!(args::MAX_NUMBER));
    let read = args::integer(largest, "n", 0..=args::MAX_NUMBER);
    assert_eq!(read.unwrap(), 9_007_199_254_740_991);
}

#[test]
fn a_number_without_a_limit_is_infinity() {
    let read = |value| args::for_ever(value, "n", 1..=9);
    assert_eq!(read(Given::Infinity).unwrap(), None);
    assert_eq!(read(json!(9).into()).unwrap(), Some(9));
    assert_eq!(
        refused(read(json!(10).into())),
        out_of_range("n must be a whole number from 1 to 9, not 10")
    );
}

#[test]
fn a_switch_is_0_or_1() {
    assert!(args::switch(Given::from(json!(1)), "on").unwrap());
    assert!(!args::switch(Given::from(json!(0)), "on").unwrap());
    assert_eq!(
        refused(args::switch(Given::from(json!(2)), "on")),
        out_of_range("on must be a whole number from 0 to 1, not 2")
    );
}

#[test]
fn a_port_is_told_as_node_tells_it() {
    let bad = |message: &str| {
        (
            Class::Range,
            "ERR_SOCKET_BAD_PORT".to_owned(),
            message.to_owned(),
        )
    };
    assert_eq!(args::port(Given::from(json!(0)), "port").unwrap(), 0);
    assert_eq!(
        args::port(Given::from(json!(65_535)), "port").unwrap(),
        65_535
    );
    for (value, shown) in [
        (json!(-1), "-1"),
        (json!(65_536), "65536"),
        (json!(0.5), "0.5"),
    ] {
        assert_eq!(
            refused(args::port(Given::from(value), "port")),
            bad(&format!(
                "port must be a whole number from 0 to 65535, not {shown}"
            ))
        );
    }
    assert_eq!(
        refused(args::forwarded_port(Given::from(json!(0)), "port")),
        bad("port must be from 1 to 65535, not 0")
    );
}

#[test]
fn ports_are_a_list_or_words_of_which_the_first_n_count() {
    let read = |ports, n| args::ports(ports, "ports", n);
    let words = || Given::Words(vec![7, 8, 9]);
    assert_eq!(read(words(), Given::Missing).unwrap(), [7, 8, 9]);
    assert_eq!(read(json!([7, 8]).into(), json!(1).into()).unwrap(), [7]);
    assert_eq!(
        refused(read(words(), json!(4).into())),
        out_of_range("n must be a whole number from 0 to 3, not 4")
    );
    for port in [0, 65_536] {
        assert_eq!(
            refused(read(Given::Words(vec![7, port]), Given::Missing)),
            out_of_range(format!(
                "ports[1] must be a port from 1 to 65535, not {port}"
            ))
        );
    }
    assert_eq!(
        refused(read(json!([7, "8"]).into(), Given::Missing)),
        wrong_type("ports[1] must be a number, not a string")
    );
    assert_eq!(
        refused(read(json!("7").into(), Given::Missing)),
        wrong_type("ports must be a Uint32Array or an array of ports, not a string")
    );
}

#[test]
fn a_text_for_the_system_has_no_nul_and_an_id_is_short() {
    let text = |value: &str| args::text(Given::from(json!(value)), "cwd");
    assert_eq!(text("grüße").unwrap(), "grüße");
    assert_eq!(
        refused(text("a\0b")),
        invalid("cwd contains a NUL character")
    );
    let id = |chars: usize| args::id(Given::from(json!("ü".repeat(chars))), "requestId");
    assert_eq!(id(args::MAX_ID_CHARS).unwrap().chars().count(), 1024);
    assert_eq!(
        refused(id(args::MAX_ID_CHARS + 1)),
        out_of_range("requestId must be at most 1024 characters long, not 1025")
    );
    assert_eq!(args::id_or(Given::Missing, "plan", "1").unwrap(), "1");
    assert_eq!(args::string_or(Given::Missing, "path", "").unwrap(), "");
}

#[test]
fn json_and_bytes_are_texts_or_buffers() {
    let read = |value, len: Option<Given>| args::json(value, "json", len);
    assert_eq!(read(json!("{}").into(), None).unwrap(), "{}");
    let bytes = || Given::Bytes(b"{}garbage".to_vec());
    assert_eq!(read(bytes(), Some(json!(2).into())).unwrap(), "{}");
    assert_eq!(read(bytes(), Some(Given::Missing)).unwrap(), "{}garbage");
    assert_eq!(
        refused(read(bytes(), Some(json!(10).into()))),
        out_of_range("len must be a whole number from 0 to 9, not 10")
    );
    assert_eq!(
        refused(read(Given::Bytes(vec![0xff]), None)),
        invalid("json must be UTF-8")
    );
    assert_eq!(
        args::bytes(Given::Bytes(vec![0xff]), "data").unwrap(),
        [0xff]
    );
    assert_eq!(
        args::bytes(Given::from(json!("ü")), "data").unwrap(),
        "ü".as_bytes()
    );
    assert_eq!(
        refused(args::strings(Given::from(json!(["a", 7])), "list")),
        wrong_type("list[1] must be a string, not a number")
    );
}

#[test]
fn an_unknown_key_is_told_with_the_nearest_one() {
    let read = |given: Value| args::options(Given::from(given), "options", &["port", "token"]);
    assert_eq!(
        refused(read(json!({ "prot": 1 }))),
        unknown("options has no option prot; did you mean port?")
    );
    assert_eq!(
        refused(read(json!({ "Token": 1 }))),
        unknown("options has no option Token; did you mean token?")
    );
    // A key of megabytes is not compared, nor repeated.
    let long = "p".repeat(1 << 20);
    assert_eq!(
        refused(read(json!({ long: 1 }))).2.len(),
        "options has no option ".len() + 40 + "; did you mean port?".len()
    );
    assert_eq!(
        refused(args::options(Given::from(json!({ "a": 1 })), "it", &[])),
        unknown("it has no option a")
    );
}

#[test]
fn an_option_that_is_undefined_was_not_given_and_null_was() {
    let given = json!({ "port": "<undefined>", "token": null });
    let entries = args::options(Given::from(given), "options", &["port", "token"]).unwrap();
    let keys: Vec<_> = entries.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["token"]);
}
