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
        // Elsewhere accepting does it. Without it a command that is started inherits the connection, and keeps it open.
        #[cfg(windows)]
        if let Poll::Ready(Some(Ok((stream, _)))) = &accepted {
            let _ = socket2::SockRef::from(stream).set_no_inherit(true);
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

/// Whether an accept failed because of the first client in the queue. That client is gone, and the next one can be
/// accepted at once. Every other error lasts until resources are freed.
#[must_use]
pub fn concerns_one_client(error: &io::Error) -> bool {
    match error.kind() {
        // Windows says of a client that is gone before it is accepted that it has reset the connection.
        io::ErrorKind::ConnectionAborted
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::Interrupted => true,
        // macOS gives no address of such a client, and then it is mio that calls it invalid. From the system the same
        // kind means that the socket does not listen, which lasts.
        io::ErrorKind::InvalidInput => error.raw_os_error().is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_client_has_done_is_told_from_what_lasts() {
        for kind in [
            io::ErrorKind::ConnectionAborted,
            io::ErrorKind::ConnectionReset,
            io::ErrorKind::Interrupted,
            io::ErrorKind::InvalidInput,
        ] {
            assert!(concerns_one_client(&kind.into()), "{kind}");
        }
        // EINVAL and EMFILE, WSAEINVAL and WSAEMFILE.
        let lasting = if cfg!(windows) {
            [10_022, 10_024]
        } else {
            [22, 24]
        };
        for number in lasting {
            let error = io::Error::from_raw_os_error(number);
            assert!(!concerns_one_client(&error), "{error}");
        }
        // WSAECONNRESET.
        #[cfg(windows)]
        assert!(concerns_one_client(&io::Error::from_raw_os_error(10_054)));
    }
}
