//! The listening socket: accepts connections, and closes at once in whatever thread.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::{self, SocketAddr};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

/// A socket that listens. Clones share it, and it has only one descriptor: when [`ListeningSocket::close`] returns, the
/// port is free, whatever the task that accepts is doing. A program may bind the same port in its next line.
#[derive(Clone)]
pub struct ListeningSocket(Arc<Mutex<State>>);

struct State {
    /// `None` when it is closed.
    listener: Option<TcpListener>,
    /// The task that accepts. Closing wakes it.
    accepting: Option<Waker>,
}

impl ListeningSocket {
    /// Has a runtime watch a bound, non-blocking socket.
    ///
    /// # Errors
    /// The error of the system: it has no descriptor or no memory for that.
    pub fn new(listener: net::TcpListener, handle: &Handle) -> io::Result<Self> {
        let _in_runtime = handle.enter();
        TcpListener::from_std(listener).map(Self::from)
    }

    /// The next connection; nothing once the socket is closed. Only one task may accept at a time.
    pub async fn accept(&self) -> Option<io::Result<(TcpStream, SocketAddr)>> {
        poll_fn(|context| self.poll_accept(context)).await
    }

    // The lock is held during one non-blocking system call.
    fn poll_accept(
        &self,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<(TcpStream, SocketAddr)>>> {
        let mut state = self.0.lock();
        let Some(listener) = &state.listener else {
            return Poll::Ready(None);
        };
        let accepted = listener.poll_accept(context).map(Some);
        if accepted.is_pending() {
            state.accepting = Some(context.waker().clone());
        }
        accepted
    }

    /// Closes the socket: the port is free when this returns. Idempotent.
    pub fn close(&self) {
        let (listener, accepting) = {
            let mut state = self.0.lock();
            (state.listener.take(), state.accepting.take())
        };
        if let Some(listener) = listener {
            // For a moment others may hold the same socket: a child between its fork and its exec, a thread in the
            // kernel that polls it. On Linux this ends its listening nevertheless; elsewhere it is an error without
            // effect.
            let _ = socket2::SockRef::from(&listener).shutdown(net::Shutdown::Both);
        }
        if let Some(accepting) = accepting {
            accepting.wake();
        }
    }
}

impl From<TcpListener> for ListeningSocket {
    fn from(listener: TcpListener) -> Self {
        Self(Arc::new(Mutex::new(State {
            listener: Some(listener),
            accepting: None,
        })))
    }
}

impl fmt::Debug for ListeningSocket {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("ListeningSocket")
            .field(&self.0.lock().listener)
            .finish()
    }
}
