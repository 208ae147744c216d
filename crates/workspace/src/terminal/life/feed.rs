//! Writes input to a command.

use std::convert::Infallible;
use std::io;
use std::os::fd::OwnedFd;

use bytes::Bytes;
use tokio::io::unix::AsyncFd;

use crate::process::end_of_file;
use crate::terminal::core::{InputItem, Master, TerminalInner, cost};

/// What input is written to.
pub(crate) enum InputTarget {
    Pipe(AsyncFd<OwnedFd>),
    Pty(Master),
}

impl InputTarget {
    fn end(&self) -> &AsyncFd<OwnedFd> {
        match self {
            Self::Pipe(end) => end,
            Self::Pty(master) => master,
        }
    }

    async fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let mut ready = self.end().writable().await?;
            let has_no_reader = ready.ready().is_write_closed();
            match ready.try_io(|end| Ok(rustix::io::write(end, bytes)?)) {
                Ok(Ok(written)) => bytes = &bytes[written..],
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(Err(error)) => return Err(error),
                // No process has the PTY open any more. A full one still says that it is full, not that, and counts as ready
                // for ever: this loop would keep the thread, and the task would not see the end of the command.
                Err(_would_block) if has_no_reader => return Err(io::ErrorKind::BrokenPipe.into()),
                Err(_would_block) => {}
            }
        }
        Ok(())
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
    // At the start of a line, one end-of-file character ends the input of a PTY. Inside a line the first one only
    // completes the line.
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
                InputTarget::Pty(master) => {
                    let code = end_of_file(master.get_ref());
                    let once = [code];
                    let twice = [code, code];
                    target
                        .write(if line_began { &once } else { &twice })
                        .await?;
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
