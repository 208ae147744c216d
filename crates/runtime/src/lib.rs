//! The composition root: tokio runtime, journal and engines of one environment.
