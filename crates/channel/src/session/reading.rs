//! What a session reads: messages for the engines and for the application, control frames, the end.

use std::sync::Arc;

use bytes::Bytes;

use super::inbound::Received;
use super::session::{Session, Waiting};
use crate::callback::InboxItem;
use crate::command::{Engine, InboundMessage};
use crate::wire::{Close, message};

/// How many messages are read in a row before the task yields.
const MESSAGES_PER_READ: usize = 64;

impl Session {
    /// Reads some of the messages that have arrived.
    pub(super) fn read(&mut self) {
        self.more = false;
        for _ in 0..MESSAGES_PER_READ {
            // A connection that is closing accepts no commands, so it does not matter whether the dispatcher is full.
            let full = self.deadline.is_none() && self.dispatcher.is_full();
            if self.waiting.is_some() || self.no_room || full || self.ended.is_some() {
                self.more = true;
                return;
            }
            let received = self.inbound.next(&self.dispatcher);
            if self.inbound.take_heard() {
                self.heartbeat.received();
            }
            match received {
                Received::Pending => return,
                Received::Again => break,
                Received::NoRoom => {
                    self.no_room = true;
                    break;
                }
                Received::Message { data, binary } => {
                    self.message(data, binary);
                    if self.waiting.is_none() {
                        self.inbound.passed_on();
                    }
                }
                Received::Ping(pong) => {
                    self.connection.update(|writer| writer.send(pong));
                }
                Received::Pong => {}
                Received::Closed(close, answer) => {
                    // If we closed first, this is the awaited answer.
                    self.connection
                        .update(|writer| writer.close_with(close.clone(), answer));
                    self.end(close);
                }
                Received::Broken(close) => {
                    self.connection.close(close.clone());
                    self.end(close);
                }
                Received::Ended => self.end(Close::abnormal()),
            }
        }
        self.more = true;
    }

    /// Nothing more is read. The first close is the reason of the end.
    fn end(&mut self, close: Close) {
        let closing = self.connection.read(|writer| writer.closing().cloned());
        self.ended.get_or_insert(closing.unwrap_or(close));
    }

    fn message(&mut self, mut data: Bytes, binary: bool) {
        if binary && self.connection.properties.binary && self.deadline.is_none() {
            match self.dispatcher.offer(data) {
                Some(back) => data = back,
                None => return,
            }
        }
        let text = if binary {
            None
        } else {
            std::str::from_utf8(&data).ok()
        };
        let numbers = self.client.is_some();
        let message = text.map_or(InboundMessage::Other, |text| {
            self.dispatcher.read(text, numbers)
        });
        match message {
            InboundMessage::Numbered { n, text } => self.numbered(n, text),
            InboundMessage::Other if self.takes_messages() => {
                self.pass_on(data, binary, None);
            }
            other => drop(self.act(other)),
        }
    }

    /// Whether messages that are no commands are passed on to the application.
    const fn takes_messages(&self) -> bool {
        self.options.takes_messages && self.deadline.is_none()
    }

    /// Takes a message that has its effect once, unless it was taken before.
    fn numbered(&mut self, n: u64, text: String) {
        let Some(member) = self.client.as_ref().filter(|_| self.deadline.is_none()) else {
            return;
        };
        let message = self.dispatcher.read(&text, false);
        if matches!(message, InboundMessage::Other) && self.takes_messages() {
            self.pass_on(Bytes::from(text), false, Some(n));
            return;
        }
        let refusal = member.client().take(n).and_then(|taken| {
            let refusal = self.act(message);
            taken.done();
            refusal
        });
        self.acknowledge(n, refusal);
    }

    /// Does what a message wants that is not passed on to the application. Returns the code and the message of a refusal.
    fn act(
        &self,
        message: InboundMessage<Arc<dyn Engine>>,
    ) -> Option<(&'static str, &'static str)> {
        let info = &self.connection.properties.info;
        match message {
            InboundMessage::Ping => {
                self.connection.say(&message::pong());
                None
            }
            InboundMessage::Command {
                engine,
                name,
                id,
                data,
            } => {
                if self.deadline.is_none() {
                    self.dispatcher.command(&*engine, name, id, data);
                }
                None
            }
            InboundMessage::Refused {
                code,
                message,
                id,
                command,
            } => {
                self.connection
                    .say(&message::error(code, message, id.as_ref(), Some(&command)));
                Some((code, message))
            }
            InboundMessage::Other if info.sandbox || info.v1 => {
                let message =
                    "the message is not a command, and the application accepts no other messages";
                self.connection
                    .say(&message::error("BAD_MESSAGE", message, None, None));
                Some(("BAD_MESSAGE", message))
            }
            InboundMessage::Pong | InboundMessage::Numbered { .. } | InboundMessage::Other => None,
        }
    }

    fn pass_on(&mut self, data: Bytes, binary: bool, number: Option<u64>) {
        let from = self.connection.properties.info.clone();
        let item = InboxItem::Message { from, data, binary };
        self.waiting = Some(Waiting { item, number });
        self.deliver();
    }

    /// Delivers the message to the application, or keeps it until there is room.
    pub(super) fn deliver(&mut self) {
        let (Some(Waiting { item, number }), Some(callback)) =
            (self.waiting.take(), &self.callback)
        else {
            return;
        };
        let mut taken = None;
        if let (Some(n), Some(member)) = (number, &self.client) {
            taken = member.client().take(n);
            if taken.is_none() {
                // Another connection of the client was faster.
                self.inbound.passed_on();
                self.acknowledge(n, None);
                return;
            }
        }
        match callback.inbox().offer(item) {
            Ok(()) => {
                if let Some(taken) = taken {
                    taken.done();
                }
                callback.wake();
                self.inbound.passed_on();
                if let Some(n) = number {
                    self.acknowledge(n, None);
                }
            }
            Err(item) => {
                drop(taken);
                self.waiting = Some(Waiting { item, number });
            }
        }
    }

    /// A client that misses an acknowledgement would wait: if it cannot be told, it has to connect again.
    fn acknowledge(&self, n: u64, refusal: Option<(&str, &str)>) {
        if !self.connection.say(&message::ack(n, refusal)) {
            self.connection.close(Close::stalled());
        }
    }
}
