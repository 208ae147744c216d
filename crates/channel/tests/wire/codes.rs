//! The codes and reasons of a client's close (Autobahn's group 7; RFC 6455 sections 5.5.1 and 7.4).

use crate::case::{Case, Delivery, table};
use crate::client::start_server;
use crate::frames::{CLOSE, FIN, closing, frame, served};

/// What may stand in a close frame: section 7.4.1, the codes registered since, section 7.4.2.
const VALID: [u16; 17] = [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000,
    4999,
];

/// Codes that must not be sent, and codes without a meaning.
const INVALID: [u16; 17] = [
    0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 5001, 9999, 32_768, 65_534,
    65_535,
];

#[test]
fn a_close_is_answered_with_the_same() {
    let server = start_server();
    let long = "é".repeat(61) + "x";
    assert_eq!(long.len(), 123);
    let mut cases = vec![
        Case::new("no code")
            .say(frame(FIN | CLOSE, b""))
            .hear(served(CLOSE, b"")),
    ];
    for code in VALID {
        for reason in ["", "bye", "κόσμε 🚀", "\0", &long] {
            let body = closing(code, reason.as_bytes());
            let case = Case::new(format!("{code} {reason}"));
            cases.push(
                case.say(frame(FIN | CLOSE, &body))
                    .hear(served(CLOSE, &body)),
            );
        }
    }
    table(&server, &cases);
}

#[test]
fn every_code_for_applications() {
    let server = start_server();
    for code in (3000..=4999).step_by(7) {
        let body = closing(code, b"mine");
        let case = Case::new(code.to_string()).say(frame(FIN | CLOSE, &body));
        let played = case
            .hear(served(CLOSE, &body))
            .play(&server, Delivery::Whole);
        assert_eq!(played, Ok(()), "{code}");
    }
}

#[test]
fn codes_that_may_not_be_sent() {
    let server = start_server();
    let mut cases = Vec::new();
    for code in INVALID {
        for reason in [&b""[..], b"bye", &[b'x'; 123]] {
            let said = frame(FIN | CLOSE, &closing(code, reason));
            let case = Case::new(format!("{code} {}", reason.len()));
            cases.push(case.say(said).fails(1002));
        }
    }
    table(&server, &cases);
}

#[test]
fn invalid_close_bodies() {
    let server = start_server();
    let mut cases = Vec::new();
    for byte in [0x00, 0x03, 0x7f, 0xff] {
        let case = Case::new(format!("one byte, {byte}"));
        cases.push(case.say(frame(FIN | CLOSE, &[byte])).fails(1002));
    }
    for (name, reason) in [
        ("lone continuation", &b"\x80"[..]),
        ("truncated", b"bye \xe1\x80"),
        ("overlong", b"\xc0\xaf"),
        ("surrogate", b"\xed\xa0\x80"),
        ("beyond U+10FFFF", b"\xf4\x90\x80\x80"),
        ("inside", b"Hello-\xce\xba\xed\xa0\x80edited"),
    ] {
        let said = frame(FIN | CLOSE, &closing(1000, reason));
        cases.push(Case::new(format!("reason: {name}")).say(said).fails(1007));
    }
    table(&server, &cases);
}
