//! A segment: memory that is only appended to, so its one writer and its readers need no lock between them.
//!
//! Everything `unsafe` of the journal is in this file, behind a safe interface: [`Appender`] writes, [`Run`] reads, and
//! neither can be made for memory that the other has in another way.

#![expect(
    unsafe_code,
    reason = "readers look at memory that a writer appends to behind them"
)]

use std::cell::UnsafeCell;
use std::mem::MaybeUninit;
use std::sync::Arc;

#[cfg(loopwire_loom)]
use loom::sync::atomic::{AtomicU32, Ordering};
#[cfg(not(loopwire_loom))]
use std::sync::atomic::{AtomicU32, Ordering};

use super::entry::Entry;
use crate::event::Topic;

/// How many bytes a segment holds before the next one is opened, and the largest batch that a reader renders at
/// once. A larger event gets a segment of its own.
pub(crate) const SEGMENT_BYTES: usize = 64 << 10;

/// Set in the count of a segment to which nothing is appended any more. A segment is never larger than the largest event, so
/// the count itself needs far fewer bits.
const SEALED: u32 = 1 << 31;

/// Slots that are written once each, from the first one on.
struct Slots<T>(Box<[MaybeUninit<UnsafeCell<T>>]>);

impl<T: Copy> Slots<T> {
    fn new(slots: usize) -> Self {
        Self(Box::new_uninit_slice(slots))
    }

    fn capacity(&self) -> usize {
        self.0.len()
    }

    /// Fills the slots from `at` on.
    ///
    /// # Safety
    /// There are so many slots, and until this returns no other thread accesses these.
    #[inline]
    unsafe fn write(&self, at: usize, values: &[T]) {
        debug_assert!(at + values.len() <= self.capacity());
        let slots = self.0.as_ptr().cast::<T>().cast_mut();
        // SAFETY: the caller's promise. The slots are cells, so they may be written through a shared reference.
        unsafe {
            std::ptr::copy_nonoverlapping(values.as_ptr(), slots.add(at), values.len());
        }
    }

    /// The slots before `end`.
    ///
    /// # Safety
    /// There are so many slots, this thread has seen that they were filled, and they are not filled again as long as the
    /// slice is used.
    #[inline]
    unsafe fn read(&self, end: usize) -> &[T] {
        debug_assert!(end <= self.capacity());
        // SAFETY: the caller's promise. `T` has the layout of a slot.
        unsafe { std::slice::from_raw_parts(self.0.as_ptr().cast::<T>(), end) }
    }
}

/// How many records there are, in a cache line of its own: readers that poll it do not take away from the writer, or from
/// each other, what lies beside it.
#[repr(align(64))]
struct Count(AtomicU32);

/// Consecutive events: their bytes, and where each of them ends. One [`Appender`] appends, then it is sealed.
pub(super) struct Segment {
    /// The number of the first event.
    first: u64,
    /// How many bytes were appended to the journal before this segment: a distance in bytes is a subtraction.
    offset: u64,
    bytes: Slots<u8>,
    index: Slots<Entry>,
    /// How many records can be read, and [`SEALED`].
    count: Count,
    #[cfg(loopwire_loom)]
    watched: watch::Watched,
}

// SAFETY: what is shared are the slots. A slot is written by the one appender of the segment, before the count that covers
// it is stored with release; it is read by runs, which have loaded such a count with acquire. No slot is written again
// before `Arc::into_inner` has shown that no run is left.
unsafe impl Sync for Segment {}

impl Segment {
    /// The number of its first event.
    #[inline]
    pub(super) const fn first(&self) -> u64 {
        self.first
    }

    /// How many bytes were appended to the journal before its first event.
    #[inline]
    pub(super) const fn offset(&self) -> u64 {
        self.offset
    }

    /// Its events so far.
    pub(super) fn run(self: &Arc<Self>) -> Run {
        Run::new(self, self.count.0.load(Ordering::Acquire) & !SEALED)
    }

    /// How many bytes and events its buffers have room for.
    pub(super) fn room(&self) -> (usize, usize) {
        (self.bytes.capacity(), self.index.capacity())
    }

    /// The number after its last event. For a sealed segment.
    pub(super) fn next(&self) -> u64 {
        self.first + u64::from(self.count.0.load(Ordering::Acquire) & !SEALED)
    }
}

/// The one writer of a segment.
pub(super) struct Appender {
    segment: Arc<Segment>,
    len: u32,
    size: usize,
}

impl Appender {
    /// A new segment for the events from `first` on, of which `offset` bytes come before: with room for so many bytes and
    /// events.
    pub(super) fn new((first, offset): (u64, u64), bytes: usize, events: usize) -> Self {
        Self::over(Segment {
            first,
            offset,
            bytes: Slots::new(bytes),
            index: Slots::new(events),
            count: Count(AtomicU32::new(0)),
            #[cfg(loopwire_loom)]
            watched: watch::Watched::new(events),
        })
    }

    /// Uses the buffers of a segment again, which nobody reads.
    pub(super) fn reuse((first, offset): (u64, u64), segment: Segment) -> Self {
        Self::over(Segment {
            first,
            offset,
            count: Count(AtomicU32::new(0)),
            ..segment
        })
    }

    /// Private, since it needs a segment with the count 0. Taken by value it has no other appender, and no run.
    fn over(segment: Segment) -> Self {
        Self {
            segment: Arc::new(segment),
            len: 0,
            size: 0,
        }
    }

    /// Appends an event. `before` is called just before readers see it. False if there is no room.
    #[inline]
    pub(super) fn push(
        &mut self,
        topic: Topic,
        bytes: &[u8],
        json_len: usize,
        before: impl FnOnce(),
    ) -> bool {
        let segment = &*self.segment;
        let at = self.len as usize;
        if at >= segment.index.capacity() || bytes.len() > segment.bytes.capacity() - self.size {
            return false;
        }
        let entry = Entry::new(self.size, json_len, bytes.len(), topic);
        // SAFETY: it was just checked that both have room. The segment's count is `len` at most, so no run looks at these
        // slots, and as this is the only appender, and borrowed exclusively, nobody else writes them.
        unsafe {
            segment.bytes.write(self.size, bytes);
            segment.index.write(at, std::slice::from_ref(&entry));
        }
        #[cfg(loopwire_loom)]
        segment.watched.write(at);
        self.size += bytes.len();
        self.len += 1;
        before();
        // Release: whoever sees the count sees the record, and all that its publisher did before.
        segment.count.0.store(self.len, Ordering::Release);
        true
    }

    /// The segment so far.
    pub(super) const fn segment(&self) -> &Arc<Segment> {
        &self.segment
    }

    /// Ends the segment: readers that have read all of it look for the next one.
    pub(super) fn seal(self) -> Arc<Segment> {
        let count = self.len | SEALED;
        self.segment.count.0.store(count, Ordering::Release);
        self.segment
    }
}

/// Consecutive events as a reader sees them: those that were there when it was taken. What is appended behind them does not
/// change it, and it stays readable when the journal has evicted it.
#[derive(Clone)]
pub struct Run {
    segment: Arc<Segment>,
    /// The count that was seen.
    len: u32,
    /// How many bytes these records take.
    size: u32,
}

impl Run {
    /// `len` must have been loaded from the segment's count.
    #[inline]
    fn new(segment: &Arc<Segment>, len: u32) -> Self {
        let mut run = Self {
            segment: Arc::clone(segment),
            len,
            size: 0,
        };
        run.size = run.entries().last().map_or(0, |last| last.end);
        run
    }

    /// Takes in what was appended to the segment since, without a lock. Returns whether the segment is sealed: then nothing
    /// follows in it.
    #[inline]
    pub(super) fn follow(&mut self) -> bool {
        let count = self.segment.count.0.load(Ordering::Acquire);
        let len = count & !SEALED;
        if len != self.len {
            self.len = len;
            self.size = self.entries().last().map_or(0, |last| last.end);
        }
        count & SEALED != 0
    }

    /// The number of the first event of its segment.
    #[inline]
    #[must_use]
    pub fn first(&self) -> u64 {
        self.segment.first
    }

    /// The number after its last event.
    #[inline]
    #[must_use]
    pub fn next(&self) -> u64 {
        self.segment.first + u64::from(self.len)
    }

    #[inline]
    pub(super) fn entries(&self) -> &[Entry] {
        #[cfg(loopwire_loom)]
        self.segment.watched.read(self.len as usize);
        // SAFETY: `len` was loaded with acquire from the count of this segment, so these slots were filled before, and they
        // are not filled again while this run holds the segment.
        unsafe { self.segment.index.read(self.len as usize) }
    }

    #[inline]
    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: as above; `size` is the end of the last of these records.
        unsafe { self.segment.bytes.read(self.size as usize) }
    }

    /// A sealed copy in buffers of its own size, if that saves more than a quarter of the buffers of bytes.
    pub(super) fn compact(&self) -> Option<Arc<Segment>> {
        let (bytes, index) = (self.bytes(), self.entries());
        let capacity = self.segment.bytes.capacity();
        if capacity - bytes.len() <= capacity / 4 {
            return None;
        }
        let place = (self.segment.first, self.segment.offset);
        let copy = Appender::new(place, bytes.len(), index.len());
        // SAFETY: it has exactly so many slots, and nobody else knows it yet.
        unsafe {
            copy.segment.bytes.write(0, bytes);
            copy.segment.index.write(0, index);
        }
        let copy = Appender {
            len: self.len,
            size: bytes.len(),
            ..copy
        };
        Some(copy.seal())
    }
}

#[cfg(loopwire_loom)]
mod watch {
    use loom::cell::UnsafeCell;

    /// A cell of loom's for each slot of an index: loom fails the model where a slot could be read while it is written.
    pub(super) struct Watched(Box<[UnsafeCell<()>]>);

    impl Watched {
        pub(super) fn new(slots: usize) -> Self {
            Self((0..slots).map(|_| UnsafeCell::new(())).collect())
        }

        pub(super) fn write(&self, at: usize) {
            self.0[at].with_mut(|_| ());
        }

        pub(super) fn read(&self, end: usize) {
            self.0[..end].iter().for_each(|slot| slot.with(|_| ()));
        }
    }
}

impl std::fmt::Debug for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Run({}..{})", self.first(), self.next())
    }
}

#[cfg(all(test, loopwire_loom))]
mod loom_model {
    use super::*;
    use crate::interleavings::try_all;
    use loom::thread;

    fn texts(run: &Run) -> Vec<&[u8]> {
        run.records(1).map(|record| record.json).collect()
    }

    #[test]
    fn a_reader_that_follows_sees_whole_records_in_order_no_head_before_them_and_the_end_last() {
        const ALL: [&[u8]; 3] = [b"1", b"22", b"333"];
        try_all(|| {
            let head = Arc::new(AtomicU32::new(0));
            let mut appender = Appender::new((1, 0), 6, 3);
            let push = |appender: &mut Appender, text: &[u8]| {
                let before = || head.store(head.load(Ordering::Relaxed) + 1, Ordering::Release);
                appender.push(Topic::APP, text, text.len(), before)
            };
            assert!(push(&mut appender, ALL[0]));
            let (mut run, seen_head) = (appender.segment().run(), Arc::clone(&head));
            let reader = thread::spawn(move || {
                for _ in 0..2 {
                    let before = run.clone();
                    let sealed = run.follow();
                    assert!(seen_head.load(Ordering::Acquire) >= run.len);
                    let seen = texts(&run);
                    assert_eq!(seen, ALL[..seen.len()]);
                    assert!(!sealed || seen.len() == ALL.len());
                    // What was taken before does not change.
                    assert_eq!(texts(&before), ALL[..before.len as usize]);
                }
            });
            assert!(push(&mut appender, ALL[1]));
            assert!(push(&mut appender, ALL[2]));
            assert!(!push(&mut appender, b"4"));
            appender.seal();
            reader.join().unwrap();
        });
    }
}
