//! A prompt: what git or ssh wants to know, read from the sentence in which it asks.
//!
//! ssh does not translate its sentences, and git gets `LC_MESSAGES=C`. A sentence that is not known here is a question
//! for a password, with the sentence in it: the second factor of a server is asked like that.

use super::url;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum QuestionKind {
    /// A user name.
    Username,
    /// A password, a token, or the answer to a question of the server.
    Password,
    /// The passphrase of a private key.
    Passphrase,
    /// Whether the key of a host that is not known yet is the right one.
    HostKey,
}

impl QuestionKind {
    /// The name in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Username => "username",
            Self::Password => "password",
            Self::Passphrase => "passphrase",
            Self::HostKey => "hostKey",
        }
    }
}

/// What a prompt asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Prompt {
    pub(super) kind: QuestionKind,
    /// The whole sentence, without control characters.
    pub(super) text: String,
    /// Where the credentials go over HTTP: `https://host:8443`, without a user.
    pub(super) url: Option<String>,
    /// The host, if it is told.
    pub(super) host: Option<String>,
    /// The user, if it is told.
    pub(super) user: Option<String>,
    /// The file of a private key.
    pub(super) key: Option<String>,
}

impl Prompt {
    pub(super) fn read(text: &str) -> Self {
        let text = printable(text);
        let of = |kind| Self {
            kind,
            text: text.clone(),
            url: None,
            host: None,
            user: None,
            key: None,
        };
        for (word, kind) in [
            ("Username", QuestionKind::Username),
            ("Password", QuestionKind::Password),
        ] {
            let rest = text
                .strip_prefix(word)
                .and_then(|rest| rest.strip_prefix(" for "));
            if let Some((url, user)) = rest.and_then(quoted).and_then(url::without_user) {
                let host = url::host(&url);
                let url = Some(url);
                return Self {
                    url,
                    host,
                    user,
                    ..of(kind)
                };
            }
        }
        if let Some(rest) = text.strip_prefix("Enter passphrase for ") {
            let name = rest.strip_prefix("key ").unwrap_or(rest);
            let key = quoted(name).or_else(|| name.trim_end().strip_suffix(':'));
            let key = key.map(ToOwned::to_owned);
            return Self {
                key,
                ..of(QuestionKind::Passphrase)
            };
        }
        if is_host_key(&text) {
            let named = text.split_once("authenticity of host ");
            // 'name (address)'
            let host = named.and_then(|(_, rest)| quoted(rest));
            let host = host.and_then(|host| host.split(' ').next());
            let host = host.map(ToOwned::to_owned);
            return Self {
                host,
                ..of(QuestionKind::HostKey)
            };
        }
        // "user@host's password: ", and "(user@host) whatever the server asks".
        let whose = text.strip_suffix("'s password: ").or_else(|| {
            let rest = text.strip_prefix('(')?;
            Some(rest.split_once(") ")?.0)
        });
        let (user, host) = match whose.and_then(|whose| whose.rsplit_once('@')) {
            Some((user, host)) => (Some(user.to_owned()), Some(host.to_owned())),
            None => (None, None),
        };
        Self {
            user,
            host,
            ..of(QuestionKind::Password)
        }
    }

    /// The fingerprint of a host's key.
    pub(super) fn fingerprint(&self) -> Option<&str> {
        let (_, rest) = self.text.split_once(" key fingerprint is ")?;
        let end = rest.find(['\n', ' ']).unwrap_or(rest.len());
        Some(rest[..end].trim_end_matches('.'))
    }
}

fn is_host_key(text: &str) -> bool {
    let text = text.trim_end();
    text.contains("authenticity of host ")
        || text.ends_with("(yes/no/[fingerprint])?")
        || text.ends_with("(yes/no)?")
        || text.starts_with("Please type 'yes'")
}

/// What stands in quotes at the start: git and ssh use single ones, git-lfs double ones.
fn quoted(text: &str) -> Option<&str> {
    let quote = text
        .chars()
        .next()
        .filter(|one| matches!(one, '\'' | '"'))?;
    let end = text.rfind(quote)?;
    text.get(1..end)
}

/// Without control characters: a server may have written a part of it.
fn printable(text: &str) -> String {
    text.chars()
        .filter(|one| !one.is_control() || *one == '\n')
        .collect()
}
