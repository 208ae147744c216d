//! The options of `startEventListener`, checked and turned into the channel's.

use std::net::{IpAddr, Ipv4Addr};

use loopwire_channel::{Delivery, ListenerOptions, Tls};
use napi::ValueType;
use napi::bindgen_prelude::*;

use crate::node::{Class, Failure, Outcome, args};

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

/// Everything that `options` may say.
pub(crate) struct Parsed {
    pub(crate) host: IpAddr,
    pub(crate) tls: Option<Tls>,
    pub(crate) detail: bool,
    pub(crate) channel: ListenerOptions,
}

/// Reads the options. `electron` and `token_chars` decide the default of `allowFileOrigin`.
pub(crate) fn parse(options: Unknown<'_>, electron: bool, token_chars: usize) -> Outcome<Parsed> {
    let mut parsed = Parsed {
        host: Ipv4Addr::LOCALHOST.into(),
        tls: None,
        detail: false,
        channel: ListenerOptions::default(),
    };
    let channel = &mut parsed.channel;
    channel.origins.allow_file = electron && token_chars >= FILE_ORIGIN_TOKEN_CHARS;
    let mut insecure = false;
    for (key, value) in args::options(options, "options", &KNOWN)? {
        let name = format!("options.{key}");
        let name = name.as_str();
        match key.as_str() {
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

fn host(text: &str) -> Outcome<IpAddr> {
    if text.eq_ignore_ascii_case("localhost") {
        return Ok(Ipv4Addr::LOCALHOST.into());
    }
    text.parse()
        .map_err(|_| Failure::invalid("options.host must be an IP address or localhost"))
}

/// `'self-signed'`, or PEM texts.
fn tls(value: Unknown<'_>, name: &str) -> Outcome<Tls> {
    match value.get_type() {
        Ok(ValueType::String) if args::string(value, name)? == "self-signed" => {
            return Ok(Tls::SelfSigned);
        }
        Ok(ValueType::Object) => {}
        Ok(ValueType::String) => {
            return Err(Failure::invalid(
                "options.tls must be 'self-signed' or { cert, key }, both PEM",
            ));
        }
        _ => {
            let expected = "'self-signed' or an object { cert, key }";
            return Err(Failure::wrong_type(name, expected, args::kind(&value)));
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
