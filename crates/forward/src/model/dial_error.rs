//! Why there is no TCP connection, and at which step.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;

use loopwire_channel::{Cause, CauseObject};

use super::local_error::{LocalError, has_route, of_lookup};
use super::target::Host;

/// How the C libraries say that a name has no address (`EAI_NONAME`, `EAI_NODATA`): glibc, macOS, musl. The standard
/// library passes on only the text.
const UNKNOWN_TEXTS: [&str; 5] = [
    "Name or service not known",
    "No address associated with",
    "nodename nor servname provided",
    "Name does not resolve",
    "Name has no usable address",
];

/// A dial that failed.
#[derive(Debug)]
pub(crate) struct DialError {
    error: io::Error,
    step: Step,
}

#[derive(Debug)]
enum Step {
    Lookup(String),
    Connect(SocketAddr),
    /// Nothing is known of it.
    #[cfg(test)]
    Some,
}

impl DialError {
    /// The name could not be looked up.
    pub(crate) fn lookup(name: &str, error: io::Error) -> Self {
        Self {
            error: of_lookup(error, || has_route(&Host::Name(name.to_owned()))),
            step: Step::Lookup(name.to_owned()),
        }
    }

    /// That address could not be connected to.
    pub(crate) const fn connect(address: SocketAddr, error: io::Error) -> Self {
        Self {
            error,
            step: Step::Connect(address),
        }
    }

    /// The same as Node has it.
    pub(crate) fn cause(&self) -> Cause {
        match &self.step {
            Step::Lookup(name) => self
                .lookup_cause()
                .during("getaddrinfo")
                .at(CauseObject::Host(name.clone())),
            Step::Connect(address) => {
                Cause::of(&self.error)
                    .during("connect")
                    .at(CauseObject::Socket(
                        address.ip().to_string(),
                        address.port(),
                    ))
            }
            #[cfg(test)]
            Step::Some => Cause::of(&self.error),
        }
    }

    fn lookup_cause(&self) -> Cause {
        let text = self.error.to_string();
        if LocalError::of(&self.error) == Some(LocalError::Network) {
            Cause::new("EAI_AGAIN", "the resolver did not answer")
        } else if self.error.raw_os_error().is_none()
            || UNKNOWN_TEXTS.iter().any(|unknown| text.contains(unknown))
            || cfg!(windows)
        {
            Cause::new("ENOTFOUND", "the name has no address")
        } else {
            Cause::of(&self.error)
        }
    }
}

impl fmt::Display for DialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for DialError {}

impl Deref for DialError {
    type Target = io::Error;

    fn deref(&self) -> &io::Error {
        &self.error
    }
}

#[cfg(test)]
impl From<io::ErrorKind> for DialError {
    fn from(kind: io::ErrorKind) -> Self {
        Self {
            error: kind.into(),
            step: Step::Some,
        }
    }
}
