//! What is too much: declared lengths, messages, fragments and control frames (PROTOCOL section 7).

use std::io::{Read, Write};

use crate::case::{Case, table};
use crate::client::{open_websocket, start_limited_server, start_server};
use crate::frames::{
    BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT, Width, closing, declares, fragments, frame,
    header, letters, noise, served,
};

const MIB: usize = 1 << 20;

#[test]
fn declared_lengths() {
    let server = start_server();
    let mut cases = Vec::new();
    let max = MIB as u64;
    for len in [
        max + 1,
        2 * max,
        u64::from(u32::MAX),
        1 << 32,
        (1 << 32) + 1,
        1 << 40,
        (1 << 63) - 1,
        1 << 63,
        (1 << 63) + 5,
        u64::MAX,
    ] {
        for opcode in [TEXT, BINARY] {
            for first in [opcode, FIN | opcode] {
                let case = Case::new(format!("{len} bytes announced, first byte {first}"));
                cases.push(case.say(declares(first, len)).fails(1009));
            }
        }
        let said = [declares(FIN | BINARY, len), noise(200_000)].concat();
        let case = Case::new(format!("{len} bytes begun"));
        cases.push(case.say(said).fails(1009));
        let said = [frame(TEXT, b"a"), declares(CONTINUATION, len)].concat();
        let case = Case::new(format!("{len} bytes as a continuation"));
        cases.push(case.say(said).fails(1009));
        // Nobody waits for it in order to find out that it is not masked, either.
        let said = header(FIN | BINARY, None, len, Width::Least);
        let case = Case::new(format!("{len} bytes, not masked"));
        cases.push(case.say(said).fails(1009));
    }
    table(&server, &cases);
}

#[test]
fn messages_beyond_the_limit() {
    let mut cases = Vec::new();
    let (text, bytes) = (letters(1_001), noise(1_001));
    for (opcode, body) in [(TEXT, &text), (BINARY, &bytes)] {
        let whole = &body[..1_000];
        let case = |name: &str| Case::new(format!("{name}, opcode {opcode}"));
        cases.push(
            case("just right")
                .echoes(frame(FIN | opcode, whole), opcode, whole)
                .echoes(fragments(opcode, &[whole, b""]), opcode, whole)
                .echoes(fragments(opcode, &[b"", whole]), opcode, whole)
                .polite(),
        );
        cases.push(case("one more").say(frame(FIN | opcode, body)).fails(1009));
        for at in [1, 500, 1_000] {
            let said = fragments(opcode, &[&body[..at], &body[at..]]);
            cases.push(case("one more in two").say(said).fails(1009));
        }
        let parts: Vec<&[u8]> = body.chunks(1).collect();
        let said = fragments(opcode, &parts);
        cases.push(case("one more, byte by byte").say(said).fails(1009));
        // It is too big before it has ended.
        let ping = frame(FIN | PING, b"");
        let said = [frame(opcode, whole), ping].concat();
        let case = case("never ended").say(said).hear(served(PONG, b""));
        cases.push(case.say(frame(CONTINUATION, b"x")).fails(1009));
    }
    table(&start_limited_server(1_000), &cases);

    let server = start_server();
    let body = noise(MIB + 1);
    let case = |name: &str| Case::new(name);
    let parts: Vec<&[u8]> = body.chunks(4_096).collect();
    table(
        &server,
        &[
            case("1 MiB and one")
                .say(frame(FIN | BINARY, &body))
                .fails(1009),
            case("1 MiB and one, by 4 KiB")
                .say(fragments(BINARY, &parts))
                .fails(1009),
        ],
    );
}

/// What bounds fragments is the limit of the message: Autobahn sends 4 MiB by 64 bytes.
#[test]
fn as_many_fragments_as_a_message_has_bytes() {
    let server = start_limited_server(4 * MIB);
    let mut cases = Vec::new();
    for (opcode, body) in [(TEXT, letters(4 * MIB)), (BINARY, noise(4 * MIB))] {
        let parts: Vec<&[u8]> = body.chunks(64).collect();
        let case = Case::new(format!("4 MiB by 64 bytes, opcode {opcode}"));
        cases.push(
            case.echoes(fragments(opcode, &parts), opcode, &body)
                .polite(),
        );
        let few = &body[..50_000];
        let parts: Vec<&[u8]> = few.chunks(1).collect();
        let case = Case::new(format!("50,000 bytes one by one, opcode {opcode}"));
        cases.push(case.echoes(fragments(opcode, &parts), opcode, few).polite());
    }
    table(&server, &cases);
}

#[test]
fn fragments_that_cost_more_than_they_carry() {
    let server = start_server();
    let mut cases = Vec::new();
    // As small as every message may come, and smaller.
    let body = noise(MIB);
    let parts: Vec<&[u8]> = body.chunks(16).collect();
    let case = Case::new("1 MiB by 16 bytes");
    cases.push(
        case.echoes(fragments(BINARY, &parts), BINARY, &body)
            .polite(),
    );
    let parts: Vec<&[u8]> = body[..300_000].chunks(1).collect();
    let said = fragments(BINARY, &parts);
    cases.push(Case::new("300,000 bytes one by one").say(said).fails(1008));
    table(&server, &cases);
}

#[test]
fn too_many_empty_fragments() {
    let server = start_server();
    let first = frame(TEXT, b"");
    let next = frame(CONTINUATION, b"");
    let last = frame(FIN | CONTINUATION, b"end");
    let many = |count: usize| [&first[..], &next.repeat(count - 1)].concat();
    table(
        &server,
        &[
            Case::new("as many as may be")
                .echoes([many(4_096), last.clone()].concat(), TEXT, b"end")
                .echoes([many(4_096), last.clone()].concat(), TEXT, b"end")
                .polite(),
            Case::new("one too many").say(many(4_097)).fails(1008),
            Case::new("one too many, with bytes between")
                .say(
                    [
                        frame(TEXT, b"x"),
                        [frame(CONTINUATION, b"x"), next.clone()]
                            .concat()
                            .repeat(4_097),
                    ]
                    .concat(),
                )
                .fails(1008),
            Case::new("one too many, then the end")
                .say([many(4_097), last].concat())
                .fails(1008),
        ],
    );
}

/// A flood of control frames ends in a 1008; those before it may have been answered, in order.
#[test]
fn floods_of_control_frames() {
    let server = start_server();
    for (opcode, body, count) in [
        (PING, &b""[..], 2_000),
        (PING, b"0123456789", 100_000),
        (PONG, b"", 2_000),
        (PONG, &[0; 125], 50_000),
    ] {
        let mut stream = open_websocket(&server, b"");
        stream
            .write_all(&frame(FIN | opcode, body).repeat(count))
            .unwrap();
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).unwrap();
        let reason = b"too many control frames or fragments";
        let end = served(CLOSE, &closing(1008, reason));
        let pongs = heard.strip_suffix(&end[..]).expect("a close frame, last");
        let pong = served(PONG, body);
        assert!(pongs.chunks(pong.len()).all(|chunk| chunk == pong));
        let answered = pongs.len() / pong.len();
        assert!(answered <= 512, "{answered} answered");
        assert_eq!(answered > 0, opcode == PING, "{answered} answered");
    }
}
