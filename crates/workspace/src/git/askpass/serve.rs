//! Serves the pipe in which each run of the askpass program says that it waits for an answer.

use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use futures_util::FutureExt as _;
use loopwire_channel::{Journal, fault};
use tokio::io::unix::AsyncFd;
use tokio::task::JoinSet;

use super::answers::{Answers, say};
use super::directory::PrivateDirectory;

/// A process id and the end of a line.
const MAX_RUN_BYTES: usize = 11;

/// How many runs of the program wait for an answer at a time. git asks for one thing at a time, in some submodules at
/// once; what asks for more is not git, and gets no answer.
const MAX_RUNS: usize = 32;

/// Answers each run of the program that says its process id in the pipe.
pub(super) async fn serve(
    ask: AsyncFd<OwnedFd>,
    directory: Arc<PrivateDirectory>,
    answers: Arc<Answers>,
    journal: Arc<Journal>,
) {
    let mut runs = JoinSet::new();
    let mut line = Vec::new();
    loop {
        let bytes = tokio::select! {
            bytes = read(&ask) => bytes,
            Some(_) = runs.join_next() => continue,
        };
        for byte in bytes {
            if byte != b'\n' {
                line.push(byte);
                line.truncate(MAX_RUN_BYTES);
                continue;
            }
            let run = std::str::from_utf8(&line)
                .ok()
                .and_then(|text| text.parse().ok());
            line.clear();
            let Some(run) = run else { continue };
            let (question, answer) = (directory.question(run), directory.answer(run));
            if runs.len() >= MAX_RUNS {
                say(&answer, None).await;
                continue;
            }
            let (answers, journal) = (Arc::clone(&answers), Arc::clone(&journal));
            runs.spawn(
                async move {
                    let given = answers.give(&question, &answer);
                    let _ = fault::supervise(&journal, "git:askpass", given).await;
                }
                .boxed(),
            );
        }
    }
}

async fn read(ask: &AsyncFd<OwnedFd>) -> Vec<u8> {
    let mut bytes = vec![0; 512];
    loop {
        let Ok(mut ready) = ask.readable().await else {
            // The event loop ends, and this task with it.
            return std::future::pending().await;
        };
        match ready.try_io(|pipe| Ok(rustix::io::read(pipe, &mut *bytes)?)) {
            Ok(Ok(len)) => {
                bytes.truncate(len);
                return bytes;
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "the questions of git cannot be read");
                return std::future::pending().await;
            }
            Err(_would_block) => {}
        }
    }
}
