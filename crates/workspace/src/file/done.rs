//! The result of a transfer that succeeded.

use serde::Serialize;

/// The result of a transfer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    /// The path, as it was given.
    pub path: String,
    /// The number of bytes that were transferred.
    pub size: u64,
    /// Their SHA-256, in hexadecimal.
    pub sha256: String,
    /// Whether a reader saw the old file or the new one at every moment. `false` if a file was written in place,
    /// because it could not be replaced and keep what it had. Clients are told only `false`.
    #[serde(skip_serializing_if = "Clone::clone")]
    pub atomic: bool,
}
