//! A test server: a listener on a free port of the loopback interface, with a journal and a runtime of its own.

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;

use loopwire_channel::{
    Bounds, Callback, Delivery, Engine, Journal, Listener, ListenerOptions, Read, Token, bind,
};
use loopwire_testing::Watch;
use tokio::runtime::{Handle, Runtime};

use super::echo::Echo;
use super::until::{PATIENCE, until};

/// The token of every test server.
pub(crate) const TOKEN: &str = "Zm9vYmFy.test_token~1-2";

/// A running listener.
pub(crate) struct TestServer {
    pub(crate) listener: Arc<Listener>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) runtime: Option<Runtime>,
    _watch: Watch,
}

impl TestServer {
    /// A server with these engines and without an application.
    pub(crate) fn start(options: ListenerOptions, engines: Vec<Arc<dyn Engine>>) -> Self {
        Self::bounded(options, engines, Bounds::default())
    }

    /// The same with bounds of the journal.
    pub(crate) fn bounded(
        options: ListenerOptions,
        engines: Vec<Arc<dyn Engine>>,
        bounds: Bounds,
    ) -> Self {
        let (runtime, journal) = (runtime(), Journal::new(bounds));
        let listener = open(runtime.handle(), &journal, None, engines, options);
        Self {
            listener,
            journal,
            runtime: Some(runtime),
            _watch: Watch::new(),
        }
    }

    /// A server whose application sends every message back. All connections get events.
    pub(crate) fn echo(options: ListenerOptions) -> Self {
        let (runtime, journal) = (runtime(), Journal::new(Bounds::default()));
        let echo = Echo::new(&journal);
        let options = ListenerOptions {
            delivery: Delivery::All,
            takes_messages: true,
            ..options
        };
        let callback = Some(echo.callback());
        let listener = open(runtime.handle(), &journal, callback, Vec::new(), options);
        runtime.spawn(echo.run(Arc::clone(&listener)));
        Self {
            listener,
            journal,
            runtime: Some(runtime),
            _watch: Watch::new(),
        }
    }

    /// A server whose application takes messages when the test does.
    pub(crate) fn with_callback(options: ListenerOptions) -> (Self, Arc<Callback>) {
        Self::with_engines(options, Vec::new())
    }

    /// The same with engines.
    pub(crate) fn with_engines(
        options: ListenerOptions,
        engines: Vec<Arc<dyn Engine>>,
    ) -> (Self, Arc<Callback>) {
        let (runtime, journal) = (runtime(), Journal::new(Bounds::default()));
        let callback = Echo::new(&journal).callback();
        let options = ListenerOptions {
            delivery: Delivery::All,
            takes_messages: true,
            ..options
        };
        let own = Some(Arc::clone(&callback));
        let listener = open(runtime.handle(), &journal, own, engines, options);
        let server = Self {
            listener,
            journal,
            runtime: Some(runtime),
            _watch: Watch::new(),
        };
        (server, callback)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// A TCP connection.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    pub(crate) fn until(&self, what: &str, condition: impl Fn(&Self) -> bool) {
        until(what, || condition(self));
    }

    /// Closes the listener as an application does. Returns the thread that waits for its end.
    pub(crate) fn close(&self) -> JoinHandle<()> {
        let listener = Arc::clone(&self.listener);
        let handle = self.runtime.as_ref().unwrap().handle().clone();
        std::thread::spawn(move || handle.block_on(listener.close()))
    }

    /// All events in the journal, as text.
    pub(crate) fn published(&self) -> String {
        let (mut next, mut all) = (self.journal.oldest(), Vec::new());
        while let Read::Events(run) = self.journal.read(next) {
            run.records(next)
                .for_each(|record| all.extend_from_slice(record.json));
            next = run.next();
        }
        String::from_utf8(all).unwrap()
    }

    /// Checks that no part of the listener has failed.
    pub(crate) fn has_no_fault(&self) {
        assert_eq!(self.listener.counters().panics(), 0);
        let published = self.published();
        assert!(!published.contains(r#""type":"fault""#), "{published}");
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .thread_name(loopwire_testing::test_name())
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// A listener in a runtime of the test's own.
pub(crate) fn listen(
    runtime: &Handle,
    journal: &Arc<Journal>,
    engines: Vec<Arc<dyn Engine>>,
    options: ListenerOptions,
) -> Arc<Listener> {
    open(runtime, journal, None, engines, options)
}

fn open(
    runtime: &Handle,
    journal: &Arc<Journal>,
    callback: Option<Arc<Callback>>,
    engines: Vec<Arc<dyn Engine>>,
    options: ListenerOptions,
) -> Arc<Listener> {
    let socket = bind(([127, 0, 0, 1], 0).into()).unwrap();
    let token = Token::parse(TOKEN).unwrap();
    Listener::open(runtime, socket, journal, token, callback, engines, options).unwrap()
}
