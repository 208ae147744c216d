//! The arguments of the calls of the SDK.

use std::time::Duration;

use crate::argument::{self as args, Argument};
use crate::failure::{Failure, Outcome};

/// The only kind of channel that `startCommunicate` can start: WebSocket.
const WEBSOCKET: f64 = 1.0;

/// The plan that a proxy is asked for with, unless another one is given.
const DEFAULT_PLAN: &str = "1";

/// What is told to the provider as the reason, unless another one is given.
const DEFAULT_ACTION_TYPE: &str = "manual";

/// The longest interval: 31 days.
const MAX_SECONDS: u64 = 31 * 86_400;

/// The kinds of tunnel that the SDK's page numbers: 0 to 2.
const MAX_PROTOCOL: u64 = 2;

/// The kind of a channel: 1 (WebSocket) is the only one.
///
/// # Errors
/// Another number.
pub fn channel(kind: f64, name: &str) -> Outcome<()> {
    if kind == WEBSOCKET {
        return Ok(());
    }
    let expected = "1 (WebSocket)";
    Err(Failure::out_of_range(name, expected, &kind.to_string()))
}

/// The plan of a proxy; `"1"` if none was given.
///
/// # Errors
/// Another type, a plan that is too long.
pub fn plan<A: Argument>(value: A) -> Outcome<String> {
    args::id_or(value, "plan", DEFAULT_PLAN)
}

/// The type of action that is told to the provider; `"manual"` if none was given.
///
/// # Errors
/// Another type, a text that is too long.
pub fn action_type<A: Argument>(value: A) -> Outcome<String> {
    args::id_or(value, "actionType", DEFAULT_ACTION_TYPE)
}

/// Whether ports that are in use are passed over; no if it was not given.
///
/// # Errors
/// Another type, another number than 0 and 1.
pub fn only_free<A: Argument>(value: A) -> Outcome<bool> {
    Ok(!value.is_missing() && args::switch(value, "onlyFree")?)
}

/// The kind of tunnel, which has no effect.
///
/// # Errors
/// Another type, another number.
pub fn protocol<A: Argument>(value: A) -> Outcome<u8> {
    let protocol = args::integer(value, "protocol", 0..=MAX_PROTOCOL)?;
    Ok(u8::try_from(protocol).unwrap_or_default())
}

/// The interval of rotation or renewal.
///
/// # Errors
/// Another type, another number.
pub fn seconds<A: Argument>(value: A, name: &str) -> Outcome<Duration> {
    args::integer(value, name, 1..=MAX_SECONDS).map(Duration::from_secs)
}

/// After how many renewals a port is removed; 0 for no limit.
///
/// # Errors
/// Another type, another number.
pub fn renew_limit<A: Argument>(value: A, name: &str) -> Outcome<u64> {
    args::integer(value, name, 0..=u64::from(u32::MAX))
}

/// The first port of a range, or how many it has.
///
/// # Errors
/// Another type, another number.
pub fn port_number<A: Argument>(value: A, name: &str) -> Outcome<u32> {
    let number = args::integer(value, name, 1..=65_535)?;
    Ok(u32::try_from(number).unwrap_or_default())
}

/// A limit of ports. It may exceed the number of ports.
///
/// # Errors
/// Another type, another number.
pub fn port_limit<A: Argument>(value: A) -> Outcome<usize> {
    args::size(value, "limit", 0..=u64::from(u32::MAX))
}
