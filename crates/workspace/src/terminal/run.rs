//! The life of one command: started, read, fed, ended, and told.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, WaitId, WaitIdOptions};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::sync::watch;

use crate::terminal::ring::Source;
use crate::terminal::session;
use crate::terminal::shell::Inner;
use crate::terminal::signal;
use crate::terminal::spawn::{Ends, Started};
use crate::terminal::state::{Entry, Exit, Master};

/// The most that is read at once: what a pipe holds.
const READ_BYTES: usize = 64 << 10;

/// How long the end of the output is awaited once all of the command's session is gone. Only a process that has
/// left the session can still hold it open, and that one may do so for ever.
const END_PATIENCE: Duration = Duration::from_millis(200);

/// Brings a command that was started to its end. Returns how it ended.
pub(crate) async fn run(inner: &Arc<Inner>, started: Started, timeout: Option<Duration>) -> Exit {
    let pid = started.pid;
    let reaper = Reaper::new(inner, pid);
    let (calm, quiet) = watch::channel(false);
    let ends = match open(started.ends) {
        Ok(ends) => ends,
        Err(error) => {
            // Without descriptors of the event loop's there is nothing to do but to end it.
            tracing::warn!(%error, "a command's streams cannot be read");
            session::end(pid).await;
            return reaper.reap(inner);
        }
    };
    let life = async {
        live(inner, pid, timeout).await;
        session::end(pid).await;
        let exit = reaper.reap(inner);
        calm.send_replace(true);
        exit
    };
    match ends {
        Open::Pipes(stdin, stdout, stderr) => {
            let outputs = async {
                tokio::join!(
                    life,
                    read(inner, &stdout, Source::Stdout, quiet.clone()),
                    read(inner, &stderr, Source::Stderr, quiet)
                )
                .0
            };
            tokio::select! {
                exit = outputs => exit,
                () = feed(inner, Sink::Pipe(stdin)) => unreachable_input().await,
            }
        }
        Open::Pty(master) => {
            let early = {
                let mut state = inner.state.lock();
                state.master = Some(Arc::clone(&master));
                let (cols, rows) = state.size;
                let _ = super::spawn::resize(master.get_ref(), cols, rows);
                std::mem::take(&mut state.early)
            };
            debug_assert!(early.is_empty() || inner.pty);
            deliver(inner, pid, early);
            let outputs = async {
                tokio::join!(life, read(inner, &master, Source::Stdout, quiet)).0
            };
            tokio::select! {
                exit = outputs => exit,
                () = feed(inner, Sink::Pty(Arc::clone(&master))) => unreachable_input().await,
            }
        }
    }
}
