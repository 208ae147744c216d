//! An engine, as far as a listener knows of it.

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};

use super::command::Command;
use super::input::Input;
use crate::connection::Peer;
use crate::event::{Audience, KindSpec, Topic};

/// What an engine brings to the channel. It is known before the engine is started.
#[derive(Clone, Copy, Debug)]
pub struct EngineSpec {
    /// How the names of its commands begin, colon included: `port:`. No two engines of a listener share one.
    pub commands: &'static [&'static str],
    /// The topics of its events, and which plain connections see them.
    pub topics: &'static [(Topic, Audience)],
    /// The kinds of its events. The application may publish them, too; then they must have the declared form.
    pub events: &'static [KindSpec],
}

impl EngineSpec {
    /// An engine without commands and events: the base for `..EngineSpec::EMPTY`.
    pub const EMPTY: Self = Self {
        commands: &[],
        topics: &[],
        events: &[],
    };
}

/// A long-running domain behind the channel. It publishes events and carries out commands.
pub trait Engine: Send + Sync {
    /// What it brings: its commands, its topics, its kinds of events.
    fn spec(&self) -> &'static EngineSpec;

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
