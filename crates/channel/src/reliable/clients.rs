//! The clients of a listener that number their messages: connected ones, and those that may come back.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::Mutex;

use super::client::Client;

/// How many clients without a connection are remembered; the one that left first is forgotten first. A client that
/// reconnects is back within minutes, and a listener has far fewer in that time. They cost 300 KiB at most. There is no
/// limit of time: it would save nothing, and tell a client whose host has slept that an outcome is unknown.
const MAX_ABSENT: usize = 1_024;

/// The clients that a listener remembers.
#[derive(Debug, Default)]
pub(crate) struct Clients {
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    clients: HashMap<Arc<str>, Entry>,
    /// Those without a connection, in the order in which they left.
    absent: BTreeMap<u64, Arc<str>>,
    departures: u64,
}

#[derive(Debug, Default)]
struct Entry {
    client: Arc<Client>,
    connections: usize,
    /// The key in `absent`, while there is no connection.
    left: u64,
}

impl Clients {
    /// A connection of this client begins. A client that is not known begins with nothing taken.
    pub(crate) fn enter(self: &Arc<Self>, id: &str) -> Membership {
        let mut table = self.table.lock();
        let id: Arc<str> = id.into();
        let entry = table.clients.entry(Arc::clone(&id)).or_default();
        entry.connections += 1;
        let (client, left) = (Arc::clone(&entry.client), entry.left);
        if entry.connections == 1 {
            table.absent.remove(&left);
        }
        drop(table);
        let clients = Arc::clone(self);
        Membership {
            clients,
            id,
            client,
        }
    }

    fn leave(&self, id: &Arc<str>) {
        let mut table = self.table.lock();
        table.departures += 1;
        let left = table.departures;
        let Some(entry) = table.clients.get_mut(id) else {
            return;
        };
        entry.connections -= 1;
        if entry.connections > 0 {
            return;
        }
        entry.left = left;
        table.absent.insert(left, Arc::clone(id));
        if table.absent.len() > MAX_ABSENT
            && let Some((_, forgotten)) = table.absent.pop_first()
        {
            table.clients.remove(&forgotten);
        }
    }
}

/// One connection of a client. While there is one, the client is not forgotten.
#[derive(Debug)]
pub(crate) struct Membership {
    clients: Arc<Clients>,
    id: Arc<str>,
    client: Arc<Client>,
}

impl Membership {
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        self.clients.leave(&self.id);
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a failed unwrap shows where the test failed"
    )]

    use super::*;

    #[test]
    fn a_client_that_comes_back_is_known() {
        let clients = Arc::new(Clients::default());
        let first = clients.enter("a");
        let memory = first.client().memory().to_owned();
        first.client().take(7).unwrap().done();
        let second = clients.enter("a");
        assert_eq!(
            (second.client().last(), second.client().memory()),
            (7, &*memory)
        );
        drop((first, second));
        let third = clients.enter("a");
        assert_eq!(
            (third.client().last(), third.client().memory()),
            (7, &*memory)
        );
        assert_ne!(clients.enter("b").client().memory(), memory);
    }

    #[test]
    fn the_one_that_left_first_is_forgotten_and_no_connected_one() {
        let clients = Arc::new(Clients::default());
        let stays = clients.enter("stays");
        for at in 0..=MAX_ABSENT {
            clients.enter(&at.to_string());
        }
        // It was the oldest, and is the newest now.
        clients.enter("1");
        clients.enter("one more");
        for (id, known) in [("stays", true), ("1", true), ("3", true), ("0", false)] {
            let table = clients.table.lock();
            assert_eq!(table.clients.contains_key(id), known, "{id}");
        }
        assert!(!clients.table.lock().clients.contains_key("2"));
        drop(stays);
        let table = clients.table.lock();
        assert_eq!(table.absent.len(), MAX_ABSENT);
        assert_eq!(table.clients.len(), MAX_ABSENT);
    }
}
