//! A program that the workspace runs for itself, without a shell and without a terminal: git.
//!
//! It has a session of its own, as a terminal's command has, so that nothing of it outlives its end, this workspace, or
//! this process.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::shapes::{Plan, Program, ProgramExit};
use super::started::{Ends, Started};
use super::system::{Guardian, Reaper, StreamEnd, start};

/// A program that was started. If this is dropped before [`RunningProgram::wait`] has returned, its session is killed.
pub(crate) struct RunningProgram {
    /// To its standard input. Dropping it ends the input.
    pub(crate) stdin: Option<ProgramInput>,
    /// From its standard output. Read it, or the program may wait for ever.
    pub(crate) stdout: ProgramOutput,
    /// From its standard error. Read it, or the program may wait for ever.
    pub(crate) stderr: ProgramOutput,
    end: ProgramEnd,
}

/// The end of a program. If this is dropped before [`ProgramEnd::wait`] has returned, its session is killed.
pub(crate) struct ProgramEnd {
    reaper: Reaper,
    began: Instant,
}

impl Program {
    /// Starts the program.
    ///
    /// # Errors
    /// The system's: `NotFound` if the program is not there. Ours if the workspace is closed.
    pub(crate) async fn start(self, guardian: &Arc<Guardian>) -> io::Result<RunningProgram> {
        let plan = Plan {
            argv: self.argv,
            directory: self.directory,
            env: Vec::new(),
            variables: self.variables,
            size: None,
            input: self.input,
        };
        let began = Instant::now();
        let shared = Arc::clone(guardian);
        let started = tokio::task::spawn_blocking(move || start(&plan, &shared)).await;
        let Started { ends, reaper } = started.map_err(io::Error::other)??;
        let Ends::Pipes {
            stdin,
            stdout,
            stderr,
        } = ends
        else {
            return Err(io::Error::other("a program has no terminal"));
        };
        Ok(RunningProgram {
            stdin: stdin.map(ProgramInput),
            stdout: ProgramOutput(stdout),
            stderr: ProgramOutput(stderr),
            end: ProgramEnd { reaper, began },
        })
    }
}

impl RunningProgram {
    /// See [`ProgramEnd::wait`].
    pub(crate) async fn wait(&mut self) -> ProgramExit {
        self.end.wait().await
    }

    /// See [`ProgramEnd::end`].
    pub(crate) async fn end(&mut self) -> ProgramExit {
        self.end.end().await
    }

    /// Its output, its errors and its end, for whoever reads while waiting for the end. Its input is ended.
    pub(crate) fn split(self) -> (ProgramOutput, ProgramOutput, ProgramEnd) {
        (self.stdout, self.stderr, self.end)
    }
}

impl ProgramEnd {
    /// Waits until the program has ended, and ends what it has left in its session.
    pub(crate) async fn wait(&mut self) -> ProgramExit {
        self.exited().await;
        self.end().await
    }

    /// Waits until the program has ended. What it has left in its session goes on.
    pub(crate) async fn exited(&self) {
        self.reaper.exited().await;
    }

    /// Ends the program and all that it has started: SIGTERM, and SIGKILL after two seconds.
    pub(crate) async fn end(&mut self) -> ProgramExit {
        self.reaper.end_session(self.began).await;
        self.reaper.reap()
    }
}

/// Writes to a program's standard input.
#[derive(Debug)]
pub(crate) struct ProgramInput(StreamEnd);

/// Reads what a program puts out.
#[derive(Debug)]
pub(crate) struct ProgramOutput(StreamEnd);

impl AsyncRead for ProgramOutput {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.0.poll_read(context, buffer)
    }
}

impl AsyncWrite for ProgramInput {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use std::ffi::OsString;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    fn program(argv: &[&str], input: bool) -> Program {
        Program {
            argv: argv.iter().map(OsString::from).collect(),
            directory: std::env::temp_dir(),
            variables: vec![
                ("HOME".into(), None),
                ("GREETING".into(), Some("hello".into())),
            ],
            input,
        }
    }

    #[tokio::test]
    async fn a_program_gets_its_input_and_its_variables_and_tells_how_it_ended() {
        let guardian = Arc::default();
        let argv = [
            "sh",
            "-c",
            "cat; echo \"$GREETING ${HOME-none}\" >&2; exit 3",
        ];
        let mut running = program(&argv, true).start(&guardian).await.unwrap();
        let mut stdin = running.stdin.take().unwrap();
        let large = vec![b'x'; 1 << 20];
        let feed = async {
            stdin.write_all(&large).await.unwrap();
            drop(stdin);
        };
        let (mut out, mut err) = (Vec::new(), String::new());
        let (stdout, stderr) = (&mut running.stdout, &mut running.stderr);
        let (_, read, told) = tokio::join!(
            feed,
            stdout.read_to_end(&mut out),
            stderr.read_to_string(&mut err)
        );
        assert_eq!((read.unwrap(), told.unwrap()), (large.len(), err.len()));
        assert_eq!(err, "hello none\n");
        let exit = running.wait().await;
        assert_eq!((exit.code, exit.signal), (Some(3), None));
        guardian.kill();
    }

    #[tokio::test]
    async fn what_a_program_leaves_behind_ends_with_it_and_with_its_handle() {
        let guardian = Arc::default();
        let argv = ["sh", "-c", "sleep 1000 & echo $!; wait"];
        let started = async || {
            let mut running = program(&argv, false).start(&guardian).await.unwrap();
            let mut pid = vec![0; 32];
            let len = running.stdout.read(&mut pid).await.unwrap();
            let pid: i32 = std::str::from_utf8(&pid[..len])
                .unwrap()
                .trim()
                .parse()
                .unwrap();
            (running, pid)
        };
        let is_there = |pid: i32| {
            // A zombie waits for its new parent.
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"));
            stat.is_ok_and(|stat| !stat.contains(") Z") && !stat.contains(") X"))
        };
        let (mut running, pid) = started().await;
        assert!(is_there(pid));
        assert_eq!(running.end().await.signal.as_deref(), Some("SIGTERM"));
        assert!(!is_there(pid));
        let (running, pid) = started().await;
        drop(running);
        // It was killed, and ends when it is its turn.
        while is_there(pid) {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        guardian.kill();
    }

    #[tokio::test]
    async fn a_program_that_is_not_there_is_told_as_such() {
        let guardian = Arc::default();
        let missing = program(&["loopwire-has-no-such-program"], false);
        let error = missing.start(&guardian).await.err().unwrap();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        guardian.kill();
    }
}
