//! Tests of the journal as a whole: against a model, with real threads, and with a reader that parks.

mod drained;
mod hurry;
mod model;
mod park;
mod steps;
mod threads;
