//! The workspace while none is open: it refuses every command, and says why.

use loopwire_channel::{Command, Engine, EngineSpec};
use prometheus_client::encoding::DescriptorEncoder;

use crate::spec::SPEC;

/// Stands in for a [`crate::Workspace`] as long as none is open.
#[derive(Clone, Copy, Debug, Default)]
pub struct Closed;

impl Engine for Closed {
    fn spec(&self) -> &'static EngineSpec {
        &SPEC
    }

    fn command(&self, command: Command) {
        let sentence = "no workspace is open; the application opens one";
        command.refuse("NO_WORKSPACE", sentence);
    }

    fn metrics(&self, _encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        Ok(())
    }
}
