//! Failures: what a caller is told, with a class, a stable `code` and more keys.

use std::borrow::Cow;
use std::io;

use loopwire_channel::{
    Cause, CauseObject, CommandError, OpenError, PublishError, SendError, TokenError,
};
use loopwire_forward::ForwardError;
use loopwire_workspace::OpenError as WorkspaceError;

use crate::runtime::RuntimeError;

/// What kind of failure it is; in JavaScript the class of the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// What was asked for could not be done.
    Error,
    /// An argument has another type, or a value that it may not have.
    Type,
    /// An argument is out of its range.
    Range,
}

/// An error on its way to the caller. Never carries a token or a password.
#[derive(Clone, Debug)]
pub struct Failure {
    class: Class,
    code: Cow<'static, str>,
    message: String,
    /// Node's own keys: `address`, `errno`, `hostname`, `path`, `port`, `syscall`.
    keys: Vec<(&'static str, Key)>,
    /// What the system or a library said.
    cause: Option<Box<Self>>,
}

/// The value of a further key.
#[derive(Clone, Debug)]
pub enum Key {
    /// A text.
    Text(String),
    /// A number.
    Number(i32),
}

/// What a call comes to.
pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    /// With a class, a code and a message.
    pub fn new(
        class: Class,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            class,
            code: code.into(),
            message: message.into(),
            keys: Vec::new(),
            cause: None,
        }
    }

    /// With a text of Node's own keys.
    pub fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.keys.push((name, Key::Text(text.into())));
        self
    }

    /// With a number of Node's own keys.
    pub fn with_number(mut self, name: &'static str, number: impl Into<i32>) -> Self {
        self.keys.push((name, Key::Number(number.into())));
        self
    }

    /// With what the system or a library said.
    pub fn because(mut self, cause: Self) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    /// An argument of another type.
    #[must_use]
    pub fn wrong_type(name: &str, expected: &str, got: &str) -> Self {
        let message = format!("{name} must be {expected}, not {got}");
        Self::new(Class::Type, "ERR_INVALID_ARG_TYPE", message)
    }

    /// An argument of the right type and with a wrong value.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Class::Type, "ERR_INVALID_ARG_VALUE", message)
    }

    /// An argument out of its range.
    #[must_use]
    pub fn out_of_range(name: &str, expected: &str, got: &str) -> Self {
        let message = format!("{name} must be {expected}, not {got}");
        Self::new(Class::Range, "ERR_OUT_OF_RANGE", message)
    }

    /// The runtime ended before the work was done.
    #[must_use]
    pub fn shut_down() -> Self {
        let message = "the runtime was shut down meanwhile";
        Self::new(Class::Error, "ERR_SHUT_DOWN", message)
    }

    /// The workspace was opened without this part of it.
    #[must_use]
    pub fn not_enabled(option: &str) -> Self {
        let message = format!("the workspace was opened with {option}: false");
        Self::new(Class::Error, "NOT_ENABLED", message)
    }

    /// A failure of the forward engine with its reason in the text, for callers that get nothing but a text.
    #[must_use]
    pub fn told(error: &ForwardError) -> Self {
        Self::new(Class::Error, error.code(), error.whole())
    }

    /// The refusal of an engine, with the code that clients also see on the wire.
    pub fn refused(refusal: &CommandError) -> Self {
        // No message, but an argument.
        let mut failure = match &*refusal.code {
            "BAD_MESSAGE" => Self::invalid(refusal.message.clone()),
            _ => Self::new(Class::Error, refusal.code.clone(), refusal.message.clone()),
        };
        if let Some(path) = &refusal.path {
            failure = failure.with("path", &**path);
        }
        match &refusal.cause {
            Some(cause) => failure.because(Self::from(&**cause)),
            None => failure,
        }
    }

    /// The same at a path, as it was given, unless it names another one.
    pub fn refused_at(refusal: &CommandError, path: &str) -> Self {
        Self::refused(&refusal.clone().at(path))
    }

    /// The refusal of a command in that directory, which is named if the refusal is about it.
    pub fn refused_in(refusal: &CommandError, cwd: Option<&str>) -> Self {
        let cause = refusal.cause.as_ref();
        let is_of_path = cause.is_some_and(|cause| cause.syscall.is_none());
        match cwd {
            Some(cwd) if is_of_path || refusal.code.starts_with("PATH_") => {
                Self::refused_at(&refusal.clone().during("open"), cwd)
            }
            _ => Self::refused(refusal),
        }
    }

    /// What happened, and what to do.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Its class.
    #[must_use]
    pub const fn class(&self) -> Class {
        self.class
    }

    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Its further keys.
    pub fn keys(&self) -> impl Iterator<Item = (&'static str, &Key)> {
        self.keys.iter().map(|(name, key)| (*name, key))
    }

    /// What the system or a library said.
    #[must_use]
    pub fn cause(&self) -> Option<&Self> {
        self.cause.as_deref()
    }
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self::new(Class::Range, "ERR_TOKEN_INVALID", error.to_string())
    }
}

impl From<SendError> for Failure {
    fn from(error: SendError) -> Self {
        let code = match error {
            SendError::Unknown => "ERR_NO_CONNECTION",
            SendError::Full => "ERR_CONNECTION_FULL",
        };
        Self::new(Class::Error, code, error.to_string())
    }
}

impl From<PublishError> for Failure {
    fn from(error: PublishError) -> Self {
        let code = match error {
            PublishError::Full => "ERR_JOURNAL_FULL",
            PublishError::TooLarge => "ERR_EVENT_TOO_LARGE",
            PublishError::Closed => "ERR_CLOSED",
        };
        let class = match error {
            PublishError::TooLarge => Class::Range,
            PublishError::Full | PublishError::Closed => Class::Error,
        };
        Self::new(class, code, error.to_string())
    }
}

/// Of the system or a library, in the form of Node's own.
impl From<&Cause> for Failure {
    fn from(cause: &Cause) -> Self {
        let mut failure = Self::new(Class::Error, cause.code.clone(), cause.message());
        if let Some(errno) = cause.errno {
            failure = failure.with_number("errno", -errno);
        }
        if let Some(syscall) = cause.syscall {
            failure = failure.with("syscall", syscall);
        }
        match &cause.object {
            Some(CauseObject::Socket(address, port)) => failure
                .with("address", address.as_str())
                .with_number("port", *port),
            Some(CauseObject::Host(name)) => failure.with("hostname", name.as_str()),
            Some(CauseObject::Path(path)) => failure.with("path", path.as_str()),
            None => failure,
        }
    }
}

impl From<ForwardError> for Failure {
    fn from(error: ForwardError) -> Self {
        let mut failure = Self::new(Class::Error, error.code(), error.to_string());
        if let Some(port) = error.port() {
            failure = failure.with_number("port", port);
        }
        let Some(cause) = error.cause() else {
            return failure;
        };
        if let Some(CauseObject::Path(path)) = &cause.object {
            failure = failure.with("path", path.as_str());
        }
        failure.because(Self::from(cause))
    }
}

impl From<RuntimeError> for Failure {
    fn from(error: RuntimeError) -> Self {
        match error {
            RuntimeError::Bind { address, source } => {
                let (code, why) = system_code(&source);
                let object = CauseObject::Socket(address.ip().to_string(), address.port());
                // It is what the system said, as in Node: it has no cause.
                Self::from(&Cause {
                    code: code.into(),
                    reason: why.into(),
                    ..Cause::of(&source).during("listen").at(object)
                })
            }
            RuntimeError::Open(OpenError::Host(error)) => {
                Self::new(Class::Type, "ERR_INVALID_ARG_VALUE", error.to_string())
            }
            RuntimeError::Tls(error) => Self::new(Class::Error, error.code(), error.to_string()),
            RuntimeError::Ended => Self::new(Class::Error, "ERR_SHUT_DOWN", error.to_string()),
            RuntimeError::JournalInUse => {
                Self::new(Class::Error, "ERR_JOURNAL_IN_USE", error.to_string())
            }
            RuntimeError::WorkspaceOpen => {
                Self::new(Class::Error, "ERR_WORKSPACE_OPEN", error.to_string())
            }
            RuntimeError::Workspace(WorkspaceError::Descriptors { ref source }) => {
                let cause = Cause::of(source).during("open");
                Self::new(Class::Error, "EMFILE", error.to_string()).because(Self::from(&cause))
            }
            RuntimeError::Workspace(WorkspaceError::Root {
                ref path,
                ref source,
            }) => {
                let shown = path.to_string_lossy().into_owned();
                let object = CauseObject::Path(shown.clone());
                let cause = Cause::of(source).during("open").at(object);
                Self::new(Class::Error, "ERR_WORKSPACE_ROOT", error.to_string())
                    .with("path", shown)
                    .because(Self::from(&cause))
            }
            RuntimeError::Workspace(WorkspaceError::NotADirectory { ref path }) => {
                Self::new(Class::Error, "ERR_WORKSPACE_ROOT", error.to_string())
                    .with("path", path.to_string_lossy())
            }
            RuntimeError::Threads(ref source) if is_out_of_descriptors(source) => {
                let message = format!(
                    "{error}; close files that this process has open, or raise its limit (ulimit -n)"
                );
                Self::new(Class::Error, "EMFILE", message).because(Self::from(&Cause::of(source)))
            }
            RuntimeError::Open(OpenError::Socket(ref source))
            | RuntimeError::Threads(ref source) => {
                Self::new(Class::Error, "ERR_START_FAILED", error.to_string())
                    .because(Self::from(&Cause::of(source)))
            }
        }
    }
}

/// Node's code and text for the same error.
fn system_code(error: &io::Error) -> (&'static str, &'static str) {
    match error.kind() {
        io::ErrorKind::AddrInUse => ("EADDRINUSE", "address already in use"),
        io::ErrorKind::AddrNotAvailable => ("EADDRNOTAVAIL", "address not available"),
        io::ErrorKind::PermissionDenied => ("EACCES", "permission denied"),
        _ if is_out_of_descriptors(error) => ("EMFILE", "too many open files"),
        _ => ("ERR_LISTEN", "the port could not be bound"),
    }
}

/// EMFILE and ENFILE have no kind of their own; 24 and 23 on every Unix. On Windows these are ERROR_TOO_MANY_OPEN_FILES and
/// WSAEMFILE.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    match error.raw_os_error() {
        Some(4 | 10_024) => cfg!(windows),
        Some(23 | 24) => cfg!(unix),
        _ => false,
    }
}
