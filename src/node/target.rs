//! A host and a port, read from what JavaScript gives.

use loopwire_runtime::Target;
use napi::bindgen_prelude::*;

use super::args;
use super::errors::{Failure, Outcome};

/// A probe target: `{host, port}`, or null for none.
pub(crate) fn target(value: Unknown<'_>, name: &str) -> Outcome<Option<Target>> {
    if args::is_null(&value) {
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
