//! URLs in prompts: which server they lead to, and which user they name.

use percent_encoding::percent_decode_str;

/// The parts of a URL with a host: what stands before the authority, the authority, what follows.
fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let named = scheme
        .chars()
        .all(|one| one.is_ascii_alphanumeric() || "+-.".contains(one));
    if scheme.is_empty() || !named {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let head = &url[..scheme.len() + "://".len()];
    Some((head, &rest[..end], &rest[end..]))
}

/// A URL without its user information, and the user.
pub(super) fn without_user(url: &str) -> Option<(String, Option<String>)> {
    let (head, authority, rest) = parts(url)?;
    let (info, host) = match authority.rsplit_once('@') {
        Some((info, host)) => (Some(info), host),
        None => (None, authority),
    };
    let user = info.map(|info| info.split(':').next().unwrap_or(info));
    let user = user.map(|user| percent_decode_str(user).decode_utf8_lossy().into_owned());
    Some((format!("{head}{host}{rest}"), user))
}

/// The host of a URL, with its port if it has one; also of `user@host:path`, which is how git takes SSH addresses.
pub(super) fn host(url: &str) -> Option<String> {
    let authority = match parts(url) {
        Some((_, authority, _)) => authority,
        None => {
            let (address, _) = url.split_once(':')?;
            Some(address).filter(|address| !address.contains('/'))?
        }
    };
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

/// Whether both go to the same server: the same scheme, host and port.
pub(super) fn same_server(one: &str, other: &str) -> bool {
    let server = |url: &str| {
        let (head, _, _) = parts(url)?;
        let (head, host) = (head.to_ascii_lowercase(), host(url)?);
        let port = match head.as_str() {
            "https://" => ":443",
            "http://" => ":80",
            _ => "",
        };
        let host = host.strip_suffix(port).unwrap_or(&host).to_owned();
        Some((head, host))
    };
    server(one).is_some_and(|server_of_one| Some(server_of_one) == server(other))
}
