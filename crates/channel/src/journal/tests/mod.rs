//! Tests of the journal as a whole: against a model, with real threads, with readers that follow the head, and with one that
//! parks.

mod drained;
mod follow;
mod gathering;
mod hurry;
mod model;
mod park;
mod steps;
mod threads;
