//! Takes secrets out of what git says.

use super::super::auth::{Auth, Secret};

const HIDDEN: &str = "***";

/// Knows the secrets of one operation.
#[derive(Clone, Default)]
pub(crate) struct Redactor(Vec<String>);

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor")
    }
}

impl Redactor {
    /// Hides what an operation was given.
    pub(crate) fn new(auth: Option<&Auth>) -> Self {
        let secrets: Vec<&Secret> = match auth {
            None => Vec::new(),
            Some(Auth::SshKey {
                private_key,
                passphrase,
            }) => passphrase.iter().chain([private_key]).collect(),
            Some(Auth::Token { token, .. }) => vec![token],
            Some(Auth::Password { password, .. }) => password.iter().collect(),
        };
        let mut all = Vec::new();
        for secret in secrets {
            let secret = secret.expose();
            // Percent-encoded, too: that is how a program may show it in a URL.
            let encoded: String =
                percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC)
                    .collect();
            all.extend([secret.to_owned(), encoded]);
        }
        all.retain(|secret| !secret.is_empty());
        Self(all)
    }

    /// The text without secrets, without the user information of URLs, and without control characters: a server may
    /// have written it, and it may be shown on a terminal.
    pub(crate) fn redact(&self, text: &str) -> String {
        let mut text = without_user_information(text);
        text.retain(|one| !one.is_control() || matches!(one, '\n' | '\t'));
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), HIDDEN);
            }
        }
        text
    }
}

/// `https://user:password@host/` becomes `https://***@host/`.
fn without_user_information(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find("://") {
        let (before, behind) = rest.split_at(at + 3);
        out.push_str(before);
        let ends = |one: char| one == '/' || one.is_whitespace() || matches!(one, '\'' | '"');
        let authority = &behind[..behind.find(ends).unwrap_or(behind.len())];
        if let Some((user, host)) = authority.rsplit_once('@') {
            // A name alone may be a token.
            if !user.is_empty() && user != "git" {
                out.push_str(HIDDEN);
                out.push('@');
                out.push_str(host);
            } else {
                out.push_str(authority);
            }
        } else {
            out.push_str(authority);
        }
        rest = &behind[authority.len()..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_user_information_are_hidden() {
        let auth = Auth::Password {
            username: "ann".to_owned(),
            password: Some("p@ss/w".to_owned().into()),
        };
        let redactor = Redactor::new(Some(&auth));
        for (text, expected) in [
            (
                "fatal: unable to access 'https://ann:x@h/r.git/': no",
                "fatal: unable to access 'https://***@h/r.git/': no",
            ),
            (
                "https://ghp_token@h/ and ssh://git@h/x",
                "https://***@h/ and ssh://git@h/x",
            ),
            ("it is p@ss/w!", "it is ***!"),
            ("u=p%40ss%2Fw", "u=***"),
            ("https://h/a@b", "https://h/a@b"),
            ("plain", "plain"),
            ("\u{1b}[31mred\u{9b}2J\u{7}", "[31mred2J"),
        ] {
            assert_eq!(redactor.redact(text), expected);
        }
        assert_eq!(format!("{redactor:?} {auth:?}"), "Redactor Password(***)");
    }
}
