//! What is to be watched.

use loopwire_workspace::{Ignored, WatchRequest};

use crate::argument::{self as args, Argument};
use crate::failure::Outcome;

const KNOWN: [&str; 2] = ["events", "ignore"];

/// Reads what is to be watched: a path or a list of them, and the options.
///
/// # Errors
/// Another type, an unknown option.
pub fn watch<A: Argument>(paths: A, options: A) -> Outcome<WatchRequest> {
    let paths = match paths.text() {
        Some(path) => vec![path],
        None => args::strings(paths, "paths")?,
    };
    let (mut events, mut ignore) = (None, None);
    for (key, value) in args::options(options, "options", &KNOWN)? {
        let name = format!("options.{key}");
        match key.as_str() {
            "events" => events = Some(args::strings(value, &name)?),
            _ => {
                ignore = Some(match value.boolean() {
                    Some(rules) => Ignored::Rules(rules),
                    None => Ignored::Further(args::strings(value, &name)?),
                });
            }
        }
    }
    Ok(WatchRequest {
        paths,
        events,
        ignore,
        tagged: false,
    })
}
