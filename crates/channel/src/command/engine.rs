//! The interface of an engine to the channel.

use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};

use super::command::Command;
use super::input::Input;
use crate::connection::Peer;
use crate::event::{Audience, KindSpec, Topic};
use crate::silence::Mutable;

/// What an engine brings to the channel. It is known before the engine is started.
#[derive(Clone, Copy, Debug)]
pub struct EngineSpec {
    /// How the names of its commands begin, colon included: `port:`. No two engines of a listener share one.
    pub commands: &'static [&'static str],
    /// The topics of its events, and which plain connections see them.
    pub topics: &'static [(Topic, Audience)],
    /// The kinds of its events. The application may publish them, too; then they must have the declared form.
    pub events: &'static [KindSpec],
    /// The kinds of its events that silent connections do not get.
    pub mutable: &'static [Mutable],
}

impl EngineSpec {
    /// An engine without commands and events: the base for `..EngineSpec::EMPTY`.
    pub const EMPTY: Self = Self {
        commands: &[],
        topics: &[],
        events: &[],
        mutable: &[],
    };
}

/// A long-running domain behind the channel. It publishes events and carries out commands.
pub trait Engine: Send + Sync {
    /// What it brings: its commands, its topics, its kinds of events.
    fn spec(&self) -> &'static EngineSpec;

    /// Carries out a command whose name begins with one of the prefixes. Called in the task that reads the connection,
    /// so it must not block: slow commands are answered by [`crate::Reply::later`], or by keeping the
    /// [`crate::Reply`] until the answer is known.
    fn command(&self, command: Command) {
        command.unknown();
    }

    /// Whether a command with this name brings a new `id`. Where the `id` names something that exists already
    /// (`terminal:input`), several commands may be in flight with the same `id`.
    fn brings_id(&self, _name: &str) -> bool {
        true
    }

    /// Takes a binary message of a connection with `binary=true`, or returns it if it belongs to none of the engine's
    /// streams. Called like [`Engine::command`].
    fn input(&self, _peer: &Peer, input: Input) -> Option<Input> {
        Some(input)
    }

    /// Whether a binary message that begins with these bytes belongs to one of the engine's streams, so that
    /// [`Engine::input`] takes it. While the application's messages have no more memory, only such a message is read.
    fn owns_input(&self, _peer: &Peer, _begin: &[u8]) -> bool {
        false
    }

    /// A connection has ended. Its frame sources have been dropped.
    fn left(&self, _peer: &Peer) {}

    /// Adds the engine's figures to `GET /metrics`.
    ///
    /// # Errors
    /// The error of the encoder.
    fn metrics(&self, encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result;
}

/// Writes one metric without labels.
///
/// # Errors
/// The error of the encoder.
pub fn figure(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    metric: &impl EncodeMetric,
) -> std::fmt::Result {
    metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
}
