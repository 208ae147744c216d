//! `GET /metrics`: the metrics of a listener and of the journal as OpenMetrics text.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric, text};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry as Metrics;

use super::listener::Listener;
use crate::command::figure;
use crate::guard::Reason;

/// The media type of OpenMetrics 1.0.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug)]
struct Figures(Arc<Listener>);

/// Renders all metrics.
pub(super) fn render(listener: &Arc<Listener>) -> Result<String, fmt::Error> {
    let mut metrics = Metrics::with_prefix("loopwire");
    metrics.register_collector(Box::new(Figures(Arc::clone(listener))));
    let mut out = String::new();
    text::encode(&mut out, &metrics)?;
    Ok(out)
}

impl Collector for Figures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let listener = &self.0;
        let journal = listener.journal();
        let size = journal.size();
        let counters = listener.counters();
        let mut gauge = |name, help, value: usize| {
            let value = ConstGauge::new(i64::try_from(value).unwrap_or(i64::MAX));
            figure(&mut encoder, name, help, &value)
        };
        gauge("journal_bytes", "Bytes that the journal holds", size.bytes)?;
        gauge(
            "journal_events",
            "Events that the journal holds",
            size.events,
        )?;
        let bounds = journal.bounds();
        gauge(
            "journal_max_bytes",
            "Bytes that the journal may hold",
            bounds.bytes,
        )?;
        gauge(
            "journal_max_events",
            "Events that the journal may hold",
            bounds.events,
        )?;
        gauge(
            "connections",
            "Open connections of this listener",
            listener.connected(),
        )?;
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        figure(&mut encoder, "build", "The version of Loopwire", &version)?;
        let mut counter =
            |name, help, value: u64| figure(&mut encoder, name, help, &ConstCounter::new(value));
        counter("journal_published", "Events published", journal.head())?;
        counter(
            "connections_opened",
            "Connections opened",
            listener.opened(),
        )?;
        counter("accepted", "TCP connections accepted", counters.accepted())?;
        counter(
            "accept_errors",
            "Failed attempts to accept",
            counters.accept_errors(),
        )?;
        let mut family = encoder.encode_descriptor(
            "refused",
            "Requests refused, by reason",
            None,
            prometheus_client::metrics::MetricType::Counter,
        )?;
        for reason in Reason::ALL {
            let value = ConstCounter::new(counters.refused(reason));
            value.encode(family.encode_family(&[("reason", reason.label())])?)?;
        }
        for engine in listener.engines() {
            engine.metrics(&mut encoder)?;
        }
        Ok(())
    }
}
