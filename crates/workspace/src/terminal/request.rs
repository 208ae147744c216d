//! The data of the commands of terminals, and what is refused before anything is started.

use std::collections::BTreeMap;
use std::time::Duration;

use loopwire_channel::CommandError;
use serde::Deserialize;
use serde_json::Value;

use crate::shapes::Spawn;

use super::typed::TypedText;

/// The longest command: the longest argument that Linux accepts.
const MAX_COMMAND_BYTES: usize = (128 << 10) - 1;

/// The most variables of one command, and the bytes of all of them: far below the system's limit, so that the size of
/// the host's own environment does not matter.
const MAX_VARIABLES: usize = 1_000;
const MAX_ENV_BYTES: usize = 256 << 10;

/// The longest id that a client may give.
const MAX_ID_CHARS: usize = 256;

/// The longest nonce: more than 256 random bits, however they are written.
const MAX_NONCE_BYTES: usize = 64;

/// The largest size of a screen: some programs allocate memory for each cell.
const MAX_COLUMNS: u16 = 2_000;

/// The longest time limit: a year, which any clock can add to the present.
const MAX_TIMEOUT: Duration = Duration::from_secs(365 * 24 * 3_600);

/// The default size of a screen.
pub(crate) const SIZE: (u16, u16) = (80, 24);

impl Spawn {
    /// Refuses data that is invalid by itself.
    pub(crate) fn check(&self) -> Result<(), CommandError> {
        let wrong = |sentence: &str| Err(CommandError::new("BAD_MESSAGE", sentence));
        match &self.id {
            None => {}
            Some(Value::String(id)) if id.chars().count() <= MAX_ID_CHARS => {}
            Some(Value::Number(_)) => {}
            Some(_) => return wrong("an id is a text of at most 256 characters, or a number"),
        }
        match &self.command {
            None if !self.pty => {
                return wrong(
                    "command is missing; only an interactive shell (pty: true) needs none",
                );
            }
            Some(command) if command.len() > MAX_COMMAND_BYTES => {
                return wrong(
                    "command is too long: at most 128 KiB; write it into a file and run that",
                );
            }
            Some(command) if command.contains('\0') => {
                return wrong("command contains a NUL character");
            }
            _ => {}
        }
        if self.cols > MAX_COLUMNS || self.rows > MAX_COLUMNS {
            return wrong("cols and rows are at most 2000");
        }
        if self.timeout.is_some_and(|timeout| timeout > MAX_TIMEOUT) {
            return wrong("timeoutMs is at most a year");
        }
        let bytes: usize = self
            .env
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if self.env.len() > MAX_VARIABLES || bytes > MAX_ENV_BYTES {
            return wrong("env is too large: at most 1,000 variables and 256 KiB");
        }
        let name = |name: &str| !name.is_empty() && !name.contains(['=', '\0']);
        if !self
            .env
            .iter()
            .all(|(one, value)| name(one) && !value.contains('\0'))
        {
            return wrong("env has an empty name, a name with =, or a NUL character");
        }
        Ok(())
    }

    pub(crate) const fn size(&self) -> (u16, u16) {
        let cols = if self.cols == 0 { SIZE.0 } else { self.cols };
        let rows = if self.rows == 0 { SIZE.1 } else { self.rows };
        (cols, rows)
    }
}

/// `terminal:execute`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Execute {
    id: Option<Value>,
    command: Option<String>,
    cwd: Option<String>,
    #[serde(default)]
    env: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pty: Option<bool>,
    cols: Option<Cells>,
    rows: Option<Cells>,
    timeout_ms: Option<u64>,
    pub(crate) acknowledge: Option<u64>,
    #[serde(default)]
    count_input: Option<bool>,
    /// What `terminal:list` says of it, so that its client knows it from another one with its id.
    pub(crate) nonce: Option<Nonce>,
}

/// A text that the client has made for this command alone.
#[derive(Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Nonce(pub(crate) String);

impl TryFrom<String> for Nonce {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.len() {
            0..=MAX_NONCE_BYTES => Ok(Self(text)),
            _ => Err("longer than 64 bytes"),
        }
    }
}

pub(crate) const EXECUTE: &str = "{command: a text, cwd?: a path, env?: texts by name, pty?: a boolean, \
     cols?, rows?: numbers from 1 to 2000, timeoutMs?, acknowledge?: whole numbers, countInput?: a boolean, nonce?: a text of at most 64 bytes}";

impl Execute {
    pub(crate) fn spawn(self) -> Spawn {
        Spawn {
            id: self.id,
            command: self.command,
            cwd: self.cwd,
            env: self.env.into_iter().flatten().collect(),
            pty: self.pty.unwrap_or_default(),
            cols: self.cols.map_or(0, |cells| cells.0),
            rows: self.rows.map_or(0, |cells| cells.0),
            timeout: self.timeout_ms.map(Duration::from_millis),
            count_input: self.count_input.unwrap_or_default(),
        }
    }
}

/// A number of columns or rows.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "u16")]
pub(crate) struct Cells(pub(crate) u16);

impl TryFrom<u16> for Cells {
    type Error = &'static str;

    fn try_from(cells: u16) -> Result<Self, Self::Error> {
        match cells {
            1..=MAX_COLUMNS => Ok(Self(cells)),
            _ => Err("not from 1 to 2000"),
        }
    }
}

/// `terminal:input`
#[derive(Deserialize)]
pub(crate) struct TextInput {
    pub(crate) input: TypedText,
    #[serde(default)]
    pub(crate) encoding: Encoding,
}

/// What the text of an input means.
#[derive(Clone, Copy, Default, Deserialize)]
pub(crate) enum Encoding {
    /// Itself.
    #[default]
    #[serde(rename = "utf8", alias = "utf-8")]
    Utf8,
    /// Bytes: not all that is typed is text, as reports of the mouse.
    #[serde(rename = "base64")]
    Base64,
}

pub(crate) const TEXT_INPUT: &str =
    r#"{id: a terminal's, input: a text, encoding?: "utf8" or "base64"}"#;

/// `terminal:resize`
#[derive(Deserialize)]
pub(crate) struct Resize {
    pub(crate) cols: Cells,
    pub(crate) rows: Cells,
}

pub(crate) const RESIZE: &str = "{id: a terminal's, cols, rows: numbers from 1 to 2000}";

/// `terminal:signal`
#[derive(Deserialize)]
pub(crate) struct SignalName {
    pub(crate) signal: String,
}

pub(crate) const SIGNAL_NAME: &str = "{id: a terminal's, signal: a name like SIGINT}";

/// `terminal:attach`
#[derive(Deserialize)]
pub(crate) struct Attach {
    pub(crate) offset: Option<u64>,
    pub(crate) acknowledge: Option<u64>,
    pub(crate) cols: Option<Cells>,
    pub(crate) rows: Option<Cells>,
}

pub(crate) const ATTACH: &str = "{id: a terminal's, offset?, acknowledge?: whole numbers, cols?, rows?: numbers from 1 to 2000}";

/// `terminal:ack`
#[derive(Deserialize)]
pub(crate) struct Taken {
    /// Without it nothing is acknowledged: published clients may send anything.
    #[serde(default)]
    pub(crate) offset: u64,
}

pub(crate) const TAKEN: &str = "{id: a terminal's, offset: a whole number}";

/// `terminal:eof`, `terminal:detach`, `terminal:list`
#[derive(Deserialize)]
pub(crate) struct NoData {}

pub(crate) const NO_DATA: &str = "{id: a terminal's}";
