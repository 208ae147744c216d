//! The options of a workspace.

use std::path::PathBuf;
use std::time::Duration;

use loopwire_workspace::{GitProtocol, Options as WorkspaceOptions, Watch};

use super::terminal::environment;
use crate::argument::{self as args, Argument};
use crate::failure::{Failure, Outcome};

const KNOWN: [&str; 20] = [
    "terminal",
    "files",
    "watch",
    "git",
    "gitProtocols",
    "trustRepositories",
    "snapshots",
    "snapshotDir",
    "maxSnapshots",
    "maxSnapshotAgeMs",
    "maxSnapshotFiles",
    "maxSnapshotFileBytes",
    "shell",
    "env",
    "detachMs",
    "scrollbackBytes",
    "maxTerminals",
    "maxWatches",
    "maxFileBytes",
    "maxOutputBytes",
];

/// The path of a directory.
///
/// # Errors
/// Another type, the empty text, a NUL character.
pub fn directory<A: Argument>(value: A, name: &str) -> Outcome<PathBuf> {
    let path = args::string(value, name)?;
    if path.is_empty() || path.contains('\0') {
        let message = format!("{name} must be the path of a directory");
        return Err(Failure::invalid(message));
    }
    Ok(PathBuf::from(path))
}

/// The permissions that a file is written with.
pub fn file_mode<A: Argument>(value: A, name: &str) -> Outcome<u32> {
    let bits = args::integer(value, name, 0..=0o777)?;
    Ok(u32::try_from(bits).unwrap_or_default())
}

/// Reads the options of a workspace.
///
/// # Errors
/// Another type, an unknown option, a number out of its range, a word that there is not.
pub fn workspace<A: Argument>(given: A) -> Outcome<WorkspaceOptions> {
    let mut options = WorkspaceOptions::default();
    for (key, value) in args::options(given, "options", &KNOWN)? {
        let name = format!("options.{key}");
        let name = name.as_str();
        match key.as_str() {
            "terminal" => options.terminal = args::boolean(value, name)?,
            "files" => options.files = args::boolean(value, name)?,
            "watch" => options.watch = watch(value, name)?,
            "git" => options.git = args::boolean(value, name)?,
            "gitProtocols" => options.git_protocols = protocols(value, name)?,
            "trustRepositories" => options.trust_repositories = args::boolean(value, name)?,
            "snapshots" => options.snapshots = args::boolean(value, name)?,
            "snapshotDir" => options.snapshot_dir = Some(directory(value, name)?),
            "maxSnapshots" => {
                options.max_snapshots = args::for_ever(value, name, 1..=args::MAX_NUMBER)?
            }
            "maxSnapshotAgeMs" => {
                let age = args::for_ever(value, name, 0..=args::MAX_NUMBER)?;
                options.max_snapshot_age = age.map(Duration::from_millis);
            }
            "maxSnapshotFiles" => {
                options.max_snapshot_files = args::integer(value, name, 1..=args::MAX_NUMBER)?
            }
            "maxSnapshotFileBytes" => {
                options.max_snapshot_file_bytes = args::integer(value, name, 1..=1 << 50)?
            }
            "shell" => options.shell = Some(shell(value, name)?),
            "env" => options.env = environment(value, name)?,
            "detachMs" => {
                options.detach =
                    args::for_ever(value, name, 0..=args::DAY)?.map(Duration::from_millis)
            }
            // Less would not hold one screen; the upper bound keeps a mistake from using all memory.
            "scrollbackBytes" => {
                options.scrollback_bytes = args::size(value, name, 4_096..=1 << 28)?
            }
            "maxTerminals" => options.max_terminals = args::size(value, name, 1..=4_096)?,
            "maxWatches" => options.max_watches = args::size(value, name, 1..=4_096)?,
            "maxFileBytes" => options.max_file_bytes = args::integer(value, name, 1..=1 << 50)?,
            _ => options.max_output_bytes = args::for_ever(value, name, 1..=1 << 50)?,
        }
    }
    Ok(options)
}

fn watch<A: Argument>(value: A, name: &str) -> Outcome<Watch> {
    let wrong = || Failure::invalid(format!("{name} must be 'auto', 'onDemand' or false"));
    match value.boolean() {
        Some(false) => Ok(Watch::Off),
        Some(true) => Err(wrong()),
        None => match args::string(value, name)?.as_str() {
            "auto" => Ok(Watch::Auto),
            "onDemand" => Ok(Watch::OnDemand),
            _ => Err(wrong()),
        },
    }
}

fn protocols<A: Argument>(value: A, name: &str) -> Outcome<Vec<GitProtocol>> {
    let names = args::strings(value, name)?;
    let known = || GitProtocol::ALL.map(GitProtocol::name).join("', '");
    let protocol = |given: &String| {
        GitProtocol::named(given)
            .ok_or_else(|| Failure::invalid(format!("{name} may have '{}'", known())))
    };
    names.iter().map(protocol).collect()
}

fn shell<A: Argument>(value: A, name: &str) -> Outcome<Vec<String>> {
    let shell = args::strings(value, name)?;
    if shell.first().is_none_or(String::is_empty) {
        let message = format!("{name} must be the path of a program and its arguments");
        return Err(Failure::invalid(message));
    }
    Ok(shell)
}
