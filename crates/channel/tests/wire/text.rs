//! Text is UTF-8, however it is cut (Autobahn's group 6; RFC 3629, RFC 6455 section 8.1).

use crate::case::{Case, table};
use crate::client::start_server;
use crate::frames::{
    BINARY, CONTINUATION, FIN, PING, PONG, TEXT, fragments, frame, letters, served,
};

/// The borders of every length, and texts from all over.
const VALID: [&[u8]; 25] = [
    b"",
    b"\x00",
    b"\x7f",
    b"Hello",
    b"\xc2\x80",
    b"\xdf\xbf",
    b"\xe0\xa0\x80",
    b"\xe1\x80\x80",
    b"\xec\xbf\xbf",
    b"\xed\x80\x80",
    b"\xed\x9f\xbf",
    b"\xee\x80\x80",
    b"\xef\xbb\xbf",
    b"\xef\xb7\x90",
    b"\xef\xbf\xbd",
    b"\xef\xbf\xbe",
    b"\xef\xbf\xbf",
    b"\xf0\x90\x80\x80",
    b"\xf0\x9f\xbf\xbe",
    b"\xf1\x80\x80\x80",
    b"\xf3\xbf\xbf\xbf",
    b"\xf4\x80\x80\x80",
    b"\xf4\x8f\xbf\xbf",
    "Hellö-µ@ßöäüàá-UTF-8!!".as_bytes(),
    "κόσμε 日本 🚀\u{1f469}\u{200d}\u{1f469}".as_bytes(),
];

const INVALID: [(&str, &[u8]); 41] = [
    ("lone continuation", b"\x80"),
    ("lone continuation, last", b"\xbf"),
    ("two continuations", b"\x80\xbf"),
    ("five continuations", b"\x80\xbf\x80\xbf\x80"),
    ("lead of two, truncated", b"\xc2"),
    ("lead of two, a space", b"\xc2\x20"),
    ("lead of two, a lead", b"\xc2\xc2"),
    ("lead of three, truncated", b"\xe1"),
    ("two of three", b"\xe1\x80"),
    ("two of three, a space", b"\xe1\x80\x20"),
    ("two of three, a lead", b"\xe1\x80\xe1"),
    ("last of three too large", b"\xef\xbf\xc0"),
    ("lead of four, truncated", b"\xf1"),
    ("two of four", b"\xf1\x80"),
    ("three of four", b"\xf1\x80\x80"),
    ("three of four, a space", b"\xf1\x80\x80\x20"),
    ("two of four, a space", b"\xf1\x80\x20"),
    ("overlong NUL", b"\xc0\x80"),
    ("overlong slash in two", b"\xc0\xaf"),
    ("overlong in two, largest", b"\xc1\xbf"),
    ("overlong slash in three", b"\xe0\x80\xaf"),
    ("overlong NUL in three", b"\xe0\x80\x80"),
    ("overlong in three, largest", b"\xe0\x9f\xbf"),
    ("overlong slash in four", b"\xf0\x80\x80\xaf"),
    ("overlong in four, largest", b"\xf0\x8f\xbf\xbf"),
    ("overlong in five", b"\xf8\x80\x80\x80\xaf"),
    ("overlong in six", b"\xfc\x80\x80\x80\x80\xaf"),
    ("surrogate, first", b"\xed\xa0\x80"),
    ("surrogate, last high", b"\xed\xaf\xbf"),
    ("surrogate, first low", b"\xed\xb0\x80"),
    ("surrogate, last", b"\xed\xbf\xbf"),
    ("surrogate pair", b"\xed\xa0\x80\xed\xb0\x80"),
    ("beyond U+10FFFF", b"\xf4\x90\x80\x80"),
    ("far beyond", b"\xf7\xbf\xbf\xbf"),
    ("lead F5", b"\xf5\x80\x80\x80"),
    ("five bytes", b"\xf8\x88\x80\x80\x80"),
    ("six bytes", b"\xfc\x84\x80\x80\x80\x80"),
    ("FE", b"\xfe"),
    ("FF", b"\xff"),
    ("FE FF", b"\xfe\xff"),
    ("Latin-1", b"\xe4\xf6\xfc"),
];

fn pieces(body: &[u8], at: usize) -> [&[u8]; 2] {
    [&body[..at], &body[at..]]
}

#[test]
fn valid_text_comes_back() {
    let server = start_server();
    let mut cases = Vec::new();
    for text in VALID {
        let body = [b"a", text, b"z"].concat();
        for body in [text, &body] {
            let case = Case::new(format!("valid {body:02x?}"));
            let mut case = case.echoes(frame(FIN | TEXT, body), TEXT, body);
            for at in 0..=body.len() {
                case = case.echoes(fragments(TEXT, &pieces(body, at)), TEXT, body);
            }
            let mut bytes: Vec<&[u8]> = body.chunks(1).collect();
            bytes.push(&[]);
            cases.push(case.echoes(fragments(TEXT, &bytes), TEXT, body).polite());
        }
    }
    table(&server, &cases);
}

#[test]
fn invalid_text_ends_the_connection_wherever_it_is_split() {
    let server = start_server();
    let mut cases = Vec::new();
    for (name, text) in INVALID {
        let inside = ["κό".as_bytes(), text, b"z"].concat();
        let last = [b"a", text].concat();
        for (place, body) in [("alone", text), ("inside", &inside), ("last", &last)] {
            let case = || Case::new(format!("{name}, {place}"));
            cases.push(case().say(frame(FIN | TEXT, body)).fails(1007));
            for at in 0..=body.len() {
                let said = fragments(TEXT, &pieces(body, at));
                cases.push(case().say(said).fails(1007));
            }
            let bytes: Vec<&[u8]> = body.chunks(1).collect();
            cases.push(case().say(fragments(TEXT, &bytes)).fails(1007));
        }
    }
    table(&server, &cases);
}

#[test]
fn invalid_text_is_refused_before_the_message_ends() {
    let server = start_server();
    let mut cases = Vec::new();
    for (name, text) in INVALID {
        // A sequence that is merely cut short may still be completed.
        let inside = [b"a", text, b"z"].concat();
        let case = Case::new(format!("{name}, in a fragment that is not the last"));
        cases.push(case.say(frame(TEXT, &inside)).fails(1007));
        let case = Case::new(format!("{name}, in a continuation"));
        let ping = frame(FIN | PING, b"?");
        let said = [frame(TEXT, "κόσμ".as_bytes()), ping].concat();
        let case = case.say(said).hear(served(PONG, b"?"));
        cases.push(case.say(frame(CONTINUATION, &inside)).fails(1007));
    }
    // Inside one frame, too: as soon as a byte makes it wrong, however the frame is cut (Autobahn's 6.4).
    for size in [20, 3_000, 200_000] {
        let mut body = letters(size);
        body.extend(b"\xed\xa0\x80 and so on");
        let said = frame(FIN | TEXT, &body);
        let at = said.len() - b"\xa0\x80 and so on".len();
        let case = Case::new(format!(
            "a surrogate after {size} letters, the frame's end never"
        ));
        let case = case.say(&said[..at]).silence();
        cases.push(case.say(&said[at..=at]).fails(1007));
    }
    table(&server, &cases);
}

#[test]
fn binary_may_be_anything() {
    let server = start_server();
    let mut cases = Vec::new();
    for (name, body) in INVALID {
        let case = Case::new(format!("binary: {name}"));
        let case = case.echoes(frame(FIN | BINARY, body), BINARY, body);
        let parts: Vec<&[u8]> = body.chunks(1).collect();
        cases.push(
            case.echoes(fragments(BINARY, &parts), BINARY, body)
                .polite(),
        );
    }
    table(&server, &cases);
}
