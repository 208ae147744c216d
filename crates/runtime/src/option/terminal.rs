//! What a command is started with.

use loopwire_workspace::{Execute, Spawn};

use crate::argument::{self as args, Argument};
use crate::failure::{Failure, Outcome};

const KNOWN: [&str; 8] = [
    "command",
    "cwd",
    "env",
    "id",
    "pty",
    "cols",
    "rows",
    "timeoutMs",
];

/// The options of a command that runs to its end.
const OF_EXECUTE: [&str; 6] = ["cwd", "env", "id", "timeoutMs", "input", "maxOutputBytes"];

/// How much is collected without an option: it is held in memory.
const MAX_COLLECTED_BYTES: u64 = 16 << 20;

/// Columns and rows that a terminal may have, as on the wire.
const MAX_SIDE: u64 = 2_000;

/// Columns or rows of a terminal.
///
/// # Errors
/// Another type, another number.
pub fn side<A: Argument>(value: A, name: &str) -> Outcome<u16> {
    let side = args::integer(value, name, 1..=MAX_SIDE)?;
    Ok(u16::try_from(side).unwrap_or(u16::MAX))
}

/// Reads the options that a command is started with. It gets a PTY unless they say otherwise.
///
/// # Errors
/// Another type, an unknown option, a number out of its range, a NUL character.
pub fn terminal<A: Argument>(options: A) -> Outcome<Spawn> {
    let mut spawn = Spawn {
        pty: true,
        ..Spawn::default()
    };
    for (key, value) in args::options(options, "options", &KNOWN)? {
        let name = format!("options.{key}");
        let name = name.as_str();
        match key.as_str() {
            "command" => spawn.command = Some(args::text(value, name)?),
            "pty" => spawn.pty = args::boolean(value, name)?,
            "cols" => spawn.cols = side(value, name)?,
            "rows" => spawn.rows = side(value, name)?,
            key => common(&mut spawn, key, value, name)?,
        }
    }
    Ok(spawn)
}

/// Reads a command and the options that it is run to its end with.
///
/// # Errors
/// Another type, an unknown option, a number out of its range, a NUL character.
pub fn execute<A: Argument>(command: A, options: A) -> Outcome<Execute> {
    let mut execute = Execute {
        spawn: Spawn {
            command: Some(args::text(command, "command")?),
            ..Spawn::default()
        },
        max_output_bytes: Some(MAX_COLLECTED_BYTES),
        ..Execute::default()
    };
    for (key, value) in args::options(options, "options", &OF_EXECUTE)? {
        let name = format!("options.{key}");
        let name = name.as_str();
        match key.as_str() {
            "input" => execute.input = args::bytes(value, name)?.into(),
            "maxOutputBytes" => {
                execute.max_output_bytes = args::for_ever(value, name, 0..=args::MAX_NUMBER)?;
            }
            key => common(&mut execute.spawn, key, value, name)?,
        }
    }
    Ok(execute)
}

/// Reads an option that every command has, however it is run.
fn common<A: Argument>(spawn: &mut Spawn, key: &str, value: A, name: &str) -> Outcome<()> {
    match key {
        "cwd" => spawn.cwd = Some(args::text(value, name)?),
        "env" => spawn.env = environment(value, name)?,
        "id" => spawn.id = Some(args::string(value, name)?.into()),
        _ => spawn.timeout = Some(args::millis(value, name, 1..=args::DAY)?),
    }
    Ok(())
}

/// An object of strings, as `process.env` is one.
///
/// # Errors
/// Another type, also of a value; a key that cannot be the name of a variable, a NUL character.
pub fn environment<A: Argument>(value: A, name: &str) -> Outcome<Vec<(String, String)>> {
    let wrong = || Failure::wrong_type(name, "an object of strings", value.kind());
    if value.list().is_some() {
        return Err(Failure::wrong_type(
            name,
            "an object of strings",
            "an array",
        ));
    }
    let mut all = Vec::new();
    for key in value.keys().ok_or_else(wrong)? {
        let entry = value.get(&key).ok_or_else(wrong)?;
        if entry.is_missing() {
            continue;
        }
        if key.is_empty() || key.contains(['=', '\0']) {
            return Err(Failure::invalid(format!(
                "{name} has a key that cannot be the name of a variable"
            )));
        }
        let text = args::text(entry, &format!("{name}.{key}"))?;
        all.push((key, text));
    }
    Ok(all)
}
