//! The journal: the one bounded, ordered log in memory that every event enters exactly once.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::{Condvar, Mutex, RwLock};
use smallvec::SmallVec;
use tokio::sync::Notify;

use crate::event::{Event, MAX_EVENT_BYTES};
use crate::hold::{Hold, Holds};
use crate::segment::{SEGMENT_BYTES, Segment};
use crate::wake::{Bell, Sleepers};

/// What a reader finds at its cursor.
#[derive(Debug)]
pub enum Read {
    /// Nothing yet.
    Empty,
    /// Events, from the cursor on.
    Events(Arc<Segment>),
    /// The cursor's place has been overwritten: these numbers, both inclusive, are gone.
    Lost {
        /// The first number that is gone.
        from: u64,
        /// The last one.
        to: u64,
    },
}

/// Why an event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// A callback has not read far enough for the journal to take more.
    #[error("the journal is full: a callback is too far behind")]
    Full,
    /// The event exceeds [`MAX_EVENT_BYTES`].
    #[error("the event is larger than {MAX_EVENT_BYTES} bytes")]
    TooLarge,
    /// The journal was closed: its runtime has ended.
    #[error("the journal is closed")]
    Closed,
}

/// What became of an event that was taken.
#[derive(Clone, Copy, Debug)]
pub struct Published {
    /// Its number.
    pub seq: u64,
    /// Whether the high-water mark has been passed: slow down, as a stream's `write` says with `false`.
    pub above_mark: bool,
}

/// How much the journal may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of all events together.
    pub bytes: usize,
    /// Number of events.
    pub events: usize,
}

impl Default for Bounds {
    /// 8 MiB and 65,536 events: some seconds of a busy engine, and far below what a host would notice.
    fn default() -> Self {
        Self {
            bytes: 8 << 20,
            events: 65_536,
        }
    }
}

/// The journal consists of at least this many segments when it is full.
const SEGMENTS: usize = 8;

/// How far a publisher may go.
#[derive(Clone, Copy)]
enum Limit {
    /// Up to three quarters of the bounds: for those who can wait or drop.
    Mark,
    /// Up to the bounds themselves: the reserve of those who must not wait.
    Hard,
}

/// A sleeper's way to be woken, given to [`Journal::subscribe`].
pub trait Ring: Send + Sync {
    /// News is there. Called by the publisher, outside the journal's lock; must not block. `company` is how
    /// many sinks this one event wakes: what is cheap for one is not for hundreds.
    fn ring(&self, company: usize);
}

struct Sink {
    bell: Arc<Bell>,
    ring: Arc<dyn Ring>,
}

#[derive(Debug)]
struct State {
    sealed: VecDeque<Arc<Segment>>,
    open: Segment,
    /// Bytes and events in `sealed` and `open` together.
    bytes: usize,
    events: usize,
    holds: Holds,
    /// The buffers of the segment that was evicted last, for the next one.
    spare: Option<Segment>,
    closed: bool,
}

/// The journal. Shared as an `Arc` by everybody who publishes or reads.
pub struct Journal {
    state: Mutex<State>,
    bounds: Bounds,
    /// The number of the last event; 0 before the first.
    head: AtomicU64,
    sleepers: Sleepers,
    sinks: RwLock<Vec<Sink>>,
    /// How many publishers wait for room.
    waiting: AtomicUsize,
    room: Notify,
    room_blocking: Condvar,
    /// New for each runtime, so that a client can tell a restart from a reconnect.
    epoch: String,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal")
            .field("head", &self.head())
            .finish_non_exhaustive()
    }
}

impl Journal {
    /// An empty journal.
    #[must_use]
    pub fn new(bounds: Bounds) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                sealed: VecDeque::new(),
                open: Segment::new(1, 0),
                bytes: 0,
                events: 0,
                holds: Holds::default(),
                spare: None,
                closed: false,
            }),
            bounds,
            head: AtomicU64::new(0),
            sleepers: Sleepers::default(),
            sinks: RwLock::default(),
            waiting: AtomicUsize::new(0),
            room: Notify::new(),
            room_blocking: Condvar::new(),
            epoch: format!("{:016x}", rand::random::<u64>()),
        })
    }

    /// The number of the last event; 0 before the first.
    #[inline]
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// The name of this journal's numbering.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// How much it may hold.
    #[must_use]
    pub const fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Publishes, waiting while the callbacks are too far behind. For asynchronous sources.
    ///
    /// # Errors
    /// [`PublishError::TooLarge`], [`PublishError::Closed`].
    pub async fn publish(&self, event: &Event) -> Result<u64, PublishError> {
        loop {
            match self.push(event, Limit::Mark) {
                Err(PublishError::Full) => {}
                result => return result.map(|published| published.seq),
            }
            let _waiting = Waiting::new(&self.waiting);
            let room = self.room.notified();
            tokio::pin!(room);
            room.as_mut().enable();
            // Room may have come between the first look and `enable`.
            match self.push(event, Limit::Mark) {
                Err(PublishError::Full) => room.await,
                result => return result.map(|published| published.seq),
            }
        }
    }

    /// As [`Journal::publish`], for a thread of its own that may block.
    ///
    /// # Errors
    /// [`PublishError::TooLarge`], [`PublishError::Closed`].
    pub fn publish_blocking(&self, event: &Event) -> Result<u64, PublishError> {
        match self.push(event, Limit::Mark) {
            Err(PublishError::Full) => {}
            result => return result.map(|published| published.seq),
        }
        let _waiting = Waiting::new(&self.waiting);
        let mut state = self.state.lock();
        loop {
            match self.append(&mut state, event, Limit::Mark) {
                Err(PublishError::Full) => self.room_blocking.wait(&mut state),
                result => {
                    drop(state);
                    self.ring();
                    return result.map(|published| published.seq);
                }
            }
        }
    }

    /// Publishes if there is room below the high-water mark. For what may be dropped.
    ///
    /// # Errors
    /// [`PublishError::Full`], [`PublishError::TooLarge`], [`PublishError::Closed`].
    pub fn try_publish(&self, event: &Event) -> Result<u64, PublishError> {
        self.push(event, Limit::Mark).map(|published| published.seq)
    }

    /// Publishes into the reserve. For those who must not wait: `emit`, exports, the channel itself.
    ///
    /// # Errors
    /// [`PublishError::Full`] at the hard limit, [`PublishError::TooLarge`], [`PublishError::Closed`].
    #[inline]
    pub fn publish_now(&self, event: &Event) -> Result<Published, PublishError> {
        self.push(event, Limit::Hard)
    }

    #[inline]
    fn push(&self, event: &Event, limit: Limit) -> Result<Published, PublishError> {
        let published = self.append(&mut self.state.lock(), event, limit)?;
        self.ring();
        Ok(published)
    }

    #[inline]
    fn append(
        &self,
        state: &mut State,
        event: &Event,
        limit: Limit,
    ) -> Result<Published, PublishError> {
        let bytes = event.bytes();
        if bytes.len() > MAX_EVENT_BYTES {
            return Err(PublishError::TooLarge);
        }
        if state.closed {
            return Err(PublishError::Closed);
        }
        let seq = state.open.next();
        let offset = state.open.offset() + state.open.size() as u64;
        let share = match limit {
            Limit::Mark => 3,
            Limit::Hard => 4,
        };
        let ahead = state
            .holds
            .ahead(seq, offset + bytes.len() as u64, self.bounds, share);
        if ahead.over_limit {
            return Err(PublishError::Full);
        }
        // Small bounds have small segments: what is forgotten is forgotten a segment at a time.
        let most_bytes = SEGMENT_BYTES.min(self.bounds.bytes / SEGMENTS);
        let full = state.open.size() + bytes.len() > most_bytes
            || state.open.len() >= self.bounds.events / SEGMENTS;
        if full && !state.open.is_empty() {
            state.seal();
        }
        state.open.push(event.topic(), bytes, event.json().len());
        state.bytes += bytes.len();
        state.events += 1;
        if state.bytes > self.bounds.bytes || state.events > self.bounds.events {
            state.evict(self.bounds);
        }
        self.head.store(seq, Ordering::Release);
        Ok(Published {
            seq,
            above_mark: ahead.over_mark,
        })
    }

    #[inline]
    fn ring(&self) {
        if self.sleepers.any() {
            self.ring_sleepers();
        }
    }

    #[cold]
    fn ring_sleepers(&self) {
        // The rings are collected first: one may take a while (a lone event is written right here), and
        // nobody who comes or goes should wait for that.
        let roused: SmallVec<[Arc<dyn Ring>; 4]> = {
            let sinks = self.sinks.read();
            let asleep = sinks.iter().filter(|sink| sink.bell.rouse(&self.sleepers));
            asleep.map(|sink| Arc::clone(&sink.ring)).collect()
        };
        for ring in &roused {
            ring.ring(roused.len());
        }
    }

    /// What is at `seq`. A reader close behind the head gets a copy of the few bytes it misses; one further
    /// behind seals the open segment and reads on without the lock.
    #[must_use]
    pub fn read(&self, seq: u64) -> Read {
        /// From here on sealing (a move) is cheaper than copying under the lock.
        const SEAL_FROM: usize = 16 << 10;

        // Numbers begin at 1: who asks from 0 has missed nothing.
        let seq = seq.max(1);
        // A reader that looks in vain must not hold publishers up.
        if self.head() < seq {
            return Read::Empty;
        }
        let mut state = self.state.lock();
        if seq >= state.open.next() {
            return Read::Empty;
        }
        if seq >= state.open.first() {
            if state.open.bytes_from(seq) < SEAL_FROM {
                return Read::Events(Arc::new(state.open.tail(seq)));
            }
            state.seal();
        }
        let at = state
            .sealed
            .partition_point(|segment| segment.next() <= seq);
        match state.sealed.get(at) {
            Some(segment) if segment.first() <= seq => Read::Events(Arc::clone(segment)),
            _ => Read::Lost {
                from: seq,
                to: state.oldest() - 1,
            },
        }
    }

    /// The number of the oldest event that can still be read; the next number if there is none.
    #[must_use]
    pub fn oldest(&self) -> u64 {
        self.state.lock().oldest()
    }

    /// How many bytes and events it holds.
    #[must_use]
    pub fn size(&self) -> Bounds {
        let state = self.state.lock();
        Bounds {
            bytes: state.bytes,
            events: state.events,
        }
    }

    /// A callback's place: events that it has not read are held back for it, from the head on.
    pub(crate) fn hold(self: &Arc<Self>) -> Arc<Hold> {
        let mut state = self.state.lock();
        let place = (
            state.open.next(),
            state.open.offset() + state.open.size() as u64,
        );
        state.holds.add(place)
    }

    pub(crate) fn release(&self, hold: &Arc<Hold>) {
        self.state.lock().holds.remove(hold);
        self.make_room();
    }

    /// Tells publishers that wait that a callback has read on.
    #[inline]
    pub(crate) fn make_room(&self) {
        std::sync::atomic::fence(Ordering::SeqCst);
        if self.waiting.load(Ordering::Relaxed) != 0 {
            self.room.notify_waiters();
            // Taken so that a publisher between its look and its wait is not missed.
            drop(self.state.lock());
            self.room_blocking.notify_all();
        }
    }

    /// Has `ring` called whenever the reader dozes and an event comes.
    pub(crate) fn subscribe(&self, ring: Arc<dyn Ring>) -> Arc<Bell> {
        let bell = Arc::new(Bell::default());
        let mut sinks = self.sinks.write();
        if !self.state.lock().closed {
            sinks.push(Sink {
                bell: Arc::clone(&bell),
                ring,
            });
        }
        bell
    }

    pub(crate) fn unsubscribe(&self, bell: &Arc<Bell>) {
        self.sinks
            .write()
            .retain(|sink| !Arc::ptr_eq(&sink.bell, bell));
        // Last, or a reader that dozes off meanwhile would be counted as asleep for ever.
        let _ = bell.rouse(&self.sleepers);
    }

    /// Lets a reader that has read all before `next` sleep. False when there is more to read.
    #[inline]
    pub(crate) fn doze(&self, bell: &Bell, next: u64) -> bool {
        self.doze_unless(bell, || self.head() >= next)
    }

    /// As [`Journal::doze`], for a reader with other sources of news.
    #[inline]
    pub(crate) fn doze_unless(&self, bell: &Bell, news: impl FnOnce() -> bool) -> bool {
        bell.doze(&self.sleepers, news)
    }

    /// Takes a reader out of its sleep, because there is other news. True if it slept: it must be rung.
    #[inline]
    pub(crate) fn rouse(&self, bell: &Bell) -> bool {
        self.sleepers.any() && bell.rouse(&self.sleepers)
    }

    /// Refuses all further events and lets go whoever waits for room. What it holds can still be read.
    pub fn close(&self) {
        self.state.lock().closed = true;
        self.room.notify_waiters();
        self.room_blocking.notify_all();
        // There is nothing left to ring for. Sinks hold the journal as it holds them: those whose task was
        // dropped with its runtime never come to unsubscribe, and would keep their sockets for ever.
        let sinks = std::mem::take(&mut *self.sinks.write());
        drop(sinks);
    }
}

impl State {
    fn oldest(&self) -> u64 {
        self.sealed
            .front()
            .map_or(self.open.first(), |segment| segment.first())
    }

    fn seal(&mut self) {
        let (next, offset) = (
            self.open.next(),
            self.open.offset() + self.open.size() as u64,
        );
        let fresh = match self.spare.take() {
            Some(spare) => spare.reuse(next, offset),
            None => Segment::new(next, offset),
        };
        let mut full = std::mem::replace(&mut self.open, fresh);
        full.shrink();
        self.sealed.push_back(Arc::new(full));
    }

    /// Forgets the oldest segments until the bounds hold, except what a callback has yet to read.
    fn evict(&mut self, bounds: Bounds) {
        while self.bytes > bounds.bytes || self.events > bounds.events {
            let Some(oldest) = self.sealed.front() else {
                break;
            };
            if self.holds.needs(oldest.next()) {
                break;
            }
            let Some(oldest) = self.sealed.pop_front() else {
                break;
            };
            self.bytes -= oldest.size();
            self.events -= usize::try_from(oldest.next() - oldest.first()).unwrap_or(usize::MAX);
            // Readers may still be in it: they keep it, we only let go of our own hand.
            if let Ok(segment) = Arc::try_unwrap(oldest) {
                self.spare = Some(segment);
            }
        }
    }
}

/// Counts a publisher that waits for room, for as long as it does.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
