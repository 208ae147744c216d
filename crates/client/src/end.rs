//! Why a connection ended, and whether another attempt can help.

use std::io;
use std::time::Duration;

use http::{StatusCode, header};
use loopwire_trust::is_marked_as_authority;
use serde::Deserialize;
use tungstenite::Error;
use tungstenite::error::ProtocolError;
use tungstenite::http;
use tungstenite::protocol::CloseFrame;

/// Why a connection ended or could not be opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConnectionEnd {
    /// Another attempt would end in the same way.
    Permanent(String),
    /// The listener closed the connection on purpose.
    Closed(String),
    /// Another attempt may succeed; not before `after`, if the server demands that.
    Temporary {
        why: String,
        after: Option<Duration>,
    },
}

impl ConnectionEnd {
    pub(crate) fn temporary(why: impl Into<String>) -> Self {
        Self::Temporary {
            why: why.into(),
            after: None,
        }
    }

    pub(crate) fn permanent(why: impl Into<String>) -> Self {
        Self::Permanent(why.into())
    }

    /// From a close frame (PROTOCOL section 3), or from an end without one.
    pub(crate) fn of_close(frame: Option<&CloseFrame>) -> Self {
        let Some(frame) = frame else {
            return Self::temporary("the connection was closed");
        };
        let code = u16::from(frame.code);
        let reason = match frame.reason.as_str() {
            "" => String::new(),
            reason => format!(": {reason}"),
        };
        match code {
            1000 => Self::Closed(format!("the listener closed the connection{reason}")),
            1001 => Self::temporary("the listener is closing"),
            4001 => Self::Closed("disconnected by the listener".to_owned()),
            4003 => Self::permanent("the token was rotated: a new one is needed"),
            4008 => Self::temporary("the listener missed our heartbeat"),
            4013 => Self::temporary("this client read too slowly"),
            // Without a code (1005), after a failure, or with a request to try again.
            1005 | 1011..=1014 => {
                Self::temporary(format!("the connection was closed: {code}{reason}"))
            }
            _ => Self::permanent(format!(
                "the listener closed the connection: {code}{reason}"
            )),
        }
    }

    /// From a failed handshake.
    pub(crate) fn of_handshake(error: Error, secure: bool) -> Self {
        match error {
            Error::Http(answer) => {
                let (head, body) = answer.into_parts();
                Self::of_answer(
                    head.status,
                    &head.headers,
                    body.as_deref().unwrap_or_default(),
                )
            }
            Error::Io(error) => Self::temporary(network(&error)),
            Error::Protocol(
                ProtocolError::HandshakeIncomplete | ProtocolError::ResetWithoutClosingHandshake,
            )
            | Error::ConnectionClosed => {
                Self::temporary("the connection was closed during the handshake")
            }
            Error::Protocol(ProtocolError::HttparseError(_)) if !secure => Self::permanent(
                "the server does not speak HTTP: if the listener has a certificate, its URL begins with wss://",
            ),
            other => Self::permanent(format!("the server is not a Loopwire listener: {other}")),
        }
    }

    fn of_answer(status: StatusCode, headers: &http::HeaderMap, body: &[u8]) -> Self {
        #[derive(Deserialize)]
        struct Refusal {
            error: String,
        }
        let said = match serde_json::from_slice::<Refusal>(body) {
            Ok(refusal) => refusal.error,
            // The body did not arrive in time, or the server is not Loopwire.
            Err(_) if status == StatusCode::UNAUTHORIZED => {
                "the token is missing or wrong".to_owned()
            }
            Err(_) => status.canonical_reason().unwrap_or("refused").to_owned(),
        };
        let why = format!("{} {said}", status.as_u16());
        if !status.is_server_error() {
            return Self::Permanent(why);
        }
        let after = headers
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        Self::Temporary { why, after }
    }

    /// From an error of an open connection.
    pub(crate) fn of_stream(error: &Error) -> Self {
        match error {
            Error::Io(error) => Self::temporary(network(error)),
            Error::ConnectionClosed
            | Error::AlreadyClosed
            | Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
                Self::temporary("the connection was lost")
            }
            // Invalid bytes, perhaps from a proxy in between: another connection may succeed.
            other => Self::temporary(format!("the connection was lost: {other}")),
        }
    }

    /// From a TLS handshake: errors of rustls are permanent, those of the network temporary.
    pub(crate) fn of_tls(error: &io::Error) -> Self {
        let inner = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<rustls::Error>());
        match inner {
            Some(error) => Self::Permanent(certificate(error)),
            None => Self::temporary(network(error)),
        }
    }
}

/// An error of the system, in words.
pub(crate) fn network(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            "nothing listens on this port (ECONNREFUSED)".to_owned()
        }
        io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => {
            "the connection was lost".to_owned()
        }
        _ => error.to_string(),
    }
}

fn certificate(error: &rustls::Error) -> String {
    use rustls::CertificateError as Wrong;
    let untrusted = || {
        "the certificate is not signed by a trusted authority: give the authority with --ca, or the \
         certificate's fingerprint with --fingerprint"
            .to_owned()
    };
    match error {
        rustls::Error::InvalidCertificate(wrong) => match wrong {
            Wrong::UnknownIssuer => untrusted(),
            wrong if is_marked_as_authority(wrong) => untrusted(),
            Wrong::NotValidForName | Wrong::NotValidForNameContext { .. } => {
                "the certificate is for another name; with --fingerprint the name is not checked"
                    .to_owned()
            }
            Wrong::Expired | Wrong::ExpiredContext { .. } => {
                "the certificate has expired".to_owned()
            }
            Wrong::NotValidYet | Wrong::NotValidYetContext { .. } => {
                "the certificate is not valid yet; is the clock right?".to_owned()
            }
            other => format!("the certificate is not accepted: {other}"),
        },
        rustls::Error::InvalidMessage(_) => {
            "the server does not speak TLS: without a certificate a listener's URL begins with ws://".to_owned()
        }
        // The verifier's own text.
        rustls::Error::General(sentence) => sentence.clone(),
        other => format!("TLS failed: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tungstenite::protocol::frame::coding::CloseCode;

    fn closed(code: u16) -> ConnectionEnd {
        ConnectionEnd::of_close(Some(&CloseFrame {
            code: CloseCode::from(code),
            reason: "why".into(),
        }))
    }

    #[test]
    fn every_close_code_of_the_protocol_has_its_consequence() {
        assert!(matches!(
            ConnectionEnd::of_close(None),
            ConnectionEnd::Temporary { .. }
        ));
        for code in [1001, 1011, 1012, 1013, 4008, 4013] {
            assert!(
                matches!(closed(code), ConnectionEnd::Temporary { .. }),
                "{code}"
            );
        }
        for code in [1000, 4001] {
            assert!(matches!(closed(code), ConnectionEnd::Closed(_)), "{code}");
        }
        for code in [1002, 1003, 1007, 1008, 1009, 4003, 4999] {
            assert!(
                matches!(closed(code), ConnectionEnd::Permanent(_)),
                "{code}"
            );
        }
    }

    #[test]
    fn a_refusal_is_told_in_the_servers_words_and_lasts_unless_it_is_the_servers_fault() {
        let mut headers = http::HeaderMap::new();
        let of = |status: u16, headers: &http::HeaderMap, body: &[u8]| {
            ConnectionEnd::of_answer(StatusCode::from_u16(status).unwrap(), headers, body)
        };
        assert_eq!(
            of(
                403,
                &headers,
                br#"{"success":false,"error":"not you","code":"X"}"#
            ),
            ConnectionEnd::Permanent("403 not you".to_owned())
        );
        assert_eq!(
            of(401, &headers, b"{\"succ"),
            ConnectionEnd::Permanent("401 the token is missing or wrong".to_owned())
        );
        assert_eq!(
            of(302, &headers, b""),
            ConnectionEnd::Permanent("302 Found".to_owned())
        );
        headers.insert(header::RETRY_AFTER, 5.into());
        assert_eq!(
            of(503, &headers, br#"{"error":"full"}"#),
            ConnectionEnd::Temporary {
                why: "503 full".to_owned(),
                after: Some(Duration::from_secs(5))
            }
        );
    }

    #[test]
    fn what_tls_finds_wrong_lasts_and_a_cut_passes() {
        let wrong = io::Error::new(
            io::ErrorKind::InvalidData,
            rustls::Error::InvalidCertificate(rustls::CertificateError::UnknownIssuer),
        );
        assert!(matches!(
            ConnectionEnd::of_tls(&wrong),
            ConnectionEnd::Permanent(_)
        ));
        let cut = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert!(matches!(
            ConnectionEnd::of_tls(&cut),
            ConnectionEnd::Temporary { .. }
        ));
    }
}
