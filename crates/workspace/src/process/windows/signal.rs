//! Signals, as far as Windows has what they mean.

/// A signal that can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// The console is closed, as when a user closes the window of a terminal.
    HangUp,
    /// Ctrl+C is typed.
    Interrupt,
    /// All processes are ended at once, as for `Kill`: the system cannot ask a process to end that has no window.
    Terminate,
    /// All processes are ended at once.
    Kill,
}

/// What needs a console that is ours: a command with pipes has one of its own, which nobody else reaches.
const OF_CONSOLE: [(&str, Signal); 2] = [("HUP", Signal::HangUp), ("INT", Signal::Interrupt)];

const OF_ALL: [(&str, Signal); 2] = [("KILL", Signal::Kill), ("TERM", Signal::Terminate)];

impl Signal {
    /// The name in messages.
    pub(super) fn name(self) -> String {
        let mut all = OF_CONSOLE.iter().chain(&OF_ALL);
        let found = all.find(|(_, one)| *one == self);
        found.map_or_else(String::new, |(name, _)| format!("SIG{name}"))
    }
}

fn sendable(in_pty: bool) -> impl Iterator<Item = (&'static str, Signal)> {
    let console = OF_CONSOLE.into_iter().filter(move |_| in_pty);
    console.chain(OF_ALL)
}

/// The signal of a name, with or without `SIG`, if it can be sent to such a command.
pub(crate) fn named(name: &str, in_pty: bool) -> Option<Signal> {
    let short = name.strip_prefix("SIG").unwrap_or(name);
    let found = sendable(in_pty).find(|(known, _)| *known == short);
    found.map(|(_, signal)| signal)
}

/// The names of the signals that can be sent to such a command.
pub(crate) fn names(in_pty: bool) -> String {
    let names: Vec<_> = sendable(in_pty)
        .map(|(name, _)| format!("SIG{name}"))
        .collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_without_a_meaning_here_has_no_name() {
        assert_eq!(named("SIGINT", true), Some(Signal::Interrupt));
        assert_eq!(named("INT", false), None);
        assert_eq!(named("SIGUSR1", true), None);
        assert_eq!(named("KILL", false), Some(Signal::Kill));
        assert_eq!(names(false), "SIGKILL, SIGTERM");
        assert_eq!(Signal::HangUp.name(), "SIGHUP");
    }
}
