//! Sessions: each command has one of its own, and nothing of it outlives the command.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};

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

/// The processes of these sessions that are alive; those that are waited for are not.
#[cfg(target_os = "linux")]
pub(crate) fn members(sessions: &[Pid]) -> Vec<Pid> {
    let Ok(list) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    let mut text = Vec::new();
    list.filter_map(Result::ok)
        .filter_map(|entry| {
            entry
                .file_name()
                .to_str()?
                .parse()
                .ok()
                .and_then(Pid::from_raw)
        })
        .filter(|pid| session_of(*pid, &mut text).is_some_and(|found| sessions.contains(&found)))
        .collect()
}

/// As [`members`], of one session that began not long ago: only processes that are newer than its leader can belong
/// to it, and mostly there are few. Looking at all of them would take as long as running a short command.
#[cfg(target_os = "linux")]
fn members_of(leader: Pid, age: Duration) -> Vec<Pid> {
    let first = leader.as_raw_nonzero().get();
    // The fifth field of proc(5)'s loadavg is the number that was given out last.
    let last = std::fs::read_to_string("/proc/loadavg").ok();
    let last: Option<i32> =
        last.and_then(|text| text.split_ascii_whitespace().last()?.parse().ok());
    match last {
        Some(last) if age < YOUNG && last >= first && last - first <= FEW => {
            let mut text = Vec::new();
            (first + 1..=last)
                .filter_map(Pid::from_raw)
                .filter(|pid| session_of(*pid, &mut text) == Some(leader))
                .chain(session_of(leader, &mut Vec::new()).map(|_| leader))
                .collect()
        }
        _ => members(&[leader]),
    }
}

/// See [`members`].
#[cfg(not(target_os = "linux"))]
fn members_of(leader: Pid, _age: Duration) -> Vec<Pid> {
    members(&[leader])
}

/// The session of a process that is alive (proc(5): `pid (comm) state ppid pgrp session …`, where the second may
/// hold anything).
#[cfg(target_os = "linux")]
fn session_of(pid: Pid, text: &mut Vec<u8>) -> Option<Pid> {
    use std::io::Read as _;
    text.clear();
    let file = std::fs::File::open(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // All that is needed is in front; one read is one look.
    file.take(512).read_to_end(text).ok()?;
    let behind = &text[memchr::memrchr(b')', text)? + 1..];
    let mut fields = std::str::from_utf8(behind).ok()?.split_ascii_whitespace();
    let alive = !matches!(fields.next()?, "Z" | "X" | "x");
    let session = fields.nth(2)?.parse().ok().and_then(Pid::from_raw);
    session.filter(|_| alive)
}

/// Elsewhere the group has to do: it is the session but for the jobs of an interactive shell, which hear of its
/// end from their terminal.
#[cfg(not(target_os = "linux"))]
pub(crate) fn members(sessions: &[Pid]) -> Vec<Pid> {
    let there = |pid: &&Pid| rustix::process::test_kill_process_group(**pid).is_ok();
    sessions.iter().filter(there).copied().collect()
}

/// Sends a signal to members that were just found.
#[cfg(target_os = "linux")]
pub(crate) fn signal(sessions: &[Pid], members: &[Pid], signal: Signal) {
    use rustix::process::{PidfdFlags, kill_process, pidfd_open, pidfd_send_signal};
    for pid in members {
        match pidfd_open(*pid, PidfdFlags::empty()) {
            // Held fast, and then looked at once more: the number may be another's meanwhile.
            Ok(process) => {
                if session_of(*pid, &mut Vec::new()).is_some_and(|found| sessions.contains(&found))
                {
                    let _ = pidfd_send_signal(process, signal);
                }
            }
            Err(rustix::io::Errno::SRCH) => {}
            Err(_) => {
                let _ = kill_process(*pid, signal);
            }
        }
    }
}

/// See [`members`].
#[cfg(not(target_os = "linux"))]
pub(crate) fn signal(_sessions: &[Pid], members: &[Pid], signal: Signal) {
    for group in members {
        let _ = rustix::process::kill_process_group(*group, signal);
    }
}

/// Ends all of a session: SIGTERM, and SIGKILL for what is left after [`GRACE`]. Its number must not be free
/// yet: the leader is not waited for before this has returned.
pub(crate) async fn end(session: Pid, began: Instant) {
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
        session = session.as_raw_nonzero().get(),
        "some of a command's processes do not die"
    );
}

async fn look(session: Pid, began: Instant) -> Vec<Pid> {
    let look = tokio::task::spawn_blocking(move || members_of(session, began.elapsed()));
    look.await.unwrap_or_default()
}

/// Kills these sessions at once.
pub(crate) fn kill(sessions: &[Pid]) {
    /// A fork that is under way may be missed once, and not twice in a row.
    const ROUNDS: usize = 5;
    for session in sessions {
        let _ = rustix::process::kill_process_group(*session, Signal::KILL);
    }
    for _ in 0..ROUNDS {
        let found = members(sessions);
        if found.is_empty() {
            return;
        }
        signal(sessions, &found, Signal::KILL);
    }
}
