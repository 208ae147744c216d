//! The journal: the one bounded, ordered log in memory. Every event is appended to it exactly once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use parking_lot::{Condvar, Mutex};
use rand::Rng as _;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use tokio::sync::Notify;

use super::bounds::{Bounds, DRAINED, MARK};
use super::contents::{Contents, Read};
use super::gathering;
use super::park::ParkFlag;
use super::retention::RetentionPin;
use super::segment::Run;
use super::sinks::{SinkWaker, Sinks};
use super::waiting::Waiting;

/// The journal. All publishers and readers share it as an `Arc`.
pub struct Journal {
    pub(super) contents: Mutex<Contents>,
    pub(super) bounds: Bounds,
    /// The number of the last event; 0 before the first.
    pub(super) head: AtomicU64,
    pub(super) sinks: Sinks,
    /// Whether a thread of the runtime rests. The others have its tasks to do.
    resting: AtomicBool,
    /// How many publishers wait for room, or for callbacks that catch up.
    pub(super) waiting: AtomicUsize,
    /// How many callbacks wait for sources, which must not wait for them.
    pub(super) hurried: AtomicUsize,
    /// How many publishers wait although they may use the reserve.
    pub(super) stuck: AtomicUsize,
    pub(super) room: Notify,
    pub(super) room_blocking: Condvar,
    /// Different for each runtime, so that a client can distinguish a restart from a reconnect.
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
            contents: Mutex::new(Contents::new()),
            bounds,
            head: AtomicU64::new(0),
            sinks: Sinks::default(),
            resting: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
            hurried: AtomicUsize::new(0),
            stuck: AtomicUsize::new(0),
            room: Notify::new(),
            room_blocking: Condvar::new(),
            // Not from the thread's own generator, which a thread that ends has no longer.
            epoch: format!("{:016x}", UnwrapErr(SysRng).next_u64()),
        })
    }

    /// The number of the last event; 0 before the first.
    #[inline]
    #[must_use]
    pub fn head(&self) -> u64 {
        self.head.load(Ordering::Acquire)
    }

    /// Identifies the numbering of this journal: new for each runtime.
    #[must_use]
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// How much it may hold.
    #[must_use]
    pub const fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// Returns the events at `seq`: those of one segment that are there already.
    #[must_use]
    pub fn read(&self, seq: u64) -> Read {
        // Numbers begin at 1: a reader that asks from 0 has missed nothing.
        let seq = seq.max(1);
        // A reader that finds nothing must not delay publishers.
        if self.head() < seq {
            return Read::Empty;
        }
        self.contents.lock().read(seq)
    }

    /// Like [`Journal::read`], for a reader that keeps what it has read last. As long as it finds more in the same segment, or
    /// nothing, it takes no lock. What it keeps is given back in [`Read::Events`].
    #[inline]
    #[must_use]
    pub fn read_on(&self, last: &mut Option<Run>, seq: u64) -> Read {
        if let Some(run) = last
            && run.first() <= seq
        {
            let sealed = run.follow();
            if seq < run.next()
                && let Some(run) = last.take()
            {
                return Read::Events(run);
            }
            if !sealed {
                return Read::Empty;
            }
        }
        // Before the next one is looked for: a reader holds one segment.
        *last = None;
        self.read(seq)
    }

    /// The number of the oldest event that can still be read; the next number if there is none.
    #[must_use]
    pub fn oldest(&self) -> u64 {
        self.contents.lock().oldest()
    }

    /// Calls `mark` with the numbers of the oldest event and of the next one. No event is published meanwhile, so it must
    /// be quick.
    pub(crate) fn at_end<R>(&self, mark: impl FnOnce(u64, u64) -> R) -> R {
        let contents = self.contents.lock();
        mark(contents.oldest(), contents.end().0)
    }

    /// How many bytes and events it holds.
    #[must_use]
    pub fn size(&self) -> Bounds {
        self.contents.lock().size()
    }

    /// What it holds of the events from `seq` on.
    #[must_use]
    pub fn held_from(&self, seq: u64) -> Bounds {
        if self.head() < seq {
            return Bounds {
                bytes: 0,
                events: 0,
            };
        }
        self.contents.lock().held_from(seq)
    }

    /// Whether the slowest callback is further behind than publishers that can wait would let it fall.
    #[must_use]
    pub fn is_above_mark(&self) -> bool {
        self.is_behind(MARK)
    }

    /// Waits until the callbacks are behind by at most half of the bounds, so that one wait is enough for many events. For
    /// publishers that have found [`Journal::is_above_mark`]. Ends when the journal is closed, too.
    pub async fn drained(&self) {
        let _waiting = Waiting::new(&self.waiting);
        loop {
            let room = self.room.notified();
            tokio::pin!(room);
            room.as_mut().enable();
            // Room may have been made before `enable`.
            if !self.is_behind(DRAINED) {
                return;
            }
            room.await;
        }
    }

    /// Whether the slowest callback is behind by more than `share` quarters of the bounds.
    fn is_behind(&self, share: u64) -> bool {
        let mut contents = self.contents.lock();
        let (next, end) = contents.end();
        !contents.is_closed() && contents.pins.are_behind(next, end, self.bounds, share)
    }

    /// Pins the events from the head on for a callback: those that it has not read are not evicted.
    pub(crate) fn pin(self: &Arc<Self>) -> Arc<RetentionPin> {
        let mut contents = self.contents.lock();
        let place = contents.end();
        let pin = contents.pins.add(place);
        contents.look_ahead(self.bounds);
        pin
    }

    pub(crate) fn unpin(&self, pin: &Arc<RetentionPin>) {
        self.contents.lock().pins.remove(pin);
        self.make_room();
    }

    /// Wakes publishers that wait: a callback has read on, or they may use more.
    #[inline]
    pub(crate) fn make_room(&self) {
        std::sync::atomic::fence(Ordering::SeqCst);
        if self.waiting.load(Ordering::Relaxed) != 0 {
            self.room.notify_waiters();
            // The lock makes sure that a publisher between its check and its wait is not missed.
            drop(self.contents.lock());
            self.room_blocking.notify_all();
        }
    }

    /// Has the calling thread of the runtime rest, so that a batch of events comes together. False if one rests already.
    pub(crate) fn rest(&self) -> bool {
        let free = !self.resting.swap(true, Ordering::Acquire);
        if free {
            gathering::rest();
            self.resting.store(false, Ordering::Release);
        }
        free
    }

    /// Adds a reader: `waker` is called when the reader is parked and an event is published.
    pub(crate) fn subscribe(&self, waker: Arc<dyn SinkWaker>) -> Arc<ParkFlag> {
        self.sinks.add(waker, || self.contents.lock().is_closed())
    }

    pub(crate) fn unsubscribe(&self, park_flag: &Arc<ParkFlag>) {
        self.sinks.remove(park_flag);
    }

    /// Parks a reader that has read everything before `next`. False if there is more to read.
    #[inline]
    pub(crate) fn park(&self, park_flag: &ParkFlag, next: u64) -> bool {
        self.park_unless(park_flag, || self.head() >= next)
    }

    /// Like [`Journal::park`], for a reader that also waits for something else: `news` tells whether it is there.
    #[inline]
    pub(crate) fn park_unless(&self, park_flag: &ParkFlag, news: impl FnOnce() -> bool) -> bool {
        self.sinks.park(park_flag, || {
            // See `ParkedCount::any_after_lock`. A reader that finds nothing again and again takes no lock; one that parks
            // will cost its publisher a wake-up.
            drop(self.contents.lock());
            news()
        })
    }

    /// Unparks a reader that waits for something else than events. True if it was parked: the caller must wake it.
    #[inline]
    pub(crate) fn unpark(&self, park_flag: &ParkFlag) -> bool {
        self.sinks.unpark(park_flag)
    }

    /// Refuses all further events and wakes the publishers that wait for room. Its events can still be read.
    pub fn close(&self) {
        self.contents.lock().close();
        self.room.notify_waiters();
        self.room_blocking.notify_all();
        // A sink and the journal refer to each other. A sink whose task was dropped with its runtime never
        // unsubscribes, and would keep its socket open forever.
        self.sinks.clear();
    }
}
