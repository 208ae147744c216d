//! Where a program is searched, and what kind of a program a file is, by its name alone.

use super::quote::{BACKSLASH, QUOTE};
use super::refused::Refused;

/// The kinds of programs that can be started without asking another program.
const STARTABLE: [&str; 4] = [".COM", ".EXE", ".BAT", ".CMD"];

/// How a program is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The system loads it.
    Image,
    /// `cmd.exe` reads it.
    Batch,
}

/// What kind of a program the file is.
pub(crate) fn kind(file: &[u16]) -> Kind {
    match ends_with(file, ".BAT") || ends_with(file, ".CMD") {
        true => Kind::Batch,
        false => Kind::Image,
    }
}

/// Whether the program is the command interpreter.
pub(crate) fn is_cmd(program: &[u16]) -> bool {
    let name = last(program);
    equals(name, "CMD") || equals(name, "CMD.EXE")
}

/// The files that a program's name may mean, the best first. `path` and `extensions` are the variables `PATH` and
/// `PATHEXT` of the command. The current directory is not searched, nor one that is relative to it: what lies in a
/// workspace must not take the place of a program.
///
/// # Errors
/// A name that the system would read as another one.
pub(crate) fn candidates(
    program: &[u16],
    path: &[u16],
    extensions: &[u16],
) -> Result<Vec<Vec<u16>>, Refused> {
    let name = last(program);
    if name.is_empty() || program.contains(&QUOTE) || program.contains(&0) {
        return Err(Refused("this is not the name of a program"));
    }
    // The system drops these, so that `x.bat.` would be a batch file that is not quoted as one.
    if matches!(name.last(), Some(&unit) if unit == u16::from(b'.') || unit == u16::from(b' ')) {
        return Err(Refused(
            "the name of the program ends with a dot or a space",
        ));
    }
    let extensions = startable(extensions);
    let mut names = Vec::new();
    if name.contains(&u16::from(b'.')) {
        names.push(program.to_vec());
    }
    names.extend((extensions.iter()).map(|extension| [program, extension].concat()));
    if name.len() < program.len() {
        return Ok(names);
    }
    let found = directories(path).flat_map(|directory| {
        let mut begin = directory;
        if !begin.last().is_some_and(|unit| is_separator(*unit)) {
            begin.push(BACKSLASH);
        }
        names
            .iter()
            .map(move |name| [&begin[..], &name[..]].concat())
    });
    Ok(found.collect())
}

/// The extensions in the order of the variable, without those that need another program.
fn startable(variable: &[u16]) -> Vec<Vec<u16>> {
    let given = variable
        .split(|unit| *unit == u16::from(b';'))
        .filter(|one| STARTABLE.iter().any(|known| equals(one, known)));
    let given: Vec<_> = given.map(<[u16]>::to_vec).collect();
    match given.is_empty() {
        true => STARTABLE.map(|one| one.encode_utf16().collect()).into(),
        false => given,
    }
}

/// The absolute directories of `PATH`. A semicolon in quotes belongs to the name of a directory.
fn directories(path: &[u16]) -> impl Iterator<Item = Vec<u16>> {
    let (mut all, mut quoted) = (vec![Vec::new()], false);
    for &unit in path {
        match unit {
            QUOTE => quoted = !quoted,
            unit if unit == u16::from(b';') && !quoted => all.push(Vec::new()),
            unit => all.last_mut().into_iter().for_each(|last| last.push(unit)),
        }
    }
    all.into_iter().filter(|one| is_absolute(one))
}

fn is_absolute(directory: &[u16]) -> bool {
    match directory {
        [first, second, ..] if is_separator(*first) && is_separator(*second) => true,
        [_, colon, third, ..] => *colon == u16::from(b':') && is_separator(*third),
        _ => false,
    }
}

fn is_separator(unit: u16) -> bool {
    unit == BACKSLASH || unit == u16::from(b'/')
}

/// The last component of a path. A drive ends one, too.
fn last(path: &[u16]) -> &[u16] {
    let ends = |unit: &u16| is_separator(*unit) || *unit == u16::from(b':');
    path.rsplit(ends).next().unwrap_or(path)
}

fn ends_with(text: &[u16], end: &str) -> bool {
    let at = text.len().checked_sub(end.len());
    at.is_some_and(|at| equals(&text[at..], end))
}

/// Whether it is that text of ASCII, whatever the case.
fn equals(text: &[u16], ascii: &str) -> bool {
    let upper = |unit: &u16| u8::try_from(*unit).map(|byte| byte.to_ascii_uppercase());
    text.len() == ascii.len()
        && (text.iter().map(upper)).eq(ascii.bytes().map(|byte| Ok(byte.to_ascii_uppercase())))
}

#[cfg(test)]
mod tests {
    use super::super::wide;
    use super::*;

    fn found(program: &str, path: &str, extensions: &str) -> Vec<String> {
        let found = candidates(&wide(program), &wide(path), &wide(extensions)).expect(program);
        let text = |one: &Vec<u16>| String::from_utf16_lossy(one);
        found.iter().map(text).collect()
    }

    #[test]
    fn a_program_is_searched_in_absolute_directories_only() {
        let path = r#"C:\bin;;.;bin;D:rel;"E:\a;b\";\rooted;\\server\share;.\x"#;
        assert_eq!(
            found("git", path, ".EXE;.CMD;.VBS"),
            [
                r"C:\bin\git.EXE",
                r"C:\bin\git.CMD",
                r"E:\a;b\git.EXE",
                r"E:\a;b\git.CMD",
                r"\\server\share\git.EXE",
                r"\\server\share\git.CMD",
            ]
        );
        assert_eq!(
            found("node.exe", r"C:\bin", ".EXE"),
            [r"C:\bin\node.exe", r"C:\bin\node.exe.EXE"]
        );
        assert_eq!(found("x", "", ".EXE"), [""; 0]);
        // Without a usable variable the system's own order.
        assert_eq!(found("x", "C:\\", ".VBS").len(), STARTABLE.len());
        assert_eq!(found("x", "C:\\", "")[1], r"C:\x.EXE");
    }

    #[test]
    fn a_path_to_a_program_is_not_searched() {
        assert_eq!(found(r"bin\tool", r"C:\bin", ".EXE"), [r"bin\tool.EXE"]);
        assert_eq!(
            found(r"C:/x/tool.cmd", r"C:\bin", ".EXE"),
            [r"C:/x/tool.cmd", r"C:/x/tool.cmd.EXE"]
        );
    }

    #[test]
    fn names_that_the_system_reads_as_others_are_refused() {
        for wrong in [
            "", "a\\", "C:", "x.bat.", "x.bat ", "x.bat. .", "a\"b", "a\0b",
        ] {
            let found = candidates(&wide(wrong), &wide(r"C:\bin"), &wide(".EXE"));
            assert!(found.is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_kind_of_a_program_is_told_by_its_name() {
        for (name, expected) in [
            ("a.exe", Kind::Image),
            ("a.Bat", Kind::Batch),
            (r"C:\x\npm.cmd", Kind::Batch),
            ("bat", Kind::Image),
            ("cmd", Kind::Image),
        ] {
            assert_eq!(kind(&wide(name)), expected, "{name}");
        }
        for name in ["cmd", "CMD.exe", r"C:\Windows\System32\cmd.EXE", "x/cmd"] {
            assert!(is_cmd(&wide(name)), "{name}");
        }
        for name in [
            "cmd.com",
            "xcmd.exe",
            "cmd.exe.exe",
            "",
            "exe",
            ".exe",
            "powershell.exe",
        ] {
            assert!(!is_cmd(&wide(name)), "{name}");
        }
    }
}
