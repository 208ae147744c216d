//! A command: what a client asks an engine to do, and the reply to it.

use serde::de::DeserializeOwned;

use super::reply::Reply;
use crate::event::json;

/// One command for the engine that owns its prefix.
pub struct Command {
    /// The JSON text of `data`; `null` if there was none. Its depth has been checked.
    data: String,
    reply: Reply,
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without the data: it may contain a password.
        f.debug_struct("Command")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

impl Command {
    pub(super) const fn new(data: String, reply: Reply) -> Self {
        Self { data, reply }
    }

    /// Its whole name: `port:list`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.reply.name()
    }

    /// Its data and its reply. Data of another shape is answered with `BAD_MESSAGE` here; `expected` says what the data
    /// must be. The client's own text is never sent back.
    #[must_use]
    pub fn read<T: DeserializeOwned>(self, expected: &str) -> Option<(T, Reply)> {
        let data = match self.data.as_str() {
            // A command without data has data without keys.
            "null" => "{}",
            data => data,
        };
        // serde would read a struct from an array as well, which no client means.
        let read = data.starts_with('{').then(|| json::read(data));
        match read {
            Some(Ok(data)) => Some((data, self.reply)),
            _ => {
                let message = format!("the data must be {expected}");
                self.reply.refuse("BAD_MESSAGE", &message);
                None
            }
        }
    }

    /// Refuses the command.
    pub fn refuse(self, code: &str, message: &str) {
        self.reply.refuse(code, message);
    }

    /// Refuses the command: the engine has no command with this name.
    pub fn unknown(self) {
        self.reply
            .refuse("UNKNOWN_TYPE", "there is no such command");
    }
}
