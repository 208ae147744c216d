//! Git with input.

use std::ffi::OsStr;

use loopwire_channel::CommandError;
use tokio::io::AsyncWriteExt as _;

use crate::process::ProgramInput;

use super::output::read_all;
use super::repository::{MAX_OUTPUT, Store};

impl Store {
    /// Runs git on the repository with this input: its output.
    pub(crate) async fn run_with(
        &self,
        arguments: &[impl AsRef<OsStr>],
        input: &[u8],
    ) -> Result<Vec<u8>, CommandError> {
        let command = arguments.first().map(AsRef::as_ref).unwrap_or_default();
        let command = command.to_string_lossy();
        self.ready().await?;
        let feed = |stdin: Option<ProgramInput>| async move {
            if let Some(mut stdin) = stdin {
                // A git that reads no more has failed, and says why.
                let _ = stdin.write_all(input).await;
            }
            Ok(())
        };
        let talk = self.converse(&command, self.git(arguments, true)?, feed, |stdout| {
            Box::pin(read_all(stdout, MAX_OUTPUT))
        });
        Box::pin(talk).await
    }
}
