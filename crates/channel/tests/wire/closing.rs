//! What happens around a close: the last bytes arrive, and the stream ends without a reset.

use std::io::Write;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use crate::case::{Case, end, hear, table};
use crate::client::{ANSWER_TIME, open_websocket, start_server};
use crate::frames::{
    BINARY, CLOSE, CONTINUATION, FIN, PING, PONG, TEXT, closing, frame, noise, served,
};

fn close(code: u16) -> Vec<u8> {
    frame(FIN | CLOSE, &closing(code, b"bye"))
}

#[test]
fn messages_after_a_close_are_ignored() {
    let server = start_server();
    let mut cases = Vec::new();
    for (name, more) in [
        ("text", frame(FIN | TEXT, b"more")),
        ("a ping", frame(FIN | PING, b"more")),
        ("a pong", frame(FIN | PONG, b"more")),
        ("another close", close(1001)),
        ("a close without a code", frame(FIN | CLOSE, b"")),
        ("a reserved opcode", frame(FIN | 0x3, b"")),
        ("text that is none", frame(FIN | TEXT, b"\xff")),
        ("2 KiB", frame(FIN | BINARY, &noise(2_048))),
        ("300 KB", frame(FIN | BINARY, &noise(300_000))),
        (
            "1 MiB of frames",
            frame(FIN | BINARY, &noise(1_018)).repeat(1_024),
        ),
        ("a flood of pings", frame(FIN | PING, b"").repeat(100_000)),
    ] {
        let said = [close(1000), more].concat();
        let case = Case::new(format!("a close, then {name}"));
        cases.push(case.say(said).hear(served(CLOSE, &closing(1000, b"bye"))));
    }
    // A message may be left unfinished.
    let said = [frame(TEXT, b"a"), frame(CONTINUATION, b"b"), close(1001)].concat();
    let case = Case::new("a close inside a message").say(said);
    cases.push(case.hear(served(CLOSE, &closing(1001, b"bye"))));
    let said = [frame(FIN | PING, b"last"), close(1000)].concat();
    let case = Case::new("a ping, then a close").echoes(said, PONG, b"last");
    cases.push(case.hear(served(CLOSE, &closing(1000, b"bye"))));
    table(&server, &cases);
}

/// A close is answered at once, also to one who keeps his side of the stream open.
#[test]
fn a_client_that_closes_is_disconnected_at_once() {
    let server = start_server();
    for _ in 0..20 {
        let mut stream = open_websocket(&server, &close(1000));
        assert_eq!(
            hear(&mut stream, &served(CLOSE, &closing(1000, b"bye"))),
            Ok(())
        );
        let start = Instant::now();
        assert_eq!(end(&mut stream), Ok(()));
        while server.listener.connected() > 0 {
            assert!(start.elapsed() < Duration::from_millis(500), "still there");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// A client that has ended its own direction still gets the reason of the server's close.
#[test]
fn half_closed_clients_get_the_reason() {
    let server = start_server();
    for (said, answer) in [
        (frame(FIN | 0x3, b""), closing(1002, b"protocol error")),
        (close(4000), closing(4000, b"bye")),
    ] {
        let mut stream = open_websocket(&server, b"");
        stream.write_all(&said).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        assert_eq!(hear(&mut stream, &served(CLOSE, &answer)), Ok(()));
        assert_eq!(end(&mut stream), Ok(()));
    }
}

#[test]
fn if_the_server_closes_first_the_answer_is_awaited() {
    let server = start_server();
    let said = served(CLOSE, &closing(4001, b"disconnected on request"));
    for (name, answer, ends) in [
        ("the answer", close(4001), true),
        ("another code", close(1000), true),
        ("no code", frame(FIN | CLOSE, b""), true),
        ("a code that is none", close(1005), true),
        (
            "a message and a ping first",
            [frame(FIN | TEXT, b"x"), frame(FIN | PING, b""), close(4001)].concat(),
            true,
        ),
        ("what is wrong", frame(FIN | 0x3, b""), true),
        ("nothing", Vec::new(), false),
        ("half a frame", close(1000)[..4].to_vec(), false),
    ] {
        let mut stream = open_websocket(&server, &frame(FIN | PING, b"here?"));
        assert_eq!(hear(&mut stream, &served(PONG, b"here?")), Ok(()), "{name}");
        let id = server.listener.connections().remove(0).info.id;
        assert!(server.listener.disconnect(&id));
        assert_eq!(hear(&mut stream, &said), Ok(()), "{name}");
        let start = Instant::now();
        stream
            .set_read_timeout(Some(ANSWER_TIME + Duration::from_secs(1)))
            .unwrap();
        stream.write_all(&answer).unwrap();
        assert_eq!(end(&mut stream), Ok(()), "{name}");
        let waited = start.elapsed();
        assert_eq!(waited < Duration::from_secs(1), ends, "{name}: {waited:?}");
        drop(stream);
        while server.listener.connected() > 0 {
            assert!(start.elapsed() < ANSWER_TIME * 3, "{name}: still there");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
