//! The reception of a listener: an admitted connection from its reserved place to its last word.

use std::sync::Arc;
use std::time::SystemTime;

use hyper::upgrade::OnUpgrade;

use super::listener::Listener;
use super::options::Delivery;
use super::registry::Ticket;
use super::resume::start_feed;
use crate::callback::{Change, ConnectionInfo};
use crate::command::Dispatcher;
use crate::connection::{Connection, Feed, Style, Traits, Writer};
use crate::event::{Audience, Topics};
use crate::fault;
use crate::guard::{Admitted, Form};
use crate::server;
use crate::session::{Rules, Session};
use crate::wire::Close;

impl Listener {
    pub(super) fn reserve(&self) -> Option<Ticket> {
        if self.stop.is_cancelled() {
            None
        } else {
            self.registry.reserve()
        }
    }

    /// Serves an admitted connection once its socket is free.
    pub(super) fn welcome(
        self: &Arc<Self>,
        admitted: Admitted,
        upgrade: OnUpgrade,
        ticket: Ticket,
    ) {
        let listener = Arc::clone(self);
        // Before the client can know that it is connected: from then on it misses nothing.
        let traits = self.traits(&admitted, &ticket);
        let head = match traits.slotted {
            true => self.slot.expect(&self.journal),
            false => self.journal.head(),
        };
        let serve = async move {
            // A client that is gone before the handshake was written was never there.
            let Ok((socket, leftover)) = server::take_socket(upgrade).await else {
                if traits.slotted {
                    listener.slot.miss();
                }
                return;
            };
            let connection = Connection::new(traits, socket, &listener.journal);
            listener.registry.insert(&ticket, &connection);
            listener.notice(&connection, Change::Open);
            listener.enter(&connection, &admitted, head);
            let rules = Rules {
                heartbeat: listener.options.heartbeat,
                stall: listener.options.stall,
                max_message_bytes: listener.options.max_message_bytes,
                takes_messages: listener.options.takes_messages,
            };
            let (engines, tasks) = (&listener.engines, &listener.task_scope);
            let dispatcher = Arc::new(Dispatcher::new(engines, tasks, &connection));
            let (callback, commands) = (listener.callback.clone(), Arc::clone(&dispatcher));
            let session = Session::new(&connection, callback, commands, rules, leftover);
            let run = fault::supervise(&listener.journal, "connection", session.run());
            let close = run.await.unwrap_or_else(|_| {
                connection.close(Close::internal());
                // Over TLS nobody else would write it.
                connection.flush();
                Close::internal()
            });
            listener.leave(&connection, &ticket, close);
            dispatcher.leave();
        };
        self.tasks.spawn_on(serve, &self.handle);
    }

    fn traits(&self, admitted: &Admitted, ticket: &Ticket) -> Traits {
        let (v1, sdk) = (admitted.flags.v1, admitted.form == Form::Sdk);
        let topics = match (v1, sdk) {
            (true, _) => Topics::ALL,
            (false, true) => self.declared_for(Audience::Sdk),
            (false, false) => self.declared_for(Audience::Sandbox),
        };
        Traits {
            info: ConnectionInfo {
                id: ticket.id(),
                v1,
                sandbox: !sdk,
            },
            style: Style { topics, v1 },
            slotted: sdk && self.options.delivery == Delivery::Last,
            silent: admitted.flags.silent,
            binary: admitted.flags.binary,
            token_epoch: admitted.token_epoch,
            opened: SystemTime::now(),
        }
    }

    /// What a plain connection of that form sees.
    fn declared_for(&self, audience: Audience) -> Topics {
        let topics = self.engines.iter().flat_map(|engine| engine.spec().topics);
        Topics::of(audience, topics.copied())
    }

    fn enter(&self, connection: &Arc<Connection>, admitted: &Admitted, head: u64) {
        let heartbeat_ms = u64::try_from(self.options.heartbeat.as_millis()).unwrap_or(u64::MAX);
        let start = |place| -> Feed {
            let flags = &admitted.flags;
            start_feed(connection, &self.journal, flags, heartbeat_ms, head, place)
        };
        if connection.traits.slotted {
            let told = |who: &Arc<Connection>, change| self.notice(who, change);
            self.slot
                .enter(&self.journal, connection, head, start, told);
        } else {
            let feed = start(head + 1);
            connection.change(|writer| writer.start(feed));
        }
        if !self.token.is_current(connection.traits.token_epoch) {
            // Rotated between the guard and the registry: whoever rotated did not see this one.
            connection.close(Close::token_rotated());
        }
        if self.stop.is_cancelled() {
            connection.close(Close::going_away());
        }
    }

    fn leave(&self, connection: &Arc<Connection>, ticket: &Ticket, close: Close) {
        self.registry.remove(ticket);
        if connection.traits.slotted {
            let told = |who: &Arc<Connection>, change| self.notice(who, change);
            self.slot.leave(&self.journal, connection, told);
        }
        connection.retire();
        // From here on whatever is said to it is nothing, and its taps are gone.
        connection.change(Writer::kill);
        self.notice(connection, Change::Closed(close));
    }
}
