//! The settings of a runtime.

use super::target::target;
use crate::argument::{self as args, Argument};
use crate::failure::Outcome;
use crate::runtime::Settings as RuntimeSettings;

const KNOWN: [&str; 10] = [
    "journalBytes",
    "journalEvents",
    "connectTimeoutMs",
    "handshakeTimeoutMs",
    "firstByteTimeoutMs",
    "idleTimeoutMs",
    "idleCheckMs",
    "probe",
    "rotateOnError",
    "allowProviderDirect",
];

/// Changes what is given; what is left out stays.
///
/// # Errors
/// Another type, an unknown key, a number out of its range.
pub fn settings<A: Argument>(given: A, mut settings: RuntimeSettings) -> Outcome<RuntimeSettings> {
    // In milliseconds. Above it a limit would have no effect.
    const TEN_MINUTES: u64 = 600_000;

    for (key, value) in args::options(given, "settings", &KNOWN)? {
        let name = format!("settings.{key}");
        let millis = |value, range| args::millis(value, &name, range);
        let size = |value, range| args::size(value, &name, range);
        let forward = &mut settings.forward;
        match key.as_str() {
            // Below the lower bounds one batch would not fit; the upper bounds keep a mistake from using all memory.
            "journalBytes" => settings.bounds.bytes = size(value, 64 << 10..=1 << 30)?,
            "journalEvents" => settings.bounds.events = size(value, 1 << 10..=1 << 24)?,
            "connectTimeoutMs" => forward.connect_timeout = millis(value, 1..=TEN_MINUTES)?,
            "handshakeTimeoutMs" => forward.handshake_timeout = millis(value, 1..=TEN_MINUTES)?,
            "firstByteTimeoutMs" => forward.first_byte_timeout = millis(value, 1..=args::DAY)?,
            "idleTimeoutMs" => forward.idle_timeout = millis(value, 1..=args::DAY)?,
            "idleCheckMs" => forward.idle_check = millis(value, 0..=args::DAY)?,
            "rotateOnError" => forward.rotate_on_error = args::boolean(value, &name)?,
            "allowProviderDirect" => forward.allow_provider_direct = args::boolean(value, &name)?,
            _ => forward.probe = target(value, "settings.probe")?,
        }
    }
    Ok(settings)
}
