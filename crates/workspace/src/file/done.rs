//! What is said of a transfer that has succeeded.

use serde::Serialize;

/// What a transfer says at its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Done {
    /// The path, as it was given.
    pub path: String,
    /// How many bytes were carried.
    pub size: u64,
    /// Their SHA-256, in hexadecimal.
    pub sha256: String,
}
