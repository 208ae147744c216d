//! What a session reads: messages for the engines and for the application, control frames, the end.

use bytes::Bytes;

use super::inbound::Received;
use super::session::Session;
use crate::callback::InboxItem;
use crate::command::InboundMessage;
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
        let properties = &self.connection.properties;
        let info = &properties.info;
        if binary && properties.binary && self.deadline.is_none() {
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
        match text.map_or(InboundMessage::Other, |text| self.dispatcher.read(text)) {
            InboundMessage::Ping => {
                self.connection.say(&message::pong());
            }
            InboundMessage::Pong => {}
            InboundMessage::Command {
                engine,
                name,
                id,
                data,
            } => {
                if self.deadline.is_none() {
                    self.dispatcher.command(&*engine, name, id, data);
                }
            }
            InboundMessage::Refused {
                code,
                message,
                id,
                command,
            } => {
                self.connection
                    .say(&message::error(code, message, id.as_ref(), Some(&command)));
            }
            InboundMessage::Other if self.options.takes_messages && self.deadline.is_none() => {
                self.waiting = Some(InboxItem::Message {
                    from: info.clone(),
                    data,
                    binary,
                });
                self.deliver();
            }
            InboundMessage::Other if info.sandbox || info.v1 => {
                let message =
                    "the message is not a command, and the application accepts no other messages";
                self.connection
                    .say(&message::error("BAD_MESSAGE", message, None, None));
            }
            InboundMessage::Other => {}
        }
    }

    /// Delivers the message to the application, or keeps it until there is room.
    pub(super) fn deliver(&mut self) {
        let (Some(item), Some(callback)) = (self.waiting.take(), &self.callback) else {
            return;
        };
        match callback.inbox().offer(item) {
            Ok(()) => {
                callback.wake();
                self.inbound.passed_on();
            }
            Err(item) => self.waiting = Some(item),
        }
    }
}
