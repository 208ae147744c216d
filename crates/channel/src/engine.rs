//! An engine, as far as a listener knows of it.

use prometheus_client::encoding::DescriptorEncoder;

/// A long-running domain behind the channel: forward, workspace.
pub trait Engine: Send + Sync {
    /// Adds the engine's figures to `GET /metrics`.
    ///
    /// # Errors
    /// What the encoder says.
    fn metrics(&self, encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result;
}
