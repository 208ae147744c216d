//! The Host allow-list: the names under which a listener may be addressed.
//!
//! A page that rebinds its own name to 127.0.0.1 still sends its own name as the Host, so comparing with a list of
//! exact texts prevents DNS rebinding. The Host needs no parsing: trailing dots, user information, decimal addresses
//! and lists are not in the list. A wildcard is the one exception: it stands for exactly one label.

use std::net::IpAddr;

use http::{HeaderMap, Uri, header};
use thiserror::Error;

/// The loopback names. Other names that resolve to the loopback interface are not included.
pub const LOOPBACK_NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// The longest entry of `allowedHosts`: a DNS name has at most 253 characters, and a port follows.
const MAX_HOST_CHARS: usize = 260;

/// An entry of `allowedHosts` that no request could match, or that would match too many.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "allowedHosts: {entry:?} is not a host; write a name, a wildcard for one label (*.example.com) or an address, with a \
     port if it differs from the listener's"
)]
pub struct HostError {
    /// The entry as it was given.
    pub entry: String,
}

/// The texts that a Host header may have.
#[derive(Clone, Debug)]
pub struct Hosts {
    /// In lower case, each with its port. With the default port, the text without a port as well.
    texts: Vec<String>,
    /// What follows the one label of a wildcard, in the same form: `.example.com:8080`.
    wildcards: Vec<String>,
    /// The listener's own port, for entries that name none.
    port: u16,
    /// The port that clients omit in the Host header: 80, or 443 over TLS.
    default_port: u16,
}

impl Hosts {
    /// The three loopback names with the listener's port.
    #[must_use]
    pub fn loopback(port: u16, tls: bool) -> Self {
        let mut hosts = Self {
            texts: Vec::new(),
            wildcards: Vec::new(),
            port,
            default_port: if tls { 443 } else { 80 },
        };
        for name in LOOPBACK_NAMES {
            hosts.push(name, port);
        }
        hosts
    }

    /// Adds an address that the listener is bound to. The unspecified address adds nothing: for a wildcard, the caller
    /// adds the address of each interface instead.
    #[must_use]
    pub fn with_address(mut self, address: IpAddr) -> Self {
        if !address.is_unspecified() {
            let name = match address {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            };
            self.push(&name, self.port);
        }
        self
    }

    /// Adds an entry of `allowedHosts`: `name`, `*.name`, `name:port`, `[v6]` or `[v6]:port`.
    ///
    /// # Errors
    /// If the entry is not a host.
    pub fn with_entry(mut self, entry: &str) -> Result<Self, HostError> {
        let refused = || HostError {
            entry: entry.chars().take(MAX_HOST_CHARS).collect(),
        };
        let (name, port) = split_port(entry).ok_or_else(refused)?;
        if !is_name(name) {
            return Err(refused());
        }
        self.push(&name.to_ascii_lowercase(), port.unwrap_or(self.port));
        Ok(self)
    }

    /// Whether a Host is in the list; ASCII case is ignored.
    #[must_use]
    pub fn admits(&self, host: &str) -> bool {
        self.lists(host) || self.wildcards.iter().any(|rest| is_one_label(host, rest))
    }

    /// Whether a Host is in the list by its own name, not by a wildcard.
    pub(super) fn lists(&self, host: &str) -> bool {
        let is_text = |text: &String| host.eq_ignore_ascii_case(text);
        self.texts.iter().any(is_text)
    }

    /// Checks a request: it must have exactly one Host header, which must be in the list. A target in absolute form
    /// must have the same host. The error is the refused text, if there was one.
    ///
    /// # Errors
    /// If the request is addressed to another host, or to none.
    pub fn check(&self, headers: &HeaderMap, target: &Uri) -> Result<(), String> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = match (hosts.next(), hosts.next()) {
            (Some(host), None) => host,
            (Some(_), Some(_)) => return Err("two Host headers".into()),
            _ => return Err("no Host header".into()),
        };
        let Ok(host) = host.to_str() else {
            return Err(String::from_utf8_lossy(host.as_bytes()).into_owned());
        };
        if !self.admits(host) {
            return Err(host.into());
        }
        match target.authority() {
            Some(authority) if !authority.as_str().eq_ignore_ascii_case(host) => {
                Err(authority.as_str().into())
            }
            _ => Ok(()),
        }
    }

    fn push(&mut self, name: &str, port: u16) {
        let (list, name) = match name.strip_prefix('*') {
            Some(rest) => (&mut self.wildcards, rest),
            None => (&mut self.texts, name),
        };
        list.push(format!("{name}:{port}"));
        if port == self.default_port {
            list.push(name.to_owned());
        }
    }
}

/// Whether a text is one label, followed by `rest`. As in a certificate (RFC 9525), a wildcard is no label at all, nor two,
/// nor a part of one.
pub(super) fn is_one_label(text: &str, rest: &str) -> bool {
    let Some((label, end)) = text
        .len()
        .checked_sub(rest.len())
        .and_then(|at| text.split_at_checked(at))
    else {
        return false;
    };
    is_label(label) && end.eq_ignore_ascii_case(rest)
}

fn is_label(label: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !label.is_empty() && label.bytes().all(plain)
}

/// The name behind the `*.` of a wildcard. It has two labels or more: `*.com` would admit names that anybody can register.
/// `localhost` is enough, since its names lead nowhere else.
pub(super) fn is_wildcard_base(name: &str) -> bool {
    let labels = name.split('.').count();
    is_dns_name(name) && (labels > 1 || name.eq_ignore_ascii_case("localhost"))
}

fn is_dns_name(name: &str) -> bool {
    name.split('.').all(is_label)
        && !name
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
}

/// The name in an entry of `allowedHosts`, without its port. `None` if the entry is not a host.
pub(crate) fn host_name(entry: &str) -> Option<&str> {
    let (name, _) = split_port(entry)?;
    is_name(name).then_some(name)
}

/// Splits an entry into name and port. `None` if the port is invalid.
fn split_port(entry: &str) -> Option<(&str, Option<u16>)> {
    let after_name = match entry.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => entry.find(':').unwrap_or(entry.len()),
    };
    let (name, port) = entry.split_at(after_name);
    match port.strip_prefix(':') {
        None if port.is_empty() => Some((name, None)),
        None => None,
        Some(port) => {
            let number: u16 = port.parse().ok()?;
            // "080" and "+80" parse as numbers, but no client sends them.
            (number != 0 && number.to_string() == port).then_some((name, Some(number)))
        }
    }
}

/// Whether it is a DNS name, a wildcard for one label, an IPv4 address or an IPv6 address in brackets, but not the unspecified address.
/// Other wildcards, schemes, user information and trailing dots are refused, because no request could match them.
fn is_name(name: &str) -> bool {
    if name.len() > MAX_HOST_CHARS {
        return false;
    }
    if let Some(inner) = name.strip_prefix('[').and_then(|n| n.strip_suffix(']')) {
        return inner
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_ipv6() && !address.is_unspecified());
    }
    if let Ok(address) = name.parse::<IpAddr>() {
        return !address.is_unspecified();
    }
    match name.strip_prefix("*.") {
        Some(base) => is_wildcard_base(base),
        None => is_dns_name(name),
    }
}
