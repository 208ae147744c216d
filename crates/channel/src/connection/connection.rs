//! One connection: its properties, and how other parts make it write.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Notify;

use super::combining_lock::CombiningLock;
use super::cursor::Cursor;
use super::need::Need;
use super::render::{BATCH_BYTES, Style};
use super::source::FrameSource;
use super::writer::{FlushContext, Writer};
use crate::callback::ConnectionInfo;
use crate::fault;
use crate::journal::{Journal, ParkFlag, SEGMENT_BYTES, SinkWaker};
use crate::silence::HeldBack;
use crate::tls::Socket;
use crate::wire::{Close, Opcode, frame, message};

/// A publisher writes an event itself if its last inline write was at least this long ago. Events in shorter intervals
/// are a burst, and one wake-up of the connection's task is enough for all of them.
const INLINE_INTERVAL: Duration = Duration::from_micros(30);

/// A publisher writes to at most this many connections itself. If there are more, it wakes their tasks.
const MAX_INLINE_WAKES: usize = 4;

/// How many steps a publisher takes: it reads what is new, writes it, and finds that there is no more. Were one missing, each
/// lone event would wake the task, and with it two threads of the runtime.
const INLINE_STEPS: usize = 3;

/// How many steps a task takes before it yields. Each second one writes: 1 MiB at most.
const TASK_STEPS: usize = 16;

/// The properties of a connection, which never change.
#[derive(Debug)]
pub(crate) struct Properties {
    pub(crate) info: ConnectionInfo,
    pub(crate) style: Style,
    /// Whether it uses the slot: connections of the SDK's form, unless the listener delivers to all.
    pub(crate) slotted: bool,
    /// `silent=true`: file notifications are muted on this connection.
    pub(crate) silent: bool,
    /// `binary=true`: streams are sent as binary frames.
    pub(crate) binary: bool,
    /// The epoch of the token that admitted it.
    pub(crate) token_epoch: u64,
    pub(crate) opened: SystemTime,
}

/// A connection. Its own task reads. Any thread may write, through the [`CombiningLock`].
pub(crate) struct Connection {
    pub(crate) properties: Properties,
    socket: Socket,
    journal: Arc<Journal>,
    park_flag: OnceLock<Arc<ParkFlag>>,
    writer: CombiningLock<Writer>,
    /// What the last flush has left to be done by the task.
    need: AtomicU8,
    /// Wakes the task.
    wake: Notify,
    /// The task is woken in short intervals: it should expect more.
    expects_more: AtomicBool,
    /// A frame source has something new.
    sources_ready: AtomicBool,
    /// When a publisher last wrote inline, in nanoseconds since `born`.
    inline_at: AtomicU64,
    born: Instant,
    /// When the last ping was sent, in milliseconds since the Unix epoch.
    last_ping: AtomicU64,
    /// A flush in a publisher's thread panicked. The task closes the connection.
    broken: AtomicBool,
    /// The task does not read, although the client may have sent something.
    held_back: AtomicBool,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("id", &self.properties.info.id)
            .finish_non_exhaustive()
    }
}

impl Connection {
    pub(crate) fn new(
        properties: Properties,
        socket: Socket,
        journal: &Arc<Journal>,
        held_back: HeldBack,
    ) -> Arc<Self> {
        let opened = millis(properties.opened);
        let connection = Arc::new(Self {
            properties,
            socket,
            journal: Arc::clone(journal),
            park_flag: OnceLock::new(),
            writer: CombiningLock::new(Writer::new(held_back)),
            need: AtomicU8::new(Need::More as u8),
            wake: Notify::new(),
            expects_more: AtomicBool::new(false),
            sources_ready: AtomicBool::new(false),
            inline_at: AtomicU64::new(0),
            born: Instant::now(),
            last_ping: AtomicU64::new(opened),
            broken: AtomicBool::new(false),
            held_back: AtomicBool::new(false),
        });
        let waker: Arc<dyn SinkWaker> = Arc::clone(&connection) as _;
        let _ = connection.park_flag.set(journal.subscribe(waker));
        connection
    }

    /// Makes the kernel discard unsent bytes at the close, because the peer has stopped reading.
    pub(crate) fn reset(&self) {
        self.socket.reset();
    }

    /// Ends the task now, without waiting for the peer.
    pub(crate) fn abandon(&self) {
        self.reset();
        self.update(Writer::discard);
        self.broken.store(true, Ordering::Release);
        self.wake.notify_one();
    }

    /// Removes the connection from the journal's sinks.
    pub(crate) fn retire(&self) {
        if let Some(park_flag) = self.park_flag.get() {
            self.journal.unsubscribe(park_flag);
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.properties.info.id
    }

    pub(crate) const fn socket(&self) -> &Socket {
        &self.socket
    }

    pub(crate) const fn wake(&self) -> &Notify {
        &self.wake
    }

    pub(crate) fn hold_back(&self, held_back: bool) {
        self.held_back.store(held_back, Ordering::Release);
    }

    pub(crate) fn is_held_back(&self) -> bool {
        self.held_back.load(Ordering::Acquire)
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// Sends a text message to this connection alone. False if too much waits, or it is closing.
    pub(crate) fn say(&self, text: &str) -> bool {
        self.update(|writer| writer.say(text))
    }

    /// Sends a message that must not be left out, however much waits.
    pub(crate) fn announce(&self, text: &str) {
        self.update(|writer| writer.announce(text));
    }

    /// Sends a message of the application's. False if too much waits, or it is closing.
    pub(crate) fn send(&self, body: &[u8], binary: bool) -> bool {
        let opcode = if binary { Opcode::Binary } else { Opcode::Text };
        self.update(|writer| writer.send(frame::frame(opcode, body)))
    }

    /// Adds a frame source, which renders from now on.
    pub(super) fn attach(&self, source: Box<dyn FrameSource>) {
        let refused = self.update(|writer| writer.attach(source));
        // Dropped outside of the lock.
        drop(refused);
    }

    /// A frame source has something new.
    pub(super) fn wake_sources(&self) {
        self.sources_ready.store(true, Ordering::Release);
        self.wake_writer(1);
    }

    pub(crate) fn ping(&self, application: bool) {
        self.last_ping
            .store(millis(SystemTime::now()), Ordering::Relaxed);
        self.update(|writer| {
            writer.send(frame::frame(Opcode::Ping, b""));
            if application {
                writer.say(message::PING);
            }
        });
    }

    pub(crate) fn last_ping(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.last_ping.load(Ordering::Relaxed))
    }

    pub(crate) fn close(&self, close: Close) {
        self.close_if_open(close);
    }

    /// Closes it. False if it is closing already: then the first reason stays.
    pub(crate) fn close_if_open(&self, close: Close) -> bool {
        self.update(|writer| {
            let open = writer.is_open();
            writer.close(close);
            open
        })
    }

    /// Whether neither side has begun to close it.
    pub(crate) fn is_open(&self) -> bool {
        self.read(Writer::is_open)
    }

    /// Stops the delivery of events. Returns the position that it has reached.
    pub(crate) fn stop(&self) -> Option<Cursor> {
        self.update(Writer::stop)
    }

    /// The number of the next event for it; nothing if it receives none, or no more because it is closing.
    pub(crate) fn next(&self) -> Option<u64> {
        self.read(|writer| writer.next().filter(|_| writer.is_open()))
    }

    /// Changes the writer, then flushes it.
    pub(crate) fn update<R>(&self, update: impl FnOnce(&mut Writer) -> R) -> R {
        // A short flush in this thread; the task does the rest.
        self.writer
            .update(update, |writer| self.flush_inline(writer))
    }

    /// Reads the writer's state without a flush.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&Writer) -> R) -> R {
        self.writer.read(read, |writer| self.flush_inline(writer))
    }

    /// Flushes in the connection's own task. Returns what is left to be done.
    pub(crate) fn flush(&self) -> Need {
        match self.flush_after(|_| {}) {
            // Without the lock, which others take to send messages.
            Need::Rest if self.journal.rest() => self.flush_after(Writer::rested),
            need => need,
        }
    }

    fn flush_after(&self, change: impl Fn(&mut Writer)) -> Need {
        self.writer.run(|writer| {
            change(writer);
            self.flush_once(writer, TASK_STEPS);
        });
        Need::from(self.need.load(Ordering::Acquire))
    }

    fn flush_inline(&self, writer: &mut Writer) {
        if !self.socket.is_shared() {
            self.wake.notify_one();
            return;
        }
        self.flush_once(writer, INLINE_STEPS);
        if self.need.load(Ordering::Relaxed) != Need::Nothing as u8 {
            self.wake.notify_one();
        }
    }

    fn flush_once(&self, writer: &mut Writer, steps: usize) {
        let Some(park_flag) = self.park_flag.get() else {
            return;
        };
        let context = FlushContext {
            socket: &self.socket,
            journal: &self.journal,
            park_flag,
            style: self.properties.style,
            // A session of TLS takes so much.
            max_bytes: match self.socket.is_shared() {
                true => BATCH_BYTES,
                false => SEGMENT_BYTES,
            },
        };
        if self.expects_more.load(Ordering::Relaxed)
            && self.expects_more.swap(false, Ordering::Relaxed)
        {
            writer.expect_more();
        }
        if self.sources_ready.load(Ordering::Relaxed)
            && self.sources_ready.swap(false, Ordering::AcqRel)
        {
            writer.wake_sources();
        }
        let need = writer.flush(context, steps);
        self.need.store(need as u8, Ordering::Release);
    }
}

impl Connection {
    /// Writes what is new: in this thread if it is a single event, in the connection's task otherwise.
    fn wake_writer(&self, woken: usize) {
        let now = u64::try_from(self.born.elapsed().as_nanos()).unwrap_or(u64::MAX);
        let last = self.inline_at.swap(now, Ordering::Relaxed);
        let crowded = woken > MAX_INLINE_WAKES || !self.socket.is_shared();
        if crowded || now.saturating_sub(last) < INLINE_INTERVAL.as_nanos() as u64 {
            self.expects_more.store(true, Ordering::Relaxed);
            self.wake.notify_one();
            return;
        }
        let write = || self.writer.run(|writer| self.flush_inline(writer));
        if let Err(panic) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(write)) {
            // The publisher must not fail; the task drops the connection. Half a frame may have been written, so no
            // close frame can follow.
            self.broken.store(true, Ordering::Release);
            self.wake.notify_one();
            let message = fault::describe(panic.as_ref());
            fault::report(&self.journal, "connection", "ERR_PANIC", &message);
        }
    }
}

impl SinkWaker for Connection {
    fn wake(&self, woken: usize) {
        self.wake_writer(woken);
    }
}

fn millis(at: SystemTime) -> u64 {
    let since = at
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
