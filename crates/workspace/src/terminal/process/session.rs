//! POSIX sessions: each command has one of its own, and no process of it outlives the command.

use std::time::{Duration, Instant};

use rustix::process::Signal;

#[cfg(target_os = "linux")]
use super::id::ProcessId;
use super::id::SessionId;

/// How long a process may take to end after SIGTERM (PROTOCOL section 7).
pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// How long a process may take to be gone after SIGKILL. The kernel does not interrupt one that waits for a disk;
/// then the command's end is told without it.
const KILL_PATIENCE: Duration = Duration::from_secs(1);

/// The pauses between two looks for processes that are left: short at first, because most end at once.
const LOOKS: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(50));

/// For so long after a session's start no process number is used twice: there are at least 32,768, and no machine
/// starts as many processes in that time.
#[cfg(target_os = "linux")]
const YOUNG: Duration = Duration::from_secs(1);

/// Up to so many processes are looked at one by one. For more, listing all of them is cheaper.
#[cfg(target_os = "linux")]
const FEW: i32 = 64;

/// What signals are sent to: each process of the session.
#[cfg(target_os = "linux")]
type Member = ProcessId;

/// What signals are sent to. Other systems do not tell the processes of a session, so this is the leader's group. It
/// lacks only the jobs of an interactive shell, which end with their terminal.
#[cfg(not(target_os = "linux"))]
type Member = SessionId;

/// The processes of these sessions that are alive. Zombies are not.
#[cfg(target_os = "linux")]
fn members(sessions: &[SessionId]) -> Vec<Member> {
    let Ok(list) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let mut text = Vec::new();
    list.filter_map(Result::ok)
        .filter_map(|entry| ProcessId::new(entry.file_name().to_str()?.parse().ok()?))
        .filter(|process| is_of(sessions, *process, &mut text))
        .collect()
}

/// Like [`members`], for one session. If it began not long ago, only the few processes that are newer than its leader
/// can belong to it. Looking at all processes would take as long as running a short command.
#[cfg(target_os = "linux")]
fn members_of(session: SessionId, age: Duration) -> Vec<Member> {
    let first = session.number();
    // The fifth field of /proc/loadavg is the process number that was assigned last (proc(5)).
    let last = std::fs::read_to_string("/proc/loadavg").ok();
    let last: Option<i32> =
        last.and_then(|text| text.split_ascii_whitespace().last()?.parse().ok());
    match last {
        Some(last) if age < YOUNG && last >= first && last - first <= FEW => {
            let mut text = Vec::new();
            (first..=last)
                .filter_map(ProcessId::new)
                .filter(|process| is_of(&[session], *process, &mut text))
                .collect()
        }
        _ => members(&[session]),
    }
}

/// See [`members`].
#[cfg(not(target_os = "linux"))]
fn members_of(session: SessionId, _age: Duration) -> Vec<Member> {
    members(&[session])
}

/// Whether a process is alive and belongs to one of these sessions.
#[cfg(target_os = "linux")]
fn is_of(sessions: &[SessionId], process: ProcessId, text: &mut Vec<u8>) -> bool {
    use std::io::Read as _;
    text.clear();
    let Ok(file) = std::fs::File::open(format!("/proc/{}/stat", process.number())) else {
        return false;
    };
    // All needed fields are at the front, and one read gives a consistent state.
    let read = file.take(512).read_to_end(text);
    let found = read.ok().and_then(|_| session_in(text));
    found.is_some_and(|found| sessions.contains(&found))
}

/// The session in the text of `/proc/PID/stat`, if the process is alive (proc(5): `pid (comm) state ppid pgrp session
/// …`, where `comm` may hold anything). For a process that is being removed the kernel writes -1.
#[cfg(target_os = "linux")]
fn session_in(stat: &[u8]) -> Option<SessionId> {
    let behind = &stat[memchr::memrchr(b')', stat)? + 1..];
    let mut fields = std::str::from_utf8(behind).ok()?.split_ascii_whitespace();
    let alive = !matches!(fields.next()?, "Z" | "X" | "x");
    let session = SessionId::new(fields.nth(2)?.parse().ok()?);
    session.filter(|_| alive)
}

/// See [`members`].
#[cfg(not(target_os = "linux"))]
fn members(sessions: &[SessionId]) -> Vec<Member> {
    let there = |session: &&SessionId| session.has_group();
    sessions.iter().filter(there).copied().collect()
}

/// Sends a signal to the members that were just found.
#[cfg(target_os = "linux")]
fn signal(sessions: &[SessionId], members: &[Member], signal: Signal) {
    for process in members {
        match process.open() {
            // The descriptor keeps the process. Then check again: the number may belong to another process by now.
            Ok(open) => {
                if is_of(sessions, *process, &mut Vec::new()) {
                    let _ = rustix::process::pidfd_send_signal(open, signal);
                }
            }
            Err(error) if error.raw_os_error() == Some(libc::ESRCH) => {}
            Err(_) => process.signal(signal),
        }
    }
}

/// See [`members`].
#[cfg(not(target_os = "linux"))]
fn signal(_sessions: &[SessionId], members: &[Member], signal: Signal) {
    for session in members {
        session.signal(signal);
    }
}

/// Ends all processes of a session: SIGTERM, and SIGKILL for those that are left after [`GRACE`]. The leader must not
/// be waited for before this returns, or the session's number could be free.
pub(crate) async fn end(session: SessionId, began: Instant) {
    let mut found = look(session, began).await;
    if found.is_empty() {
        return;
    }
    let start = Instant::now();
    let (mut pause, longest) = LOOKS;
    let mut asked = Vec::new();
    while start.elapsed() < GRACE + KILL_PATIENCE {
        if start.elapsed() >= GRACE {
            signal(&[session], &found, Signal::KILL);
        } else {
            // New processes did not get SIGTERM yet. A stopped process gets it when it continues.
            let new: Vec<_> = found
                .iter()
                .filter(|pid| !asked.contains(*pid))
                .copied()
                .collect();
            signal(&[session], &new, Signal::TERM);
            signal(&[session], &new, Signal::CONT);
            asked.extend(new);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
        found = look(session, began).await;
        if found.is_empty() {
            return;
        }
    }
    tracing::warn!(
        session = session.number(),
        "some processes of a command are still alive after SIGKILL"
    );
}

async fn look(session: SessionId, began: Instant) -> Vec<Member> {
    let look = tokio::task::spawn_blocking(move || members_of(session, began.elapsed()));
    match look.await {
        Ok(found) => found,
        // A panic must not look like an empty session.
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime is ending. The guardian kills what is left.
        Err(_) => Vec::new(),
    }
}

/// Kills all processes of these sessions at once.
pub(crate) fn kill(sessions: &[SessionId]) {
    /// A fork that is under way may be missed in one round, hardly in several.
    const ROUNDS: usize = 5;
    for session in sessions {
        session.signal(Signal::KILL);
    }
    for _ in 0..ROUNDS {
        let found = members(sessions);
        if found.is_empty() {
            return;
        }
        signal(sessions, &found, Signal::KILL);
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_is_being_removed_has_no_session() {
        // The kernel writes -1 for a process that is being removed, whatever its state says.
        for stat in [
            "4242 (sh) R 1 -1 -1 0 -1 4194304",
            "4242 (sh) X 0 -1 -1 0 -1 4194304",
            "4242 (sh) S 1 0 0 0 -1 4194304",
            "4242 (sh) S 1 1 1 0 -1 4194304",
            "4242 (sh) S 1 7 -2147483648 0 -1",
            "4242 (sh) S 1 7 99999999999 0 -1",
            "4242 (sh) S 1",
            "4242 (sh",
            "",
        ] {
            assert_eq!(session_in(stat.as_bytes()), None, "{stat}");
        }
    }
}
