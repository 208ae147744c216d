//! Receives an answer: waits for it, parses it strictly, and passes it on to the client.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use tokio::time::{Instant, timeout, timeout_at};

use super::exchange::{AfterExchange, Exchange};
use super::tunnel::note;
use crate::health::Route;
use crate::http::{
    Answer, BodyCopy, Framing, HeadError, MAX_ANSWER_HEAD, read_answer, write_framing, write_line,
};
use crate::model::Failure;
use crate::socket::{Reader, Writer};

/// The most interim answers (100, 103, …) before the final one.
const MAX_INTERIM: usize = 16;

/// The result of receiving an answer.
pub(super) struct Received {
    pub(crate) client: AfterExchange,
    /// The upstream can take the next request, or with [`AfterExchange::Switch`] any bytes.
    pub(crate) upstream: bool,
}

impl Exchange<'_> {
    /// Reads the answer and passes it on.
    pub(super) async fn receive(
        &self,
        route: &Route,
        from: &mut Reader<'_>,
        to: Writer<'_>,
    ) -> Result<Received, Failure> {
        let begun = Instant::now();
        let tunnelled = self.is_tunnelled(route);
        for _ in 0..MAX_INTERIM {
            let answer = self.answer(route, from).await?;
            match answer.status {
                101 if self.upgrade && answer.headers.has_token("upgrade", "websocket") => {
                    self.begun.store(true, Relaxed);
                    self.write_head(route, &answer, Framing::None, false, to)
                        .await?;
                    return Ok(Received {
                        client: AfterExchange::Switch,
                        upstream: true,
                    });
                }
                // The client did not ask for this.
                101 => return Err(Failure::Invalid("an answer to this request")),
                100..=199 => {
                    if self.request.minor > 0 {
                        self.begun.store(true, Relaxed);
                        self.write_head(route, &answer, Framing::None, false, to)
                            .await?;
                    }
                }
                407 if !tunnelled => {
                    return Err(Failure::ProxyAuth);
                }
                _ => {
                    if !tunnelled {
                        note(self.port, &route.assignment, None, begun.elapsed());
                    }
                    return self.pass(route, &answer, from, to).await;
                }
            }
        }
        Err(Failure::Invalid("an answer to this request"))
    }

    /// Reads the next head of an answer. If an HTTP upstream is silent for as long as a handshake may take, it is
    /// checked; the client goes on waiting, because the server may only be slow.
    async fn answer(&self, route: &Route, from: &mut Reader<'_>) -> Result<Answer, Failure> {
        let mut reading = std::pin::pin!(read_answer(from, MAX_ANSWER_HEAD));
        let limit = self.settings.first_byte_timeout;
        let patience = self.settings.handshake_timeout.min(limit);
        let tunnelled = self.is_tunnelled(route);
        let read = match self.wait_since_sent(patience, &mut reading).await {
            Some(read) => read,
            None => {
                if !tunnelled {
                    self.port.health.suspect(&route.assignment);
                }
                self.wait_since_sent(limit, reading).await.ok_or_else(|| {
                    self.port
                        .log(|| format!("{}: no answer within {limit:?}", self.target));
                    match tunnelled {
                        false => Failure::Silent,
                        true => Failure::TargetSilent,
                    }
                })?
            }
        };
        read.map_err(|error| match error {
            // In a tunnel the target answers.
            HeadError::Gone if tunnelled && !self.is_repeatable() => Failure::TargetClosed,
            HeadError::Gone => Failure::Closed,
            _ if tunnelled => Failure::TargetClosed,
            _ => Failure::Invalid("HTTP"),
        })
    }

    /// Waits for the answer until nothing was sent for this long: while a request is still being sent, its answer is
    /// not late.
    async fn wait_since_sent<T>(
        &self,
        limit: Duration,
        reading: impl Future<Output = T>,
    ) -> Option<T> {
        let mut reading = std::pin::pin!(reading);
        loop {
            let sent = *self.sent.lock();
            match timeout_at(sent + limit, &mut reading).await {
                Ok(read) => return Some(read),
                Err(_) if *self.sent.lock() == sent => return None,
                Err(_) => {}
            }
        }
    }

    /// Passes the final answer on, head and body.
    async fn pass(
        &self,
        route: &Route,
        answer: &Answer,
        from: &mut Reader<'_>,
        to: Writer<'_>,
    ) -> Result<Received, Failure> {
        let framing = answer
            .framing(self.request.method == "HEAD")
            .map_err(|_| Failure::Invalid("HTTP with unambiguous framing"))?;
        let more = self.request.keeps_alive() && framing != Framing::Close;
        let rechunk = self.request.minor > 0;
        let more = more && (rechunk || framing != Framing::Chunked);
        self.begun.store(true, Relaxed);
        self.write_head(route, answer, framing, more, to).await?;
        let moved = |count| route.meter.down(count);
        let idle = self.settings.idle_timeout;
        let copied = BodyCopy {
            from,
            to,
            idle,
            moved,
        }
        .run(framing, rechunk)
        .await;
        Ok(Received {
            client: match copied {
                Err(_) => AfterExchange::Truncated,
                Ok(()) if more => AfterExchange::More,
                Ok(()) => AfterExchange::Close,
            },
            upstream: copied.is_ok() && answer.keeps_alive() && framing != Framing::Close,
        })
    }

    async fn write_head(
        &self,
        route: &Route,
        answer: &Answer,
        framing: Framing,
        more: bool,
        to: Writer<'_>,
    ) -> Result<(), Failure> {
        let mut head = Vec::with_capacity(1024);
        let line = format!("HTTP/1.1 {} {}\r\n", answer.status, answer.reason);
        head.extend_from_slice(line.as_bytes());
        answer.headers.write_end_to_end(&mut head, &[]);
        match framing {
            Framing::Chunked if self.request.minor == 0 => {}
            Framing::None => {
                if let Some(length) = answer.spoken_length().filter(|_| answer.status >= 200) {
                    write_framing(&mut head, Framing::Length(length));
                }
            }
            framing => write_framing(&mut head, framing),
        }
        if answer.status == 101 {
            write_line(&mut head, "Connection", b"Upgrade");
            write_line(&mut head, "Upgrade", b"websocket");
        }
        if answer.status >= 200 {
            let connection: &[u8] = if more { b"keep-alive" } else { b"close" };
            write_line(&mut head, "Connection", connection);
        }
        head.extend_from_slice(b"\r\n");
        let written = timeout(self.settings.idle_timeout, to.write_all(&head)).await;
        if !matches!(written, Ok(Ok(()))) {
            // The client has closed; the upstream is not to blame.
            return Err(Failure::TargetClosed);
        }
        route.meter.down(head.len());
        Ok(())
    }
}
