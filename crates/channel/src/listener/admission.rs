//! Admission: a connection from its reservation to its end.

use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::FutureExt as _;
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
use crate::tls::Socket;
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
        let upgraded = async move {
            match server::take_socket(upgrade).await {
                Ok(taken) => listener.begin(admitted, reservation, properties, head, taken),
                // A client that left before the handshake was written was never connected.
                Err(_) if properties.slotted => listener.slot.cancel(),
                Err(_) => {}
            }
        };
        // Requests are served on the threads of the runtime.
        self.tasks.spawn(upgraded.boxed());
    }

    /// Serves a connection whose socket is upgraded, in a task of its own: an idle connection then holds nothing of what
    /// its upgrade has needed.
    fn begin(
        self: Arc<Self>,
        admitted: Admitted,
        reservation: Reservation,
        properties: Properties,
        head: u64,
        (socket, leftover): (Socket, Bytes),
    ) {
        let held_back = self.held_back(&properties);
        let connection = Connection::new(properties, socket, &self.journal, held_back);
        self.registry.insert(&reservation, &connection);
        self.notice(&connection, Change::Open);
        let id = admitted.flags.client.as_deref();
        let member = id.map(|id| self.clients.enter(id));
        let client = member.as_ref().map(Membership::client);
        self.enter(&connection, &admitted, head, client);
        let options = SessionOptions {
            heartbeat: self.options.heartbeat,
            stall: self.options.stall,
            max_message_bytes: self.options.max_message_bytes,
            takes_messages: self.options.takes_messages,
        };
        let dispatcher = Dispatcher::new(&self.engines, &self.task_scope, &connection);
        let callback = self.callback.clone();
        let mut session =
            Session::new(&connection, callback, dispatcher, options, leftover, member);
        let listener = Arc::clone(&self);
        let serve = async move {
            let run = fault::supervise(&listener.journal, "connection", session.run()).await;
            let (connection, dispatcher) = session.into_parts();
            let close = run.unwrap_or_else(|_| {
                connection.close(Close::internal());
                // Over TLS no other thread would write it.
                connection.flush();
                Close::internal()
            });
            listener.leave(&connection, &reservation, close);
            dispatcher.leave();
        };
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
