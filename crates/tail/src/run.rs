//! The run of a tail: connection after connection, until the listener or the user ends it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use rustls::ClientConfig;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tungstenite::Message;

use crate::backoff::Backoff;
use crate::dial::{Socket, dial};
use crate::end::Trouble;
use crate::line;
use crate::place::{Place, Word};
use crate::shelf::{Batch, Shelf};
use crate::target::Target;
use crate::trust::Trust;

/// How long a listener may take to say hello: it is the first thing it says.
const HELLO_LIMIT: Duration = Duration::from_secs(10);
/// What a listener's heartbeat may be late, beyond two of them: a busy machine is no dead one.
const HEARTBEAT_SLACK: Duration = Duration::from_secs(5);
/// A connection that was up for so long was a good one, events or not.
const STEADY: Duration = Duration::from_secs(5);
/// How long a goodbye may take: whoever pressed Ctrl+C does not wait for a network.
const GOODBYE_LIMIT: Duration = Duration::from_millis(300);

/// One tail, from its first connection to its end.
pub(crate) struct Run {
    pub(crate) target: Target,
    pub(crate) trust: Trust,
    pub(crate) shelf: Arc<Shelf>,
    pub(crate) stop: CancellationToken,
}

impl Run {
    /// Goes on until it is over; the shelf is told how it ended.
    pub(crate) async fn run(self) {
        let end = match self.tls() {
            Ok(tls) => self.follow(tls).await,
            Err(error) => Err(error.to_string()),
        };
        self.shelf.put(Batch::End(end));
    }

    fn tls(&self) -> Result<Option<Arc<ClientConfig>>, rustls::Error> {
        self.target.secure.then(|| self.trust.config()).transpose()
    }

    async fn follow(&self, tls: Option<Arc<ClientConfig>>) -> Result<String, String> {
        let mut place = Place::new(self.target.epoch.clone(), self.target.since);
        let mut backoff = Backoff::default();
        let mut patient = self.target.wait;
        let mut told = None;
        loop {
            let dialled = tokio::select! {
                dialled = dial(&self.target, tls.as_ref(), &place) => dialled,
                () = self.stop.cancelled() => return Ok(String::new()),
            };
            let trouble = match dialled {
                Err(trouble) => trouble,
                Ok(socket) => {
                    patient = true;
                    told = None;
                    self.note(format!("connected to {}", self.address()));
                    match self.read(socket, &mut place, &mut backoff).await {
                        Some(trouble) => trouble,
                        None => return Ok(String::new()),
                    }
                }
            };
            let (why, after) = match trouble {
                Trouble::Lasting(why) => return Err(self.at(&why)),
                Trouble::Over(why) => return Ok(self.at(&why)),
                Trouble::Passing { why, .. } if !patient => return Err(self.at(&why)),
                Trouble::Passing { why, after } => (why, after),
            };
            // The same reason again and again is told once.
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

    /// Reads one connection to its end; `None` if that was the user's wish.
    async fn read(
        &self,
        mut socket: Socket,
        place: &mut Place,
        backoff: &mut Backoff,
    ) -> Option<Trouble> {
        let begun = Instant::now();
        let mut silence = HELLO_LIMIT;
        let trouble = loop {
            // While there is no room nothing is read, and no silence is counted.
            let read = async {
                self.shelf.room().await;
                timeout(silence, socket.next()).await
            };
            let message = tokio::select! {
                read = read => read,
                () = self.stop.cancelled() => {
                    let _ = timeout(GOODBYE_LIMIT, socket.close(None)).await;
                    return None;
                }
            };
            match message {
                Ok(Some(Ok(Message::Text(text)))) => {
                    let word = line::read(&text);
                    let gap = place.note(&word);
                    match word {
                        Word::Hello { heartbeat_ms, .. } => {
                            silence = Duration::from_millis(heartbeat_ms.saturating_mul(2))
                                .saturating_add(HEARTBEAT_SLACK);
                        }
                        Word::Event { .. } => {
                            backoff.reset();
                            self.shelf.line(&text);
                        }
                        _ => {}
                    }
                    if let Some(gap) = gap {
                        self.shelf.put(Batch::Gap(gap));
                    }
                }
                Ok(Some(Ok(Message::Close(frame)))) => {
                    // The library answers it with the next read or flush.
                    let _ = timeout(GOODBYE_LIMIT, socket.flush()).await;
                    break Trouble::of_close(frame.as_ref());
                }
                // Pings are answered by the library. Binary messages are streams, which nobody asked for.
                Ok(Some(Ok(_))) => {}
                Ok(Some(Err(error))) => break Trouble::of_stream(&error),
                Ok(None) => break Trouble::of_close(None),
                Err(_) => break Trouble::passing("nothing was heard for two heartbeats"),
            }
        };
        if begun.elapsed() > STEADY {
            backoff.reset();
        }
        Some(trouble)
    }

    fn note(&self, text: String) {
        self.shelf.put(Batch::Note(text));
    }

    fn at(&self, why: &str) -> String {
        format!("{}: {why}", self.address())
    }

    fn address(&self) -> String {
        let scheme = if self.target.secure { "wss" } else { "ws" };
        format!("{scheme}://{}", self.target.address())
    }
}
