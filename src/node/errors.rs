//! Failures: errors for JavaScript with a class, a stable `code` and more keys.
#![expect(
    unsafe_code,
    reason = "napi-rs makes no TypeError or RangeError with further keys"
)]

use std::borrow::Cow;
use std::io;
use std::ptr;

use loopwire_channel::{Cause, CauseObject, CommandError, OpenError, PublishError, TokenError};
use loopwire_runtime::{ForwardError, RuntimeError, WorkspaceError};
use napi::bindgen_prelude::*;
use napi::sys;

/// The JavaScript class of an error.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Class {
    Error,
    Type,
    Range,
}

impl Class {
    const fn name(self) -> &'static str {
        match self {
            Self::Error => "Error",
            Self::Type => "TypeError",
            Self::Range => "RangeError",
        }
    }
}

/// An error on its way to JavaScript. Never carries a token or a password.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    class: Class,
    code: Cow<'static, str>,
    message: String,
    /// Node's own keys: `address`, `errno`, `hostname`, `path`, `port`, `syscall`.
    keys: Vec<(&'static str, Key)>,
    /// What the system or a library said.
    cause: Option<Box<Self>>,
}

#[derive(Clone, Debug)]
pub(crate) enum Key {
    Text(String),
    Number(i32),
}

pub(crate) type Outcome<T> = std::result::Result<T, Failure>;

impl Failure {
    pub(crate) fn new(
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
    pub(crate) fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.keys.push((name, Key::Text(text.into())));
        self
    }

    /// With a number of Node's own keys.
    pub(crate) fn with_number(mut self, name: &'static str, number: impl Into<i32>) -> Self {
        self.keys.push((name, Key::Number(number.into())));
        self
    }

    /// With what the system or a library said.
    pub(crate) fn because(mut self, cause: Self) -> Self {
        self.cause = Some(Box::new(cause));
        self
    }

    pub(crate) fn wrong_type(name: &str, expected: &str, got: &str) -> Self {
        let message = format!("{name} must be {expected}, not {got}");
        Self::new(Class::Type, "ERR_INVALID_ARG_TYPE", message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(Class::Type, "ERR_INVALID_ARG_VALUE", message)
    }

    pub(crate) fn out_of_range(name: &str, expected: &str, got: &str) -> Self {
        let message = format!("{name} must be {expected}, not {got}");
        Self::new(Class::Range, "ERR_OUT_OF_RANGE", message)
    }

    /// The refusal of an engine, with the code that clients also see on the wire.
    pub(crate) fn refused(refusal: &CommandError) -> Self {
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
    pub(crate) fn refused_at(refusal: &CommandError, path: &str) -> Self {
        Self::refused(&refusal.clone().at(path))
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The error object, for lib/native.js, which makes the caller's own of it.
    pub(crate) fn to_value<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let code = env.create_string(&self.code)?;
        let message = env.create_string(&self.message)?;
        let mut error = ptr::null_mut();
        let create = match self.class {
            Class::Error => sys::napi_create_error,
            Class::Type => sys::napi_create_type_error,
            Class::Range => sys::napi_create_range_error,
        };
        // SAFETY: all three values belong to the environment of the running call.
        let status = unsafe { create(env.raw(), code.raw(), message.raw(), &raw mut error) };
        if status != sys::Status::napi_ok {
            return Err(Error::new(
                Status::from(status),
                "the error could not be made",
            ));
        }
        let mut object = Object::from_raw(env.raw(), error);
        object.set("nativeClass", self.class.name())?;
        for (name, key) in &self.keys {
            match key {
                Key::Text(text) => object.set(name, text.as_str())?,
                Key::Number(number) => object.set(name, *number)?,
            };
        }
        if let Some(cause) = &self.cause {
            object.set("cause", cause.to_value(env)?)?;
        }
        Ok(object)
    }

    /// Throws it. The result only tells napi-rs that an exception is pending.
    pub(crate) fn throw<T>(&self, env: &Env) -> Result<T> {
        let error = self.to_value(env)?;
        // SAFETY: the value belongs to the environment of the running call.
        unsafe { sys::napi_throw(env.raw(), error.raw()) };
        Err(Error::new(Status::PendingException, ""))
    }
}

/// Throws the failure, if there is one.
pub(crate) fn throwing<T>(env: &Env, outcome: Outcome<T>) -> Result<T> {
    outcome.or_else(|failure| failure.throw(env))
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Self {
        Self::new(Class::Range, "ERR_TOKEN_INVALID", error.to_string())
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

/// EMFILE and ENFILE have no kind of their own; 24 and 23 on every Unix.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(23 | 24))
}
