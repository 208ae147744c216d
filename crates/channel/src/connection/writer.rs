//! The writer of one connection: everything that waits to be written, and the one place that writes it.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use super::cursor::Cursor;
use super::need::Need;
use super::outbox::Outbox;
use super::render::{Batch, EventFilter, LargeFrame, Selection, Style};
use super::source::{FrameSource, FrameSources};
use crate::event::Topics;
use crate::journal::{Gathering, Journal, ParkFlag, Read};
use crate::silence::HeldBack;
use crate::tls::Socket;
use crate::wire::{Close, GapReason, Opcode, frame, message};

/// How often the task of a connection with frame sources polls again before it sleeps: it does not rest, because what
/// they bring must not wait.
const IDLE_POLLS: u8 = 32;

thread_local! {
    // Frames exist only between rendering and one system call, so a thread needs only one batch for all connections.
    // It has no state between calls.
    static BATCH: RefCell<Batch> = RefCell::default();
    // The same for what frame sources render.
    static SOURCE_FRAMES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The rest of a write that has been begun.
#[derive(Debug, Default)]
enum Unsent {
    #[default]
    Nothing,
    Bytes {
        bytes: Vec<u8>,
        written: usize,
    },
    /// Boxed, because it is rare, and every connection has the memory of the largest.
    Large(Box<LargeFrame>),
}

/// What a flush needs.
#[derive(Clone, Copy)]
pub(super) struct FlushContext<'a> {
    pub(super) socket: &'a Socket,
    pub(super) journal: &'a Journal,
    pub(super) park_flag: &'a ParkFlag,
    pub(super) style: Style,
    /// How many bytes of frames the socket takes at a time.
    pub(super) max_bytes: usize,
}

/// The writing side of one connection, behind its one lock.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    unsent: Unsent,
    outbox: Outbox,
    cursor: Option<Cursor>,
    selection: Selection,
    /// Frame sources, which take turns with the events.
    sources: FrameSources,
    /// Whether the sources had the last turn.
    sources_last: bool,
    /// Set when the close frame is the last one in the outbox. No event follows it.
    closing: Option<Close>,
    ended: bool,
    /// Since when the kernel has accepted nothing.
    blocked: Option<Instant>,
    gathering: Gathering,
    /// How often the task still polls before it sleeps.
    idle_polls: u8,
}

impl Writer {
    pub(super) fn new(held_back: HeldBack) -> Self {
        let mut writer = Self::default();
        writer.selection.held_back = held_back;
        writer
    }

    /// Writes until nothing is left, the kernel's buffer is full, or so many steps were taken.
    pub(super) fn flush(&mut self, context: FlushContext<'_>, steps: usize) -> Need {
        for _ in 0..steps {
            match self.step(context) {
                Ok(None) => {}
                Ok(Some(need)) => return need,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.blocked.get_or_insert_with(Instant::now);
                    return Need::Writable;
                }
                Err(_) => {
                    self.discard();
                    return Need::Over;
                }
            }
        }
        Need::More
    }

    /// One step, with one system call at most: the rest of a write, the outbox, sources, a look for events, or writing them.
    fn step(&mut self, context: FlushContext<'_>) -> io::Result<Option<Need>> {
        if self.ended {
            return Ok(Some(Need::Over));
        }
        if context.socket.try_flush()? {
            self.blocked = None;
            return Ok(None);
        }
        if self.write_unsent(context.socket)? {
            return Ok(None);
        }
        if self.take_outbox() {
            return Ok(None);
        }
        if self.closing.is_some() {
            return Ok(Some(Need::Over));
        }
        let next = self.next();
        if let Some(summaries) = self.selection.held_back.due(next) {
            summaries.iter().for_each(|summary| self.announce(summary));
            return Ok(None);
        }
        let sources_wait = self.sources.is_awake();
        if sources_wait && !self.sources_last {
            self.sources_last = true;
            self.render_sources(context.socket)?;
            return Ok(None);
        }
        self.sources_last = false;
        let Some(cursor) = &mut self.cursor else {
            return Ok((!sources_wait).then_some(Need::Nothing));
        };
        let Some(run) = cursor.run.take_if(|run| cursor.next < run.next()) else {
            let ready = (context.journal.head() + 1).saturating_sub(cursor.next);
            if self.sources.is_empty() && self.gathering.is_due(ready) {
                return Ok(Some(Need::Rest));
            }
            match context.journal.read_on(&mut cursor.run, cursor.next) {
                Read::Empty if sources_wait => {}
                Read::Empty if self.idle_polls > 0 => {
                    self.idle_polls -= 1;
                    return Ok(Some(Need::More));
                }
                Read::Empty if context.journal.park(context.park_flag, cursor.next) => {
                    return Ok(Some(Need::Nothing));
                }
                Read::Empty => {}
                Read::Events(run) => cursor.run = Some(run),
                Read::Lost { from, to } if context.style.v1 => {
                    cursor.next = to + 1;
                    self.announce(&message::gap(from, to, GapReason::Overflow));
                }
                // A plain connection has no message for a gap, so it is closed. The gap is reported once: the next
                // connection in the slot begins after it.
                Read::Lost { to, .. } => {
                    cursor.next = to + 1;
                    self.close(Close::overtaken());
                }
            }
            return Ok(None);
        };
        BATCH.with_borrow_mut(|batch| {
            batch.clear(context.max_bytes);
            let (next, large) = batch.render(&run, cursor.next, context.style, &self.selection);
            self.gathering.took(next - cursor.next);
            let result = if batch.bytes.is_empty() {
                cursor.next = next;
                Ok(())
            } else {
                context.socket.try_write(&batch.bytes).map(|written| {
                    self.blocked = None;
                    if written == batch.bytes.len() {
                        cursor.next = next;
                    } else {
                        // Frames that were not begun are rendered again later: then they may belong to another
                        // connection, and keeping them would cost memory.
                        let (rest, next) = batch.cut(written);
                        cursor.next = next;
                        if !rest.is_empty() {
                            self.unsent = Unsent::Bytes {
                                bytes: rest.to_vec(),
                                written: 0,
                            };
                        }
                    }
                })
            };
            batch.held.count(cursor.next, &mut self.selection.held_back);
            self.selection.held_back.pass(cursor.next);
            cursor.run = Some(run);
            if let Some(large) = large {
                self.unsent = Unsent::Large(Box::new(large));
            }
            result.map(|()| None)
        })
    }

    fn render_sources(&mut self, socket: &Socket) -> io::Result<()> {
        SOURCE_FRAMES.with_borrow_mut(|bytes| {
            bytes.clear();
            self.sources.render(bytes);
            if bytes.is_empty() {
                return Ok(());
            }
            let result = socket.try_write(bytes);
            let written = result.as_ref().copied().unwrap_or_default();
            if written > 0 {
                self.blocked = None;
            }
            if written < bytes.len() {
                // A source does not render anything twice, so all of it must be kept.
                self.unsent = Unsent::Bytes {
                    bytes: bytes[written..].to_vec(),
                    written: 0,
                };
            }
            result.map(drop)
        })
    }

    /// Writes the rest of a write. True if there was one.
    fn write_unsent(&mut self, socket: &Socket) -> io::Result<bool> {
        let done = match &mut self.unsent {
            Unsent::Nothing => return Ok(false),
            Unsent::Bytes { bytes, written } => {
                *written += socket.try_write(&bytes[*written..])?;
                *written == bytes.len()
            }
            Unsent::Large(large) => {
                let done = large.write(|pieces| socket.try_write_vectored(pieces))?;
                if done {
                    large.held.count(&mut self.selection.held_back);
                }
                done
            }
        };
        self.blocked = None;
        if done {
            self.unsent = Unsent::Nothing;
        }
        Ok(true)
    }

    /// Takes frames from the outbox, to be written next.
    fn take_outbox(&mut self) -> bool {
        let taken = self.outbox.take();
        let any = taken.is_some();
        if let Some(bytes) = taken {
            self.unsent = Unsent::Bytes { bytes, written: 0 };
        }
        any
    }

    /// The task was woken in short intervals: more will come.
    pub(super) fn expect_more(&mut self) {
        if self.sources.is_empty() {
            self.gathering.expect();
        } else {
            self.idle_polls = IDLE_POLLS;
        }
    }

    /// The task has waited for more events.
    pub(super) const fn rested(&mut self) {
        self.gathering.waited();
    }

    /// Adds a frame source, or returns it if nothing will be written any more.
    pub(super) fn attach(&mut self, source: Box<dyn FrameSource>) -> Option<Box<dyn FrameSource>> {
        if self.closing.is_some() || self.ended {
            return Some(source);
        }
        self.sources.add(source);
        None
    }

    pub(super) const fn wake_sources(&mut self) {
        self.sources.wake();
    }

    /// Puts a text message into the outbox. False if there is no room.
    pub(super) fn say(&mut self, text: &str) -> bool {
        self.send(frame::frame(Opcode::Text, text.as_bytes()))
    }

    /// Like [`Writer::say`], for messages that must not be left out. They are rare, so they need no limit.
    pub(crate) fn announce(&mut self, text: &str) {
        if self.closing.is_none() && !self.ended {
            self.outbox
                .push(frame::frame(Opcode::Text, text.as_bytes()));
        }
    }

    /// Puts a whole frame into the outbox. False if there is no room.
    pub(crate) fn send(&mut self, frame: Vec<u8>) -> bool {
        if self.closing.is_some() || self.ended || self.outbox.is_full() {
            return false;
        }
        self.outbox.push(frame);
        true
    }

    /// How many bytes are in the outbox.
    pub(crate) const fn outbox_bytes(&self) -> usize {
        self.outbox.bytes()
    }

    /// Puts a close frame at the end of the outbox; nothing follows it. Only the first close counts.
    pub(super) fn close(&mut self, close: Close) {
        // With the connection its silence ends.
        let next = self.next();
        for summary in self.selection.held_back.finish(next) {
            self.announce(&summary);
        }
        let frame = frame::close(close.code, &close.reason);
        self.close_with(close, frame);
    }

    /// Like [`Writer::close`], with a close frame that the parser has made.
    pub(crate) fn close_with(&mut self, close: Close, frame: Vec<u8>) {
        // Even if the outbox is full: a client that does not read must not stay connected.
        if self.is_open() {
            self.outbox.push(frame);
            self.closing = Some(close);
            self.sources = FrameSources::default();
        }
    }

    /// Whether no close frame was put into the outbox, and the socket can be written.
    pub(super) const fn is_open(&self) -> bool {
        self.closing.is_none() && !self.ended
    }

    pub(crate) const fn closing(&self) -> Option<&Close> {
        self.closing.as_ref()
    }

    /// Discards everything: the socket cannot be written any more.
    pub(crate) fn discard(&mut self) {
        self.ended = true;
        self.unsent = Unsent::Nothing;
        self.outbox = Outbox::default();
        self.sources = FrameSources::default();
        self.selection = Selection::default();
    }

    /// Since when the kernel has accepted nothing, if its buffer is full.
    pub(crate) const fn blocked(&self) -> Option<Instant> {
        self.blocked
    }

    pub(crate) fn start(&mut self, cursor: Cursor) {
        self.cursor = Some(cursor);
    }

    /// The number of the event that it comes to next.
    pub(super) fn next(&self) -> Option<u64> {
        self.cursor.as_ref().map(|cursor| cursor.next)
    }

    /// Sets the filter of these topics, or removes it. What is rendered and not begun is rendered anew.
    pub(super) fn set_filter(&mut self, topics: Topics, filter: Option<Arc<dyn EventFilter>>) {
        if !self.ended {
            self.take_back();
            self.selection.filters.set(topics, filter);
        }
    }

    /// Goes back to an event that was rendered, and of which no byte is written.
    fn take_back(&mut self) {
        if let Unsent::Large(large) = &self.unsent
            && let Some(seq) = large.unbegun()
            && let Some(cursor) = &mut self.cursor
        {
            cursor.next = seq;
            cursor.run = None;
            self.unsent = Unsent::Nothing;
        }
    }

    /// Stops the delivery of events. Only a frame that has been begun is completed.
    pub(super) fn stop(&mut self) -> Option<Cursor> {
        self.take_back();
        let cursor = self.cursor.take()?;
        self.selection.held_back.pass(cursor.next);
        if matches!(self.unsent, Unsent::Nothing) && self.outbox.is_empty() {
            // There is nothing left to be written.
            self.blocked = None;
        }
        Some(cursor)
    }
}
