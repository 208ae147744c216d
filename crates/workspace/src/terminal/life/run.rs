//! Runs a command that was started: reads its output, writes its input, ends it and waits for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use loopwire_channel::fault;
use tokio::sync::watch;

use crate::process::{Ends, Reaper, SessionId, StreamEnd};
use crate::shapes::{Exit, Source};
use crate::terminal::core::TerminalInner;

use super::feed::{self, InputTarget};
use super::reap::reap;

/// The most bytes that are read at once: the usual capacity of a pipe.
const READ_BYTES: usize = 64 << 10;

/// How long to wait for the end of the output once the command's session is gone. Only a process that has left the
/// session can still hold it open, perhaps for ever.
const END_PATIENCE: Duration = Duration::from_millis(200);

/// Runs a command to its end. Returns how it ended, once its last byte is in the ring.
pub(crate) async fn run(
    inner: &Arc<TerminalInner>,
    reaper: &mut Reaper,
    ends: Ends,
    timeout: Option<Duration>,
) -> Exit {
    let (over, session_gone) = watch::channel(false);
    let life = async move {
        wait_for_end(inner, reaper, timeout).await;
        reaper.end_session(inner.born).await;
        let exit = reap(reaper, inner);
        let pty = inner.state.lock().pty.clone();
        if let Some(pty) = pty {
            pty.session_gone();
        }
        over.send_replace(true);
        exit
    };
    match ends {
        Ends::Pipes {
            stdin,
            stdout,
            stderr,
        } => {
            let feed = feed::feed(inner, stdin.map(InputTarget::Pipe));
            let stdout = read(inner, &stdout, Source::Stdout, session_gone.clone());
            let stderr = read(inner, &stderr, Source::Stderr, session_gone);
            let outputs = async { tokio::join!(life, stdout, stderr).0 };
            tokio::select! {
                exit = outputs => exit,
                never = feed => match never {},
            }
        }
        Ends::Pty(pty) => {
            let pty = Arc::new(pty);
            {
                let mut state = inner.state.lock();
                let (cols, rows) = state.size;
                // The size may have changed while the command was being started.
                pty.resize(cols, rows);
                state.pty = Some(Arc::clone(&pty));
            }
            let feed = feed::feed(inner, Some(InputTarget::Pty(Arc::clone(&pty))));
            let output = read(inner, pty.output(), Source::Stdout, session_gone);
            let outputs = async { tokio::join!(life, output).0 };
            tokio::select! {
                exit = outputs => exit,
                never = feed => match never {},
            }
        }
    }
}

/// Waits until the command has ended or is to be ended.
async fn wait_for_end(inner: &TerminalInner, reaper: &Reaper, timeout: Option<Duration>) {
    let timeout = timeout.map(|timeout| inner.born + timeout);
    let exited = reaper.exited();
    tokio::pin!(exited);
    let orphans = reaper.reap_orphans();
    tokio::pin!(orphans);
    loop {
        fault::injection_point("terminal");
        let abandoned = {
            let state = inner.state.lock();
            if state.order.is_some() {
                return;
            }
            let alone = state
                .unattended_since
                .filter(|_| state.attachments.is_empty() && !inner.owned);
            alone
                .zip(inner.detach)
                .and_then(|(left, detach)| left.checked_add(detach))
        };
        tokio::select! {
            biased;
            () = &mut exited => return,
            () = inner.changed.notified() => {}
            () = until(timeout) => inner.order("timeout"),
            () = until(abandoned) => inner.order("detached"),
            never = &mut orphans => match never {},
        }
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// Reads a stream into the ring until its end. `session_gone` tells that no process of the command is left.
async fn read(
    inner: &TerminalInner,
    stream: &StreamEnd,
    source: Source,
    mut session_gone: watch::Receiver<bool>,
) {
    let mut buffer = Vec::new();
    loop {
        inner.has_room().await;
        let ready = if *session_gone.borrow_and_update() {
            match tokio::time::timeout(END_PATIENCE, stream.readable()).await {
                Ok(ready) => ready,
                Err(_) => return,
            }
        } else {
            tokio::select! {
                ready = stream.readable() => ready,
                _ = session_gone.changed() => continue,
            }
        };
        let Ok(mut ready) = ready else { return };
        // Allocated only when there is output: most commands write to one of the two streams only.
        buffer.resize(READ_BYTES, 0);
        let limit = inner.state.lock().read_limit().min(READ_BYTES);
        let (mut len, mut ended) = (0, false);
        // A PTY gives a page at a time, which is too little for one message.
        while len < limit && !ended {
            let Some(read) = ready.read(&mut buffer[len..limit]) else {
                break;
            };
            match read {
                Ok(0) => ended = true,
                Ok(more) => {
                    len += more;
                    if !inner.pty && len < limit {
                        // A pipe gives everything that it holds.
                        ready.drained();
                        break;
                    }
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    tracing::warn!(%error, "the output of a command cannot be read");
                    ended = true;
                }
            }
        }
        inner.push(source, &buffer[..len]);
        if ended {
            return;
        }
        // A command that writes without a pause must not keep the thread. Yielding for each page of a PTY would ask the
        // system once more each time what else is ready.
        tokio::task::coop::consume_budget().await;
    }
}

/// Records that the command runs, and delivers the signals that came while it was being started.
pub(crate) fn begin(inner: &TerminalInner, session: SessionId, cwd: String) {
    let mut state = inner.state.lock();
    state.session = Some(session);
    state.cwd = cwd;
    for signal in std::mem::take(&mut state.early) {
        inner.send(&mut state, session, signal);
    }
}
