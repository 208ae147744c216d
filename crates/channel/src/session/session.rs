//! A session: the task of one connection, from the upgrade to the end.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::time::{sleep_until, timeout};

use super::heartbeat::{Heartbeat, HeartbeatAction};
use super::inbound::Inbound;
use crate::callback::{Callback, InboxItem, Share};
use crate::command::Dispatcher;
use crate::connection::{Connection, Need, Writer};
use crate::fault;
use crate::reliable::Membership;
use crate::wire::Close;

/// How long a peer may take to read our close frame and everything before it, and to answer it.
const CLOSE_DEADLINE: Duration = Duration::from_secs(2);

/// How long the socket stays open for a peer that has closed. Its data is discarded. A peer that follows the protocol
/// ends its stream as soon as ours has ended.
const DRAIN_TIMEOUT: Duration = Duration::from_millis(250);

/// While more than this waits in the outbox, nothing is read: a client that sends commands must read the replies.
const PAUSE_READING_BYTES: usize = 64 << 10;

/// The options of a listener for its connections.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionOptions {
    pub(crate) heartbeat: Duration,
    pub(crate) stall: Duration,
    pub(crate) max_message_bytes: usize,
    /// Whether the application accepts messages that are not commands.
    pub(crate) takes_messages: bool,
}

/// A message for the application for which there is no room yet.
pub(super) struct Waiting {
    pub(super) item: InboxItem,
    /// Its number, if the client numbers its messages.
    pub(super) number: Option<u64>,
}

/// One connection's task.
pub(crate) struct Session {
    pub(super) connection: Arc<Connection>,
    pub(super) callback: Option<Arc<Callback>>,
    /// Takes the commands. While it is full, nothing is read.
    pub(super) dispatcher: Dispatcher,
    pub(super) options: SessionOptions,
    pub(super) inbound: Inbound,
    pub(super) heartbeat: Heartbeat,
    /// A message that did not fit into the inbox. While there is one, nothing is read.
    pub(super) waiting: Option<Waiting>,
    /// The client, if it numbers its messages.
    pub(super) client: Option<Membership>,
    /// There is no room for the large message that is on its way. Until there is, nothing is read.
    pub(super) no_room: bool,
    /// The parser may have messages of which the socket reports nothing.
    pub(super) more: bool,
    /// Set when nothing more will be read.
    pub(super) ended: Option<Close>,
    /// When a connection that is closing is dropped.
    pub(super) deadline: Option<Instant>,
}

impl Session {
    pub(crate) fn new(
        connection: &Arc<Connection>,
        callback: Option<Arc<Callback>>,
        dispatcher: Dispatcher,
        options: SessionOptions,
        leftover: Bytes,
        client: Option<Membership>,
    ) -> Self {
        let inbox = callback.as_ref().map(|callback| callback.inbox());
        let share = inbox.filter(|_| options.takes_messages).cloned();
        let share = share.map(Share::new);
        Self {
            connection: Arc::clone(connection),
            callback,
            dispatcher,
            options,
            inbound: Inbound::new(
                connection,
                leftover,
                options.max_message_bytes,
                share,
                client.is_some(),
            ),
            heartbeat: Heartbeat::new(options.heartbeat, Instant::now()),
            waiting: None,
            client,
            no_room: false,
            more: true,
            ended: None,
            deadline: None,
        }
    }

    /// What is left of a session that has ended. Everything else is dropped.
    pub(crate) fn into_parts(self) -> (Arc<Connection>, Dispatcher) {
        (self.connection, self.dispatcher)
    }

    /// Serves the connection until it has ended. Returns why it ended.
    pub(crate) async fn run(&mut self) -> Close {
        let close = self.serve().await;
        // A peer that missed the deadline or reads nothing gets no more time.
        let late = self.deadline.is_some_and(|at| at <= Instant::now());
        if !late && close.code != Close::stalled().code {
            let patience = match self.inbound.is_open() {
                true => CLOSE_DEADLINE,
                false => DRAIN_TIMEOUT,
            };
            // Boxed, as is all that a connection rarely waits for: thousands of idle ones would hold the memory for it.
            let _ = Box::pin(timeout(patience, self.linger())).await;
        }
        close
    }

    /// Keeps the socket open until the peer has read the last frames: closing a socket with unread bytes resets it, and
    /// the peer would lose them.
    async fn linger(&self) {
        let socket = self.connection.socket();
        let mut discarded = vec![0; 16 << 10];
        let mut finished = false;
        while !self.connection.is_broken() {
            // A peer that sends without end must not block the thread or the deadline.
            tokio::task::yield_now().await;
            finished = finished
                || match socket.try_finish() {
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => false,
                    Ok(()) | Err(_) => true,
                };
            let readable = tokio::select! {
                // Also notified when the connection is abandoned.
                () = self.connection.wake().notified() => continue,
                writable = socket.writable(), if !finished => match writable {
                    Ok(()) => continue,
                    Err(_) => return,
                },
                readable = socket.readable() => readable,
            };
            if readable.is_err() {
                return;
            }
            match socket.try_drain(&mut discarded) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => return,
            }
        }
    }

    async fn serve(&mut self) -> Close {
        // One timer for all that the session waits for: it is set anew only where the next of them has changed.
        let timer = sleep_until(self.heartbeat.due().into());
        tokio::pin!(timer);
        loop {
            fault::injection_point("connection");
            if self.connection.is_broken() {
                self.connection.update(Writer::discard);
                return Close::internal();
            }
            let need = self.connection.flush();
            let (closing, blocked, outbox) = self.connection.read(|writer| {
                (
                    writer.closing().cloned(),
                    writer.blocked(),
                    writer.outbox_bytes(),
                )
            });
            if let Some(close) = self.finished(need, closing.as_ref()) {
                return close;
            }
            if closing.is_some() && self.deadline.is_none() {
                self.deadline = Some(Instant::now() + CLOSE_DEADLINE);
            }
            if closing.is_some() {
                // The application will not get it. From now on only the peer's answer is awaited.
                self.waiting = None;
                self.no_room = false;
                self.inbound.stop_sharing();
            }
            let full = self.waiting.is_some()
                || self.no_room
                || self.dispatcher.is_full()
                || outbox > PAUSE_READING_BYTES;
            let paused = closing.is_none() && full;
            self.connection.hold_back(paused);
            let stalls = blocked.map(|since| since + self.options.stall);
            let wakes_at = self.deadline.into_iter().chain(stalls).min();
            let gives_up_at = self.gives_up_at();
            // A connection that is closing has a deadline, and no heartbeat.
            let beats_at = closing.is_none().then(|| self.heartbeat.due());
            let times = [wakes_at, gives_up_at, beats_at].into_iter().flatten();
            if let Some(next) = times.min().map(Into::into)
                && timer.deadline() != next
            {
                timer.as_mut().reset(next);
            }
            let connection = Arc::clone(&self.connection);
            let socket = connection.socket();
            tokio::select! {
                () = connection.wake().notified() => {}
                () = tokio::task::yield_now(), if matches!(need, Need::More | Need::Rest) => {}
                () = tokio::task::yield_now(), if self.more && !paused && self.ended.is_none() => self.read(),
                // Not while the parser may have more messages: the branch above yields first.
                result = socket.readable(), if !paused && !self.more && self.ended.is_none() => match result {
                    Ok(()) => self.read(),
                    Err(_) => self.ended = Some(Close::abnormal()),
                },
                result = socket.writable(), if need == Need::Writable => {
                    if result.is_err() {
                        return closing.unwrap_or_else(Close::abnormal);
                    }
                }
                // Boxed inside, so that nothing is allocated where nothing waits.
                () = async { Box::pin(inbox_room(self.callback.as_ref(), self.waiting.as_ref())).await },
                    if self.waiting.is_some() => self.deliver(),
                () = async { Box::pin(self.inbound.room()).await }, if self.no_room => {
                    self.no_room = false;
                    self.more = true;
                }
                () = timer.as_mut() => {
                    let now = Instant::now();
                    let is_due = |at: Option<Instant>| at.is_some_and(|at| at <= now);
                    if is_due(gives_up_at) {
                        self.give_up();
                    }
                    if is_due(beats_at) {
                        // While the kernel accepts nothing, pings do not arrive: then the stall limit decides.
                        self.beat(paused || blocked.is_some());
                    }
                    if !is_due(wakes_at) {
                        continue;
                    }
                    if is_due(self.deadline) {
                        return closing.unwrap_or_else(Close::abnormal);
                    }
                    let still = self.connection.flush() == Need::Writable;
                    if !still || self.connection.read(Writer::blocked) != blocked {
                        // This process was stopped, not the peer: it has read something meanwhile.
                        continue;
                    }
                    // The kernel accepts nothing, so a close frame could not be written either.
                    self.connection.reset();
                    return Close::stalled();
                }
            }
        }
    }

    /// Whether the session has ended, and why.
    fn finished(&mut self, need: Need, closing: Option<&Close>) -> Option<Close> {
        match (&self.ended, closing) {
            // The peer has closed and our answer is written, or the peer has disconnected.
            (Some(ended), _) if need == Need::Over || closing.is_none() => Some(ended.clone()),
            (None, None) if need == Need::Over => Some(Close::abnormal()),
            // Our close frame is written. The peer's answer is awaited until the deadline.
            _ => None,
        }
    }

    /// When the next wait must end that other parts of the connection, or other connections, cannot be kept from.
    fn gives_up_at(&self) -> Option<Instant> {
        // A whole message keeps its turn until the application has taken it.
        let turn = self.inbound.turn_ends().filter(|_| self.waiting.is_none());
        turn.into_iter().chain(self.dispatcher.waits_until()).min()
    }

    fn give_up(&mut self) {
        let now = Instant::now();
        self.dispatcher.wait_no_longer(now);
        if self.waiting.is_none() && self.inbound.turn_ends().is_some_and(|at| at <= now) {
            self.inbound.end_turn();
        }
    }

    fn beat(&mut self, paused: bool) {
        match self.heartbeat.tick(Instant::now(), paused) {
            HeartbeatAction::Ping => self
                .connection
                .ping(self.connection.properties.info.sandbox),
            HeartbeatAction::Missed => self.connection.close(Close::heartbeat_missed()),
        }
    }
}

async fn inbox_room(callback: Option<&Arc<Callback>>, waiting: Option<&Waiting>) {
    match (callback, waiting) {
        (Some(callback), Some(waiting)) => callback.inbox().room(&waiting.item).await,
        _ => std::future::pending().await,
    }
}
