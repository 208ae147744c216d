//! Messages and pings come back as they were sent, in whatever pieces (Autobahn's groups 1, 2, 5, 9 and 10).

use crate::case::{Case, Delivery, table};
use crate::client::start_server;
use crate::frames::{
    BINARY, CONTINUATION, FIN, PING, PONG, TEXT, Width, fragments, frame, letters, masked, noise,
    served,
};

const SIZES: [usize; 13] = [
    0,
    1,
    2,
    124,
    125,
    126,
    127,
    128,
    65_535,
    65_536,
    65_537,
    300_000,
    1 << 20,
];

#[test]
fn messages_of_every_kind_of_size() {
    let server = start_server();
    let mut cases = Vec::new();
    for size in SIZES {
        for (opcode, body) in [(TEXT, letters(size)), (BINARY, noise(size))] {
            let case = Case::new(format!("{size} bytes, opcode {opcode}"));
            cases.push(
                case.echoes(frame(FIN | opcode, &body), opcode, &body)
                    .echoes(frame(FIN | opcode, &body), opcode, &body)
                    .polite(),
            );
        }
    }
    for key in [[0; 4], [0xff; 4], [0, 0, 0, 1], [1, 2, 3, 4]] {
        let body = noise(1_003);
        let said = masked(FIN | BINARY, &body, Width::Least, key);
        let case = Case::new(format!("key {key:?}"));
        cases.push(case.echoes(said, BINARY, &body).polite());
    }
    // As many as the application may leave lying, and more: none is lost, none overtakes another.
    let said = (0..500).flat_map(|at: u32| frame(FIN | BINARY, &at.to_be_bytes()));
    let heard = (0..500).flat_map(|at: u32| served(BINARY, &at.to_be_bytes()));
    let case = Case::new("500 in a row").say(said.collect::<Vec<_>>());
    cases.push(case.hear(heard.collect::<Vec<_>>()).polite());
    table(&server, &cases);
}

#[test]
fn messages_split_anywhere() {
    let server = start_server();
    let body = letters(200);
    let case = || Case::new("200 letters").echoes(frame(FIN | TEXT, &body), TEXT, &body);
    for size in 1..=208 {
        let played = case().polite().play(&server, Delivery::Cut(size));
        assert_eq!(played, Ok(()), "pieces of {size}");
    }
    let body = noise(65_536);
    let case = || Case::new("64 KiB").echoes(frame(FIN | BINARY, &body), BINARY, &body);
    for size in [1, 2, 3, 7, 997, 1_024, 2_047, 2_048, 2_049, 4_096, 65_535] {
        let played = case().polite().play(&server, Delivery::Cut(size));
        assert_eq!(played, Ok(()), "pieces of {size}");
    }
}

#[test]
fn messages_in_fragments() {
    let server = start_server();
    let mut cases = Vec::new();
    for (opcode, whole) in [(TEXT, letters(1 << 20)), (BINARY, noise(1 << 20))] {
        for (size, piece) in [
            (0, 1),
            (1, 1),
            (10, 1),
            (126, 125),
            (65_536, 1_024),
            (1 << 20, 256),
            (1 << 20, 65_536),
        ] {
            let body = &whole[..size];
            let mut bodies: Vec<&[u8]> = body.chunks(piece).collect();
            // An empty fragment is one, too: first, in the middle and last.
            if size < 1 << 20 {
                bodies.insert(0, &[]);
                bodies.insert(bodies.len() / 2, &[]);
                bodies.push(&[]);
            }
            let case = Case::new(format!("{size} bytes by {piece}, opcode {opcode}"));
            cases.push(
                case.echoes(fragments(opcode, &bodies), opcode, body)
                    .echoes(frame(FIN | opcode, body), opcode, body)
                    .polite(),
            );
        }
        let body = &whole[..40];
        let mut case = Case::new(format!("pings between fragments, opcode {opcode}"));
        for (at, piece) in body.chunks(10).enumerate() {
            let first = if at == 0 { opcode } else { CONTINUATION };
            let ping = [at as u8; 3];
            let said = [frame(first, piece), frame(FIN | PING, &ping)].concat();
            case = case.echoes(said, PONG, &ping);
            case = case.say(frame(FIN | PONG, b"not asked for"));
        }
        let end = frame(FIN | CONTINUATION, b"");
        cases.push(case.echoes(end, opcode, body).polite());
    }
    table(&server, &cases);
}

#[test]
fn pings_and_pongs() {
    let server = start_server();
    let mut cases = Vec::new();
    for size in 0..=125 {
        let body = noise(size);
        let case = Case::new(format!("ping of {size} bytes"));
        let said = frame(FIN | PING, &body);
        cases.push(case.echoes(said, PONG, &body).polite());
    }
    for (count, size) in [(10, 4), (10, 0), (100, 125)] {
        let bodies = (0..count).map(|at| vec![at as u8; size]);
        let said = bodies.clone().flat_map(|body| frame(FIN | PING, &body));
        let heard = bodies.flat_map(|body| served(PONG, &body));
        let case = Case::new(format!("{count} pings of {size} bytes in a row"));
        let case = case.say(said.collect::<Vec<_>>());
        cases.push(case.hear(heard.collect::<Vec<_>>()).polite());
    }
    for size in [0, 1, 125] {
        let pong = frame(FIN | PONG, &noise(size));
        let case = Case::new(format!("pongs of {size} bytes that nobody asked for"));
        let said = [&pong[..], &pong, &frame(FIN | PING, b"?")].concat();
        cases.push(case.echoes(said, PONG, b"?").silence().polite());
    }
    table(&server, &cases);
}
