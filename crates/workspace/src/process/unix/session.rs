//! POSIX sessions: each command has one of its own, and no process of it outlives the command.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Signal, WaitIdOptions};

use super::id::{ProcessId, SessionId};
use super::table::{ProcessTable, State};

/// How long a process may take to end after SIGTERM (PROTOCOL section 7).
pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// How long a process may take to be gone after SIGKILL. The kernel does not interrupt one that waits for a disk;
/// then the command's end is told without it.
pub(super) const KILL_PATIENCE: Duration = Duration::from_secs(1);

/// The pauses between two looks for processes that are left: short at first, because most end at once.
pub(super) const LOOKS: (Duration, Duration) =
    (Duration::from_millis(2), Duration::from_millis(50));

/// For so long after a session's start no process number is used twice: there are at least 32,768, and no machine
/// starts as many processes in that time.
const YOUNG: Duration = Duration::from_secs(1);

/// Up to so many processes are looked at one by one. For more, listing all of them is cheaper.
const FEW: i32 = 64;

/// The processes of these sessions that are alive. Zombies are not; those that are children of this process, because
/// their own parent has ended, are waited for.
///
/// # Errors
/// The system cannot be asked. That says nothing about the sessions.
fn members(table: Option<&ProcessTable>, sessions: &[SessionId]) -> io::Result<Vec<ProcessId>> {
    let table = table.ok_or(io::ErrorKind::Unsupported)?;
    Ok(alive(table.of(sessions)?, sessions))
}

/// Like [`members`], for one session. If it began not long ago, only the few processes that are newer than its leader
/// can belong to it. Looking at all processes would take as long as running a short command.
fn members_of(
    table: Option<&ProcessTable>,
    session: SessionId,
    age: Duration,
) -> io::Result<Vec<ProcessId>> {
    let first = session.number();
    match table.and_then(|table| Some((table, table.last_number()?))) {
        Some((table, last)) if age < YOUNG && last >= first && last - first <= FEW => {
            let found = table.among(first..=last, &[session])?;
            Ok(alive(found, &[session]))
        }
        _ => members(table, &[session]),
    }
}

/// Those that are alive. Waits for orphans that have ended: where this process is the first of a container, it is the
/// parent of what a command has left behind, and nobody else waits for that. No child of the host can be among them:
/// they are members of a session whose leader is ours, and was not waited for.
fn alive(found: Vec<(ProcessId, State)>, sessions: &[SessionId]) -> Vec<ProcessId> {
    let mut alive = Vec::new();
    for (process, state) in found {
        match state {
            State::Alive => alive.push(process),
            State::Zombie if sessions.iter().any(|one| one.leader() == process) => {}
            // Not a child of ours, if this fails: its parent or init waits for it.
            State::Zombie => drop(process.wait(WaitIdOptions::EXITED | WaitIdOptions::NOHANG)),
        }
    }
    alive
}

/// Whether processes become children of this one when their parents end.
#[cfg(target_os = "linux")]
pub(crate) fn adopts_orphans() -> bool {
    // With a value from the beginning: Valgrind does not know that the call writes it, and would report its use.
    let mut adopts: libc::c_int = 0;
    #[expect(unsafe_code, reason = "writes the number")]
    let asked = unsafe { libc::prctl(libc::PR_GET_CHILD_SUBREAPER, &raw mut adopts) };
    std::process::id() == 1 || (asked == 0 && adopts != 0)
}

/// Waits for the orphans of a session that have ended. For a session that goes on.
#[cfg(target_os = "linux")]
pub(crate) fn reap_orphans(table: Option<&ProcessTable>, session: SessionId) {
    // What cannot be found now is found at the session's end.
    let _ = members(table, &[session]);
}

/// Sends a signal to the members that were just found.
fn signal(
    table: Option<&ProcessTable>,
    sessions: &[SessionId],
    members: &[ProcessId],
    signal: Signal,
) {
    let is_one = |process: ProcessId| {
        let state = table.map(|table| table.state(process, sessions));
        matches!(state, Some(Ok(Some(State::Alive))))
    };
    for process in members {
        process.signal_if(signal, || is_one(*process));
    }
}

/// Ends all processes of a session: SIGTERM, and SIGKILL for those that are left after [`GRACE`]. While the system
/// cannot be asked who they are, the leader's group gets the signals. The leader must not be waited for before this
/// returns, or the session's number could be free.
pub(crate) async fn end(session: SessionId, began: Instant, table: Option<Arc<ProcessTable>>) {
    let mut found = look(session, began, &table).await;
    if is_over(session, &found) {
        return;
    }
    let start = Instant::now();
    let (mut pause, longest) = LOOKS;
    let (mut asked, mut group_asked) = (Vec::new(), false);
    while start.elapsed() < GRACE + KILL_PATIENCE {
        let over = start.elapsed() >= GRACE;
        match &found {
            Err(_) if over => session.signal(Signal::KILL),
            Err(_) if group_asked => {}
            Err(error) => {
                tracing::warn!(session = session.number(), %error, "the processes of a command cannot be listed; its process group is ended");
                session.signal(Signal::TERM);
                session.signal(Signal::CONT);
                group_asked = true;
            }
            Ok(found) if over => signal(table.as_deref(), &[session], found, Signal::KILL),
            Ok(found) => {
                // New processes did not get SIGTERM yet. A stopped process gets it when it continues.
                let new: Vec<_> = found
                    .iter()
                    .filter(|pid| !asked.contains(*pid))
                    .copied()
                    .collect();
                signal(table.as_deref(), &[session], &new, Signal::TERM);
                signal(table.as_deref(), &[session], &new, Signal::CONT);
                asked.extend(new);
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
        found = look(session, began, &table).await;
        if is_over(session, &found) {
            return;
        }
    }
    tracing::warn!(
        session = session.number(),
        "some processes of a command may still be alive after SIGKILL"
    );
}

/// Whether nothing of a session is left that could get a signal. Where its processes cannot be listed, macOS tells at
/// least that of the leader's group. Linux counts the leader there, which was not waited for.
fn is_over(session: SessionId, found: &io::Result<Vec<ProcessId>>) -> bool {
    match found {
        Ok(found) => found.is_empty(),
        Err(_) => cfg!(target_vendor = "apple") && !session.has_group(),
    }
}

async fn look(
    session: SessionId,
    began: Instant,
    table: &Option<Arc<ProcessTable>>,
) -> io::Result<Vec<ProcessId>> {
    let table = table.clone();
    let look =
        tokio::task::spawn_blocking(move || members_of(table.as_deref(), session, began.elapsed()));
    match look.await {
        Ok(found) => found,
        // A panic must not look like an empty session.
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime is ending, and who waits for this with it.
        Err(error) => Err(io::Error::other(error)),
    }
}

/// Kills all processes of these sessions at once.
pub(crate) fn kill(sessions: &[SessionId], table: Option<&ProcessTable>) {
    /// A fork that is under way may be missed in one round, hardly in several.
    const ROUNDS: usize = 5;
    for _ in 0..ROUNDS {
        // Also the groups of those that cannot be looked at.
        for session in sessions {
            session.signal(Signal::KILL);
        }
        match members(table, sessions) {
            Ok(found) if found.is_empty() => return,
            Ok(found) => signal(table, sessions, &found, Signal::KILL),
            Err(_) => {}
        }
    }
}
