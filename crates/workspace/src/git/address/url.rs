//! Where a repository is: a URL, `host:path`, or a path.

use std::path::Path;

use loopwire_channel::CommandError;
use percent_encoding::percent_decode_str;

use super::super::auth::{Auth, Secret};
use crate::options::GitProtocol;

/// The longest address.
const MAX_URL_BYTES: usize = 4 << 10;

/// Where a repository is, without credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// What git is given.
    pub(crate) url: String,
    pub(crate) protocol: GitProtocol,
}

/// The user information of a URL: it goes to git as credentials, never in the URL.
#[derive(Clone)]
pub(crate) struct UserInformation {
    username: String,
    password: Option<Secret>,
}

impl UserInformation {
    /// Whether there is a password. A name alone tells the user's helpers which password is meant.
    pub(crate) fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// As credentials.
    pub(crate) fn auth(self) -> Auth {
        Auth::Password {
            username: self.username,
            password: self.password,
        }
    }
}

fn refused(message: impl Into<String>) -> CommandError {
    CommandError::new("URL_REFUSED", message)
}

impl Address {
    /// Reads an address. A path is relative to `root`.
    pub(crate) fn read(
        text: &str,
        allowed: &[GitProtocol],
        root: &Path,
    ) -> Result<(Self, Option<UserInformation>), CommandError> {
        if text.is_empty() || text.len() > MAX_URL_BYTES {
            return Err(refused(format!(
                "the URL is empty, or longer than {MAX_URL_BYTES} bytes"
            )));
        }
        if text.contains(|one: char| one.is_control()) || text.trim() != text {
            return Err(refused(
                "the URL contains a line break, another control character, or spaces around it",
            ));
        }
        if text.starts_with('-') {
            return Err(refused("the URL begins with a hyphen"));
        }
        let (address, user) = Self::split(text, root)?;
        if !allowed.contains(&address.protocol) {
            let names: Vec<_> = allowed.iter().map(|one| one.name()).collect();
            return Err(refused(format!(
                "the protocol {} is not allowed here; allowed are: {} (option gitProtocols)",
                address.protocol.name(),
                names.join(", ")
            )));
        }
        Ok((address, user))
    }

    fn split(text: &str, root: &Path) -> Result<(Self, Option<UserInformation>), CommandError> {
        let scheme_ends = |one: char| !one.is_ascii_alphanumeric() && !"+-.".contains(one);
        let scheme = &text[..text.find(scheme_ends).unwrap_or(text.len())];
        let behind = &text[scheme.len()..];
        // A program that git is to start: `ext::sh -c …`.
        if behind.starts_with("::") {
            let address = |protocol| Self {
                url: text.to_owned(),
                protocol,
            };
            return match scheme {
                "ext" => Ok((address(GitProtocol::Ext), None)),
                _ => Err(refused(format!("there is no protocol {scheme}::"))),
            };
        }
        if let Some(rest) = behind.strip_prefix("://") {
            return Self::of_url(scheme, rest);
        }
        // As git decides it: a colon before the first slash.
        let colon = text.find(':');
        let slash = text.find('/').unwrap_or(text.len());
        match colon {
            Some(colon) if colon < slash => {
                let (host, path) = (&text[..colon], &text[colon + 1..]);
                check_host(host)?;
                if path.starts_with('-') {
                    return Err(refused("the path in the URL begins with a hyphen"));
                }
                let (url, protocol) = (text.to_owned(), GitProtocol::Ssh);
                Ok((Self { url, protocol }, None))
            }
            _ => {
                // Absolute, since git is started elsewhere.
                let path = root.join(text);
                let url = path.to_string_lossy().into_owned();
                let protocol = GitProtocol::File;
                Ok((Self { url, protocol }, None))
            }
        }
    }

    fn of_url(scheme: &str, rest: &str) -> Result<(Self, Option<UserInformation>), CommandError> {
        let protocol = match GitProtocol::named(scheme) {
            Some(protocol) if protocol != GitProtocol::Ext => protocol,
            _ => return Err(refused(format!("there is no protocol {scheme}://"))),
        };
        if protocol == GitProtocol::File {
            let url = format!("{scheme}://{rest}");
            return Ok((Self { url, protocol }, None));
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (Some(user), host),
            None => (None, authority),
        };
        check_host(host)?;
        if user.is_some_and(|user| user.starts_with('-')) {
            return Err(refused("the user in the URL begins with a hyphen"));
        }
        let user = user.filter(|user| !user.is_empty());
        let name_of = |user: &str| user.split_once(':').map(|(name, _)| name.to_owned());
        // SSH needs the name of the user to connect.
        let kept = match (protocol, user) {
            (GitProtocol::Ssh, Some(user)) => {
                let name = name_of(user).unwrap_or_else(|| user.to_owned());
                format!("{name}@")
            }
            _ => String::new(),
        };
        let user = match user {
            // A login name alone is nothing to authenticate with.
            Some(user) if protocol == GitProtocol::Ssh && !user.contains(':') => None,
            user => user.map(information).transpose()?,
        };
        let url = format!("{scheme}://{kept}{host}{path}");
        Ok((Self { url, protocol }, user))
    }

    /// Where it leads to, for those who decide about credentials. `None` if it stays on this machine.
    pub(crate) fn server(&self) -> Option<String> {
        let local = matches!(self.protocol, GitProtocol::File | GitProtocol::Ext);
        (!local).then(|| self.url.clone())
    }
}

/// A host that ssh would take for an option (`-oProxyCommand=…`) is refused. Git does that, too, since 2017.
fn check_host(host: &str) -> Result<(), CommandError> {
    let name = host.rsplit('@').next().unwrap_or_default();
    let hyphen = host.split(['@', '[']).any(|part| part.starts_with('-'));
    if name.is_empty() || hyphen || host.contains(char::is_whitespace) {
        return Err(refused(
            "the URL names no host, or one that begins with a hyphen",
        ));
    }
    Ok(())
}

fn information(user: &str) -> Result<UserInformation, CommandError> {
    let decode = |text: &str| {
        let decoded = percent_decode_str(text).decode_utf8().ok();
        let plain = decoded.filter(|text| !text.contains(|one: char| one.is_control()));
        plain.map(std::borrow::Cow::into_owned).ok_or_else(|| {
            refused("the user information in the URL cannot be read as UTF-8 without control characters")
        })
    };
    let (username, password) = match user.split_once(':') {
        Some((name, password)) => (name, Some(password)),
        None => (user, None),
    };
    Ok(UserInformation {
        username: decode(username)?,
        password: password.map(decode).transpose()?.map(Secret::from),
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(Address, Option<UserInformation>), CommandError> {
        Address::read(text, &GitProtocol::ALL, Path::new("/srv/root"))
    }

    #[test]
    fn addresses_are_read_and_lose_their_credentials() {
        let beneath = format!("/srv/root{}", std::path::MAIN_SEPARATOR);
        for (text, url, protocol, user) in [
            ("https://h/r.git", "https://h/r.git", "https", None),
            (
                "http://ann:p%40ss@h:8080/r?x",
                "http://h:8080/r?x",
                "http",
                Some(("ann", Some("p@ss"))),
            ),
            (
                "https://token@h/r",
                "https://h/r",
                "https",
                Some(("token", None)),
            ),
            ("https://h/a@b:c", "https://h/a@b:c", "https", None),
            ("ssh://git@h:22/r", "ssh://git@h:22/r", "ssh", None),
            (
                "ssh://ann:pw@h/r",
                "ssh://ann@h/r",
                "ssh",
                Some(("ann", Some("pw"))),
            ),
            ("git@h:team/r.git", "git@h:team/r.git", "ssh", None),
            ("[git@h:22]:r", "[git@h:22]:r", "ssh", None),
            ("git://h/r", "git://h/r", "git", None),
            ("file:///srv/r", "file:///srv/r", "file", None),
            ("/srv/r", "/srv/r", "file", None),
            ("sub/r", &format!("{beneath}sub/r"), "file", None),
            ("./a:b", &format!("{beneath}./a:b"), "file", None),
            ("ext::sh -c x", "ext::sh -c x", "ext", None),
        ] {
            let (address, information) = read(text).unwrap();
            assert_eq!(address.url, url, "{text}");
            assert_eq!(address.protocol.name(), protocol, "{text}");
            let found = information.as_ref().map(|one| {
                let password = one.password.as_ref().map(Secret::expose);
                (one.username.as_str(), password)
            });
            assert_eq!(found, user, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_or_an_option_is_refused() {
        for text in [
            "",
            "-u./evil",
            "--upload-pack=touch x",
            "ssh://-oProxyCommand=x/r",
            "ssh://-oProxyCommand=x@h/r",
            "ssh://user@-oProxyCommand=x/r",
            "-oProxyCommand=x:r",
            "git@-oProxyCommand=x:r",
            "[-oProxyCommand=x]:r",
            "h:-r",
            "https:///r",
            "https://a b/r",
            "https://h/\nr",
            "https://h/\0r",
            " https://h/r",
            "https://a%0ab:x@h/r",
            "fd::17",
            "foo::bar",
            "http::https://h/",
            "ext://x",
            "ftp://h/r",
            "HTTPS://h/r",
            "git+ssh://h/r",
            "javascript://h",
        ] {
            assert_eq!(
                read(text)
                    .err()
                    .map(|error| error.code.into_owned())
                    .as_deref(),
                Some("URL_REFUSED"),
                "{text}"
            );
        }
        assert!(read(&"a".repeat(5_000)).is_err());
    }

    #[test]
    fn only_servers_are_reached_unless_more_is_asked_for() {
        for text in ["file:///srv/r", "/srv/r", "r", "../r", "ext::sh -c x"] {
            let read = Address::read(text, &GitProtocol::DEFAULT, Path::new("/srv/root"));
            assert_eq!(read.err().unwrap().code, "URL_REFUSED", "{text}");
        }
    }
}
