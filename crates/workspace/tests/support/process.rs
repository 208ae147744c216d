//! Processes of this machine, as `/proc` shows them.

/// Whether a process exists and is not a zombie.
pub(crate) fn is_alive(pid: u64) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit_once(')')
        .map(|(_, behind)| behind.trim_start().chars().next());
    !matches!(state, None | Some(Some('Z' | 'X')))
}

/// All processes.
pub(crate) fn processes() -> impl Iterator<Item = u64> {
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The processes other than this one that have the text on their command line, and that line.
pub(crate) fn command_lines(text: &str) -> Vec<(u64, String)> {
    let others = processes().filter(|pid| *pid != u64::from(std::process::id()));
    let lines = others.map(|pid| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        (pid, String::from_utf8_lossy(&line).into_owned())
    });
    lines.filter(|(_, line)| line.contains(text)).collect()
}

/// The processes of these sessions that are alive.
pub(crate) fn members(sessions: &[u64]) -> Vec<u64> {
    let found = processes().filter(|pid| {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let session = stat
            .rsplit_once(") ")
            .and_then(|(_, behind)| behind.split(' ').nth(3));
        let session = session.and_then(|session| session.parse().ok());
        session.is_some_and(|session| sessions.contains(&session)) && is_alive(*pid)
    });
    found.collect()
}
