//! A command that runs to its end with pipes, and all that it puts out.

use bytes::Bytes;
use loopwire_channel::CommandError;

use crate::shapes::{Exit, Source, Spawn};
use crate::terminal::{Reader, Terminal, Terminals};

/// Input is written in pieces, because only a limited amount may wait for a slow command.
const PIECE_BYTES: usize = 64 << 10;

/// A command to run to its end.
#[derive(Clone, Debug, Default)]
pub struct Execute {
    /// The command. It gets pipes, whatever this says of a PTY.
    pub spawn: Spawn,
    /// Its standard input, which then ends.
    pub input: Bytes,
    /// How much of both streams together is collected. With more the command is killed.
    pub max_output_bytes: Option<u64>,
}

/// A command that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// How it ended.
    pub exit: Exit,
    /// Its whole standard output.
    pub stdout: Vec<u8>,
    /// Its whole standard error.
    pub stderr: Vec<u8>,
}

impl Terminals {
    /// Runs a command to its end. It goes on if this is dropped.
    ///
    /// # Errors
    /// Those of [`Terminals::spawn`], why it could not be started, `ERR_OUTPUT_TOO_LARGE`.
    pub async fn run(&self, execute: Execute) -> Result<Executed, CommandError> {
        let spawn = Spawn {
            pty: false,
            ..execute.spawn
        };
        let terminal = self.spawn(spawn)?;
        // Before the first byte, so that none is overwritten.
        let reader = terminal.reader(None);
        terminal.started().await?;
        let typed = type_in(&terminal, execute.input);
        let collected = collect(&terminal, reader, execute.max_output_bytes);
        let ((), (stdout, stderr)) = tokio::try_join!(typed, collected)?;
        Ok(Executed {
            exit: terminal.exit().await,
            stdout,
            stderr,
        })
    }
}

/// Writes the input of a command, and ends it.
async fn type_in(terminal: &Terminal, mut input: Bytes) -> Result<(), CommandError> {
    while !input.is_empty() {
        terminal.write(input.split_to(input.len().min(PIECE_BYTES)))?;
        terminal.room().await;
    }
    terminal.eof();
    Ok(())
}

async fn collect(
    terminal: &Terminal,
    mut reader: Reader,
    limit: Option<u64>,
) -> Result<(Vec<u8>, Vec<u8>), CommandError> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    while let Some(chunk) = reader.read().await {
        let bytes = stdout.len() + stderr.len() + chunk.bytes.len();
        if let Some(limit) = limit.filter(|&limit| bytes as u64 > limit) {
            terminal.signal("SIGKILL")?;
            let message = format!(
                "the command wrote more than {limit} bytes of output; a terminal has no such limit"
            );
            return Err(CommandError::new("ERR_OUTPUT_TOO_LARGE", message));
        }
        match chunk.source {
            Source::Stdout => stdout.extend_from_slice(&chunk.bytes),
            Source::Stderr => stderr.extend_from_slice(&chunk.bytes),
        }
    }
    Ok((stdout, stderr))
}
