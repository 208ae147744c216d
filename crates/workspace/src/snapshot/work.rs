//! Runs what blocks in a thread for such work.

use std::panic::resume_unwind;

use loopwire_channel::CommandError;
use tokio::task::{JoinHandle, spawn_blocking};

use super::error::closed;

/// Runs work that blocks, and waits for it.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CommandError> + Send + 'static,
) -> Result<T, CommandError> {
    join(spawn_blocking(work)).await
}

/// Waits for work that was started.
pub(super) async fn join<T>(task: JoinHandle<Result<T, CommandError>>) -> Result<T, CommandError> {
    match task.await {
        Ok(result) => result,
        Err(error) if error.is_panic() => resume_unwind(error.into_panic()),
        // The runtime has ended.
        Err(_) => Err(closed()),
    }
}
