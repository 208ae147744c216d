//! Rendering events into frames: the hot path of a connection.

use std::sync::Arc;

use crate::event::Topics;
use crate::journal::{Record, SEGMENT_BYTES, Segment};
use crate::wire::{MAX_HEADER_BYTES, Opcode, frame};

/// How a connection gets its events: which topics, and with or without the additions of `loopwire.v1`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    pub(crate) topics: Topics,
    /// `,"seq":N` and the detail are inserted before the closing brace.
    pub(crate) v1: bool,
}

/// `,"seq":`, twenty digits and the brace.
const MAX_TAIL_BYTES: usize = 32;

/// The end of a `loopwire.v1` frame, after the record.
#[derive(Clone, Copy, Debug)]
struct Tail {
    bytes: [u8; MAX_TAIL_BYTES],
    used: usize,
}

impl Tail {
    const NONE: Self = Self {
        bytes: [0; MAX_TAIL_BYTES],
        used: 0,
    };

    #[inline]
    fn seq(seq: u64) -> Self {
        const KEY: &[u8; 7] = br#","seq":"#;
        // Written from the end: first the digits, then the key before them. Then the result is moved to the front.
        let mut bytes = [0; MAX_TAIL_BYTES];
        let mut at = MAX_TAIL_BYTES - 1;
        bytes[at] = b'}';
        let mut rest = seq;
        loop {
            at -= 1;
            let digit = (rest % 10) as u8;
            bytes[at] = b'0' + digit;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        at -= KEY.len();
        bytes[at..at + KEY.len()].copy_from_slice(KEY);
        bytes.copy_within(at.., 0);
        Self {
            bytes,
            used: MAX_TAIL_BYTES - at,
        }
    }
}

/// The parts of one event's frame, in the order in which they are written.
struct Parts<'a> {
    body: &'a [u8],
    detail: &'a [u8],
    tail: Tail,
}

impl<'a> Parts<'a> {
    #[inline]
    fn new(record: &Record<'a>, v1: bool) -> Self {
        if v1 {
            let body = &record.json[..record.json.len() - 1];
            Self {
                body,
                detail: record.detail,
                tail: Tail::seq(record.seq),
            }
        } else {
            Self {
                body: record.json,
                detail: &[],
                tail: Tail::NONE,
            }
        }
    }

    #[inline]
    fn len(&self) -> usize {
        self.body.len() + self.detail.len() + self.tail.used
    }
}

/// Consecutive frames, and where each ends, so that a partial write can be interrupted at a frame boundary.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    /// For each frame: the position after its last byte, and the number of its event.
    ends: Vec<(usize, u64)>,
}

impl Batch {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Renders the events from `seq` on until the batch is full. Returns the number after the last event that was read,
    /// and the next event if it is too large for a batch.
    pub(super) fn render(
        &mut self,
        segment: &Arc<Segment>,
        seq: u64,
        style: Style,
    ) -> (u64, Option<LargeFrame>) {
        let mut next = seq;
        for record in segment.records(seq) {
            if style.topics.admits(record.topic) {
                let parts = Parts::new(&record, style.v1);
                let size = MAX_HEADER_BYTES + parts.len();
                if self.bytes.len() + size > SEGMENT_BYTES {
                    if self.bytes.is_empty() {
                        let large = LargeFrame::new(segment, &record, style.v1);
                        return (record.seq + 1, Some(large));
                    }
                    break;
                }
                frame::write_header(&mut self.bytes, Opcode::Text, parts.len());
                self.bytes.extend_from_slice(parts.body);
                self.bytes.extend_from_slice(parts.detail);
                self.bytes
                    .extend_from_slice(&parts.tail.bytes[..parts.tail.used]);
                self.ends.push((self.bytes.len(), record.seq));
            }
            next = record.seq + 1;
        }
        (next, None)
    }

    /// After a partial write of `written` bytes: the rest of the frame that has been begun, and the number of the event
    /// that follows it.
    pub(super) fn cut(&self, written: usize) -> (&[u8], u64) {
        let at = self.ends.partition_point(|(end, _)| *end <= written);
        let begun_at = if at == 0 { 0 } else { self.ends[at - 1].0 };
        match self.ends.get(at) {
            Some((end, seq)) if written > begun_at => (&self.bytes[written..*end], seq + 1),
            Some((_, seq)) => (&[], *seq),
            None => (&[], self.ends.last().map_or(0, |(_, seq)| seq + 1)),
        }
    }
}

/// A frame too large for a batch. It is written in pieces directly from its segment and never copied as a whole.
#[derive(Debug)]
pub(super) struct LargeFrame {
    segment: Arc<Segment>,
    seq: u64,
    v1: bool,
    header: [u8; MAX_HEADER_BYTES],
    header_bytes: usize,
    written: usize,
}

impl LargeFrame {
    fn new(segment: &Arc<Segment>, record: &Record<'_>, v1: bool) -> Self {
        let (header, header_bytes) = frame::header(Opcode::Text, Parts::new(record, v1).len());
        Self {
            segment: Arc::clone(segment),
            seq: record.seq,
            v1,
            header,
            header_bytes,
            written: 0,
        }
    }

    /// The number of its event, if no byte of it has been written.
    pub(super) fn unbegun(&self) -> Option<u64> {
        (self.written == 0).then_some(self.seq)
    }

    /// Writes one piece of at most 64 KiB with `write`. True if the frame is complete.
    pub(super) fn write(
        &mut self,
        mut write: impl FnMut(&[std::io::IoSlice<'_>]) -> std::io::Result<usize>,
    ) -> std::io::Result<bool> {
        let Some(record) = self.segment.records(self.seq).next() else {
            return Ok(true);
        };
        let parts = Parts::new(&record, self.v1);
        let all = [
            &self.header[..self.header_bytes],
            parts.body,
            parts.detail,
            &parts.tail.bytes[..parts.tail.used],
        ];
        let (mut skip, mut room) = (self.written, SEGMENT_BYTES);
        let slices = all.map(|part| {
            let skipped = skip.min(part.len());
            skip -= skipped;
            let piece = &part[skipped..part.len().min(skipped + room)];
            room -= piece.len();
            std::io::IoSlice::new(piece)
        });
        self.written += write(&slices)?;
        Ok(self.written == self.header_bytes + parts.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Audience, Event, Topic};
    use crate::journal::{Bounds, Journal, Read};

    const V1: Style = Style {
        topics: Topics::ALL,
        v1: true,
    };
    const PLAIN: Style = Style {
        topics: Topics::ALL,
        v1: false,
    };

    const PORTS: Topic = Topic::engine(0);

    fn segment(events: &[Event]) -> Arc<Segment> {
        let journal = Journal::new(Bounds::default());
        for event in events {
            assert!(journal.publish_now(event).is_ok());
        }
        match journal.read(1) {
            Read::Events(segment) => segment,
            other => panic!("{other:?}"),
        }
    }

    fn port_event() -> Event {
        Event::payload(PORTS, "portStateUpdate", "60000")
            .with_detail(&serde_json::json!({"port": 60000}))
            .expect("valid JSON")
    }

    #[test]
    fn a_plain_frame_is_the_bare_json_and_a_v1_frame_adds_detail_and_number() {
        let segment = segment(&[port_event()]);
        let mut batch = Batch::default();
        batch.render(&segment, 1, PLAIN);
        assert_eq!(
            &batch.bytes[2..],
            br#"{"type":"portStateUpdate","payload":"60000"}"#
        );
        batch.clear();
        batch.render(&segment, 1, V1);
        assert_eq!(
            &batch.bytes[2..],
            br#"{"type":"portStateUpdate","payload":"60000","data":{"port":60000},"seq":1}"#
        );
    }

    #[test]
    fn topics_that_are_not_admitted_are_skipped() {
        let segment = segment(&[
            port_event(),
            Event::bare(Topic::engine(1), "file:x"),
            port_event(),
        ]);
        let mut batch = Batch::default();
        let (next, _) = batch.render(
            &segment,
            1,
            Style {
                topics: Topics::of(Audience::Sdk, [(PORTS, Audience::Sdk)]),
                v1: false,
            },
        );
        assert_eq!((next, batch.ends.len()), (4, 2));
    }

    #[test]
    fn a_cut_keeps_the_begun_frame_and_goes_back_to_the_next_one() {
        let segment = segment(&[port_event(), port_event(), port_event()]);
        let mut batch = Batch::default();
        batch.render(&segment, 1, PLAIN);
        let frame = batch.bytes.len() / 3;
        assert_eq!(batch.cut(0), (&[][..], 1));
        assert_eq!(batch.cut(frame), (&[][..], 2));
        assert_eq!(
            batch.cut(frame + 1),
            (&batch.bytes[frame + 1..2 * frame], 3)
        );
        assert_eq!(batch.cut(3 * frame - 1), (&b"}"[..], 4));
    }

    #[test]
    fn a_large_frame_is_the_same_whatever_the_sizes_of_the_writes() {
        let event = Event::payload(Topic::APP, "big", &"x".repeat(200_000))
            .with_detail(&serde_json::json!({"n": 1}))
            .expect("valid JSON");
        let segment = segment(&[event]);
        for step in [1_000, 65_536, 7_777] {
            let (next, large) = Batch::default().render(&segment, 1, V1);
            let mut large = large.expect("too large for a batch");
            let mut out = Vec::new();
            while !large
                .write(|slices| {
                    let before = out.len();
                    for slice in slices {
                        let room = step - (out.len() - before);
                        out.extend_from_slice(&slice[..slice.len().min(room)]);
                    }
                    Ok(out.len() - before)
                })
                .expect("no error")
            {}
            assert_eq!(next, 2);
            assert_eq!(out[..2], [0x81, 127]);
            assert_eq!(
                out.len() as u64 - 10,
                u64::from_be_bytes(out[2..10].try_into().expect("8"))
            );
            assert!(out.ends_with(br#"xx","data":{"n":1},"seq":1}"#));
        }
    }
}
