//! Sessions: each command has one of its own, and nothing of it outlives the command.

use std::time::{Duration, Instant};

use rustix::process::Signal;

#[cfg(target_os = "linux")]
use super::id::ProcessId;
use super::id::SessionId;

/// How long what was asked to end has to do so (PROTOCOL section 7).
pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// How long what was killed may take to be gone. The kernel does not interrupt a process that waits for a disk; the
/// command's end is told without it.
const KILL_PATIENCE: Duration = Duration::from_secs(1);

/// How often it is looked whether something is left: often at first, since most go at once.
const LOOKS: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(50));

/// How long after a session's beginning the numbers of processes cannot have come round to where they were: there
/// are at least 32,768, and no machine starts as many in that time.
#[cfg(target_os = "linux")]
const YOUNG: Duration = Duration::from_secs(1);

/// How many processes are looked at one by one; beyond that a list of all of them costs less.
#[cfg(target_os = "linux")]
const FEW: i32 = 64;

/// What a session consists of, as far as the system tells: its processes.
#[cfg(target_os = "linux")]
type Member = ProcessId;

/// See above. Elsewhere the group has to do: it is the session but for the jobs of an interactive shell, which hear
/// of its end from their terminal.
#[cfg(not(target_os = "linux"))]
type Member = SessionId;

/// The processes of these sessions that are alive; those that are waited for are not.
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

/// As [`members`], of one session that began not long ago: only processes that are newer than its leader can belong
/// to it, and mostly there are few. Looking at all of them would take as long as running a short command.
#[cfg(target_os = "linux")]
fn members_of(session: SessionId, age: Duration) -> Vec<Member> {
    let first = session.number();
    // The fifth field of proc(5)'s loadavg is the number that was given out last.
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
    // All that is needed is in front; one read is one look.
    let read = file.take(512).read_to_end(text);
    let found = read.ok().and_then(|_| session_in(text));
    found.is_some_and(|found| sessions.contains(&found))
}

/// The session in the text of `/proc/PID/stat`, if the process is alive (proc(5): `pid (comm) state ppid pgrp session
/// …`, where the second may hold anything). Of a process that is being removed the kernel says -1.
#[cfg(target_os = "linux")]
fn session_in(stat: &[u8]) -> Option<SessionId> {
    let behind = &stat[memchr::memrchr(b')', stat)? + 1..];
    let mut fields = std::str::from_utf8(behind).ok()?.split_ascii_whitespace();
    let alive = !matches!(fields.next()?, "Z" | "X" | "x");
    let session = SessionId::new(fields.nth(2)?.parse().ok()?);
    session.filter(|_| alive)
}

/// See above.
#[cfg(not(target_os = "linux"))]
fn members(sessions: &[SessionId]) -> Vec<Member> {
    let there = |session: &&SessionId| session.has_group();
    sessions.iter().filter(there).copied().collect()
}

/// Sends a signal to members that were just found.
#[cfg(target_os = "linux")]
fn signal(sessions: &[SessionId], members: &[Member], signal: Signal) {
    for process in members {
        match process.open() {
            // Held fast, and then looked at once more: the number may be another's meanwhile.
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

/// Ends all of a session: SIGTERM, and SIGKILL for what is left after [`GRACE`]. Its number must not be free
/// yet: the leader is not waited for before this has returned.
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
            // Whoever is new has not heard it yet. A stopped one hears it when it goes on.
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
        "some of a command's processes do not die"
    );
}

async fn look(session: SessionId, began: Instant) -> Vec<Member> {
    let look = tokio::task::spawn_blocking(move || members_of(session, began.elapsed()));
    match look.await {
        Ok(found) => found,
        // A panic must not pass for "nothing is left".
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime ends; the guardian kills.
        Err(_) => Vec::new(),
    }
}

/// Kills these sessions at once.
pub(crate) fn kill(sessions: &[SessionId]) {
    /// A fork that is under way may be missed once, and not twice in a row.
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
        // The kernel writes -1 once the process has no signal handlers any more, whatever its state says.
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
