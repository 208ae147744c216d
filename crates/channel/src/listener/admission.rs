//! Admission: a connection from its reservation to its end.

use std::sync::Arc;
use std::time::SystemTime;

use hyper::upgrade::OnUpgrade;

use super::listener::Listener;
use super::options::Delivery;
use super::registry::Reservation;
use super::resume::start_cursor;
use crate::callback::{Change, ConnectionInfo};
use crate::command::Dispatcher;
use crate::connection::{Connection, Cursor, Properties, Style, Writer};
use crate::event::{Audience, Topic, Topics};
use crate::fault;
use crate::guard::{Admitted, CredentialForm};
use crate::reliable::{Client, Membership};
use crate::server;
use crate::session::{Session, SessionOptions};
use crate::silence::HeldBack;
use crate::wire::Close;

impl Listener {
    pub(super) fn reserve(&self) -> Option<Reservation> {
        if self.stop.is_cancelled() {
            None
        } else {
            self.registry.reserve()
        }
    }

    /// Serves an admitted connection as soon as its socket is upgraded.
    pub(super) fn admit(
        self: &Arc<Self>,
        admitted: Admitted,
        upgrade: OnUpgrade,
        reservation: Reservation,
    ) {
        let listener = Arc::clone(self);
        // Before the client knows that it is connected: from then on it must miss nothing.
        let properties = self.properties(&admitted, &reservation);
        let head = match properties.slotted {
            true => self.slot.expect(&self.journal),
            false => self.journal.head(),
        };
        let serve = async move {
            // A client that left before the handshake was written was never connected.
            let Ok((socket, leftover)) = server::take_socket(upgrade).await else {
                if properties.slotted {
                    listener.slot.cancel();
                }
                return;
            };
            let held_back = listener.held_back(&properties);
            let connection = Connection::new(properties, socket, &listener.journal, held_back);
            listener.registry.insert(&reservation, &connection);
            listener.notice(&connection, Change::Open);
            let id = admitted.flags.client.as_deref();
            let member = id.map(|id| listener.clients.enter(id));
            let client = member.as_ref().map(Membership::client);
            listener.enter(&connection, &admitted, head, client);
            let options = SessionOptions {
                heartbeat: listener.options.heartbeat,
                stall: listener.options.stall,
                max_message_bytes: listener.options.max_message_bytes,
                takes_messages: listener.options.takes_messages,
            };
            let (engines, tasks) = (&listener.engines, &listener.task_scope);
            let dispatcher = Arc::new(Dispatcher::new(engines, tasks, &connection));
            let (callback, commands) = (listener.callback.clone(), Arc::clone(&dispatcher));
            let session = Session::new(&connection, callback, commands, options, leftover, member);
            let run = fault::supervise(&listener.journal, "connection", session.run());
            let close = run.await.unwrap_or_else(|_| {
                connection.close(Close::internal());
                // Over TLS no other thread would write it.
                connection.flush();
                Close::internal()
            });
            listener.leave(&connection, &reservation, close);
            dispatcher.leave();
        };
        // Requests are served on the threads of the runtime.
        self.tasks.spawn(serve);
    }

    fn properties(&self, admitted: &Admitted, reservation: &Reservation) -> Properties {
        let (v1, sdk) = (admitted.flags.v1, admitted.form == CredentialForm::Sdk);
        let declared = self.declared_topics();
        let topics = match (v1, sdk) {
            (true, _) => Topics::of_v1(declared),
            (false, true) => Topics::of(Audience::Sdk, declared),
            (false, false) => Topics::of(Audience::Sandbox, declared),
        };
        Properties {
            info: ConnectionInfo {
                id: reservation.id(),
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

    fn held_back(&self, properties: &Properties) -> HeldBack {
        let silent_since = properties.silent.then_some(properties.opened);
        let v1 = properties.style.v1;
        HeldBack::new(&self.mutable, self.silence.spans(), silent_since, v1)
    }

    /// The topics of all engines, and who sees them.
    fn declared_topics(&self) -> impl Iterator<Item = (Topic, Audience)> {
        let topics = self.engines.iter().flat_map(|engine| engine.spec().topics);
        topics.copied()
    }

    fn enter(
        &self,
        connection: &Arc<Connection>,
        admitted: &Admitted,
        head: u64,
        client: Option<&Client>,
    ) {
        let heartbeat_ms = u64::try_from(self.options.heartbeat.as_millis()).unwrap_or(u64::MAX);
        let start = |position| -> Cursor {
            let flags = &admitted.flags;
            start_cursor(
                connection,
                &self.journal,
                flags,
                heartbeat_ms,
                client,
                head,
                position,
            )
        };
        if connection.properties.slotted {
            let notify = |connection: &Arc<Connection>, change| self.notice(connection, change);
            self.slot
                .enter(&self.journal, connection, head, start, notify);
        } else {
            let cursor = start(head + 1);
            connection.update(|writer| writer.start(cursor));
        }
        if !self.token.is_current(connection.properties.token_epoch) {
            // Rotated between the check of the token and the registration: the rotation missed this connection.
            connection.close(Close::token_rotated());
        }
        if self.stop.is_cancelled() {
            connection.close(Close::going_away());
        }
    }

    fn leave(&self, connection: &Arc<Connection>, reservation: &Reservation, close: Close) {
        self.registry.remove(reservation);
        if connection.properties.slotted {
            let notify = |connection: &Arc<Connection>, change| self.notice(connection, change);
            self.slot.leave(&self.journal, connection, notify);
        }
        connection.retire();
        // From here on nothing is sent to it, and its frame sources are dropped.
        connection.update(Writer::discard);
        self.notice(connection, Change::Closed(close));
    }
}
