//! Input on its way into a command.

use std::convert::Infallible;
use std::io;
use std::os::fd::OwnedFd;

use bytes::Bytes;
use loopwire_channel::Input;
use rustix::termios::SpecialCodeIndex;
use tokio::io::unix::AsyncFd;

use crate::binary::HEAD_BYTES;
use crate::terminal::core::{Entry, Inner, Master};

/// ^D, where the terminal does not say what ends its input.
const END_OF_FILE: u8 = 4;

/// Where input goes.
pub(crate) enum Sink {
    Pipe(AsyncFd<OwnedFd>),
    Pty(Master),
}

impl Sink {
    fn end(&self) -> &AsyncFd<OwnedFd> {
        match self {
            Self::Pipe(end) => end,
            Self::Pty(master) => master,
        }
    }

    async fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            let mut ready = self.end().writable().await?;
            match ready.try_io(|end| Ok(rustix::io::write(end, bytes)?)) {
                Ok(Ok(written)) => bytes = &bytes[written..],
                Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(Err(error)) => return Err(error),
                Err(_would_block) => {}
            }
        }
        Ok(())
    }
}

/// Feeds a command until it is gone: this never returns by itself.
pub(crate) async fn feed(inner: &Inner, sink: Option<Sink>) -> Infallible {
    if let Some(sink) = sink {
        // At its end, or where the command has closed it, nobody will ever take what is still to come.
        let _ = pass_on(inner, &sink).await;
    }
    let entries = {
        let mut state = inner.state.lock();
        state.deaf = true;
        state.entry_bytes = 0;
        std::mem::take(&mut state.entries)
    };
    drop(entries);
    inner.drained.notify_waiters();
    std::future::pending().await
}

async fn pass_on(inner: &Inner, sink: &Sink) -> io::Result<()> {
    // Where a line begins, the end of a PTY's input is one character; inside a line that only ends the line.
    let mut line_began = true;
    loop {
        match next(inner).await {
            Text::Queued(bytes) => {
                sink.write(&bytes).await?;
                line_began = ends_line(&bytes);
                let mut state = inner.state.lock();
                state.entry_bytes = state.entry_bytes.saturating_sub(bytes.len());
                drop(state);
                inner.drained.notify_waiters();
            }
            Text::Counted(input) => {
                let bytes = &input[HEAD_BYTES..];
                sink.write(bytes).await?;
                line_began = ends_line(bytes);
            }
            Text::Eof => match sink {
                Sink::Pipe(_) => return Ok(()),
                Sink::Pty(master) => {
                    let codes = rustix::termios::tcgetattr(master.get_ref());
                    let code =
                        codes.map_or(END_OF_FILE, |all| all.special_codes[SpecialCodeIndex::VEOF]);
                    let once = [code];
                    let twice = [code, code];
                    sink.write(if line_began { &once } else { &twice }).await?;
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

enum Text {
    Queued(Bytes),
    Counted(Input),
    Eof,
}

async fn next(inner: &Inner) -> Text {
    loop {
        let entered = inner.entered.notified();
        let entry = inner.state.lock().entries.pop_front();
        match entry {
            Some(Entry::Bytes(bytes)) => return Text::Queued(bytes),
            Some(Entry::Input(input)) => return Text::Counted(input),
            Some(Entry::Eof) => return Text::Eof,
            None => entered.await,
        }
    }
}
