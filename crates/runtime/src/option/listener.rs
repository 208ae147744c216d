//! The options of a listener.

use std::net::{IpAddr, Ipv4Addr};

use loopwire_channel::{Delivery, ListenerOptions, Tls, Token};

use super::token::token as parse_token;

use crate::argument::{self as args, Argument};
use crate::failure::{Class, Failure, Outcome};
use crate::runtime::OpenListener;

/// A base64url token of this length holds 128 bits. A page of a local file, which any web page may have downloaded,
/// cannot guess that.
const FILE_ORIGIN_TOKEN_CHARS: usize = 22;

const KNOWN: [&str; 16] = [
    "host",
    "tls",
    "insecure",
    "allowedHosts",
    "allowedOrigins",
    "allowFileOrigin",
    "delivery",
    "detail",
    "onMessage",
    "onConnection",
    "heartbeatMs",
    "stallMs",
    "maxMessageBytes",
    "maxConnections",
    "inspector",
    "format",
];

/// Who opens a listener. It decides which options there are, and the default of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// JavaScript.
    JavaScript {
        /// Inside Electron, whose pages come from files.
        electron: bool,
    },
    /// C, which gives its callbacks beside the options and gets bytes.
    C,
}

/// A listener of the SDK's form, which has no callback: on loopback, with every default.
#[must_use]
pub fn plain_listener(port: u16, token: Token) -> OpenListener {
    OpenListener {
        host: Ipv4Addr::LOCALHOST.into(),
        port,
        token,
        waker: None,
        events: false,
        detail: false,
        tls: None,
        options: ListenerOptions::default(),
    }
}

/// Reads what a listener is opened with. Whether the callback gets events is the caller's to say.
///
/// # Errors
/// Another type, an unknown option, a number out of its range; an address that is not loopback without `tls` or `insecure`.
pub fn listener<A: Argument>(
    port: A,
    token: A,
    options: A,
    caller: Caller,
) -> Outcome<OpenListener> {
    let port = args::port(port, "port")?;
    let token = parse_token(&args::string(token, "token")?)?;
    let mut parsed = plain_listener(port, token);
    let channel = &mut parsed.options;
    channel.origins.allow_file = caller == Caller::JavaScript { electron: true }
        && parsed.token.reveal().len() >= FILE_ORIGIN_TOKEN_CHARS;
    let mut insecure = false;
    for (key, value) in args::options(options, "options", &KNOWN)? {
        let name = format!("options.{key}");
        let name = name.as_str();
        match key.as_str() {
            "onMessage" | "onConnection" | "format" if caller == Caller::C => {
                return Err(not_for_c(name));
            }
            "host" => parsed.host = host(&args::string(value, name)?)?,
            "tls" => parsed.tls = Some(tls(value, name)?),
            "insecure" => insecure = args::boolean(value, name)?,
            "allowedHosts" => channel.allowed_hosts = args::strings(value, name)?,
            "allowedOrigins" => channel.origins.allowed = args::strings(value, name)?,
            "allowFileOrigin" => channel.origins.allow_file = args::boolean(value, name)?,
            "delivery" => channel.delivery = delivery(&args::string(value, name)?)?,
            "detail" => parsed.detail = args::boolean(value, name)?,
            "onMessage" => {
                args::function(&value, name)?;
                channel.takes_messages = true;
            }
            "onConnection" => {
                args::function(&value, name)?;
                channel.takes_notices = true;
            }
            // At most an hour: above that a heartbeat or a limit would have no effect.
            "heartbeatMs" => channel.heartbeat = args::millis(value, name, 100..=3_600_000)?,
            "stallMs" => channel.stall = args::millis(value, name, 100..=3_600_000)?,
            "maxMessageBytes" => {
                channel.max_message_bytes = args::size(value, name, 1_024..=64 << 20)?;
            }
            "maxConnections" => channel.max_connections = args::size(value, name, 1..=65_535)?,
            "inspector" => channel.inspector = args::boolean(value, name)?,
            // `format`: the JavaScript API converts the bytes.
            _ => format(&args::string(value, name)?)?,
        }
    }
    if !parsed.host.is_loopback() && parsed.tls.is_none() && !insecure {
        return Err(Failure::new(
            Class::Error,
            "ERR_INSECURE_HOST",
            "options.host is not a loopback address: others could read the events and the token on the network; \
             set tls, or allow it with insecure: true",
        ));
    }
    Ok(parsed)
}

fn not_for_c(name: &str) -> Failure {
    let message = format!(
        "{name} is an option of JavaScript: in C the functions are given beside the options, and get bytes"
    );
    Failure::new(Class::Type, "ERR_UNKNOWN_OPTION", message)
}

fn host(text: &str) -> Outcome<IpAddr> {
    if text.eq_ignore_ascii_case("localhost") {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    text.parse()
        .map_err(|_| Failure::invalid("options.host must be an IP address or localhost"))
}

/// `'self-signed'`, or PEM texts.
fn tls<A: Argument>(value: A, name: &str) -> Outcome<Tls> {
    match value.text().as_deref() {
        Some("self-signed") => return Ok(Tls::SelfSigned),
        Some(_) => {
            return Err(Failure::invalid(
                "options.tls must be 'self-signed' or { cert, key }, both PEM",
            ));
        }
        None if value.keys().is_some() => {}
        None => {
            let expected = "'self-signed' or an object { cert, key }";
            return Err(Failure::wrong_type(name, expected, value.kind()));
        }
    }
    let (mut cert, mut key) = (None, None);
    for (entry, value) in args::options(value, name, &["cert", "key"])? {
        let text = args::bytes(value, &format!("{name}.{entry}"))?;
        match entry.as_str() {
            "cert" => cert = Some(text),
            _ => key = Some(text),
        }
    }
    match (cert, key) {
        (Some(cert), Some(key)) => Ok(Tls::Pem { cert, key }),
        _ => Err(Failure::invalid("options.tls needs both cert and key")),
    }
}

fn delivery(text: &str) -> Outcome<Delivery> {
    match text {
        "last" => Ok(Delivery::Last),
        "all" => Ok(Delivery::All),
        _ => Err(Failure::invalid("options.delivery must be 'last' or 'all'")),
    }
}

fn format(text: &str) -> Outcome<()> {
    match text {
        "buffer" | "string" | "object" => Ok(()),
        _ => Err(Failure::invalid(
            "options.format must be 'buffer', 'string' or 'object'",
        )),
    }
}
