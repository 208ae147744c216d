//! The command interpreter: that of the variable `ComSpec`, or the system's.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::process::command_line::is_cmd;

use super::text::wide;

/// The program and arguments that run `command`, or an interactive shell without one.
pub(crate) fn argv(shell: Option<&[String]>, command: Option<&str>) -> Vec<OsString> {
    let mut argv: Vec<OsString> = match (shell, command) {
        (Some(shell), _) => shell.iter().map(OsString::from).collect(),
        // As Node has it: without AutoRun, and with the command as it stands.
        (None, Some(_)) => vec![cmd().into(), "/d".into(), "/s".into(), "/c".into()],
        (None, None) => vec![cmd().into()],
    };
    argv.extend(command.map(OsString::from));
    argv
}

/// `cmd.exe`. The variable may name another program, which does not read a line as `cmd.exe` does.
pub(super) fn cmd() -> PathBuf {
    let named = std::env::var_os("ComSpec").map(PathBuf::from);
    let usable = |path: &PathBuf| path.is_absolute() && is_cmd(&wide(path)) && path.is_file();
    named.filter(usable).unwrap_or_else(|| {
        let root = std::env::var_os("SystemRoot");
        let root = root.map_or_else(|| PathBuf::from(r"C:\Windows"), PathBuf::from);
        root.join(Path::new(r"System32\cmd.exe"))
    })
}
