//! Writes input to a command.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;

use bytes::Bytes;

use crate::process::{Pty, StreamEnd};
use crate::terminal::core::{InputItem, TerminalInner, cost};

/// What input is written to.
pub(crate) enum InputTarget {
    Pipe(StreamEnd),
    Pty(Arc<Pty>),
}

impl InputTarget {
    async fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Pipe(end) => end.write_all(bytes).await,
            Self::Pty(pty) => pty.input().write_all(bytes).await,
        }
    }
}

/// Writes input to the command. Never returns; it is dropped when the command has ended.
pub(crate) async fn feed(inner: &TerminalInner, target: Option<InputTarget>) -> Infallible {
    if let Some(target) = target {
        // Once the input was ended, or the command has closed it, further input is dropped.
        let _ = pass_on(inner, &target).await;
    }
    let input = inner.state.lock().close_input();
    drop(input);
    inner.took(0);
    inner.input_drained.notify_waiters();
    std::future::pending().await
}

async fn pass_on(inner: &TerminalInner, target: &InputTarget) -> io::Result<()> {
    // What ends the input of a PTY depends on that.
    let mut line_began = true;
    loop {
        match next(inner).await {
            Next::Queued(bytes) => {
                target.write(&bytes).await?;
                line_began = ends_line(&bytes);
                let mut state = inner.state.lock();
                state.input_bytes = state.input_bytes.saturating_sub(cost(&bytes));
                drop(state);
                inner.input_drained.notify_waiters();
            }
            Next::Held(bytes) => {
                target.write(&bytes).await?;
                line_began = ends_line(&bytes);
                let mut state = inner.state.lock();
                state.held_bytes = state.held_bytes.saturating_sub(cost(&bytes));
                drop(state);
                inner.took(bytes.len());
            }
            Next::Eof => match target {
                InputTarget::Pipe(_) => return Ok(()),
                InputTarget::Pty(pty) => {
                    target.write(&pty.end_of_file(line_began)).await?;
                    line_began = true;
                }
            },
        }
    }
}

fn ends_line(bytes: &[u8]) -> bool {
    bytes
        .last()
        .is_none_or(|last| matches!(last, b'\n' | b'\r'))
}

enum Next {
    Queued(Bytes),
    Held(Bytes),
    Eof,
}

async fn next(inner: &TerminalInner) -> Next {
    loop {
        let input_added = inner.input_added.notified();
        let item = {
            let mut state = inner.state.lock();
            match state.next_input() {
                Some(InputItem::Bytes(bytes)) => Some(Next::Queued(bytes)),
                Some(InputItem::Held(bytes)) => Some(Next::Held(bytes)),
                // The connection is read on while the command reads this.
                Some(InputItem::Input(input)) => Some(Next::Held(state.hold(input))),
                Some(InputItem::Eof) => Some(Next::Eof),
                None => None,
            }
        };
        match item {
            Some(item) => return item,
            None => input_added.await,
        }
    }
}
