//! Tests of the ring: what it holds, and where it can be read from.
#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;

fn all(ring: &Ring, mut offset: u64) -> Vec<(Source, Vec<u8>)> {
    let mut pieces = Vec::new();
    while let Some(piece) = ring.piece(offset, usize::MAX) {
        offset += piece.len() as u64;
        pieces.push((piece.source, piece.parts.concat()));
    }
    assert_eq!(offset, ring.head());
    pieces
}

fn text(ring: &Ring, offset: u64) -> String {
    let bytes: Vec<_> = all(ring, offset)
        .into_iter()
        .flat_map(|(_, bytes)| bytes)
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[test]
fn the_newest_bytes_stay_with_their_offsets_and_sources() {
    let mut ring = Ring::new(1_000);
    let mut sent = Vec::new();
    for at in 0..500_u32 {
        let source = if at % 7 == 0 {
            Source::Stderr
        } else {
            Source::Stdout
        };
        let bytes = format!("{at} ");
        ring.push(source, bytes.as_bytes());
        sent.extend_from_slice(bytes.as_bytes());
        assert!(ring.size() <= 1_000);
        assert_eq!(ring.head(), sent.len() as u64);
    }
    let tail = usize::try_from(ring.tail()).unwrap();
    assert_eq!(text(&ring, ring.tail()).as_bytes(), &sent[tail..]);
    for (source, bytes) in all(&ring, ring.tail()).into_iter().skip(1) {
        let first = String::from_utf8(bytes).unwrap();
        let number: u32 = first.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(source == Source::Stderr, number.is_multiple_of(7));
    }
    assert!(ring.piece(ring.tail() - 1, 1).is_none());
    assert!(ring.piece(ring.head(), 1).is_none());
    assert_eq!(ring.behind(ring.head()), 0);
}

#[test]
fn more_than_it_holds_leaves_the_end() {
    let mut ring = Ring::new(100);
    let bytes: Vec<u8> = (0..=255).collect();
    ring.push(Source::Stdout, &bytes);
    assert_eq!(ring.head(), 256);
    let (_, held) = all(&ring, ring.tail()).remove(0);
    assert!(bytes.ends_with(&held));
    assert!(held.len() > 30);
}

#[test]
fn alternating_sources_count_against_the_capacity() {
    let mut ring = Ring::new(1 << 10);
    for at in 0..10_000 {
        let source = if at % 2 == 0 {
            Source::Stderr
        } else {
            Source::Stdout
        };
        ring.push(source, b"x");
    }
    assert!(ring.size() <= 1 << 10);
    assert!(ring.runs.len() < 70);
    assert!(ring.behind(ring.tail()) > 900);
}

#[test]
fn a_character_that_has_begun_is_found() {
    let mut ring = Ring::new(1 << 10);
    ring.push(Source::Stdout, b"caf\xc3");
    assert_eq!(ring.character_start(4), 3);
    assert_eq!(ring.character_start(3), 3);
    ring.push(Source::Stderr, b"E");
    // Not directly before: the other stream follows there.
    assert_eq!(ring.character_start(5), 5);
    let partial = ring.partial_before(5, Source::Stdout);
    assert_eq!(
        (&partial.bytes[..partial.len], partial.start),
        (&b"\xc3"[..], 3)
    );
    assert_eq!(ring.partial_before(5, Source::Stderr).len, 0);
    ring.push(Source::Stdout, "\u{a9}─🎉".as_bytes());
    let mut ring = Ring::new(1 << 10);
    ring.push(Source::Stdout, "─🎉".as_bytes());
    let starts: Vec<_> = (0..=7).map(|at| ring.character_start(at)).collect();
    assert_eq!(starts, [0, 0, 0, 3, 3, 3, 3, 7]);
}

#[test]
fn a_newcomer_begins_behind_a_line_feed() {
    let mut ring = Ring::new(200);
    for at in 0..100 {
        ring.push(Source::Stdout, format!("line {at}\n").as_bytes());
    }
    let safe = ring.safe_from(ring.tail());
    assert!(
        text(&ring, safe).starts_with("line "),
        "{}",
        text(&ring, safe)
    );
    assert!(safe - ring.tail() < 10);
}

#[test]
fn a_newcomer_begins_at_a_character_and_outside_a_sequence() {
    let pattern = "\x1b[38;5;123mä\x1b]0;tïtle\x07│\x1b(B";
    let starts = ["\x1b[38", "ä", "\x1b]0;", "│", "\x1b(B"];
    for cut in 0..200 {
        let mut ring = Ring::new(300);
        let filler = "x".repeat(cut);
        ring.push(Source::Stdout, filler.as_bytes());
        for _ in 0..40 {
            ring.push(Source::Stdout, pattern.as_bytes());
        }
        let safe = ring.safe_from(ring.tail());
        let text = text(&ring, safe);
        assert!(
            starts.iter().any(|start| text.starts_with(start)),
            "{text:?}"
        );
        assert!(safe - ring.tail() < 20);
    }
}

#[test]
fn a_string_that_never_ends_hides_nothing_for_ever() {
    let mut ring = Ring::new(1 << 10);
    ring.push(Source::Stdout, b"\x1b]");
    ring.push(Source::Stdout, &[b'x'; 5_000]);
    assert_eq!(ring.safe_from(ring.tail()), ring.tail());
}

#[test]
fn as_much_as_there_is_room_for_overwrites_nothing_from_the_offset_on() {
    for unread in [0, 1, 2, 10, 20] {
        let mut ring = Ring::new(1_000);
        // Each byte is a change of source.
        for at in 0..500 {
            let source = [Source::Stdout, Source::Stderr][at % 2];
            ring.push(source, b"x");
        }
        let offset = ring.head() - unread;
        let room = ring.room(offset);
        assert!(room > 400, "{room}");
        for source in [Source::Stdout, Source::Stderr] {
            let room = ring.room(offset);
            ring.push(source, &vec![b'y'; room]);
            assert!(ring.tail() <= offset, "{unread}: {}", ring.tail());
        }
        assert!(ring.size() <= 1_000);
    }
}
