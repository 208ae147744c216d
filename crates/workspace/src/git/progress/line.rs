//! One line of git's progress: `remote: Counting objects:  10% (1/10)`,
//! `Receiving objects:  45% (450/1000), 1.20 MiB | 600.00 KiB/s`, `Rebasing (1/3)`.

/// A line of progress.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    /// Whether the server says it.
    pub(super) remote: bool,
    /// What is being done: `Receiving objects`.
    pub(super) title: String,
    /// How many are done, and how many there are.
    pub(super) count: Option<(u64, u64)>,
    pub(super) bytes: Option<u64>,
    pub(super) bytes_per_second: Option<u64>,
    /// The whole line, without padding.
    pub(super) text: String,
}

/// The longest title. What is longer is no title, but something that a server or a hook says.
const MAX_TITLE_BYTES: usize = 60;

/// Reads a line of progress. `None` if it is something else.
pub(super) fn read(line: &[u8]) -> Option<Line> {
    let whole = String::from_utf8_lossy(line);
    // A server's line is padded so that it covers the one before, or ends with the code that clears the rest.
    let text = whole.replace("\u{1b}[K", "");
    let (remote, text) = match text.trim_start().strip_prefix("remote: ") {
        Some(text) => (true, text.trim()),
        None => (false, text.trim()),
    };
    if let Some((title, behind)) = text.rsplit_once(" (")
        && title == "Rebasing"
    {
        return Some(Line {
            remote,
            title: title.to_owned(),
            count: Some(pair(behind.strip_suffix(')')?)?),
            bytes: None,
            bytes_per_second: None,
            text: text.to_owned(),
        });
    }
    let (title, rest) = text.split_once(": ")?;
    if title.len() > MAX_TITLE_BYTES || title.is_empty() {
        return None;
    }
    let rest = rest.trim_start();
    let mut fields = rest.split(", ");
    let first = fields.next()?;
    let count = match first.split_once("% (") {
        Some((percent, behind)) => {
            percent.parse::<u8>().ok()?;
            Some(pair(behind.strip_suffix(')')?)?)
        }
        // `Enumerating objects: 5, done.`
        None => {
            first.parse::<u64>().ok()?;
            None
        }
    };
    let (mut bytes, mut bytes_per_second) = (None, None);
    for field in fields {
        if let Some((amount, rate)) = field.split_once(" | ") {
            bytes = size(amount);
            bytes_per_second = rate.strip_suffix("/s").and_then(size);
        } else if let Some(amount) = size(field) {
            bytes = Some(amount);
        }
    }
    Some(Line {
        remote,
        title: title.to_owned(),
        count,
        bytes,
        bytes_per_second,
        text: text.to_owned(),
    })
}

/// `450/1000`
fn pair(text: &str) -> Option<(u64, u64)> {
    let (done, all) = text.split_once('/')?;
    Some((done.parse().ok()?, all.parse().ok()?))
}

/// `1.20 MiB`, `512 bytes`
fn size(text: &str) -> Option<u64> {
    let (number, unit) = text.split_once(' ')?;
    let unit: u64 = match unit {
        "bytes" | "byte" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        _ => return None,
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let (whole, digits): (u64, u32) = (whole.parse().ok()?, u32::try_from(part.len()).ok()?);
    let part: u64 = part.parse().ok()?;
    let scale = 10_u64.checked_pow(digits)?;
    whole
        .checked_mul(unit)?
        .checked_add(part.checked_mul(unit)? / scale)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn gits_own_lines_are_read() {
        for (text, remote, title, count, bytes, rate) in [
            (
                "Receiving objects:  45% (450/1000), 1.50 MiB | 600.00 KiB/s",
                false,
                "Receiving objects",
                Some((450, 1000)),
                Some(1_572_864),
                Some(614_400),
            ),
            (
                "remote: Counting objects:  10% (1/10)        ",
                true,
                "Counting objects",
                Some((1, 10)),
                None,
                None,
            ),
            (
                "remote: Compressing objects: 100% (3/3), done.\u{1b}[K",
                true,
                "Compressing objects",
                Some((3, 3)),
                None,
                None,
            ),
            (
                "remote: Enumerating objects: 25, done.",
                true,
                "Enumerating objects",
                None,
                None,
                None,
            ),
            (
                "Writing objects: 100% (3/3), 261 bytes | 261.00 KiB/s, done.",
                false,
                "Writing objects",
                Some((3, 3)),
                Some(261),
                Some(267_264),
            ),
            (
                "Updating files:  50% (5/10)",
                false,
                "Updating files",
                Some((5, 10)),
                None,
                None,
            ),
            (
                "Rebasing (2/3)",
                false,
                "Rebasing",
                Some((2, 3)),
                None,
                None,
            ),
            (
                "remote: Zähle Objekte:  50% (1/2)",
                true,
                "Zähle Objekte",
                Some((1, 2)),
                None,
                None,
            ),
        ] {
            let line = read(text.as_bytes()).unwrap();
            assert_eq!(line.remote, remote, "{text}");
            assert_eq!(line.title, title, "{text}");
            assert_eq!(line.count, count, "{text}");
            assert_eq!((line.bytes, line.bytes_per_second), (bytes, rate), "{text}");
        }
    }

    #[test]
    fn what_is_no_progress_is_left() {
        for text in [
            "",
            "fatal: repository 'x' not found",
            "error: 50% of it",
            "Cloning into '.'...",
            "remote: Total 3 (delta 0), reused 0 (delta 0)",
            "x: 5% (a/b)",
            "x: 99999999999999999999999% (1/2)",
            "hint: 12 x",
            ": 5% (1/2)",
            "Delta compression using up to 2 threads",
        ] {
            assert_eq!(read(text.as_bytes()), None, "{text}");
        }
        assert_eq!(read(&[0xff; 100]), None);
    }
}
