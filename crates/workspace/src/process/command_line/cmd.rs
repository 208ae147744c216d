//! Lines for `cmd.exe`, which reads them in its own way: commands that are meant for it, and the arguments of batch files,
//! which are not.

use super::quote::{BACKSLASH, QUOTE, SPACE, append, check, name};
use super::refused::Refused;

/// The longest line that `cmd.exe` carries out. It only says so of a longer one, and ends with an exit code.
const MAX_LINE: usize = 8_191;

/// What a batch file may be given without quotes, besides letters and digits of any script.
const PLAIN: &[u8] = br"#$*+-./:?@\_";

/// The line of a `cmd.exe` that is a shell. What is behind `/c` or `/k` is for itself to read, so it goes there as it
/// stands: in quotes that `/s` has it take off.
///
/// # Errors
/// A line break, at which it would stop without a word; a NUL character; a line that is too long.
pub(crate) fn shell(program: &[u16], arguments: &[Vec<u16>]) -> Result<Vec<u16>, Refused> {
    let is = |argument: &Vec<u16>, letters: [u8; 2]| match argument[..] {
        [slash, letter] => slash == u16::from(b'/') && letters.map(u16::from).contains(&letter),
        _ => false,
    };
    let mut line = Vec::new();
    name(&mut line, program)?;
    let runs = |argument: &Vec<u16>| is(argument, *b"cC") || is(argument, *b"kK");
    let at = arguments.iter().position(runs);
    let (options, rest) = arguments.split_at(at.unwrap_or(arguments.len()));
    for option in options {
        line.push(SPACE);
        append(&mut line, option)?;
    }
    if let Some((run, command)) = rest.split_first() {
        if !options.iter().any(|option| is(option, *b"sS")) {
            line.extend(" /s".encode_utf16());
        }
        line.push(SPACE);
        line.extend(run);
        line.extend(" \"".encode_utf16());
        line.extend(command.join(&SPACE));
        line.push(QUOTE);
    }
    one_line(
        line,
        "cmd.exe takes one line: the command contains a line break",
    )
}

/// The line by which `cmd.exe` runs a batch file. Nothing that an argument contains is carried out, and no variable in it
/// is replaced (CVE-2024-24576). The standard library of Rust has the same rules.
///
/// # Errors
/// What cannot be quoted: a line break, a NUL character, a name with a quote or with a backslash at its end.
pub(crate) fn batch<'a>(
    cmd: &[u16],
    script: &[u16],
    arguments: impl IntoIterator<Item = &'a [u16]>,
) -> Result<Vec<u16>, Refused> {
    if script.contains(&QUOTE) || script.last() == Some(&BACKSLASH) {
        return Err(Refused("the name of the batch file cannot be quoted"));
    }
    let mut line = Vec::new();
    name(&mut line, cmd)?;
    // Extensions on, so that the `%` below works; no delayed expansion, so that `!` is nothing special; no AutoRun.
    line.extend(" /e:ON /v:OFF /d /c \"".encode_utf16());
    line.push(QUOTE);
    for &unit in script {
        character(&mut line, unit);
    }
    line.push(QUOTE);
    for argument in arguments {
        line.push(SPACE);
        batch_argument(&mut line, argument);
    }
    line.push(QUOTE);
    one_line(
        line,
        "an argument of a batch file contains a line break, which cmd.exe takes for the end of the command",
    )
}

fn batch_argument(line: &mut Vec<u16>, argument: &[u16]) {
    let is_plain = |unit: &u16| match u8::try_from(*unit) {
        Ok(byte) if byte.is_ascii() => byte.is_ascii_alphanumeric() || PLAIN.contains(&byte),
        // Control characters of eight bits, and a space that some code pages make a blank.
        Ok(byte) => byte > 0xa0,
        Err(_) => true,
    };
    let plain = argument.iter().all(is_plain);
    let quoted = !plain || argument.is_empty() || argument.last() == Some(&BACKSLASH);
    if quoted {
        line.push(QUOTE);
    }
    let mut backslashes = 0;
    for &unit in argument {
        match unit {
            BACKSLASH => backslashes += 1,
            QUOTE => {
                // For the program that the batch file runs; and the quote twice, for cmd.exe itself.
                line.extend(std::iter::repeat_n(BACKSLASH, backslashes));
                line.push(QUOTE);
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        character(line, unit);
    }
    if quoted {
        line.extend(std::iter::repeat_n(BACKSLASH, backslashes));
        line.push(QUOTE);
    }
}

/// `%` cannot be escaped. Behind it a part of a variable is named that is always there and empty: so the `%` itself names
/// no variable.
fn character(line: &mut Vec<u16>, unit: u16) {
    if unit == u16::from(b'%') {
        line.extend("%%cd:~,".encode_utf16());
    }
    line.push(unit);
}

fn one_line(line: Vec<u16>, broken: &'static str) -> Result<Vec<u16>, Refused> {
    if line.iter().any(|unit| matches!(unit, 0x0a | 0x0d | 0x1a)) {
        return Err(Refused(broken));
    }
    if line.len() > MAX_LINE {
        return Err(Refused(
            "the command line is too long: cmd.exe takes 8,191 characters; write it into a file and run that",
        ));
    }
    check(line)
}

#[cfg(test)]
mod tests {
    use super::super::wide;
    use super::*;

    fn shell_line(arguments: &[&str]) -> Result<String, Refused> {
        let arguments: Vec<_> = arguments.iter().map(|one| wide(one)).collect();
        shell(&wide(r"C:\W\cmd.exe"), &arguments).map(|line| String::from_utf16_lossy(&line))
    }

    fn batch_line(arguments: &[&str]) -> Result<String, Refused> {
        let arguments: Vec<_> = arguments.iter().map(|one| wide(one)).collect();
        let arguments = arguments.iter().map(|one| &one[..]);
        let line = batch(&wide("cmd.exe"), &wide(r"C:\a b\100%.cmd"), arguments)?;
        let line = String::from_utf16_lossy(&line);
        let begin = r#""cmd.exe" /e:ON /v:OFF /d /c ""C:\a b\100%%cd:~,%.cmd""#;
        let rest = line.strip_prefix(begin).expect("the script");
        Ok(rest.strip_suffix('"').expect("a quote").to_owned())
    }

    #[test]
    fn a_command_goes_to_cmd_as_it_stands() {
        let line = shell_line(&["/d", "/s", "/c", r#"echo "a b" & dir %X%"#]);
        let expected = r#""C:\W\cmd.exe" /d /s /c "echo "a b" & dir %X%""#;
        assert_eq!(line.as_deref(), Ok(expected));
        // An application's own shell may lack `/s`: then quotes inside would be taken off in some cases.
        let line = shell_line(&["/C", r#""a.exe" "b""#]);
        assert_eq!(line.as_deref(), Ok(r#""C:\W\cmd.exe" /s /C ""a.exe" "b"""#));
        assert_eq!(shell_line(&["/q"]).as_deref(), Ok(r#""C:\W\cmd.exe" /q"#));
        for broken in ["a\nb", "a\rb", "a\0b", "a\u{1a}b"] {
            assert!(shell_line(&["/c", broken]).is_err(), "{broken:?}");
        }
        assert!(shell_line(&["/c", &"a".repeat(8_191)]).is_err());
    }

    #[test]
    fn nothing_in_an_argument_of_a_batch_file_is_carried_out() {
        for (argument, expected) in [
            ("plain", " plain"),
            ("", r#" """#),
            ("a b", r#" "a b""#),
            ("a&calc", r#" "a&calc""#),
            (r#""&calc&""#, r#" """&calc&""""#),
            ("%PATH%", r#" "%%cd:~,%PATH%%cd:~,%""#),
            (r"C:\dir\", r#" "C:\dir\\""#),
            (r#"\""#, r#" "\\""""#),
            ("^|<>()!=;,", r#" "^|<>()!=;,""#),
            ("ä漢", " ä漢"),
            ("\u{a0}", " \"\u{a0}\""),
        ] {
            assert_eq!(
                batch_line(&[argument]).as_deref(),
                Ok(expected),
                "{argument}"
            );
        }
        for broken in ["a\nb", "\r", "a\0b"] {
            assert!(batch_line(&[broken]).is_err(), "{broken:?}");
        }
        for script in [r"C:\a\", "a\"b.cmd"] {
            assert!(batch(&wide("cmd.exe"), &wide(script), []).is_err());
        }
    }

    #[test]
    fn the_quotes_of_a_batch_argument_are_balanced_whatever_it_contains() {
        // cmd.exe counts quotes alone: an odd number would leave what follows outside of them.
        for argument in ["\"", "\"\"", "a\"b", "\\\"", "\"&\"&\"", "%\"%"] {
            let line = batch_line(&[argument]).expect("a line");
            let quotes = line.matches('"').count();
            assert_eq!(quotes % 2, 0, "{argument}: {line}");
        }
    }
}
