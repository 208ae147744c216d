//! Log lines on standard error, off unless `LOOPWIRE_LOG` or `NODE_DEBUG` asks for them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Once;

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;

/// What is written: a level, or a list such as `info,forward=debug`.
const LOG: &str = "LOOPWIRE_LOG";

/// Node's own variable: a list of names, which turns `debug` on if `loopwire` is one of them.
const NODE_DEBUG: &str = "NODE_DEBUG";

/// What the targets of our crates begin with. Other crates never write: their `trace` may hold a header or a frame,
/// and with it a secret.
const OURS: &str = "loopwire";

/// Installs the subscriber if the environment variables ask for one, once in a process: each Worker loads the addon
/// again. Without one, a `tracing` call costs one relaxed load.
pub fn init() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let value = |name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        match targets(value(LOG).as_deref(), value(NODE_DEBUG).as_deref()) {
            Ok(None) => {}
            // A subscriber that is already there, the host's own, stays.
            Ok(Some(targets)) => {
                let _ = tracing::subscriber::set_global_default(subscriber(targets));
            }
            Err(part) => {
                let mut text =
                    format!("loopwire: {LOG} ignored: `{}` is not ", part.escape_debug());
                let _ = writeln!(text, "off, error, warn, info, debug, trace, or crate=level");
                // Not `eprintln!`, which panics if standard error is closed.
                let _ = std::io::stderr().write_all(text.as_bytes());
            }
        }
    });
}

fn subscriber(targets: Targets) -> impl Subscriber + Send + Sync {
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false)
        // Its own report of a failed write is an `eprintln!` as well.
        .log_internal_errors(false);
    tracing_subscriber::registry().with(targets).with(lines)
}

/// What the two variables ask for.
///
/// # Errors
/// The part of `LOOPWIRE_LOG` that is not understood.
fn targets(log: Option<&str>, node_debug: Option<&str>) -> Result<Option<Targets>, String> {
    let Some(log) = log.filter(|log| !log.trim().is_empty()) else {
        let wanted = node_debug.is_some_and(|list| list.split(',').any(names_us));
        return Ok(wanted.then(|| Targets::new().with_target(OURS, LevelFilter::DEBUG)));
    };
    let mut targets = Targets::new();
    for part in log
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let (target, level) = match part.split_once('=') {
            None => (OURS.to_owned(), part),
            Some((name, level)) if name.starts_with(OURS) => (name.to_owned(), level),
            Some((name, level)) => (format!("{OURS}_{name}"), level),
        };
        let known = level.starts_with(|first: char| first.is_ascii_alphabetic());
        let level = level.parse::<LevelFilter>().ok().filter(|_| known);
        targets = targets.with_target(target, level.ok_or(part)?);
    }
    Ok(Some(targets))
}

/// Whether an entry of `NODE_DEBUG` means us. Node compares without case and knows `*`.
fn names_us(entry: &str) -> bool {
    let entry = entry.trim().to_ascii_lowercase();
    match entry.split_once('*') {
        Some((start, _)) => OURS.starts_with(start),
        None => entry == OURS,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use super::*;
    use tracing::Level;

    fn wanted(log: &str, node_debug: &str) -> Option<Targets> {
        targets(Some(log), Some(node_debug)).unwrap()
    }

    #[test]
    fn nothing_is_written_unless_a_variable_asks_for_it() {
        assert!(targets(None, None).unwrap().is_none());
        assert!(wanted(" ", "").is_none());
        assert!(wanted("", "http,net").is_none());
    }

    #[test]
    fn a_level_holds_for_our_crates_alone() {
        let targets = wanted("debug", "").unwrap();
        assert!(targets.would_enable("loopwire_forward::dial", &Level::DEBUG));
        assert!(!targets.would_enable("loopwire_forward::dial", &Level::TRACE));
        assert!(!targets.would_enable("hyper", &Level::ERROR));
    }

    #[test]
    fn a_crate_has_a_level_of_its_own() {
        let targets = wanted("WARN, forward=trace,loopwire_channel=off", "").unwrap();
        assert!(targets.would_enable("loopwire_forward", &Level::TRACE));
        assert!(!targets.would_enable("loopwire_channel", &Level::ERROR));
        assert!(targets.would_enable("loopwire_workspace", &Level::WARN));
        assert!(!targets.would_enable("loopwire_workspace", &Level::INFO));
    }

    #[test]
    fn node_debug_turns_debug_on_as_it_does_in_node() {
        for list in ["loopwire", "http,LOOPWIRE", "*", "loop*"] {
            let targets = wanted("", list).unwrap();
            assert!(
                targets.would_enable("loopwire_trust", &Level::DEBUG),
                "{list}"
            );
            assert!(
                !targets.would_enable("loopwire_trust", &Level::TRACE),
                "{list}"
            );
        }
        assert!(wanted("", "loopwires").is_none());
    }

    #[test]
    fn what_is_not_understood_is_named() {
        for (log, part) in [
            ("verbose", "verbose"),
            ("info,forward=loud", "forward=loud"),
            ("1", "1"),
        ] {
            assert_eq!(targets(Some(log), None).unwrap_err(), part);
        }
    }
}
