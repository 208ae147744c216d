//! The clock while none runs.

use loopwire_channel::{Command, Engine, EngineSpec};
use prometheus_client::encoding::DescriptorEncoder;

use crate::spec::SPEC;

/// Stands in for a [`crate::Clock`] that was not started.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stopped;

impl Engine for Stopped {
    fn spec(&self) -> &'static EngineSpec {
        &SPEC
    }

    fn command(&self, command: Command) {
        command.refuse("NO_CLOCK", "no clock runs; the application starts one");
    }

    fn metrics(&self, _encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        Ok(())
    }
}
