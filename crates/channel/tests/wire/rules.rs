//! What no client may send: reserved bits and opcodes, unmasked frames, fragments out of order (groups 3 to 5).

use crate::case::{Case, table};
use crate::client::start_server;
use crate::frames::{
    BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT, Width, bare, closing, declares, fragments,
    frame, header, noise, served,
};

/// What is wrong comes first, after a message, after a ping in the same packet, inside a fragmented
/// message, and before more of a talk that nobody will read.
fn everywhere(name: &str, wrong: &[u8]) -> Vec<Case> {
    let case = |when: &str| Case::new(format!("{name}, {when}"));
    let ping = frame(FIN | PING, b"before");
    vec![
        case("first").say(wrong).fails(1002),
        case("after a message")
            .echoes(frame(FIN | TEXT, b"hello"), TEXT, b"hello")
            .say(wrong)
            .fails(1002),
        case("right after a ping")
            .say([&ping, wrong].concat())
            .hear(served(PONG, b"before"))
            .fails(1002),
        case("inside a message")
            .say([&frame(TEXT, b"frag"), &ping[..]].concat())
            .hear(served(PONG, b"before"))
            .say(wrong)
            .fails(1002),
        case("before much else")
            .say([wrong, &frame(FIN | BINARY, &noise(200_000)), &ping].concat())
            .fails(1002),
        case("before a close")
            .say([wrong, &frame(FIN | CLOSE, &closing(1000, b""))].concat())
            .fails(1002),
    ]
}

#[test]
fn reserved_bits() {
    let server = start_server();
    let mut cases = Vec::new();
    for bits in 1..=7 {
        for opcode in [TEXT, BINARY, CLOSE, PING, PONG] {
            for body in [&b""[..], b"body"] {
                let wrong = frame(FIN | bits << 4 | opcode, body);
                let name = format!("bits {bits:03b}, opcode {opcode}, {body:?}");
                cases.extend(everywhere(&name, &wrong));
            }
        }
        let wrong = frame(FIN | bits << 4 | CONTINUATION, b"x");
        let case = Case::new(format!("bits {bits:03b} in a continuation"));
        cases.push(case.say([frame(TEXT, b"x"), wrong].concat()).fails(1002));
    }
    table(&server, &cases);
}

#[test]
fn reserved_opcodes() {
    let server = start_server();
    let mut cases = Vec::new();
    for opcode in (3..=7).chain(11..=15) {
        for body in [&b""[..], b"body"] {
            let wrong = frame(FIN | opcode, body);
            cases.extend(everywhere(&format!("opcode {opcode}, {body:?}"), &wrong));
        }
        cases.extend(everywhere(
            &format!("opcode {opcode}, not final"),
            &frame(opcode, b"x"),
        ));
        // Nobody waits for a body of what is wrong already.
        let case = Case::new(format!("opcode {opcode}, header alone"));
        cases.push(case.say(declares(FIN | opcode, 1_000)).fails(1002));
    }
    table(&server, &cases);
}

#[test]
fn bare_frames() {
    let server = start_server();
    let mut cases = Vec::new();
    for opcode in [TEXT, BINARY, CLOSE, PING, PONG] {
        for size in [0, 2, 125] {
            let name = format!("opcode {opcode}, {size} bytes, not masked");
            cases.extend(everywhere(&name, &bare(FIN | opcode, &vec![0x20; size])));
        }
    }
    let wrong = bare(FIN | CONTINUATION, b"ment");
    let said = [frame(TEXT, b"frag"), wrong].concat();
    cases.push(Case::new("bare continuation").say(said).fails(1002));
    table(&server, &cases);
}

#[test]
fn fragments_out_of_order() {
    let server = start_server();
    let mut cases = Vec::new();
    for (name, said) in [
        ("continuation, final", frame(FIN | CONTINUATION, b"x")),
        ("continuation, not final", frame(CONTINUATION, b"x")),
        ("continuation, empty", frame(FIN | CONTINUATION, b"")),
        (
            "text inside text",
            [frame(TEXT, b"a"), frame(FIN | TEXT, b"b")].concat(),
        ),
        (
            "binary inside text",
            [frame(TEXT, b"a"), frame(BINARY, b"b")].concat(),
        ),
        (
            "text inside binary",
            [frame(BINARY, b"a"), frame(FIN | TEXT, b"b")].concat(),
        ),
        (
            "text after a continuation",
            [
                frame(TEXT, b"a"),
                frame(CONTINUATION, b"b"),
                frame(FIN | TEXT, b"c"),
            ]
            .concat(),
        ),
    ] {
        cases.push(Case::new(name).say(said).fails(1002));
    }
    let whole = fragments(TEXT, &[b"a", b"b"]);
    for first in [CONTINUATION, FIN | CONTINUATION] {
        let case = Case::new(format!("continuation {first} after the end"));
        let case = case.echoes(&whole[..], TEXT, b"ab");
        cases.push(case.say(frame(first, b"c")).fails(1002));
    }
    for opcode in [CLOSE, PING, PONG] {
        for body in [&b""[..], b"\x03\xe8"] {
            let name = format!("control frame {opcode}, not final, {body:?}");
            cases.extend(everywhere(&name, &frame(opcode, body)));
        }
        let name = format!("control frame {opcode} in two");
        cases.extend(everywhere(&name, &fragments(opcode, &[b"\x03", b"\xe8"])));
    }
    table(&server, &cases);
}

#[test]
fn control_frames_of_more_than_125_bytes() {
    let server = start_server();
    let mut cases = Vec::new();
    for opcode in [CLOSE, PING, PONG] {
        for size in [126, 127, 1_000, 65_536] {
            let mut body = closing(1000, &[]);
            body.resize(size, b'x');
            let name = format!("control frame {opcode} of {size} bytes");
            cases.extend(everywhere(&name, &frame(FIN | opcode, &body)));
        }
    }
    table(&server, &cases);
}

/// A length takes as few bytes as it can (section 5.2: "the minimal number of bytes MUST be used").
#[test]
fn lengths_that_are_not_minimal() {
    let server = start_server();
    let mut cases = Vec::new();
    let wide = |opcode, size, width| crate::frames::wide(FIN | opcode, &noise(size), width);
    for opcode in [TEXT, BINARY, CLOSE, PING, PONG] {
        for (width, name) in [(Width::Two, "two"), (Width::Eight, "eight")] {
            for size in [0, 1, 125] {
                let name = format!("opcode {opcode}, {size} bytes, length in {name} bytes");
                cases.extend(everywhere(&name, &wide(opcode, size, width)));
            }
        }
    }
    for size in [126, 65_535] {
        let name = format!("{size} bytes, length in eight bytes");
        cases.extend(everywhere(&name, &wide(BINARY, size, Width::Eight)));
    }
    for (size, width) in [
        (126, Width::Two),
        (65_535, Width::Two),
        (65_536, Width::Eight),
    ] {
        let case = Case::new(format!("{size} bytes, as short as can be"));
        let said = wide(BINARY, size, width);
        cases.push(case.echoes(said, BINARY, &noise(size)).polite());
    }
    let said = crate::frames::wide(FIN | CONTINUATION, b"b", Width::Two);
    let said = [frame(TEXT, b"a"), said].concat();
    cases.push(Case::new("a continuation").say(said).fails(1002));
    table(&server, &cases);
}

/// What is wrong in a header is told before the body comes.
#[test]
fn nobody_waits_for_the_body_of_a_wrong_header() {
    let server = start_server();
    let mut cases = Vec::new();
    for (name, head) in [
        ("a ping of 126 bytes", declares(FIN | PING, 126)),
        ("reserved bits", declares(FIN | 0x40 | TEXT, 126)),
        ("a ping that is not final", declares(PING, 126)),
        ("a lone continuation", declares(CONTINUATION, 126)),
        ("a bare frame", header(FIN | TEXT, None, 126, Width::Least)),
    ] {
        cases.push(Case::new(name).say(head).fails(1002));
    }
    table(&server, &cases);
}
