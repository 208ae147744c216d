//! What a port is forwarded with.

use loopwire_channel::json;
use loopwire_forward::{Accept, Auth, OnRotate, Rules, Through, Wanted};
use serde_json::Value;

use super::target::target;
use crate::argument::{self as args, Argument};
use crate::failure::{Failure, Outcome};

const KNOWN: [&str; 8] = [
    "port",
    "upstream",
    "accept",
    "probe",
    "onRotate",
    "rotateOnError",
    "auth",
    "requestId",
];

/// What `forward` is asked for: the port, and what it is forwarded with. `upstream` is the option of that name: a URL, or the
/// JSON text of an object.
///
/// # Errors
/// Another type, an unknown option, no port, no upstream or one that cannot be used.
pub fn forward<A: Argument>(options: A, upstream: A) -> Outcome<(u16, Wanted)> {
    let mut port = None;
    let mut rules = Rules::default();
    let mut request_id = None;
    for (key, value) in args::options(options, "options", &KNOWN)? {
        let name = format!("options.{key}");
        match key.as_str() {
            "port" => port = Some(args::forwarded_port(value, &name)?),
            "accept" => rules.accept = accept(&args::string(value, &name)?)?,
            "probe" => rules.probe = target(value, &name)?,
            "onRotate" => rules.on_rotate = on_rotate(&args::string(value, &name)?)?,
            "rotateOnError" => rules.rotate_on_error = Some(args::boolean(value, &name)?),
            "auth" => rules.auth = Some(auth(value)?),
            "requestId" => request_id = Some(args::id(value, &name)?),
            // `upstream` is given apart.
            _ => {}
        }
    }
    let missing = |name| Failure::wrong_type(name, "given", A::TERMS.missing);
    let port = port.ok_or_else(|| missing("options.port"))?;
    let text = args::string(upstream, "options.upstream")?;
    let through = match json::read(&text) {
        // An object with nothing but the id of a proxy.
        Ok(Value::Object(given)) if !given.contains_key("protocol") => {
            let id = given.get("id").and_then(Value::as_str).map(str::to_owned);
            Through::Named(id.filter(|_| given.len() == 1).ok_or_else(|| {
                Failure::invalid(
                    "options.upstream must have a protocol, or be {id} of a proxy that the provider lists",
                )
            })?)
        }
        Ok(object @ Value::Object(_)) => Through::Inline(object),
        _ => Through::Inline(Value::String(text)),
    };
    let wanted = Wanted {
        through,
        rules,
        request_id,
    };
    wanted
        .check()
        .map_err(|error| Failure::invalid(error.to_string()))?;
    Ok((port, wanted))
}

fn accept(text: &str) -> Outcome<Accept> {
    match text {
        "any" => Ok(Accept::Any),
        "http" => Ok(Accept::Http),
        "socks5" => Ok(Accept::Socks5),
        _ => Err(Failure::invalid(
            "options.accept must be 'any', 'http' or 'socks5'",
        )),
    }
}

fn on_rotate(text: &str) -> Outcome<OnRotate> {
    match text {
        "keep" => Ok(OnRotate::Keep),
        "drain" => Ok(OnRotate::Drain),
        "break" => Ok(OnRotate::Break),
        _ => Err(Failure::invalid(
            "options.onRotate must be 'keep', 'drain' or 'break'",
        )),
    }
}

fn auth<A: Argument>(value: A) -> Outcome<Auth> {
    let (mut username, mut password) = (String::new(), String::new());
    for (key, value) in args::options(value, "options.auth", &["username", "password"])? {
        let text = args::string(value, &format!("options.auth.{key}"))?;
        match key.as_str() {
            "username" => username = text,
            _ => password = text,
        }
    }
    Auth::new(&username, &password).map_err(|_| {
        Failure::invalid(
            "options.auth must be {username, password}: a username of 1 to 255 bytes without a colon, a \
             password of 1 to 255 bytes",
        )
    })
}
