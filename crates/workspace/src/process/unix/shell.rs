//! The user's shell: the first one that can be used.

use std::ffi::{CStr, OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::Access;

/// What stands for a shell in an account that nobody shall log in to, or that is for one purpose only.
const REFUSING: [&str; 7] = [
    "nologin",
    "false",
    "true",
    "sync",
    "shutdown",
    "halt",
    "git-shell",
];

/// What is there where neither the environment nor the account names a usable shell.
const OTHERS: [&str; 2] = ["/bin/bash", "/bin/sh"];

/// The memory for an account's entry.
const ENTRY_BYTES: usize = 16 << 10;

/// The program and arguments that run `command`, or an interactive shell without one.
pub(crate) fn argv(shell: Option<&[String]>, command: Option<&str>) -> Vec<OsString> {
    let mut argv: Vec<OsString> = match (shell, command) {
        (Some(shell), _) => shell.iter().map(OsString::from).collect(),
        // A login shell, because an application has the PATH of the Finder and not that of the user.
        (None, Some(_)) if cfg!(target_os = "macos") => {
            vec![own().into(), "-l".into(), "-c".into()]
        }
        (None, None) if cfg!(target_os = "macos") => vec![own().into(), "-l".into()],
        (None, Some(_)) => vec!["/bin/sh".into(), "-c".into()],
        (None, None) => vec![own().into()],
    };
    argv.extend(command.map(OsString::from));
    argv
}

/// The user's shell if the variable `SHELL` of this process does not name a usable one.
pub(super) fn instead_of_host() -> Option<PathBuf> {
    match of_host() {
        Some(_) => None,
        None => Some(own()),
    }
}

/// `$SHELL`, the account's, bash, or sh: the first that can be used.
fn own() -> PathBuf {
    let or_others = || {
        OTHERS
            .iter()
            .map(PathBuf::from)
            .find(|shell| is_usable(shell))
    };
    of_host()
        .or_else(|| of_account().filter(|shell| is_usable(shell)))
        .or_else(or_others)
        .unwrap_or_else(|| "/bin/sh".into())
}

fn of_host() -> Option<PathBuf> {
    let shell = std::env::var_os("SHELL").map(PathBuf::from);
    shell.filter(|shell| is_usable(shell))
}

fn is_usable(shell: &Path) -> bool {
    let refuses = |name: &OsStr| REFUSING.iter().any(|one| name == *one);
    let leads_to_refusing = || {
        let target = std::fs::canonicalize(shell);
        target.is_ok_and(|target| target.file_name().is_some_and(refuses))
    };
    shell.is_absolute()
        && !shell.file_name().is_none_or(refuses)
        && !leads_to_refusing()
        && shell.is_file()
        && rustix::fs::access(shell, Access::EXEC_OK).is_ok()
}

/// The shell in the entry of this process's user (passwd(5)).
fn of_account() -> Option<PathBuf> {
    let mut memory = vec![0; ENTRY_BYTES];
    // SAFETY: the entry and the memory for its texts are ours and live until the text was copied; the texts end with
    // NUL.
    #[expect(unsafe_code, reason = "the C library reads the entry")]
    unsafe {
        let mut entry: libc::passwd = std::mem::zeroed();
        let mut found = std::ptr::null_mut();
        let user = libc::getuid();
        let (text, size) = (memory.as_mut_ptr(), memory.len());
        let error = libc::getpwuid_r(user, &raw mut entry, text, size, &raw mut found);
        if error != 0 || found.is_null() || entry.pw_shell.is_null() {
            return None;
        }
        let shell = CStr::from_ptr(entry.pw_shell);
        Some(PathBuf::from(OsStr::from_bytes(shell.to_bytes())))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn a_shell_is_a_program_that_does_not_refuse_its_user() {
        assert!(is_usable(Path::new("/bin/sh")));
        for wrong in [
            "/usr/sbin/nologin",
            "/bin/false",
            "/bin/true",
            "/bin",
            "/etc/passwd",
            "sh",
            "",
            "/",
        ] {
            assert!(!is_usable(Path::new(wrong)), "{wrong}");
        }
        assert!(is_usable(&own()));
    }

    #[test]
    fn a_link_to_a_program_that_refuses_is_no_shell() {
        let directory = tempfile::tempdir().unwrap();
        for (target, usable) in [
            ("/bin/sh", true),
            ("/bin/false", false),
            ("/nowhere", false),
        ] {
            let link = directory
                .path()
                .join(format!("to{}", target.replace('/', "-")));
            std::os::unix::fs::symlink(target, &link).unwrap();
            assert_eq!(is_usable(&link), usable, "{target}");
        }
    }
}
