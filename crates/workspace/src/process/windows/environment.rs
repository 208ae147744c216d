//! The environment of a command: that of this process, as a terminal emulator hands it on.

use std::io;

use super::text::wide;
use crate::process::command_line::Variables;
use crate::process::environment::is_withheld;
use crate::process::shapes::Plan;

/// What a terminal emulator says here. `TERM` is not said: programs of Windows do not read it, and those of Unix take it
/// for more than a console can do.
const COLOURS: (&str, &str) = ("COLORTERM", "truecolor");

/// The variables of a command. What it was given wins over everything else.
pub(super) fn of(plan: &Plan) -> io::Result<Variables> {
    let mut all = Variables::default();
    for (name, value) in std::env::vars_os() {
        if !is_withheld(&name) {
            // A variable that is there already.
            let _ = all.set(wide(name), wide(value));
        }
    }
    if plan.size.is_some() {
        all.set(wide(COLOURS.0), wide(COLOURS.1))?;
    }
    for (name, value) in &plan.env {
        all.set(wide(name), wide(value))?;
    }
    for (name, value) in &plan.variables {
        match value {
            Some(value) => all.set(wide(name), wide(value))?,
            None => all.remove(&wide(name)),
        }
    }
    Ok(all)
}
