//! The engine as the channel sees it, started or not.

use loopwire_channel::{Command, Engine as ChannelEngine, EngineSpec};
use prometheus_client::encoding::DescriptorEncoder;

use super::handle::Engine;
use super::spec::SPEC;
use super::{commands, metrics};

impl ChannelEngine for Engine {
    fn spec(&self) -> &'static EngineSpec {
        &SPEC
    }

    fn command(&self, command: Command) {
        commands::carry_out(Some(self), command);
    }

    fn metrics(&self, encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        metrics::encode(Some(self), encoder)
    }
}

/// Used in place of an [`Engine`] that was not started: it answers that nothing is forwarded.
#[derive(Clone, Copy, Debug, Default)]
pub struct NotStarted;

impl ChannelEngine for NotStarted {
    fn spec(&self) -> &'static EngineSpec {
        &SPEC
    }

    fn command(&self, command: Command) {
        commands::carry_out(None, command);
    }

    fn metrics(&self, encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        metrics::encode(None, encoder)
    }
}
