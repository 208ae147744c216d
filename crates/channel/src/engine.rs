//! An engine, as far as a listener knows of it.

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};

/// A long-running domain behind the channel: forward, workspace.
pub trait Engine: Send + Sync {
    /// Adds the engine's figures to `GET /metrics`.
    ///
    /// # Errors
    /// What the encoder says.
    fn metrics(&self, encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result;
}

/// Writes one figure without labels.
///
/// # Errors
/// What the encoder says.
pub fn figure(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    metric: &impl EncodeMetric,
) -> std::fmt::Result {
    metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
}
