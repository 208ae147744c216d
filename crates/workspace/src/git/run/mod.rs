//! How an operation is carried out, from its start to its end.

mod checkout;
mod clone;
mod exchange;
mod job;
mod life;
mod opened;
mod prepare;
mod remote;
mod report;
mod target;

pub(super) use job::Job;
pub(super) use life::live;
pub(super) use prepare::prepare;
