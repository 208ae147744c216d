//! Replaces the processes on systems other than Unix: none is started.

#[path = "process/shapes.rs"]
mod shapes;

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

pub(crate) use shapes::{Program, ProgramExit};

/// The guardian of processes, of which there are none.
#[derive(Debug, Default)]
pub(crate) struct Guardian;

impl Guardian {
    /// Ends nothing.
    #[expect(clippy::unused_async, reason = "as on Unix")]
    pub(crate) async fn end_escaped(self: &Arc<Self>) {}

    /// Kills nothing.
    pub(crate) const fn kill(&self) {}
}

/// A program that was started: there is none.
pub(crate) struct RunningProgram {
    /// To its standard input.
    pub(crate) stdin: Option<ProgramInput>,
    /// From its standard output.
    pub(crate) stdout: ProgramOutput,
    /// From its standard error.
    pub(crate) stderr: ProgramOutput,
}

/// The end of a program: there is none.
pub(crate) struct ProgramEnd(Infallible);

impl Program {
    /// Starts nothing.
    #[expect(clippy::unused_async, reason = "as on Unix")]
    pub(crate) async fn start(self, _guardian: &Arc<Guardian>) -> io::Result<RunningProgram> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

impl RunningProgram {
    /// Waits for its end.
    pub(crate) async fn wait(&mut self) -> ProgramExit {
        match self.stdout.0 {}
    }

    /// Ends it.
    pub(crate) async fn end(&mut self) -> ProgramExit {
        match self.stdout.0 {}
    }

    /// Its output, its errors and its end.
    pub(crate) fn split(self) -> (ProgramOutput, ProgramOutput, ProgramEnd) {
        match self.stdout.0 {}
    }
}

impl ProgramEnd {
    /// Waits for its end.
    pub(crate) async fn exited(&self) {
        match self.0 {}
    }

    /// Waits for its end.
    pub(crate) async fn wait(&mut self) -> ProgramExit {
        match self.0 {}
    }

    /// Ends it.
    pub(crate) async fn end(&mut self) -> ProgramExit {
        match self.0 {}
    }
}

/// Writes to a program's standard input.
#[derive(Debug)]
pub(crate) struct ProgramInput(Infallible);

/// Reads what a program puts out.
#[derive(Debug)]
pub(crate) struct ProgramOutput(Infallible);

impl AsyncRead for ProgramOutput {
    fn poll_read(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        _buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.0 {}
    }
}

impl AsyncWrite for ProgramInput {
    fn poll_write(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        _bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.0 {}
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.0 {}
    }
}
