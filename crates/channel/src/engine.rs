//! An engine, as far as a listener knows of it.

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};

use crate::command::Command;

/// A long-running domain behind the channel: forward, workspace.
pub trait Engine: Send + Sync {
    /// How the names of its commands begin, colon included: `port:`. No two engines of a listener share one.
    fn prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    /// Carries out a command whose name begins with one of the prefixes. Called in the task that reads the
    /// connection, so it must not block: what takes time is answered by [`crate::Reply::later`], or by
    /// keeping the [`crate::Reply`] for whoever will know.
    fn command(&self, command: Command) {
        command.unknown();
    }

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
