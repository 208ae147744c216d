//! The processes that have left the session of their command, by `setsid` or as daemons do.
//!
//! The end of a command leaves them alone, as the end of a terminal emulator does: who calls `setsid` asks for that.
//! They end with the workspace.

#[cfg(target_os = "linux")]
use std::collections::BTreeSet;
use std::sync::Arc;
#[cfg(target_os = "linux")]
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
use rustix::process::{Signal, WaitIdOptions};

#[cfg(target_os = "linux")]
use super::id::{ProcessId, SessionId};
#[cfg(target_os = "linux")]
use super::session::{GRACE, KILL_PATIENCE, LOOKS};
use super::table::ProcessTable;
#[cfg(target_os = "linux")]
use super::table::State;
use super::tracking::TrackingId;

/// How often all processes are looked at to kill the marked ones. Each time those that were met are killed, so that only
/// what was being forked meanwhile is left.
#[cfg(target_os = "linux")]
const ROUNDS: usize = 20;

/// How long processes that were killed get to end, before it is looked again.
#[cfg(target_os = "linux")]
const PAUSE: Duration = Duration::from_millis(1);

/// Kills all processes with the mark. Returns whether none is left for certain.
#[cfg(target_os = "linux")]
pub(super) fn kill(id: TrackingId, table: Option<&ProcessTable>) -> bool {
    let Some(table) = table else { return false };
    for round in 0..ROUNDS {
        if round > 0 {
            std::thread::sleep(PAUSE);
        }
        let mut met = false;
        let looked = table.each_tracked(id, |found| {
            if found.state == State::Zombie {
                return;
            }
            met |= signal(table, id, found.process, Signal::KILL);
        });
        if looked.is_ok() && !met {
            return true;
        }
    }
    false
}

/// Waits for the processes with the mark that have ended and are children of this one, besides the leaders of sessions.
#[cfg(target_os = "linux")]
pub(super) fn reap(id: TrackingId, table: Option<&ProcessTable>, sessions: &BTreeSet<SessionId>) {
    let Some(table) = table else { return };
    // Who cannot be looked at now is looked at the next time.
    let _ = table.each_tracked(id, |found| {
        let leads = sessions.iter().any(|one| one.leader() == found.process);
        if found.state == State::Zombie && !leads {
            // Not a child of ours, if this fails: its parent or init waits for it.
            let at_once = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
            let _ = found.process.wait(at_once);
        }
    });
}

/// Other systems do not tell the environment and the limits of a process.
#[cfg(not(target_os = "linux"))]
pub(super) const fn kill(_id: TrackingId, _table: Option<&ProcessTable>) -> bool {
    true
}

/// Sends a signal to a process that was just met. Returns whether it was sent: this user may not signal a process that
/// has become another user's.
#[cfg(target_os = "linux")]
fn signal(table: &ProcessTable, id: TrackingId, process: ProcessId, signal: Signal) -> bool {
    process.signal_if(signal, || matches!(table.tracked(process, id), Ok(Some(_))))
}

/// Ends the processes that have left their sessions: SIGTERM, and SIGKILL for those that are left after [`GRACE`]. Those
/// in a session that somebody `knows` are left to whoever ends that.
#[cfg(target_os = "linux")]
pub(super) async fn end(
    id: TrackingId,
    table: Arc<ProcessTable>,
    knows: impl Fn(i32) -> bool + Send + Sync + 'static,
) {
    let knows = Arc::new(knows);
    let start = Instant::now();
    let (mut pause, longest) = LOOKS;
    let mut asked = BTreeSet::new();
    while start.elapsed() < GRACE + KILL_PATIENCE {
        let over = start.elapsed() >= GRACE;
        let (table, knows) = (Arc::clone(&table), Arc::clone(&knows));
        let look = move || {
            let left = ask(id, &table, &*knows, &mut asked, over);
            (left, asked)
        };
        let Ok((left, again)) = tokio::task::spawn_blocking(look).await else {
            return;
        };
        if !left {
            return;
        }
        asked = again;
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
}

/// Sends each process that has left its session SIGTERM once, or SIGKILL. Returns whether there may be some.
#[cfg(target_os = "linux")]
fn ask(
    id: TrackingId,
    table: &ProcessTable,
    knows: &dyn Fn(i32) -> bool,
    asked: &mut BTreeSet<ProcessId>,
    over: bool,
) -> bool {
    let mut left = false;
    let looked = table.each_tracked(id, |found| {
        if found.state == State::Zombie || knows(found.session) {
            return;
        }
        if over {
            left |= signal(table, id, found.process, Signal::KILL);
        } else if asked.contains(&found.process) {
            left = true;
        } else if signal(table, id, found.process, Signal::TERM) {
            // A stopped process gets it when it continues.
            signal(table, id, found.process, Signal::CONT);
            asked.insert(found.process);
            left = true;
        }
    });
    if let Err(error) = looked {
        tracing::warn!(%error, "the processes that have left their sessions cannot all be listed");
        return true;
    }
    left
}

/// See [`kill`].
#[cfg(not(target_os = "linux"))]
pub(super) async fn end(_id: TrackingId, _table: Arc<ProcessTable>, _knows: impl Fn(i32) -> bool) {}
