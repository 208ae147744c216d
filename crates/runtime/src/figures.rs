//! The forward engine as a listener knows it, its figures and its commands, whether it was started or not.

use loopwire_channel::{Command, figure};
use loopwire_forward::Engine;
use parking_lot::Mutex;
use prometheus_client::encoding::DescriptorEncoder;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use crate::commands;

/// The engine's place: listeners may be older than the engine.
#[derive(Debug, Default)]
pub(crate) struct Figures(Mutex<Option<Engine>>);

impl Figures {
    pub(crate) fn engine(&self) -> Option<Engine> {
        self.0.lock().clone()
    }

    /// Puts an engine there, or takes it away; gives what was there before.
    pub(crate) fn set(&self, engine: Option<Engine>) -> Option<Engine> {
        std::mem::replace(&mut *self.0.lock(), engine)
    }
}

impl loopwire_channel::Engine for Figures {
    fn prefixes(&self) -> &'static [&'static str] {
        commands::PREFIXES
    }

    fn command(&self, command: Command) {
        commands::carry_out(self.engine(), command);
    }

    fn metrics(&self, encoder: &mut DescriptorEncoder<'_>) -> std::fmt::Result {
        let engine = self.engine();
        let ports = engine.as_ref().map_or(0, |engine| engine.ports().len());
        let ports = ConstGauge::new(i64::try_from(ports).unwrap_or(i64::MAX));
        figure(
            encoder,
            "forward_ports",
            "Local ports that are forwarded",
            &ports,
        )?;
        let dropped = ConstCounter::new(engine.map_or(0, |engine| engine.dropped_logs()));
        figure(
            encoder,
            "forward_logs_dropped",
            "Log events that found no room",
            &dropped,
        )
    }
}
