//! Receives an answer: waits for it, reads it leniently, and passes it on to the client as valid HTTP.

use std::sync::atomic::Ordering::Relaxed;

use tokio::time::{Instant, timeout};

use super::exchange::{AfterExchange, Exchange};
use super::tunnel::note;
use crate::health::Route;
use crate::http::{
    Answer, AnswerFraming, BodyCopy, CopyError, Framing, HeadError, read_answer, write_framing,
    write_line,
};
use crate::model::Failure;
use crate::socket::{Reader, Writer};

/// The most bytes of interim answers (100, 103, …) before the final one. One MiB: a server may send one each second
/// for as long as an answer may take, and as many hints as it likes.
const MAX_INTERIM: usize = 1 << 20;

/// What is wrong with an answer that cannot be passed on.
const TOO_LARGE: &str = "has a head of more than 1000 lines or 256 KiB";
const INVALID: &str = "is not valid HTTP";
const INTERIM: &str = "has more than 1 MiB of interim answers";
const SWITCHES: &str = "switches to another protocol, which was not asked for";
/// A client must not be asked for anybody's credentials but the port's own: it would send those.
const ASKS: &str = "asks for the credentials of a proxy (407)";
const CODED: &str = "has a transfer coding that HTTP/1.0 does not have";

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
        let mut interim = 0;
        loop {
            let answer = self.answer(route, from).await?;
            match answer.status {
                101 if self.upgrade && answer.headers.has_token("upgrade", "websocket") => {
                    self.begun.store(true, Relaxed);
                    self.write_head(route, &answer, None, false, to).await?;
                    return Ok(Received {
                        client: AfterExchange::Switch,
                        upstream: true,
                    });
                }
                101 => return Err(self.answer_flaw(route, SWITCHES)),
                100..=199 => {
                    interim += answer.size;
                    if interim > MAX_INTERIM {
                        return Err(self.answer_flaw(route, INTERIM));
                    }
                    // HTTP/1.0 has none.
                    if self.request.minor > 0 {
                        // Between two heads an error can be reported, within one it cannot.
                        self.begun.store(true, Relaxed);
                        self.write_head(route, &answer, None, false, to).await?;
                        self.begun.store(false, Relaxed);
                    }
                }
                407 => return Err(self.answer_flaw(route, ASKS)),
                _ => {
                    let framing = answer
                        .framing(self.request.method == "HEAD")
                        .map_err(|unclear| self.answer_flaw(route, unclear.0))?;
                    if self.request.minor == 0 && !framing.codings.is_empty() {
                        return Err(self.answer_flaw(route, CODED));
                    }
                    if !self.is_tunnelled(route) {
                        note(self.port, &route.assignment, None, begun.elapsed());
                    }
                    return self.pass(route, &answer, &framing, from, to).await;
                }
            }
        }
    }

    /// Reads the next head of an answer. If an HTTP upstream is silent for as long as a handshake may take, it is
    /// checked; the client goes on waiting, because the server may only be slow.
    async fn answer(&self, route: &Route, from: &mut Reader<'_>) -> Result<Answer, Failure> {
        let mut reading = std::pin::pin!(read_answer(from, || self.clock.heard()));
        let limit = self.settings.first_byte_timeout;
        let patience = self.settings.handshake_timeout.min(limit);
        let tunnelled = self.is_tunnelled(route);
        let read = match self.clock.wait(patience, &mut reading).await {
            Some(read) => read,
            None => {
                if !tunnelled {
                    self.port.health.suspect(&route.assignment);
                }
                self.clock.wait(limit, reading).await.ok_or_else(|| {
                    self.port
                        .log(|| format!("{}: no answer within {limit:?}", self.target));
                    match tunnelled {
                        false => Failure::Silent,
                        true => Failure::TargetMute,
                    }
                })?
            }
        };
        read.map_err(|error| match error {
            HeadError::Gone if tunnelled => Failure::TargetGone,
            HeadError::Gone => Failure::Closed,
            HeadError::TooLarge => self.answer_flaw(route, TOO_LARGE),
            HeadError::Invalid => self.answer_flaw(route, INVALID),
        })
    }

    /// Passes the final answer on, head and body.
    async fn pass(
        &self,
        route: &Route,
        answer: &Answer,
        framed: &AnswerFraming,
        from: &mut Reader<'_>,
        to: Writer<'_>,
    ) -> Result<Received, Failure> {
        let framing = framed.framing;
        let upstream_reads_on = answer.keeps_alive() && framing != Framing::Close;
        let more = self.request.keeps_alive()
            && framing != Framing::Close
            && self.body_will_end(upstream_reads_on);
        let rechunk = self.request.minor > 0;
        let more = more && (rechunk || framing != Framing::Chunked);
        // The client notices by it that a part is missing.
        let shows_its_end = match framing {
            Framing::Chunked => rechunk,
            Framing::Length(_) => true,
            Framing::None | Framing::Close => false,
        };
        self.begun.store(true, Relaxed);
        self.write_head(route, answer, Some(framed), more, to)
            .await?;
        let moved = |count| route.meter.down(count);
        let idle = self.settings.idle_timeout;
        let copied = BodyCopy {
            from,
            to,
            lenient: true,
            idle,
            moved,
        }
        .run(framing, rechunk)
        .await;
        Ok(Received {
            client: match copied {
                // What has come of it arrives, as without a proxy; a reset would discard what the client has not read.
                Err(CopyError::Sender | CopyError::Malformed) if shows_its_end => {
                    AfterExchange::Close
                }
                Err(_) => AfterExchange::Truncated,
                Ok(()) if more => AfterExchange::More,
                Ok(()) => AfterExchange::Close,
            },
            upstream: copied.is_ok()
                && answer.keeps_alive()
                && framing != Framing::Close
                && framed.is_clear,
        })
    }

    async fn write_head(
        &self,
        route: &Route,
        answer: &Answer,
        framed: Option<&AnswerFraming>,
        more: bool,
        to: Writer<'_>,
    ) -> Result<(), Failure> {
        let mut head = Vec::with_capacity(1024);
        head.extend_from_slice(format!("HTTP/1.1 {} ", answer.status).as_bytes());
        head.extend_from_slice(&answer.reason);
        head.extend_from_slice(b"\r\n");
        answer.headers.write_end_to_end(&mut head, &[]);
        match framed {
            Some(framed) if framed.framing == Framing::None => {
                if let Some(length) = answer.spoken_length() {
                    write_framing(&mut head, Framing::Length(length));
                }
            }
            Some(framed) if framed.framing == Framing::Chunked && self.request.minor == 0 => {}
            Some(framed) => framed.write(&mut head),
            None => {}
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
