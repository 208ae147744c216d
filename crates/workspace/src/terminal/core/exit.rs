//! The end of a command as messages contain it.

use serde::Serialize;
use serde_json::Value;

use crate::shapes::Exit;

/// The data of `terminal:exit`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExitData<'a> {
    exit_code: Option<i32>,
    signal: Option<&'a str>,
    id: &'a Value,
    duration_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl Exit {
    pub(crate) fn data<'a>(&'a self, id: &'a Value) -> ExitData<'a> {
        ExitData {
            exit_code: self.code,
            signal: self.signal.as_deref(),
            id,
            duration_ms: u64::try_from(self.duration.as_millis()).unwrap_or(u64::MAX),
            reason: self.reason,
        }
    }
}
