//! Tests of the decoder: characters stay whole wherever the input is cut, and the result is valid JSON.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

const MIXED: &str = "café — 🎉 ─│ \"q\" \\ \n\r\t\u{8}\u{c}\u{1b}[1m\u{0}\u{7f}";

fn heard(out: &[u8]) -> String {
    let text = [b"\"", out, b"\""].concat();
    serde_json::from_slice(&text).unwrap()
}

fn decode(pieces: &[&[u8]]) -> (String, Vec<String>) {
    let mut decoder = Decoder::default();
    let mut messages = Vec::new();
    let mut at = 0;
    for piece in pieces {
        let mut out = Vec::new();
        let says = decoder.would_write([piece, b""]);
        assert_eq!(decoder.write(&mut out, piece, at, usize::MAX), piece.len());
        assert_eq!(says, !out.is_empty());
        at += piece.len() as u64;
        messages.push(heard(&out));
    }
    let mut out = Vec::new();
    decoder.finish(&mut out);
    messages.push(heard(&out));
    (messages.concat(), messages)
}

#[test]
fn text_split_at_every_byte_stays_whole() {
    let bytes = MIXED.as_bytes();
    for first in 0..=bytes.len() {
        for second in first..=bytes.len() {
            let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
            let (whole, messages) = decode(&pieces);
            assert_eq!(whole, MIXED);
            assert!(messages.iter().all(|one| !one.contains('\u{fffd}')));
        }
    }
    let single: Vec<_> = bytes.chunks(1).collect();
    assert_eq!(decode(&single).0, MIXED);
}

#[test]
fn what_is_no_character_is_replaced_as_the_standard_library_does_it() {
    let wrong = b"a\xffb\xc3(\xe2\x82\xf0\x9f\x8e!\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf\x80\xe2\x94";
    let expected = String::from_utf8_lossy(wrong);
    for split in 0..=wrong.len() {
        assert_eq!(
            decode(&[&wrong[..split], &wrong[split..]]).0,
            expected,
            "{split}"
        );
    }
    let single: Vec<_> = wrong.chunks(1).collect();
    assert_eq!(decode(&single).0, expected);
}

#[test]
fn a_message_ends_at_its_limit() {
    let bytes = vec![0x1b; 100_000];
    let mut decoder = Decoder::default();
    let (mut at, mut messages) = (0, 0);
    while at < bytes.len() {
        let mut out = Vec::new();
        at += decoder.write(&mut out, &bytes[at..], at as u64, 10_000);
        assert!(out.len() <= 10_000 + OVERRUN);
        messages += 1;
    }
    assert!(messages > 30);
}

#[test]
fn the_tail_of_a_character_whose_beginning_is_gone_is_nothing() {
    let mut decoder = Decoder::after_gap();
    assert!(!decoder.would_write([&"🎉".as_bytes()[1..], b""]));
    let mut out = Vec::new();
    decoder.write(&mut out, &"🎉é".as_bytes()[2..], 0, usize::MAX);
    decoder.write(&mut out, b"\x80", 0, usize::MAX);
    assert_eq!(heard(&out), "é\u{fffd}");
}

#[test]
fn long_text_with_and_without_escapes_comes_through() {
    let clean = "0123456789abcdef─".repeat(1_000);
    let dense = "y\n".repeat(5_000);
    for text in [clean, dense] {
        assert_eq!(decode(&[text.as_bytes()]).0, text);
    }
}
