//! The commands `file:watch` and `file:unwatch`.

use std::sync::Arc;

use loopwire_channel::{Command, CommandError, EventFilter, Peer, Reply, fault};
use serde_json::json;

use crate::spec::{FILE, FILE_ASKED};
use crate::watcher::Covered;

use super::error::{closed, ended_early};
use super::readers::Ready;
use super::register::Ticket;
use super::request::{NO_DATA, NoData, WatchRequest};
use super::wanted::Wanted;
use super::watches::Watches;

impl Watches {
    /// Carries out `file:watch` or `file:unwatch`.
    pub fn command(&self, command: Command) {
        match command.name() {
            "file:watch" => {
                if let Some((request, reply)) = command.read(WatchRequest::EXPECTED) {
                    self.watch_for(&request, reply);
                }
            }
            "file:unwatch" => {
                if let Some((NoData {}, reply)) = command.read(NO_DATA) {
                    self.unwatch(reply);
                }
            }
            _ => command.unknown(),
        }
    }

    fn watch_for(&self, request: &WatchRequest, reply: Reply) {
        let (root, most) = (self.0.root_text(), self.0.max);
        let reserved = request.wanted(&self.0.root).and_then(|mut wanted| {
            wanted.tag = reply.id().filter(|_| request.tagged).cloned();
            let mut register = self.0.register.lock();
            let ticket = register.reserve(reply.peer(), reply.id(), &root, most)?;
            Ok((wanted, ticket))
        });
        let (wanted, ticket) = match reserved {
            Ok(reserved) => reserved,
            Err(refusal) => return reply.refuse(&refusal.code, &refusal.message),
        };
        let watches = self.clone();
        let peer = reply.peer().clone();
        // The place is freed whatever becomes of the task: it may panic, or never run.
        let place = Place {
            watches: watches.clone(),
            peer,
            ticket,
            begun: false,
        };
        let journal = Arc::clone(&self.0.journal);
        self.0.spawn(async move {
            // On a panic the fault is published, and the dropped reply answers INTERNAL.
            let work = watches.begin(wanted, place, reply);
            let _ = fault::supervise(&journal, "command:file", work).await;
        });
    }

    async fn begin(&self, wanted: Wanted, place: Place, reply: Reply) {
        let ended = place.ticket.ended.clone();
        let covered = ended.run_until_cancelled(self.0.cover(wanted)).await;
        match covered.unwrap_or_else(|| Err(ended_early())) {
            Ok((wanted, covered)) => {
                let ready = Ready::of(&covered);
                match place.begin(wanted, covered) {
                    Ok(()) if reply.id().is_some() || reply.peer().binary() => {
                        reply.send_as("file:watching", &ready);
                    }
                    // A client of the sandbox's page knows no answer.
                    Ok(()) => reply.done(),
                    Err(refusal) => reply.refuse(&refusal.code, &refusal.message),
                }
            }
            Err(refusal) => {
                // The id is free again before the client learns that.
                drop(place);
                reply.refuse(&refusal.code, &refusal.message);
            }
        }
    }

    fn unwatch(&self, reply: Reply) {
        let Some(id) = reply.id() else {
            let message = "data.id is missing: it must be the id of a watch";
            return reply.refuse("BAD_MESSAGE", message);
        };
        let ended = self.0.register.lock().end(reply.peer(), id);
        match ended.is_empty() {
            true => reply.refuse("GONE", "this connection has no watch with this id"),
            false => {
                drop(ended);
                reply.send(&json!({}));
            }
        }
    }
}

/// A place in the register for a watch that has not begun. Dropped before the watch has begun, it is free again.
struct Place {
    watches: Watches,
    peer: Peer,
    ticket: Ticket,
    begun: bool,
}

impl Place {
    /// The watch has begun. From now on its connection hears of what its watches match and of nothing else.
    fn begin(mut self, wanted: Wanted, mut covered: Vec<Covered>) -> Result<(), CommandError> {
        let filter = self.watches.0.register.lock().begin(
            &self.peer,
            &self.ticket,
            Arc::new(wanted),
            &mut covered,
        );
        let Some(filter) = filter else {
            return Err(match self.watches.0.is_closed() {
                true => closed(),
                false => ended_early(),
            });
        };
        let filter: Arc<dyn EventFilter> = filter;
        self.begun = true;
        self.peer.set_filter(&[FILE, FILE_ASKED], Some(filter));
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.begun {
            return;
        }
        let ended = self
            .watches
            .0
            .register
            .lock()
            .give_up(&self.peer, &self.ticket);
        drop(ended);
    }
}
