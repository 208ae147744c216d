//! Runs a model with loom, which tries how its threads can follow one another.

/// Three preemptions find every mistake that was tried, in seconds. Unbounded, it would take minutes.
pub(crate) fn try_all(run: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(run);
}
