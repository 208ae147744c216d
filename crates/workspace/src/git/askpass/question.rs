//! A question for the starter of an operation, and the answer.

use loopwire_channel::CommandError;
use serde::{Deserialize, Serialize};

use super::super::auth::Secret;
use super::prompt::QuestionKind;

/// The longest answer. Tokens of some kilobytes exist; this always fits into an empty pipe, so that answering never
/// waits for a reader. On macOS that holds 8 KiB, and there are 5 bytes around the answer.
pub const MAX_ANSWER_BYTES: usize = (8 << 10) - 8;

/// What git or ssh wants to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Question {
    /// What is asked for.
    #[serde(serialize_with = "kind")]
    pub kind: QuestionKind,
    /// The sentence in which it is asked.
    pub prompt: String,
    /// Where the credentials go over HTTP, without a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The host that they are for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The user that they are for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The fingerprint of a host's key: `SHA256:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// How often this has been asked, from 1 on: more than 1 if the answer before was wrong.
    pub attempt: u32,
}

fn kind<S: serde::Serializer>(kind: &QuestionKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

/// What the starter knows. For a question for a user name the password may come along.
#[derive(Clone, Default, Deserialize)]
pub struct Answer {
    username: Option<String>,
    password: Option<String>,
    passphrase: Option<String>,
    accept: Option<bool>,
    #[serde(default)]
    cancel: bool,
}

impl Answer {
    /// The form of an answer, for error texts.
    pub const EXPECTED: &str = concat!(
        r#"{"id": that of the operation, and "username": a string, "password": a string, "passphrase": a string, "#,
        r#""accept": a boolean, or "cancel": true}"#
    );

    /// Refuses to answer.
    #[must_use]
    pub fn cancelled() -> Self {
        Self {
            cancel: true,
            ..Self::default()
        }
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer([redacted])")
    }
}

/// An answer that fits its question.
pub(super) enum Given {
    Text(Secret),
    /// The user name, and the password that came along.
    User(Secret, Option<Secret>),
    Cancelled,
}

impl Answer {
    /// Whether the answer fits the question.
    ///
    /// # Errors
    /// `BAD_MESSAGE` with the key that is missing.
    pub(super) fn fit(self, kind: QuestionKind) -> Result<Given, CommandError> {
        if self.cancel {
            return Ok(Given::Cancelled);
        }
        let (key, text) = match kind {
            QuestionKind::Username => ("username", self.username),
            QuestionKind::Password => ("password", self.password.clone()),
            QuestionKind::Passphrase => ("passphrase", self.passphrase),
            QuestionKind::HostKey => {
                return match self.accept {
                    Some(true) => Ok(Given::Text("yes".to_owned().into())),
                    Some(false) => Ok(Given::Cancelled),
                    None => Err(missing("accept")),
                };
            }
        };
        let text = checked(key, text.ok_or_else(|| missing(key))?)?;
        if kind != QuestionKind::Username {
            return Ok(Given::Text(text));
        }
        let password = self.password.map(|password| checked("password", password));
        Ok(Given::User(text, password.transpose()?))
    }
}

fn missing(key: &str) -> CommandError {
    let message = format!("data.{key} is missing: that is what the operation waits for");
    CommandError::new("BAD_MESSAGE", message)
}

fn checked(key: &str, text: String) -> Result<Secret, CommandError> {
    let wrong = if text.len() > MAX_ANSWER_BYTES {
        format!("data.{key} has more than {MAX_ANSWER_BYTES} bytes")
    } else if text.contains(['\n', '\r', '\0']) {
        format!(
            "data.{key} contains the end of a line or a NUL character, which git and ssh cannot take"
        )
    } else {
        return Ok(text.into());
    };
    Err(CommandError::new("BAD_MESSAGE", wrong))
}
