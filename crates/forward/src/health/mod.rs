//! Whether upstreams work: the health of each upstream and of the ports it serves.

mod assignment;
mod circuit_breaker;
mod outage;
mod selection;
mod status;
mod upstream_health;
mod upstream_table;

pub(crate) use assignment::{Assignment, Meter, NewAssignment, Route};
pub(crate) use circuit_breaker::{CircuitBreaker, ProbeResult};
pub(crate) use selection::Selection;
pub(crate) use status::{Ending, PortHealth, PortStatus};
pub(crate) use upstream_health::{Lease, UpstreamHealth};
pub(crate) use upstream_table::UpstreamTable;
