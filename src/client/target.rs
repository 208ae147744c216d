//! The listener that a client of the command line connects to.

use loopwire_client::{StartError, Target, Trusted};
use loopwire_runtime::{Class, Failure};
use napi_derive::napi;

/// The listener to connect to. For the command line only, which has checked it.
#[napi(object)]
pub struct ListenerTarget {
    /// Whether to use TLS.
    pub secure: bool,
    /// A host name or an address, without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Path and flags.
    pub path: String,
    /// The token.
    pub token: String,
    /// The certificates in PEM to trust in place of the system's.
    pub ca: Option<String>,
    /// The SHA-256 of the only certificate to trust.
    pub fingerprint: Option<String>,
}

impl From<ListenerTarget> for Target {
    fn from(target: ListenerTarget) -> Self {
        Self {
            secure: target.secure,
            host: target.host,
            port: target.port,
            path: target.path,
            token: target.token,
            trusted: match (target.fingerprint, target.ca) {
                (Some(fingerprint), _) => Trusted::Fingerprint(fingerprint),
                (None, Some(ca)) => Trusted::Authority(ca),
                (None, None) => Trusted::System,
            },
        }
    }
}

/// A client that could not be started, for JavaScript.
pub(super) fn unstarted(error: &StartError) -> Failure {
    let code = match error {
        StartError::Trust(_) => "ERR_INVALID_ARG_VALUE",
        StartError::Thread(_) => "ERR_START_FAILED",
    };
    Failure::new(Class::Error, code, error.to_string())
}
