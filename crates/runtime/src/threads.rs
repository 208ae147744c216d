//! The threads of a runtime.

use std::io;

use loopwire_channel::Executor;
use parking_lot::Mutex;

/// Threads of the tokio runtime: the work is waiting for sockets, and a host has threads of its own.
const MAX_THREADS: usize = 4;

#[derive(Debug)]
pub(crate) struct Threads {
    pub(crate) tokio: tokio::runtime::Runtime,
    /// What listeners and workspaces have instead of a handle: it is released when the runtime has ended.
    pub(crate) executor: Executor,
}

impl Threads {
    pub(crate) fn start() -> io::Result<Self> {
        let count = std::thread::available_parallelism().map_or(1, usize::from);
        let count = count.min(MAX_THREADS);
        are_given(count)?;
        descriptors_are_given()?;
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(count)
            .thread_name("loopwire")
            .enable_all()
            .build()?;
        let executor = Executor::from(tokio.handle());
        Ok(Self { tokio, executor })
    }
}

/// Whether there are descriptors for what tokio opens. It panics if it gets none for the signals of children, where another
/// crate of the program has that compiled in.
#[cfg(unix)]
fn descriptors_are_given() -> io::Result<()> {
    /// A queue of events and what wakes it, two pairs of sockets, and some to spare.
    const PAIRS: usize = 4;
    let pairs: io::Result<Vec<_>> = (0..PAIRS)
        .map(|_| std::os::unix::net::UnixStream::pair())
        .collect();
    pairs.map(drop)
}

#[cfg(not(unix))]
fn descriptors_are_given() -> io::Result<()> {
    Ok(())
}

/// Whether the system gives so many threads at once. Tokio panics if it gets none, and waits for ever if it gets only some.
fn are_given(count: usize) -> io::Result<()> {
    // They stay until this is given back.
    let open = Mutex::new(());
    std::thread::scope(|scope| {
        let _closed = open.lock();
        let wait = || drop(open.lock());
        (0..count).try_for_each(|_| {
            let thread = std::thread::Builder::new().spawn_scoped(scope, wait);
            thread.map(drop)
        })
    })
}
