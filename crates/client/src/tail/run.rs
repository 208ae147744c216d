//! Runs a tail: connection after connection, until the listener or the user ends it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use rustls::ClientConfig;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tungstenite::Message;

use crate::dial::{Dialled, PROTOCOL, Stream, dial};
use crate::end::ConnectionEnd;
use crate::queue::BoundedQueue;
use crate::target::Target;
use crate::trust::Trust;

use super::backoff::Backoff;
use super::batch::Batch;
use super::beginning::Beginning;
use super::line;
use super::position::{ListenerMessage, StreamPosition};

/// How long a listener may take to send `hello`, its first message.
const HELLO_LIMIT: Duration = Duration::from_secs(10);
/// How late a heartbeat may be in addition to two intervals, because a machine may be busy.
const HEARTBEAT_SLACK: Duration = Duration::from_secs(5);
/// A connection that lasted so long counts as a success.
const STEADY: Duration = Duration::from_secs(5);
/// How long closing may take: after Ctrl+C the user does not wait for a network.
const CLOSE_LIMIT: Duration = Duration::from_millis(300);

/// One tail with all its connections.
pub(crate) struct Run {
    pub(crate) target: Target,
    pub(crate) beginning: Beginning,
    pub(crate) trust: Trust,
    pub(crate) queue: Arc<BoundedQueue<Batch>>,
    pub(crate) stop: CancellationToken,
}

impl Run {
    /// Runs to the end, and puts its reason into the queue.
    pub(crate) async fn run(self) {
        let end = match self.tls() {
            Ok(tls) => self.follow(tls).await,
            Err(error) => Err(error.to_string()),
        };
        self.queue.put(Batch::End(end));
    }

    fn tls(&self) -> Result<Option<Arc<ClientConfig>>, rustls::Error> {
        self.target.secure.then(|| self.trust.config()).transpose()
    }

    async fn follow(&self, tls: Option<Arc<ClientConfig>>) -> Result<String, String> {
        let mut position = StreamPosition::new(self.beginning.epoch.clone(), self.beginning.since);
        let mut backoff = Backoff::default();
        let mut patient = self.beginning.wait;
        let mut told = None;
        loop {
            let (since, epoch) = position.ask();
            let path = self.target.path_since(since, epoch);
            let dialled = tokio::select! {
                dialled = dial(&self.target, tls.as_ref(), &path, &PROTOCOL) => dialled,
                () = self.stop.cancelled() => return Ok(String::new()),
            };
            let end = match dialled {
                Err(end) => end,
                Ok(Dialled { stream, .. }) => {
                    patient = true;
                    told = None;
                    self.note(format!("connected to {}", self.address()));
                    match self.read(stream, &mut position, &mut backoff).await {
                        Some(end) => end,
                        None => return Ok(String::new()),
                    }
                }
            };
            let (why, after) = match end {
                ConnectionEnd::Permanent(why) => return Err(self.at(&why)),
                ConnectionEnd::Closed(why) => return Ok(self.at(&why)),
                ConnectionEnd::Temporary { why, .. } if !patient => return Err(self.at(&why)),
                ConnectionEnd::Temporary { why, after } => (why, after),
            };
            // A reason that repeats is told once.
            if told.as_ref() != Some(&why) {
                self.note(format!("{}; trying again", self.at(&why)));
                told = Some(why);
            }
            tokio::select! {
                () = sleep(backoff.next(after)) => {}
                () = self.stop.cancelled() => return Ok(String::new()),
            }
        }
    }

    /// Reads one connection to its end; `None` if the user ended it.
    async fn read(
        &self,
        mut socket: Stream,
        position: &mut StreamPosition,
        backoff: &mut Backoff,
    ) -> Option<ConnectionEnd> {
        let begun = Instant::now();
        let mut silence = HELLO_LIMIT;
        let end = loop {
            // Without room the connection is not read, and that time does not count as silence.
            let read = async {
                self.queue.room().await;
                timeout(silence, socket.next()).await
            };
            let message = tokio::select! {
                read = read => read,
                () = self.stop.cancelled() => {
                    let _ = timeout(CLOSE_LIMIT, socket.close(None)).await;
                    return None;
                }
            };
            match message {
                Ok(Some(Ok(Message::Text(text)))) => {
                    let message = line::parse(&text);
                    let gap = position.note(&message);
                    match message {
                        ListenerMessage::Hello { heartbeat_ms, .. } => {
                            silence = Duration::from_millis(heartbeat_ms.saturating_mul(2))
                                .saturating_add(HEARTBEAT_SLACK);
                        }
                        ListenerMessage::Event { .. } => {
                            backoff.reset();
                            self.queue.put(Batch::line(&text));
                        }
                        _ => {}
                    }
                    if let Some(gap) = gap {
                        self.queue.put(Batch::Gap(gap));
                    }
                }
                Ok(Some(Ok(Message::Close(frame)))) => {
                    // The library answers the close frame with the next read or flush.
                    let _ = timeout(CLOSE_LIMIT, socket.flush()).await;
                    break ConnectionEnd::of_close(frame.as_ref());
                }
                // The library answers pings. Binary messages belong to streams, which were not asked for.
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(error))) => break ConnectionEnd::of_stream(&error),
                Ok(None) => break ConnectionEnd::of_close(None),
                Err(_) => {
                    break ConnectionEnd::temporary("nothing was received for two heartbeats");
                }
            }
        };
        if begun.elapsed() > STEADY {
            backoff.reset();
        }
        Some(end)
    }

    fn note(&self, text: String) {
        self.queue.put(Batch::Note(text));
    }

    fn at(&self, why: &str) -> String {
        format!("{}: {why}", self.address())
    }

    fn address(&self) -> String {
        let scheme = if self.target.secure { "wss" } else { "ws" };
        format!("{scheme}://{}", self.target.address())
    }
}
