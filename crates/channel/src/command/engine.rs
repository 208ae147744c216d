//! An engine, as far as a listener knows of it.

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};

use super::command::Command;
use super::input::Input;
use crate::connection::Peer;

/// A long-running domain behind the channel: forward, workspace.
pub trait Engine: Send + Sync {
    /// How the names of its commands begin, colon included: `port:`. No two engines of a listener share one.
    /// Asked for each command: an engine that is not there yet has none.
    fn prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    /// Carries out a command whose name begins with one of the prefixes. Called in the task that reads the
    /// connection, so it must not block: what takes time is answered by [`crate::Reply::later`], or by
    /// keeping the [`crate::Reply`] for whoever will know.
    fn command(&self, command: Command) {
        command.unknown();
    }

    /// Whether the `id` of a command of that name is a new one of the client's own. Where it names something
    /// that is there already (`terminal:input`), two may be under way with the same.
    fn brings_id(&self, _name: &str) -> bool {
        true
    }

    /// Takes a binary message of a connection with `binary=true`, or gives it back if it belongs to none of the
    /// engine's streams. Called as [`Engine::command`] is.
    fn input(&self, _peer: &Peer, input: Input) -> Option<Input> {
        Some(input)
    }

    /// A connection has ended; its taps are gone already.
    fn left(&self, _peer: &Peer) {}

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
