//! The register of the watches of clients: whose they are, and how many there may be.

use std::collections::HashMap;
use std::sync::Arc;

use loopwire_channel::{CommandError, Peer};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::watcher::Covered;

use super::error::closed;
use super::filter::WatchFilter;
use super::wanted::Wanted;

/// All watches of clients.
#[derive(Default)]
pub(super) struct Register {
    connections: HashMap<usize, Connection>,
    /// The number of watches of all connections.
    count: usize,
    next: u64,
    closed: bool,
}

/// The watches of one connection.
struct Connection {
    /// Keeps its key from being used again.
    _peer: Peer,
    filter: Arc<WatchFilter>,
    watches: Vec<ClientWatch>,
}

struct ClientWatch {
    key: u64,
    id: Option<String>,
    /// What it wants to hear of, and what is covered for it, once it has begun.
    begun: Option<(Arc<Wanted>, Vec<Covered>)>,
    ended: CancellationToken,
}

/// A watch that has a place in the register and has not begun.
pub(super) struct Ticket {
    key: u64,
    /// Cancelled when the watch is ended before it has begun.
    pub(super) ended: CancellationToken,
}

/// Watches that were taken out of the register. They are dropped without its lock, since that releases directories.
#[must_use]
pub(super) struct Ended {
    watches: Vec<ClientWatch>,
}

impl Ended {
    pub(super) const fn is_empty(&self) -> bool {
        self.watches.is_empty()
    }
}

impl Register {
    /// The number of watches.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Takes a place for a watch. `most` is the limit for all connections together.
    pub(super) fn reserve(
        &mut self,
        peer: &Peer,
        id: Option<&Value>,
        root: &str,
        most: usize,
    ) -> Result<Ticket, CommandError> {
        if self.closed {
            return Err(closed());
        }
        let id = id.map(Value::to_string);
        let own = self.connections.get(&peer.key());
        let own = own.map_or(&[][..], |connection| &connection.watches);
        if id.is_some() && own.iter().any(|watch| watch.id == id) {
            let message = "a watch of this connection has this id; end it by file:unwatch, or choose another id";
            return Err(CommandError::new("ID_IN_USE", message));
        }
        // One connection must leave room for the others.
        let share = most.div_ceil(2);
        if own.len() >= share {
            let message = format!(
                "this connection has {share} watches already, which is its share (option maxWatches: {most}); end one by \
                 file:unwatch, or name several paths in one watch"
            );
            return Err(CommandError::new("TOO_MANY_WATCHES", message));
        }
        if self.count >= most {
            let message = format!(
                "clients have {most} watches already (option maxWatches); end one by file:unwatch, or name several paths in \
                 one watch"
            );
            return Err(CommandError::new("TOO_MANY_WATCHES", message));
        }
        self.count += 1;
        self.next += 1;
        let (key, ended) = (self.next, CancellationToken::new());
        let connection = self.connections.entry(peer.key());
        let connection = connection.or_insert_with(|| Connection {
            _peer: peer.clone(),
            filter: Arc::new(WatchFilter::new(root)),
            watches: Vec::new(),
        });
        connection.watches.push(ClientWatch {
            key,
            id,
            begun: None,
            ended: ended.clone(),
        });
        Ok(Ticket { key, ended })
    }

    /// A watch has begun: everything that it needs is covered. Returns the filter of its connection, or `None` if the watch
    /// was ended meanwhile; then `covered` has to be dropped.
    pub(super) fn begin(
        &mut self,
        peer: &Peer,
        ticket: &Ticket,
        wanted: Arc<Wanted>,
        covered: &mut Vec<Covered>,
    ) -> Option<Arc<WatchFilter>> {
        let connection = self.connections.get_mut(&peer.key())?;
        let mut watches = connection.watches.iter_mut();
        let watch = watches.find(|watch| watch.key == ticket.key)?;
        watch.begun = Some((wanted, std::mem::take(covered)));
        Some(connection.update())
    }

    /// A watch did not begin: its place is free.
    pub(super) fn give_up(&mut self, peer: &Peer, ticket: &Ticket) -> Ended {
        self.take(peer, |watch| watch.key == ticket.key)
    }

    /// Ends the watch with this id.
    pub(super) fn end(&mut self, peer: &Peer, id: &Value) -> Ended {
        let id = Some(id.to_string());
        self.take(peer, |watch| watch.id == id)
    }

    fn take(&mut self, peer: &Peer, is: impl Fn(&ClientWatch) -> bool) -> Ended {
        let mut watches = Vec::new();
        if let Some(connection) = self.connections.get_mut(&peer.key())
            && let Some(at) = connection.watches.iter().position(is)
        {
            watches.push(connection.watches.remove(at));
            connection.update();
            self.count -= 1;
        }
        Ended::cancelled(watches)
    }

    /// Ends all watches of a connection that has ended.
    pub(super) fn forget(&mut self, peer: &Peer) -> Ended {
        let watches = match self.connections.remove(&peer.key()) {
            Some(connection) => connection.watches,
            None => Vec::new(),
        };
        self.count -= watches.len();
        Ended::cancelled(watches)
    }

    /// Ends all watches and accepts no more. The connections keep their filters: nothing comes any more.
    pub(super) fn close(&mut self) -> Ended {
        self.closed = true;
        self.count = 0;
        let mut watches = Vec::new();
        for connection in self.connections.values_mut() {
            watches.append(&mut connection.watches);
        }
        Ended::cancelled(watches)
    }
}

impl Ended {
    fn cancelled(watches: Vec<ClientWatch>) -> Self {
        for watch in &watches {
            watch.ended.cancel();
        }
        Self { watches }
    }
}

impl Connection {
    /// Tells the filter what the connection wants to hear of.
    fn update(&self) -> Arc<WatchFilter> {
        let begun = self.watches.iter().filter_map(|watch| watch.begun.as_ref());
        self.filter
            .set(begun.map(|(wanted, _)| Arc::clone(wanted)).collect());
        Arc::clone(&self.filter)
    }
}
