//! A command: what a client asks an engine to do, along with the handle that answers it.

use serde::de::DeserializeOwned;

use super::reply::Reply;

/// One command on its way to the engine that owns its prefix.
pub struct Command {
    /// The JSON text behind `data`; `null` if there was none. Not deeper than the channel lets through.
    data: String,
    reply: Reply,
}

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Without its data: that may hold a password.
        f.debug_struct("Command")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

impl Command {
    pub(super) const fn new(data: String, reply: Reply) -> Self {
        Self { data, reply }
    }

    /// Its whole name, as `port:list`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.reply.name()
    }

    /// Its data, and the handle to answer with. Data of another shape is answered `BAD_MESSAGE` here, with
    /// `expected` as what it has to be; the client's own text is never repeated to it.
    #[must_use]
    pub fn read<T: DeserializeOwned>(self, expected: &str) -> Option<(T, Reply)> {
        let data = match self.data.as_str() {
            // A command without data is one whose data has no keys.
            "null" => "{}",
            data => data,
        };
        // An array would do for a struct, field by field: nobody means that.
        let read = data.starts_with('{').then(|| serde_json::from_str(data));
        match read {
            Some(Ok(data)) => Some((data, self.reply)),
            _ => {
                let message = format!("the data has to be {expected}");
                self.reply.refuse("BAD_MESSAGE", &message);
                None
            }
        }
    }

    /// Refuses it, whatever its data.
    pub fn refuse(self, code: &str, message: &str) {
        self.reply.refuse(code, message);
    }

    /// Refuses it: the engine has no command of that name.
    pub fn unknown(self) {
        self.reply.refuse("UNKNOWN_TYPE", "no command of that name");
    }
}
