//! The callback sink: a cursor in the journal that the application's thread drains in batches. It loses no event.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

use super::inbox::Inbox;
use super::portion::Portion;
use crate::journal::{Gathering, Journal, ParkFlag, Read, RetentionPin, Run, SinkWaker, rest};

#[derive(Debug)]
struct Position {
    next: u64,
    /// The events that were read last: more may follow in the same segment.
    run: Option<Run>,
    gathering: Gathering,
}

/// The callback of one listener.
pub struct Callback {
    journal: Arc<Journal>,
    /// Keeps the events that have not been drained in the journal.
    pin: Arc<RetentionPin>,
    park_flag: Arc<ParkFlag>,
    /// Dropped at the close: it refers to JavaScript objects, which refer to this callback.
    waker: Mutex<Option<Arc<dyn SinkWaker>>>,
    /// What connections bring for the same thread of the application.
    inbox: Arc<Inbox>,
    /// Whether events are delivered with their detail.
    detail: bool,
    position: Mutex<Position>,
    closed: AtomicBool,
}

impl std::fmt::Debug for Callback {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callback")
            .field("next", &self.pin.next())
            .finish_non_exhaustive()
    }
}

impl Callback {
    /// A callback that gets every event from now on. It starts awake. After [`Callback::park`] has returned true,
    /// `waker` is called when there is something to drain.
    #[must_use]
    pub fn new(journal: &Arc<Journal>, waker: Arc<dyn SinkWaker>, detail: bool) -> Arc<Self> {
        let pin = journal.pin();
        Arc::new(Self {
            park_flag: journal.subscribe(Arc::clone(&waker)),
            journal: Arc::clone(journal),
            position: Mutex::new(Position {
                next: pin.next(),
                run: None,
                gathering: Gathering::default(),
            }),
            pin,
            waker: Mutex::new(Some(waker)),
            inbox: Arc::default(),
            detail,
            closed: AtomicBool::new(false),
        })
    }

    /// What the connections of the listener have brought.
    #[must_use]
    pub fn inbox(&self) -> &Arc<Inbox> {
        &self.inbox
    }

    /// Wakes the application, because there is something in the inbox, unless it is awake.
    pub(crate) fn wake(&self) {
        if self.journal.unpark(&self.park_flag) {
            // The lock is not held during the call.
            let waker = self.waker.lock().clone();
            if let Some(waker) = waker {
                waker.wake(1);
            }
        }
    }

    /// In a burst, waits for some microseconds if there is no batch yet. For a thread that would otherwise come back for each
    /// few events. `own` is the number of the last event that the thread itself has published: it does not wait for more of
    /// its own.
    pub fn gather(&self, own: u64) {
        let head = self.journal.head();
        let mut position = self.position.lock();
        let ready = (head + 1).saturating_sub(position.next);
        if head != own && position.gathering.is_due(ready) {
            position.gathering.waited();
            drop(position);
            rest();
        }
    }

    /// The next events; nothing if there are none. Only one thread may ask.
    #[must_use]
    pub fn portion(&self) -> Option<Portion> {
        if self.closed.load(Ordering::SeqCst) {
            return None;
        }
        let mut position = self.position.lock();
        let mut portion = Portion::new(position.next, self.detail);
        loop {
            let next = portion.next;
            let at_hand = |run: &mut Run| run.first() <= next && next < run.next();
            let Some(run) = position.run.take_if(at_hand) else {
                match self.journal.read_on(&mut position.run, next) {
                    Read::Events(run) => position.run = Some(run),
                    // Events that a callback has not read are never overwritten.
                    Read::Empty | Read::Lost { .. } => break,
                }
                continue;
            };
            let more = portion.add(&run);
            position.run = Some(run);
            if !more {
                break;
            }
        }
        position.gathering.took(portion.events as u64);
        (portion.events > 0).then_some(portion)
    }

    /// The application has the events of the last portion: they may go from the journal.
    pub fn advance(&self, portion: &Portion) {
        self.position.lock().next = portion.next;
        self.pin.advance(portion.next, portion.taken as u64);
        self.journal.make_room();
    }

    /// Writes the next events into `bytes`, one after the other, and the end of each into `ends`: a [`Portion`] of them.
    /// Returns how many.
    pub fn drain(&self, bytes: &mut Vec<u8>, ends: &mut Vec<u32>) -> usize {
        bytes.clear();
        ends.clear();
        let Some(portion) = self.portion() else {
            return 0;
        };
        bytes.reserve(portion.bytes());
        ends.reserve(portion.events());
        portion.copy(|piece| bytes.extend_from_slice(piece));
        portion.ends(ends);
        self.advance(&portion);
        portion.events()
    }

    /// Parks the application's thread. False if there is more to do.
    #[must_use]
    pub fn park(&self) -> bool {
        if self.closed.load(Ordering::SeqCst) {
            return true;
        }
        let next = self.pin.next();
        self.journal.park_unless(&self.park_flag, || {
            !self.inbox.is_empty() || self.journal.head() >= next
        })
    }

    /// Whether it was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::SeqCst)
    }

    /// Drops the cursor first, which wakes publishers that wait for it. Nothing is drained afterwards.
    pub fn close(&self) {
        if !self.closed.swap(true, Ordering::SeqCst) {
            self.journal.unpin(&self.pin);
            self.journal.unsubscribe(&self.park_flag);
            drop(self.waker.lock().take());
            self.position.lock().run = None;
            self.inbox.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callback::MAX_BATCH_EVENTS;
    use crate::event::{Event, Topic};
    use crate::journal::Bounds;

    struct NoopWaker;

    impl SinkWaker for NoopWaker {
        fn wake(&self, _woken: usize) {}
    }

    fn drained(detail: bool, events: &[Event]) -> Vec<Vec<String>> {
        let journal = Journal::new(Bounds::default());
        let callback = Callback::new(&journal, Arc::new(NoopWaker), detail);
        for event in events {
            assert!(journal.publish_now(event).is_ok());
        }
        let (mut bytes, mut ends, mut batches) = (Vec::new(), Vec::new(), Vec::new());
        while callback.drain(&mut bytes, &mut ends) > 0 {
            let mut start = 0;
            let text = |end: &u32| {
                let end = *end as usize;
                let text = String::from_utf8_lossy(&bytes[start..end]).into_owned();
                start = end;
                text
            };
            batches.push(ends.iter().map(text).collect());
        }
        assert_eq!(callback.pin.next(), journal.head() + 1);
        batches
    }

    fn plain(n: usize) -> Event {
        Event::payload(Topic::APP, "n", &n.to_string())
    }

    fn twin(n: usize) -> Event {
        plain(n).with_detail(&n).expect("a number")
    }

    #[test]
    fn batches_carry_every_event_once_in_order_and_no_more_than_1024() {
        for make in [plain, twin] {
            let events: Vec<_> = (0..3_000).map(make).collect();
            let batches = drained(false, &events);
            assert!(batches.iter().all(|batch| batch.len() <= MAX_BATCH_EVENTS));
            let texts: Vec<_> = events.iter().map(|event| event.json().to_vec()).collect();
            let got: Vec<_> = batches
                .concat()
                .into_iter()
                .map(String::into_bytes)
                .collect();
            assert!(got == texts);
        }
    }

    #[test]
    fn details_are_inserted_where_they_were_asked_for() {
        let batches = drained(true, &[plain(1), twin(2)]);
        assert_eq!(
            batches.concat(),
            [
                r#"{"type":"n","payload":"1"}"#,
                r#"{"type":"n","payload":"2","data":2}"#
            ]
        );
    }

    #[test]
    fn a_portion_has_the_size_it_says_and_comes_again_until_it_was_taken() {
        for detail in [false, true] {
            let journal = Journal::new(Bounds::default());
            let callback = Callback::new(&journal, Arc::new(NoopWaker), detail);
            for event in [plain(1), twin(2), plain(3)] {
                assert!(journal.publish_now(&event).is_ok());
            }
            let seen = || {
                let portion = callback.portion().expect("three events");
                let (mut bytes, mut ends) = (Vec::new(), Vec::new());
                portion.copy(|piece| bytes.extend_from_slice(piece));
                portion.ends(&mut ends);
                assert_eq!((portion.bytes(), ends.len()), (bytes.len(), 3));
                assert_eq!(ends.last().map(|end| *end as usize), Some(bytes.len()));
                (portion, bytes)
            };
            let (_, first) = seen();
            let (portion, again) = seen();
            assert_eq!(first, again);
            assert_eq!(callback.pin.next(), 1);
            callback.advance(&portion);
            assert!(callback.portion().is_none());
            assert_eq!(callback.pin.next(), 4);
        }
    }

    #[test]
    fn an_event_larger_than_a_batch_comes_alone() {
        let large = Event::payload(Topic::APP, "large", &"x".repeat(300_000));
        let batches = drained(false, &[plain(1), large, plain(2)]);
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 1]);
    }
}
