//! A host and a port.

use loopwire_forward::Target;

use crate::argument::{self as args, Argument};
use crate::failure::{Failure, Outcome};

/// A probe target: `{host, port}`, or null for none.
///
/// # Errors
/// Another type, an unknown key, a host or a port that is missing or cannot be one.
pub fn target<A: Argument>(value: A, name: &str) -> Outcome<Option<Target>> {
    if value.is_null() {
        return Ok(None);
    }
    let (mut host, mut port) = (None, None);
    for (key, value) in args::options(value, name, &["host", "port"])? {
        match key.as_str() {
            "host" => host = Some(args::string(value, &format!("{name}.host"))?),
            _ => port = Some(args::port(value, &format!("{name}.port"))?),
        }
    }
    let target = host
        .zip(port)
        .and_then(|(host, port)| Target::new(&host, port));
    target.map(Some).ok_or_else(|| {
        let message =
            format!("{name} must be {{host, port}} with a host and a port from 1 to 65535");
        Failure::invalid(message)
    })
}
