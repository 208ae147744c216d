//! The journal as a whole: against a model, among real threads, and with a reader that falls asleep.

mod model;
mod park;
mod steps;
mod threads;
