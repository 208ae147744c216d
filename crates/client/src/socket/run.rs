//! Runs a socket: connects, reads as far as there is room, and writes what is sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tungstenite::Message;
use tungstenite::http::HeaderValue;
use tungstenite::protocol::CloseFrame;

use crate::dial::{Dialled, Stream, dial};
use crate::end::ConnectionEnd;
use crate::queue::BoundedQueue;
use crate::target::Target;
use crate::trust::Trust;

use super::event::SocketEvent;

/// How long the server may take to answer our close frame, and to take what was sent before it.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);

/// A close frame without a code.
const NO_CODE: u16 = 1005;
/// No close frame at all.
const LOST: u16 = 1006;

/// What the socket's user wants to be written.
pub(super) enum Outgoing {
    Message(Message),
    Close(Option<CloseFrame>),
}

/// One socket with its connection.
pub(super) struct Run {
    pub(super) target: Target,
    pub(super) trust: Trust,
    pub(super) protocols: HeaderValue,
    pub(super) events: Arc<BoundedQueue<SocketEvent>>,
    pub(super) outgoing: UnboundedReceiver<Outgoing>,
    /// How many bytes were sent and not written yet.
    pub(super) buffered: Arc<AtomicUsize>,
    /// The user closes it.
    pub(super) closing: CancellationToken,
    /// Nobody holds the socket any more.
    pub(super) gone: CancellationToken,
}

impl Run {
    /// Runs to the end, and tells it.
    pub(super) async fn run(self) {
        let events = Arc::clone(&self.events);
        let gone = self.gone.clone();
        let end = tokio::select! {
            end = self.connection() => end,
            () = gone.cancelled() => closed(LOST, None),
        };
        events.put(end);
    }

    async fn connection(self) -> SocketEvent {
        let tls = match self.target.secure.then(|| self.trust.config()).transpose() {
            Ok(tls) => tls,
            Err(error) => return failed(ConnectionEnd::permanent(error.to_string())),
        };
        let dialled = tokio::select! {
            dialled = dial(&self.target, tls.as_ref(), &self.target.path, &self.protocols) => dialled,
            () = self.closing.cancelled() => return closed(LOST, None),
        };
        let Dialled { stream, protocol } = match dialled {
            Ok(dialled) => dialled,
            Err(end) => return failed(end),
        };
        self.events.put(SocketEvent::Open(protocol));
        let (sink, stream) = stream.split();
        let reading = read(stream, &self.events, &self.closing);
        let writing = write(sink, self.outgoing, &self.buffered);
        let patience = async {
            self.closing.cancelled().await;
            tokio::time::sleep(CLOSE_LIMIT).await;
        };
        tokio::pin!(reading, writing);
        tokio::select! {
            end = &mut reading => end,
            // Writing has failed, so nothing more comes than what was received; or a close frame was sent.
            () = &mut writing => timeout(CLOSE_LIMIT, reading)
                .await
                .unwrap_or_else(|_| closed(LOST, None)),
            () = patience => closed(LOST, None),
        }
    }
}

/// Reads to the end of the connection.
async fn read(
    mut stream: SplitStream<Stream>,
    events: &BoundedQueue<SocketEvent>,
    closing: &CancellationToken,
) -> SocketEvent {
    let mut frame = None;
    loop {
        if !closing.is_cancelled() && frame.is_none() {
            tokio::select! {
                () = events.room() => {}
                () = closing.cancelled() => {}
            }
        }
        // As in a browser, whoever has closed the socket hears of no further message.
        let heard = !closing.is_cancelled();
        match stream.next().await {
            Some(Ok(Message::Text(text))) if heard => {
                events.put(SocketEvent::Text(text.as_str().to_owned()));
            }
            Some(Ok(Message::Binary(bytes))) if heard => {
                events.put(SocketEvent::Binary(bytes.into()));
            }
            // The library answers it with the next read, which then tells the end.
            Some(Ok(Message::Close(close))) => frame = Some(close),
            // The library answers pings.
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                let why = match ConnectionEnd::of_stream(&error) {
                    ConnectionEnd::Permanent(why)
                    | ConnectionEnd::Closed(why)
                    | ConnectionEnd::Temporary { why, .. } => why,
                };
                return frame.map_or_else(|| closed(LOST, Some(why)), of_frame);
            }
            None => {
                return frame.map_or_else(|| closed(LOST, None), of_frame);
            }
        }
    }
}

/// Writes what is sent, until a close frame or a failure.
async fn write(
    mut sink: SplitSink<Stream, Message>,
    mut outgoing: UnboundedReceiver<Outgoing>,
    buffered: &AtomicUsize,
) {
    while let Some(next) = outgoing.recv().await {
        match next {
            Outgoing::Message(message) => {
                let bytes = message.len();
                // What waits behind it is written together with it.
                let written = if outgoing.is_empty() {
                    sink.send(message).await
                } else {
                    sink.feed(message).await
                };
                buffered.fetch_sub(bytes, Ordering::Relaxed);
                if written.is_err() {
                    return;
                }
            }
            Outgoing::Close(frame) => {
                let _ = sink.send(Message::Close(frame)).await;
                return;
            }
        }
    }
    // Nobody can send any more; the connection is read on.
    std::future::pending().await
}

fn of_frame(frame: Option<CloseFrame>) -> SocketEvent {
    closed(frame.map_or(NO_CODE, |frame| frame.code.into()), None)
}

const fn closed(code: u16, why: Option<String>) -> SocketEvent {
    SocketEvent::Closed { code, why }
}

fn failed(end: ConnectionEnd) -> SocketEvent {
    let (why, permanent) = match end {
        ConnectionEnd::Permanent(why) | ConnectionEnd::Closed(why) => (why, true),
        ConnectionEnd::Temporary { why, .. } => (why, false),
    };
    SocketEvent::Failed { why, permanent }
}
