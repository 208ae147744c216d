//! Whether upstreams work: what is known of each of them, and of the ports that they serve.

mod assignment;
mod breaker;
mod origin;
mod outage;
mod status;
mod upstream_health;
mod upstream_table;

pub(crate) use assignment::{Link, Meter, Route, Taken};
pub(crate) use breaker::{Condition, Finding};
pub(crate) use origin::Origin;
pub(crate) use status::{Ending, Health, Status};
pub(crate) use upstream_health::{Claim, Record};
pub(crate) use upstream_table::Ledger;
