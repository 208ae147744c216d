//! The data of the commands whose names begin with `snapshot:`.

use std::num::{NonZeroU64, NonZeroUsize};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::snapshot::records::{Keep, SnapshotOrder};

/// The data of `snapshot:create`.
#[derive(Debug, Deserialize)]
pub(super) struct CreateRequest {
    message: Option<String>,
    keep: Option<KeepRequest>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeepRequest {
    count: Option<NonZeroU64>,
    age_ms: Option<u64>,
}

impl CreateRequest {
    pub(super) const EXPECTED: &str =
        r#"{"message"?: a string, "keep"?: {"count"?: a number from 1 on, "ageMs"?: a number}}"#;

    pub(super) fn order(self, id: Option<Value>) -> SnapshotOrder {
        let keep = self.keep.unwrap_or_default();
        SnapshotOrder {
            message: self.message,
            keep: Keep {
                count: keep.count.map(NonZeroU64::get),
                age: keep.age_ms.map(Duration::from_millis),
            },
            id,
        }
    }
}

/// The data of `snapshot:restore` and `snapshot:delete`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OneRequest {
    pub(super) commit_hash: String,
}

impl OneRequest {
    pub(super) const EXPECTED: &str = r#"{"commitHash": a snapshot's}"#;
}

/// The data of `snapshot:list`.
#[derive(Debug, Deserialize)]
pub(super) struct ListRequest {
    pub(super) limit: Option<NonZeroUsize>,
}

impl ListRequest {
    pub(super) const EXPECTED: &str = r#"{"limit"?: a number from 1 on}"#;
}

/// The data of `snapshot:diff`.
#[derive(Debug, Deserialize)]
pub(super) struct DiffRequest {
    pub(super) from: String,
    pub(super) to: Option<String>,
    pub(super) limit: Option<NonZeroUsize>,
}

impl DiffRequest {
    pub(super) const EXPECTED: &str =
        r#"{"from": a snapshot's commitHash, "to"?: another's, "limit"?: a number from 1 on}"#;
}
