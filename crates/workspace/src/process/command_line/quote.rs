//! Quotes the arguments of a program, which reads its line as `CommandLineToArgvW` and the C library of Microsoft do.

use super::refused::Refused;

pub(super) const QUOTE: u16 = b'"' as u16;
pub(super) const BACKSLASH: u16 = b'\\' as u16;
pub(super) const SPACE: u16 = b' ' as u16;

/// The longest line of `CreateProcessW`, without the NUL at its end.
const MAX_LINE: usize = 32_766;

/// The line of a program.
///
/// # Errors
/// A NUL character, or a line that is too long.
pub(crate) fn line<'a>(
    program: &[u16],
    arguments: impl IntoIterator<Item = &'a [u16]>,
) -> Result<Vec<u16>, Refused> {
    let mut line = Vec::new();
    name(&mut line, program)?;
    for argument in arguments {
        line.push(SPACE);
        append(&mut line, argument)?;
    }
    check(line)
}

/// The program, at the beginning of a line: there no character is escaped.
pub(super) fn name(line: &mut Vec<u16>, program: &[u16]) -> Result<(), Refused> {
    if program.contains(&QUOTE) {
        return Err(Refused("the name of the program contains a quote"));
    }
    line.push(QUOTE);
    line.extend(program);
    line.push(QUOTE);
    Ok(())
}

/// An argument. Backslashes are themselves, unless a quote follows.
pub(super) fn append(line: &mut Vec<u16>, argument: &[u16]) -> Result<(), Refused> {
    let splits = |unit: &u16| matches!(*unit, SPACE | 0x09..=0x0d | QUOTE);
    if !argument.is_empty() && !argument.iter().any(splits) {
        line.extend(argument);
        return Ok(());
    }
    line.push(QUOTE);
    let mut backslashes = 0;
    for &unit in argument {
        match unit {
            BACKSLASH => backslashes += 1,
            QUOTE => {
                line.extend(std::iter::repeat_n(BACKSLASH, backslashes + 1));
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        line.push(unit);
    }
    line.extend(std::iter::repeat_n(BACKSLASH, backslashes));
    line.push(QUOTE);
    Ok(())
}

/// The line, if the system takes it as it is.
pub(super) fn check(line: Vec<u16>) -> Result<Vec<u16>, Refused> {
    if line.contains(&0) {
        return Err(Refused("an argument contains a NUL character"));
    }
    if line.len() > MAX_LINE {
        return Err(Refused(
            "the command line is too long: Windows takes 32,766 characters",
        ));
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use super::super::wide;
    use super::*;

    /// Reads a line as the C library of Microsoft does since 2008.
    fn read(line: &[u16]) -> Vec<Vec<u16>> {
        let mut all = Vec::new();
        let mut rest = line.iter().copied().peekable();
        // The program: to the next quote.
        assert_eq!(rest.next(), Some(QUOTE));
        all.push(rest.by_ref().take_while(|unit| *unit != QUOTE).collect());
        loop {
            while rest.next_if(|unit| matches!(*unit, SPACE | 0x09)).is_some() {}
            if rest.peek().is_none() {
                return all;
            }
            let (mut argument, mut quoted) = (Vec::new(), false);
            while let Some(unit) = rest.next_if(|unit| quoted || !matches!(*unit, SPACE | 0x09)) {
                match unit {
                    BACKSLASH => {
                        let mut count = 1;
                        while rest.next_if_eq(&BACKSLASH).is_some() {
                            count += 1;
                        }
                        if rest.peek() == Some(&QUOTE) {
                            argument.extend(std::iter::repeat_n(BACKSLASH, count / 2));
                            if count % 2 == 1 {
                                argument.push(QUOTE);
                                rest.next();
                            }
                        } else {
                            argument.extend(std::iter::repeat_n(BACKSLASH, count));
                        }
                    }
                    QUOTE if quoted && rest.peek() == Some(&QUOTE) => {
                        argument.push(QUOTE);
                        rest.next();
                    }
                    QUOTE => quoted = !quoted,
                    unit => argument.push(unit),
                }
            }
            all.push(argument);
        }
    }

    #[test]
    fn every_argument_arrives_as_it_was_given() {
        let all = [
            "",
            " ",
            "plain",
            r"C:\dir\",
            r"C:\with space\",
            r#"say "hi""#,
            r#"\"#,
            r#"\\"#,
            r#"\""#,
            r#"\\" \"#,
            "\"",
            "\"\"",
            "tab\there",
            "line\nbreak",
            "ä漢😀",
            "%PATH% & del *",
            "^",
        ];
        let all: Vec<_> = all.map(wide).into();
        let line = line(
            &wide(r"C:\a b\x.exe"),
            all.iter().map(|argument| &argument[..]),
        )
        .expect("a line");
        let mut expected = vec![wide(r"C:\a b\x.exe")];
        expected.extend(all);
        assert_eq!(read(&line), expected);
    }

    #[test]
    fn random_arguments_arrive_as_they_were_given() {
        let mut seed = 7_u64;
        let mut random = |below: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..2_000 {
            let all: Vec<Vec<u16>> = (0..random(4))
                .map(|_| {
                    let units = [BACKSLASH, QUOTE, SPACE, 0x09, u16::from(b'a')];
                    (0..random(9))
                        .map(|_| units[usize::try_from(random(5)).expect("small")])
                        .collect()
                })
                .collect();
            let line = line(&wide("x"), all.iter().map(|argument| &argument[..])).expect("a line");
            assert_eq!(read(&line)[1..], all, "{}", String::from_utf16_lossy(&line));
        }
    }

    #[test]
    fn what_would_be_cut_off_is_refused() {
        let given = |program: &str, argument: &str| {
            line(&wide(program), [&wide(argument)[..]]).map(|line| line.len())
        };
        assert!(given("x", "a\0b").is_err());
        assert!(given("a\"b", "").is_err());
        assert!(given("x", &"a".repeat(MAX_LINE)).is_err());
        assert_eq!(given("x", &"a".repeat(MAX_LINE - 4)), Ok(MAX_LINE));
    }
}
