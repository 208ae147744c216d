//! How git is called: on the private repository, and on nothing else. No file of the user, of the system or of the
//! workspace configures it, and it starts no hook and no filter.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use loopwire_channel::CommandError;

use crate::process::Program;
use crate::snapshot::error::git_not_found;
use crate::snapshot::system::nowhere;

/// The oldest version that has all that is used.
const OLDEST: (u32, u32) = (2, 30);

/// Variables with a value of ours. `HOME` is for versions before 2.32, which do not know `GIT_CONFIG_GLOBAL`.
const VARIABLES: [(&str, &str); 8] = [
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_ATTR_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    // Object names are computed here as well.
    ("GIT_DEFAULT_HASH", "sha1"),
    ("GIT_DEFAULT_REF_FORMAT", "files"),
    // Its messages are read.
    ("LC_ALL", "C"),
    ("LANGUAGE", "C"),
];

/// Options that come before the subcommand, behind the one for hooks.
const OPTIONS: [&str; 6] = [
    "-c",
    "gc.auto=0",
    "-c",
    "maintenance.auto=false",
    "-c",
    "core.fsmonitor=false",
];

/// Git with these arguments.
pub(super) fn program(
    place: &Path,
    repository: &Path,
    arguments: &[impl AsRef<OsStr>],
    input: bool,
) -> Program {
    let mut hooks = OsString::from("core.hooksPath=");
    hooks.push(nowhere(repository));
    let mut argv: Vec<OsString> = vec![Program::GIT.into(), "-c".into(), hooks];
    argv.extend(OPTIONS.map(OsString::from));
    argv.extend(
        arguments
            .iter()
            .map(|argument| argument.as_ref().to_owned()),
    );
    Program {
        argv,
        directory: place.to_owned(),
        variables: variables(repository),
        input,
    }
}

fn variables(repository: &Path) -> Vec<(OsString, Option<OsString>)> {
    let inherited = std::env::vars_os().map(|(name, _)| name);
    let inherited = inherited.filter(|name| is_of_git(name));
    let mut variables: Vec<_> = inherited.map(|name| (name, None)).collect();
    let ours = VARIABLES.map(|(name, value)| (name.into(), Some(value.into())));
    variables.extend(ours);
    for name in ["GIT_CONFIG_SYSTEM", "GIT_CONFIG_GLOBAL"] {
        variables.push((name.into(), Some(nowhere(repository))));
    }
    // No configuration is in a repository's directory but its own.
    let directory = || Some(repository.as_os_str().to_owned());
    for name in ["GIT_DIR", "HOME", "XDG_CONFIG_HOME"] {
        variables.push((name.into(), directory()));
    }
    variables
}

/// On Windows variables have no case.
fn is_of_git(name: &OsStr) -> bool {
    let begin = name.as_encoded_bytes().get(..4).unwrap_or_default();
    begin == b"GIT_" || (cfg!(windows) && begin.eq_ignore_ascii_case(b"GIT_"))
}

/// The version in the answer to `git version`, if it is new enough.
pub(super) fn check_version(told: &[u8]) -> Result<(u32, u32), CommandError> {
    let text = String::from_utf8_lossy(told);
    let number = text.trim().strip_prefix("git version ").unwrap_or("");
    // "2.30-rc1", "2.39.5 (Apple Git-154)"
    let digits = |part: &str| part.bytes().take_while(u8::is_ascii_digit).count();
    let mut parts = (number.split('.')).map(|part| part[..digits(part)].parse().unwrap_or(0));
    let version = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if version < OLDEST {
        return Err(git_not_found(&format!("the git in PATH is {number:?}")));
    }
    Ok(version)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn only_versions_that_have_what_is_used_are_accepted() {
        for version in [
            "2.30.0",
            "2.47.3",
            "2.39.5 (Apple Git-154)",
            "3.0.0",
            "2.30-rc1",
        ] {
            let told = format!("git version {version}\n");
            assert!(check_version(told.as_bytes()).is_ok(), "{version}");
        }
        for told in ["git version 2.29.9", "git version 1.99.0", "hub 2.40", ""] {
            let error = check_version(told.as_bytes()).unwrap_err();
            assert_eq!(error.code, "GIT_NOT_FOUND", "{told}");
        }
    }
}
