//! The callback sink: a cursor that the application's thread drains in batches. It never loses an event.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use crate::hold::Hold;
use crate::inbox::Inbox;
use crate::journal::{Journal, Read, Ring};
use crate::segment::{SEGMENT_BYTES, Segment};
use crate::wake::Bell;

/// How many events one batch carries at most: some milliseconds of a callback's time.
pub const MAX_BATCH_EVENTS: usize = 1_024;

#[derive(Debug)]
struct Place {
    next: u64,
    piece: Option<Arc<Segment>>,
}

/// One listener's callback, as the journal sees it.
pub struct Callback {
    journal: Arc<Journal>,
    /// Keeps what has not been drained in the journal.
    hold: Arc<Hold>,
    bell: Arc<Bell>,
    ring: Arc<dyn Ring>,
    /// What connections have for the same application thread.
    inbox: Arc<Inbox>,
    /// Whether events come with their detail twin.
    detail: bool,
    place: Mutex<Place>,
    closed: AtomicBool,
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callback")
            .field("next", &self.hold.next())
            .finish_non_exhaustive()
    }
}

impl Callback {
    /// A callback that hears of everything from now on. It starts awake: the first [`Callback::doze`]
    /// lets it sleep, and `ring` is called when there is something to drain.
    #[must_use]
    pub fn new(journal: &Arc<Journal>, ring: Arc<dyn Ring>, detail: bool) -> Arc<Self> {
        let hold = journal.hold();
        Arc::new(Self {
            bell: journal.subscribe(Arc::clone(&ring)),
            journal: Arc::clone(journal),
            place: Mutex::new(Place {
                next: hold.next(),
                piece: None,
            }),
            hold,
            ring,
            inbox: Arc::default(),
            detail,
            closed: AtomicBool::new(false),
        })
    }

    /// What the listener's connections have brought.
    #[must_use]
    pub fn inbox(&self) -> &Arc<Inbox> {
        &self.inbox
    }

    /// Rings for something in the inbox, unless the application is awake anyway.
    pub(crate) fn ring(&self) {
        if self.journal.rouse(&self.bell) {
            self.ring.ring(1);
        }
    }

    /// Moves the next events into `bytes`, back to back, and the place after each into `ends`: at most
    /// [`MAX_BATCH_EVENTS`] and 64 KiB, or one event that is larger. Returns how many.
    pub fn drain(&self, bytes: &mut Vec<u8>, ends: &mut Vec<u32>) -> usize {
        bytes.clear();
        ends.clear();
        if self.closed.load(Ordering::SeqCst) {
            return 0;
        }
        let mut place = self.place.lock();
        let mut taken = 0;
        while ends.len() < MAX_BATCH_EVENTS {
            let next = place.next;
            let Some(piece) = place.piece.take_if(|piece| next < piece.next()) else {
                match self.journal.read(next) {
                    Read::Events(piece) => place.piece = Some(piece),
                    // What a callback has not read is never overwritten.
                    Read::Empty | Read::Lost { .. } => break,
                }
                continue;
            };
            let mut full = false;
            for record in piece.records(next) {
                let size = record.size();
                full = ends.len() == MAX_BATCH_EVENTS
                    || (!ends.is_empty() && bytes.len() + size > SEGMENT_BYTES);
                if full {
                    break;
                }
                if self.detail && !record.detail.is_empty() {
                    bytes.extend_from_slice(&record.json[..record.json.len() - 1]);
                    bytes.extend_from_slice(record.detail);
                    bytes.push(b'}');
                } else {
                    bytes.extend_from_slice(record.json);
                }
                // At most one largest event, or 64 KiB and the braces.
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "bounded by MAX_EVENT_BYTES"
                )]
                ends.push(bytes.len() as u32);
                taken += size as u64;
                place.next = record.seq + 1;
            }
            place.piece = Some(piece);
            if full {
                break;
            }
        }
        if place
            .piece
            .as_ref()
            .is_some_and(|piece| place.next >= piece.next())
        {
            place.piece = None;
        }
        if taken > 0 {
            self.hold.advance(place.next, taken);
            drop(place);
            self.journal.make_room();
        }
        ends.len()
    }

    /// Lets the application's thread sleep. False when there is more to do.
    #[must_use]
    pub fn doze(&self) -> bool {
        let next = self.hold.next();
        self.journal.doze_unless(&self.bell, || {
            !self.inbox.is_empty() || self.journal.head() >= next
        })
    }

    /// The cursor is dropped first, which lets go whoever waits for it; nothing is drained afterwards.
    pub fn close(&self) {
        if !self.closed.swap(true, Ordering::SeqCst) {
            self.journal.release(&self.hold);
            self.journal.unsubscribe(&self.bell);
        }
    }
}
