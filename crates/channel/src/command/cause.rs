//! The cause of an error: what the system or a library said, in the form of Node's own errors. Only the application gets
//! it; no client does.

use std::borrow::Cow;
use std::io::{self, ErrorKind};

/// What the system or a library said. Never contains a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// As Node has it: `ECONNREFUSED`.
    pub code: Cow<'static, str>,
    /// What went wrong, for people, without what was done to what.
    pub reason: Cow<'static, str>,
    /// The system's number.
    pub errno: Option<i32>,
    /// What was done, as `connect`.
    pub syscall: Option<&'static str>,
    /// To what it was done.
    pub object: Option<CauseObject>,
}

/// What something was done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CauseObject {
    /// A socket: an address or a name, and a port.
    Socket(String, u16),
    /// A name that was looked up.
    Host(String),
    /// A path, as it was given.
    Path(String),
}

impl Cause {
    /// What a library said.
    pub fn new(code: impl Into<Cow<'static, str>>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code: code.into(),
            reason: reason.into(),
            errno: None,
            syscall: None,
            object: None,
        }
    }

    /// An error of the system.
    #[must_use]
    pub fn of(error: &io::Error) -> Self {
        let (code, reason) = node_name(error);
        Self {
            // Windows counts otherwise than Node does there.
            errno: error.raw_os_error().filter(|_| cfg!(unix)),
            ..Self::new(code, reason)
        }
    }

    /// With what was done.
    #[must_use]
    pub fn during(mut self, syscall: &'static str) -> Self {
        self.syscall = Some(syscall);
        self
    }

    /// With what it was done to.
    #[must_use]
    pub fn at(mut self, object: CauseObject) -> Self {
        self.object = Some(object);
        self
    }

    /// With the path that it was done to.
    #[must_use]
    pub fn at_path(self, path: impl Into<String>) -> Self {
        self.at(CauseObject::Path(path.into()))
    }

    /// The message, as Node writes it: `connect ECONNREFUSED 127.0.0.1:80`, `ENOENT: no such file or directory, open
    /// 'a.txt'`; of a library its own words.
    #[must_use]
    pub fn message(&self) -> String {
        let Self { code, reason, .. } = self;
        match (self.syscall, &self.object) {
            (None, _) if self.errno.is_none() => reason.to_string(),
            (None, _) => format!("{code}: {reason}"),
            (Some(syscall), None) => format!("{code}: {reason}, {syscall}"),
            (Some(syscall @ "spawn"), Some(CauseObject::Path(path))) => {
                format!("{syscall} {path} {code}")
            }
            (Some(syscall), Some(CauseObject::Path(path))) => {
                format!("{code}: {reason}, {syscall} '{path}'")
            }
            (Some(syscall), Some(CauseObject::Host(host))) => format!("{syscall} {code} {host}"),
            (Some(syscall @ "listen"), Some(CauseObject::Socket(host, port))) => {
                format!("{syscall} {code}: {reason} {}", authority(host, *port))
            }
            (Some(syscall), Some(CauseObject::Socket(host, port))) => {
                format!("{syscall} {code} {}", authority(host, *port))
            }
        }
    }
}

fn authority(host: &str, port: u16) -> String {
    match host.contains(':') {
        true => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    }
}

/// Node's code and words for an error of the system.
fn node_name(error: &io::Error) -> (&'static str, &'static str) {
    // By number first: several have the kind of an error that Node tells from them.
    let named = error.raw_os_error().filter(|_| cfg!(windows));
    if let Some(name) = named.and_then(windows_name) {
        return name;
    }
    match error.kind() {
        ErrorKind::AddrInUse => ("EADDRINUSE", "address already in use"),
        ErrorKind::AddrNotAvailable => ("EADDRNOTAVAIL", "address not available"),
        ErrorKind::AlreadyExists => ("EEXIST", "file already exists"),
        ErrorKind::BrokenPipe => ("EPIPE", "broken pipe"),
        ErrorKind::ConnectionAborted => ("ECONNABORTED", "software caused connection abort"),
        ErrorKind::ConnectionRefused => ("ECONNREFUSED", "connection refused"),
        ErrorKind::ConnectionReset => ("ECONNRESET", "connection reset by peer"),
        ErrorKind::CrossesDevices => ("EXDEV", "cross-device link not permitted"),
        ErrorKind::DirectoryNotEmpty => ("ENOTEMPTY", "directory not empty"),
        ErrorKind::ExecutableFileBusy => ("ETXTBSY", "text file is busy"),
        ErrorKind::FileTooLarge => ("EFBIG", "file too large"),
        ErrorKind::HostUnreachable => ("EHOSTUNREACH", "host is unreachable"),
        ErrorKind::InvalidFilename => ("ENAMETOOLONG", "name too long"),
        ErrorKind::InvalidInput => ("EINVAL", "invalid argument"),
        ErrorKind::IsADirectory => ("EISDIR", "illegal operation on a directory"),
        ErrorKind::NetworkDown => ("ENETDOWN", "network is down"),
        ErrorKind::NetworkUnreachable => ("ENETUNREACH", "network is unreachable"),
        ErrorKind::NotADirectory => ("ENOTDIR", "not a directory"),
        ErrorKind::NotConnected => ("ENOTCONN", "socket is not connected"),
        ErrorKind::NotFound => ("ENOENT", "no such file or directory"),
        ErrorKind::OutOfMemory => ("ENOMEM", "not enough memory"),
        ErrorKind::PermissionDenied => denied(error),
        ErrorKind::QuotaExceeded => ("EDQUOT", "disk quota exceeded"),
        ErrorKind::ReadOnlyFilesystem => ("EROFS", "read-only file system"),
        ErrorKind::StorageFull => ("ENOSPC", "no space left on device"),
        ErrorKind::TimedOut => ("ETIMEDOUT", "connection timed out"),
        ErrorKind::UnexpectedEof => ("ECONNRESET", "the connection was closed"),
        // No thread could be started, or no process.
        ErrorKind::WouldBlock => ("EAGAIN", "resource temporarily unavailable"),
        _ => without_kind(error),
    }
}

/// What Node, that is libuv, calls an error of Windows, where the kind would say something else or nothing.
const fn windows_name(number: i32) -> Option<(&'static str, &'static str)> {
    const TOO_MANY_OPEN_FILES: i32 = 4;
    const ACCESS_DENIED: i32 = 5;
    const SHARING_VIOLATION: i32 = 32;
    const LOCK_VIOLATION: i32 = 33;
    const INVALID_NAME: i32 = 123;
    const BAD_PATHNAME: i32 = 161;
    const DIRECTORY: i32 = 267;
    const CANT_RESOLVE_FILENAME: i32 = 1921;
    const WSAEMFILE: i32 = 10_024;
    const WSAEAFNOSUPPORT: i32 = 10_047;
    const WSAENOBUFS: i32 = 10_055;
    Some(match number {
        ACCESS_DENIED => ("EPERM", "operation not permitted"),
        SHARING_VIOLATION | LOCK_VIOLATION => ("EBUSY", "resource busy or locked"),
        INVALID_NAME | BAD_PATHNAME | DIRECTORY => ("ENOENT", "no such file or directory"),
        CANT_RESOLVE_FILENAME => ("ELOOP", "too many symbolic links encountered"),
        TOO_MANY_OPEN_FILES | WSAEMFILE => ("EMFILE", "too many open files"),
        WSAEAFNOSUPPORT => ("EAFNOSUPPORT", "address family not supported"),
        WSAENOBUFS => ("ENOBUFS", "no buffer space available"),
        _ => return None,
    })
}

/// EPERM and EACCES are one kind.
fn denied(error: &io::Error) -> (&'static str, &'static str) {
    const EPERM: i32 = 1;
    match error.raw_os_error() {
        Some(EPERM) if cfg!(unix) => ("EPERM", "operation not permitted"),
        _ => ("EACCES", "permission denied"),
    }
}

/// Those that have no kind. The numbers up to 34 are the same on every Unix.
fn without_kind(error: &io::Error) -> (&'static str, &'static str) {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    const EIO: i32 = 5;
    const ENXIO: i32 = 6;
    const ELOOP: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };
    match error.raw_os_error().filter(|_| cfg!(unix)) {
        Some(EMFILE) => ("EMFILE", "too many open files"),
        Some(ENFILE) => ("ENFILE", "file table overflow"),
        Some(EIO) => ("EIO", "i/o error"),
        Some(ENXIO) => ("ENXIO", "no such device or address"),
        Some(ELOOP) => ("ELOOP", "too many symbolic links encountered"),
        _ => ("UNKNOWN", "unknown error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_node() {
        let refused = Cause::of(&ErrorKind::ConnectionRefused.into()).during("connect");
        let at = |host: &str, port| CauseObject::Socket(host.to_owned(), port);
        assert_eq!(
            refused.clone().at(at("127.0.0.1", 80)).message(),
            "connect ECONNREFUSED 127.0.0.1:80"
        );
        assert_eq!(
            refused.at(at("::1", 80)).message(),
            "connect ECONNREFUSED [::1]:80"
        );
        let missing = Cause::of(&ErrorKind::NotFound.into()).during("open");
        assert_eq!(
            missing.at(CauseObject::Path("a.txt".to_owned())).message(),
            "ENOENT: no such file or directory, open 'a.txt'"
        );
        let program = Cause::of(&ErrorKind::NotFound.into()).during("spawn");
        assert_eq!(program.at_path("git").message(), "spawn git ENOENT");
        let used = Cause::of(&ErrorKind::AddrInUse.into()).during("listen");
        assert_eq!(
            used.at(at("127.0.0.1", 80)).message(),
            "listen EADDRINUSE: address already in use 127.0.0.1:80"
        );
        let unknown = Cause::new("ENOTFOUND", "").during("getaddrinfo");
        assert_eq!(
            unknown
                .at(CauseObject::Host("x.invalid".to_owned()))
                .message(),
            "getaddrinfo ENOTFOUND x.invalid"
        );
        assert_eq!(
            Cause::new("CERT_HAS_EXPIRED", "certificate expired").message(),
            "certificate expired"
        );
    }

    /// The words are those of `util.getSystemErrorMap()`, the numbers those of libuv's `uv_translate_sys_error`.
    #[test]
    fn errors_of_windows_have_the_names_of_node() {
        for (code, numbers) in [
            ("EPERM", &[5][..]),
            ("EBUSY", &[32, 33]),
            ("ENOENT", &[123, 161, 267]),
            ("ELOOP", &[1921]),
            ("EMFILE", &[4, 10_024]),
            ("EAFNOSUPPORT", &[10_047]),
            ("ENOBUFS", &[10_055]),
        ] {
            for number in numbers {
                assert_eq!(windows_name(*number).map(|(code, _)| code), Some(code));
                #[cfg(windows)]
                assert_eq!(Cause::of(&io::Error::from_raw_os_error(*number)).code, code);
            }
        }
        // WSAEACCES of a bind, and a name that is too long: the kind is right.
        for number in [10_013, 206] {
            assert_eq!(windows_name(number), None);
        }
    }

    #[test]
    #[cfg(unix)]
    fn the_number_of_the_system_is_kept() {
        let error = io::Error::from_raw_os_error(1);
        let cause = Cause::of(&error);
        assert_eq!((&*cause.code, cause.errno), ("EPERM", Some(1)));
    }
}
