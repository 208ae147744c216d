//! Signals: the names that clients may send, and the name of the signal that ended a command.

use rustix::process::Signal;

/// The signals that may be sent by name. Others (`SEGV`, real-time signals) are of no use in a terminal.
const SENDABLE: [(&str, Signal); 13] = [
    ("HUP", Signal::HUP),
    ("INT", Signal::INT),
    ("QUIT", Signal::QUIT),
    ("KILL", Signal::KILL),
    ("TERM", Signal::TERM),
    ("USR1", Signal::USR1),
    ("USR2", Signal::USR2),
    ("ALRM", Signal::ALARM),
    ("PIPE", Signal::PIPE),
    ("CONT", Signal::CONT),
    ("STOP", Signal::STOP),
    ("TSTP", Signal::TSTP),
    ("WINCH", Signal::WINCH),
];

/// Other signals that may end a command.
const FATAL: [(&str, Signal); 12] = [
    ("ILL", Signal::ILL),
    ("TRAP", Signal::TRAP),
    ("ABRT", Signal::ABORT),
    ("BUS", Signal::BUS),
    ("FPE", Signal::FPE),
    ("SEGV", Signal::SEGV),
    ("XCPU", Signal::XCPU),
    ("XFSZ", Signal::XFSZ),
    ("VTALRM", Signal::VTALARM),
    ("PROF", Signal::PROF),
    ("SYS", Signal::SYS),
    ("IO", Signal::IO),
];

/// The signal of a name, with or without `SIG`. All of them can be sent to any command.
pub(crate) fn named(name: &str, _in_pty: bool) -> Option<Signal> {
    let short = name.strip_prefix("SIG").unwrap_or(name);
    let found = SENDABLE.iter().find(|(known, _)| *known == short);
    found.map(|(_, signal)| *signal)
}

/// The names of the signals that may be sent.
pub(crate) fn names(_in_pty: bool) -> String {
    SENDABLE.map(|(name, _)| format!("SIG{name}")).join(", ")
}

/// The name of a signal by its number: `SIGKILL`.
pub(crate) fn name(number: i32) -> String {
    let mut known = SENDABLE.iter().chain(&FATAL);
    match known.find(|(_, signal)| signal.as_raw() == number) {
        Some((name, _)) => format!("SIG{name}"),
        None => format!("SIG{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for (short, signal) in SENDABLE {
            assert_eq!(named(short, false), Some(signal));
            assert_eq!(named(&format!("SIG{short}"), true), Some(signal));
            assert_eq!(name(signal.as_raw()), format!("SIG{short}"));
        }
        for wrong in ["", "SIG", "sigint", "9", "SEGV", "SIGSIGINT"] {
            assert_eq!(named(wrong, true), None, "{wrong}");
        }
        assert_eq!(name(11), "SIGSEGV");
        assert_eq!(name(40), "SIG40");
    }
}
