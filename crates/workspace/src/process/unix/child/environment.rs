//! The environment of a command: that of this process, as a terminal emulator hands it on.

use std::ffi::OsString;
use std::process::Command;
use std::sync::OnceLock;

use crate::process::environment::is_withheld;
use crate::process::unix::shell;

/// The abilities of a terminal that xterm.js draws.
const TERM: [(&str, &str); 2] = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")];

/// What decides the encoding, the strongest first.
const LOCALE: [&str; 3] = ["LC_ALL", "LC_CTYPE", "LANG"];

/// Locales that have UTF-8 and change nothing else, the best first: the order of PEP 538, and what macOS has.
const UTF_8: [(&str, &std::ffi::CStr); 3] = [
    ("C.UTF-8", c"C.UTF-8"),
    ("C.utf8", c"C.utf8"),
    ("UTF-8", c"UTF-8"),
];

/// Sets the environment of a command. What it was `given` wins over everything else.
pub(crate) fn set(command: &mut Command, given: &[(String, String)], in_pty: bool) {
    for (name, _) in std::env::vars_os() {
        if is_withheld(&name) {
            command.env_remove(name);
        }
    }
    if in_pty {
        command.envs(TERM);
        if let Some(shell) = shell::instead_of_host() {
            command.env("SHELL", shell);
        }
    }
    if let Some(locale) = locale(std::env::var_os, given) {
        command.env("LC_CTYPE", locale);
    }
    command.envs(given.iter().map(|(name, value)| (name, value)));
}

/// The locale for `LC_CTYPE`, if there is none with an encoding: output is read as UTF-8 here, and programs would
/// write `?` for other characters. The rule is PEP 538's: `LC_ALL` is a decision that stays, `C` and `POSIX` in the
/// others are what an empty environment means, too, and any other locale is the user's.
fn locale(
    host: impl Fn(&'static str) -> Option<OsString>,
    given: &[(String, String)],
) -> Option<&'static str> {
    if given
        .iter()
        .any(|(name, _)| LOCALE.contains(&name.as_str()))
    {
        return None;
    }
    let is_set = |value: &OsString| !value.is_empty();
    let mut set = LOCALE
        .iter()
        .filter_map(|name| Some((*name, host(name).filter(is_set)?)));
    match set.next() {
        Some(("LC_ALL", _)) => None,
        Some((_, value)) if value != "C" && value != "POSIX" => None,
        Some(_) | None => utf_8(),
    }
}

/// The first of [`UTF_8`] that this system has.
fn utf_8() -> Option<&'static str> {
    static FOUND: OnceLock<&str> = OnceLock::new();
    if let Some(found) = FOUND.get() {
        return Some(found);
    }
    let (found, _) = UTF_8.iter().find(|(_, name)| exists(name))?;
    Some(FOUND.get_or_init(|| found))
}

fn exists(locale: &std::ffi::CStr) -> bool {
    // SAFETY: the name ends with NUL, and the new locale is freed at once, before anybody else has it.
    #[expect(
        unsafe_code,
        reason = "only the C library knows which locales it finds"
    )]
    unsafe {
        let found = libc::newlocale(libc::LC_CTYPE_MASK, locale.as_ptr(), std::ptr::null_mut());
        if found.is_null() {
            return false;
        }
        libc::freelocale(found);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(host: &[(&str, &str)], given: &[(&str, &str)]) -> bool {
        let of_host = |name: &str| host.iter().find(|(one, _)| *one == name);
        let given: Vec<_> = given
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        locale(|name| of_host(name).map(|(_, value)| value.into()), &given).is_some()
    }

    #[test]
    fn an_encoding_is_chosen_where_nobody_has_chosen_one() {
        for host in [
            &[][..],
            &[("LANG", "")],
            &[("LANG", "C")],
            &[("LANG", "de_DE.UTF-8"), ("LC_CTYPE", "POSIX")],
            &[("LC_ALL", ""), ("LANG", "POSIX")],
        ] {
            assert!(chosen(host, &[]), "{host:?}");
        }
        for host in [
            &[("LC_ALL", "C")][..],
            &[("LANG", "de_DE.UTF-8")],
            &[("LANG", "ja_JP.eucJP")],
            &[("LANG", "C"), ("LC_CTYPE", "en_GB.UTF-8")],
        ] {
            assert!(!chosen(host, &[]), "{host:?}");
        }
        assert!(!chosen(&[], &[("LANG", "C")]), "what was given wins");
        assert!(chosen(&[], &[("LC_TIME", "C")]));
    }
}
