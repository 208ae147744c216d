//! Why a request failed, as whoever made it is told: the detail that is published, and what only the caller gets.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use loopwire_channel::{Cause, CauseObject};
use loopwire_trust::is_marked_as_authority;
use rustls::CertificateError;

use super::detail::Detail;
use super::dial_error::DialError;
use super::error::ForwardError;
use super::failure::Failure;
use super::range::Range;
use super::target::{Host, Target};

/// What WSAEACCES of a bind means on Windows, where every user may bind every port.
const RESERVED: &str = "Windows has reserved the port (`netsh int ipv4 show excludedportrange tcp`), or a program holds it for itself";

/// Why a request failed for a port.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// What is published.
    pub(crate) detail: Detail,
    /// What the system or a library said.
    cause: Option<Box<Cause>>,
    /// What to do about it, with values.
    advice: Option<String>,
}

impl From<Detail> for Refusal {
    fn from(detail: Detail) -> Self {
        Self {
            detail,
            cause: None,
            advice: None,
        }
    }
}

impl Refusal {
    /// With what the system or a library said.
    pub(crate) fn because(mut self, cause: Option<Cause>) -> Self {
        self.cause = cause.map(Box::new);
        self
    }

    /// An upstream did not complete its handshake.
    pub(crate) fn of_upstream(failure: &Failure, address: Option<&Target>) -> Self {
        Self::from(failure.detail()).because(cause(failure, address))
    }

    /// The local port could not be bound.
    pub(crate) fn of_bind(error: &io::Error, address: SocketAddr) -> Self {
        let object = CauseObject::Socket(address.ip().to_string(), address.port());
        let cause = Cause::of(error).during("listen").at(object);
        let detail = Detail::of_bind(error);
        let reserved = cfg!(windows) && detail == Detail::PermissionDenied;
        Self {
            advice: reserved.then(|| RESERVED.to_owned()),
            ..Self::from(detail).because(Some(cause))
        }
    }

    /// The directory of `setSaveDataPath` could not be written.
    pub(crate) fn of_save(cause: Option<Cause>) -> Self {
        Self::from(Detail::NotSaved).because(cause)
    }

    /// The port is none of the range.
    pub(crate) fn out_of_range(range: &Range) -> Self {
        let last = u32::from(range.start()) + u32::from(range.count()) - 1;
        let advice = format!(
            "the ports from {} to {last} can be forwarded; setRangePort(startPort, endPort) sets others",
            range.start()
        );
        Self {
            advice: Some(advice),
            ..Self::from(Detail::PortOutOfRange)
        }
    }

    /// The provider's list could not be read.
    pub(crate) fn of_list(error: &io::Error, path: &Path) -> Self {
        let object = CauseObject::Path(path.to_string_lossy().into_owned());
        let cause = Cause::of(error).during("open").at(object);
        Self::from(Detail::ProviderUnreadable).because(Some(cause))
    }

    /// The provider did not answer in time.
    pub(crate) fn late(detail: Detail, address: Option<&Target>) -> Self {
        let cause = Cause::new("ETIMEDOUT", "no answer in time").during("read");
        Self::from(detail).because(Some(placed(cause, address)))
    }

    /// A library says why there is no answer of a server at that address.
    pub(crate) fn of_library(
        detail: Detail,
        error: &(dyn Error + 'static),
        address: Option<&Target>,
    ) -> Self {
        let mut inner = Some(error);
        let mut cause = None;
        let mut is_lookup = false;
        while let Some(one) = inner {
            is_lookup |= one.to_string().starts_with("dns error");
            let tls = one.downcast_ref::<rustls::Error>();
            let io = one.downcast_ref::<io::Error>();
            let inside = io.and_then(io::Error::get_ref);
            let tls = tls.or_else(|| inside?.downcast_ref());
            if let Some(error) = tls {
                cause = Some(placed(of_tls(error), address));
            } else if let (Some(io), Some(to), true) = (io, address, is_lookup) {
                let name = to.host.to_string();
                let copy = match io.raw_os_error() {
                    // What Windows' resolver says is known by its number.
                    Some(number) if cfg!(windows) => io::Error::from_raw_os_error(number),
                    _ => io::Error::new(io.kind(), io.to_string()),
                };
                cause = Some(DialError::lookup(&name, copy).cause());
            } else if let Some(io) = io.filter(|io| io.raw_os_error().is_some()) {
                cause = Some(placed(Cause::of(io).during("connect"), address));
            }
            inner = one.source();
        }
        Self::from(detail).because(cause)
    }

    /// The error of the call.
    pub(crate) fn of_port(self, port: u16) -> ForwardError {
        let Self {
            detail,
            cause,
            advice,
        } = self;
        ForwardError::Request {
            port,
            advice: advice.or_else(|| detail.advice().map(ToOwned::to_owned)),
            detail,
            cause,
        }
    }
}

/// What the system or the TLS library said, in Node's form. `None` where the detail says everything.
fn cause(failure: &Failure, address: Option<&Target>) -> Option<Cause> {
    let placed = |cause| placed(cause, address);
    let said = |code| Cause::new(code, failure.to_string());
    match failure {
        Failure::Unreachable(error) | Failure::Target(error) => Some(error.cause()),
        Failure::DialTimeout | Failure::TargetTimeout => Some(placed(
            Cause::new("ETIMEDOUT", "no connection in time").during("connect"),
        )),
        Failure::Silent | Failure::TargetSilent | Failure::TargetMute => Some(placed(
            Cause::new("ETIMEDOUT", "no answer in time").during("read"),
        )),
        Failure::Closed | Failure::TargetClosed | Failure::TargetGone => {
            Some(placed(Cause::new("ECONNRESET", "socket hang up")))
        }
        Failure::Untrusted(reason) => Some(placed(of_certificate(reason))),
        Failure::Tls(text) => Some(placed(Cause::new("ERR_TLS_HANDSHAKE", text.clone()))),
        Failure::Invalid(_) | Failure::Answer(_) | Failure::TargetAnswer(_) => {
            Some(placed(said("EPROTO")))
        }
        Failure::Reply(_) => Some(placed(said("ERR_SOCKS_REPLY"))),
        Failure::Loop | Failure::ProxyAuth | Failure::SocksAuth | Failure::Status(_) => None,
    }
}

/// With the address of the server.
fn placed(cause: Cause, address: Option<&Target>) -> Cause {
    let Some(to) = address else { return cause };
    let host = match &to.host {
        Host::Ip(ip) => ip.to_string(),
        Host::Name(name) => name.clone(),
    };
    cause.at(CauseObject::Socket(host, to.port))
}

/// What the TLS library said.
fn of_tls(error: &rustls::Error) -> Cause {
    match error {
        rustls::Error::InvalidCertificate(reason) => of_certificate(reason),
        error => Cause::new("ERR_TLS_HANDSHAKE", error.to_string()),
    }
}

/// What is wrong with a certificate.
fn of_certificate(reason: &CertificateError) -> Cause {
    match reason {
        reason if is_marked_as_authority(reason) => Cause::new(
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            "self-signed certificate: CaUsedAsEndEntity",
        ),
        reason => Cause::new(certificate_code(reason), reason.to_string()),
    }
}

/// Node's code for what is wrong with a certificate. A self-signed one that is not marked as an authority is for
/// rustls one of an unknown authority.
const fn certificate_code(reason: &CertificateError) -> &'static str {
    match reason {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "CERT_HAS_EXPIRED",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "CERT_NOT_YET_VALID"
        }
        CertificateError::Revoked => "CERT_REVOKED",
        CertificateError::UnknownIssuer => "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "ERR_TLS_CERT_ALTNAME_INVALID"
        }
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "INVALID_PURPOSE"
        }
        CertificateError::BadSignature => "CERT_SIGNATURE_FAILURE",
        _ => "ERR_TLS_CERT_INVALID",
    }
}
