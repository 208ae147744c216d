//! The native peers, loaded into Node: thread-safe calls, axum, fastwebsockets, bare TCP, queues.
mod callback;
mod clock;
mod drain;
mod emit;
mod event;
mod live;
mod micro;
mod publish;

use std::sync::OnceLock;

use tokio::runtime::Runtime;

/// One tokio runtime with its default number of threads, as an addon would have it.
fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| Runtime::new().expect("a tokio runtime"))
}
