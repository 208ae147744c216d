//! Opens and reads files whose paths come from outside: only regular ones, and never more of them than a bound.
//!
//! Opening a named pipe waits for a writer, which may never come, and a device has no end. So the kind is checked before
//! the open, which must have no side effect, and again on the descriptor, because the path may be another file by then.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::path::Path;

/// Opens a regular file for reading. Never waits.
///
/// # Errors
/// The system's error, or `InvalidInput` for what is no regular file.
pub fn open_regular(path: &Path) -> io::Result<File> {
    open_regular_with(OpenOptions::new().read(true), path)
}

/// Opens a regular file with these options, which may create it. Never waits.
///
/// # Errors
/// As [`open_regular`].
pub fn open_regular_with(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    match std::fs::metadata(path) {
        Ok(metadata) => check(&metadata)?,
        // The open gives the error, or creates the file.
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    // A regular file does not notice these flags. A pipe that took its place would be opened without a writer, and a
    // terminal would not become ours.
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(options, libc::O_NONBLOCK | libc::O_NOCTTY);
    let file = options.open(path)?;
    check(&file.metadata()?)?;
    Ok(file)
}

/// The bytes of a regular file of at most `limit` bytes. Never waits.
///
/// # Errors
/// As [`open_regular`], and `FileTooLarge`.
pub fn read_regular(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One more, to tell a file of that size from a larger one.
    let count = open_regular(path)?
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if count as u64 > limit {
        let error = format!("it is larger than {limit} bytes");
        return Err(io::Error::new(ErrorKind::FileTooLarge, error));
    }
    Ok(bytes)
}

fn check(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let error = format!("it is {}, not a regular file", kind(metadata));
    Err(io::Error::new(ErrorKind::InvalidInput, error))
}

fn kind(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() {
        return "a directory";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return "a named pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "a device";
        }
    }
    "something else"
}

#[cfg(all(test, unix))]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
mod tests {
    use std::os::unix::net::UnixListener;
    use std::process::Command;

    use super::*;

    #[test]
    fn only_a_regular_file_within_the_bound_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("file"), "four").unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        let made = Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        std::os::unix::fs::symlink(at("pipe"), at("link to a pipe")).unwrap();
        let _listener = UnixListener::bind(at("socket")).unwrap();
        for name in ["file", "link"] {
            assert_eq!(read_regular(&at(name), 4).unwrap(), b"four", "{name}");
            let error = read_regular(&at(name), 3).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::FileTooLarge, "{name}");
        }
        for (path, says) in [
            (at("pipe"), "a named pipe, not"),
            (at("link to a pipe"), "a named pipe, not"),
            (at("socket"), "a socket, not"),
            (dir.path().to_owned(), "a directory, not"),
            ("/dev/zero".into(), "a device, not"),
        ] {
            let reading = read_regular(&path, 4).unwrap_err().to_string();
            assert!(reading.contains(says), "{}: {reading}", path.display());
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true);
            let error = open_regular_with(&mut options, &path).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
        let missing = read_regular(&at("missing"), 4).unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
    }
}
