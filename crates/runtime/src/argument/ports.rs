//! Ports.

use super::argument::Argument;
use super::number::{number, size};
use crate::failure::{Class, Failure, Outcome};

/// A port as Node's servers take it; 0 asks for any.
///
/// # Errors
/// Another type, another number.
pub fn port<A: Argument>(value: A, name: &str) -> Outcome<u16> {
    let given = number(value, name)?;
    let whole = (given.fract() == 0.0 && (0.0..=65_535.0).contains(&given)).then_some(given);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and inside the range"
    )]
    whole.map(|port| port as u16).ok_or_else(|| {
        Failure::new(
            Class::Range,
            "ERR_SOCKET_BAD_PORT",
            format!("{name} must be a whole number from 0 to 65535, not {given}"),
        )
    })
}

/// A port that can be forwarded. 0 is refused: it would mean any port, and clients could not know which.
///
/// # Errors
/// Another type, another number.
pub fn forwarded_port<A: Argument>(value: A, name: &str) -> Outcome<u16> {
    match port(value, name)? {
        0 => Err(Failure::new(
            Class::Range,
            "ERR_SOCKET_BAD_PORT",
            format!("{name} must be from 1 to 65535, not 0"),
        )),
        port => Ok(port),
    }
}

/// Ports: a buffer of 32-bit numbers or a list of numbers; `count`, if given, is how many of them are used.
///
/// # Errors
/// Another type, what cannot be a port, a count that is larger than the list.
pub fn ports<A: Argument>(value: A, name: &str, count: A) -> Outcome<Vec<u16>> {
    let mut all = Vec::new();
    if let Some(list) = value.list() {
        for (at, entry) in list.into_iter().enumerate() {
            all.push(forwarded_port(entry, &format!("{name}[{at}]"))?);
        }
    } else {
        let words = value
            .words()
            .ok_or_else(|| Failure::wrong_type(name, A::TERMS.ports, value.kind()))?;
        for (at, word) in words.into_iter().enumerate() {
            let port = u16::try_from(word).ok().filter(|&port| port > 0);
            all.push(port.ok_or_else(|| {
                let name = format!("{name}[{at}]");
                Failure::out_of_range(&name, "a port from 1 to 65535", &word.to_string())
            })?);
        }
    }
    if !count.is_missing() {
        all.truncate(size(count, "n", 0..=all.len() as u64)?);
    }
    Ok(all)
}
