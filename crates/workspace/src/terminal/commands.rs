//! The commands whose names begin with `terminal:`.

use std::sync::Arc;

use loopwire_channel::{Command, CommandError, Reply, json};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json as object};

use crate::shapes::Exit;

use super::handle::Terminal;
use super::request::{
    self, Attach, Encoding, Execute, NoData, Resize, SignalName, Taken, TextInput,
};
use super::terminals::Terminals;
use super::view::{Replayed, StreamNumbers, TerminalFrames};
use crate::process::SessionId;

/// One row of `terminal:listed`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: Value,
    pid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    cwd: String,
    pty: bool,
    cols: u16,
    rows: u16,
    running: bool,
    exit_code: Option<i32>,
    signal: Option<String>,
    started_at: String,
    /// For a client of binary messages: with them it understands the output before the reply to its `terminal:attach`.
    #[serde(skip_serializing_if = "Option::is_none")]
    streams: Option<StreamNumbers>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    attached: usize,
    from: u64,
    to: u64,
}

impl Terminals {
    /// Whether a command of that name brings a new id.
    #[must_use]
    pub fn brings_id(name: &str) -> bool {
        matches!(name, "terminal:execute" | "terminal:list")
    }

    /// Carries out a command.
    pub fn command(&self, command: Command) {
        let name = command.name().to_owned();
        match name.strip_prefix("terminal:").unwrap_or_default() {
            "execute" => {
                if let Some((mut asked, reply)) = command.read::<Execute>(request::EXECUTE) {
                    let acknowledges = asked.acknowledge.is_some();
                    let nonce = asked.nonce.take().map(|nonce| nonce.0);
                    self.execute(asked.spawn(), acknowledges, nonce, reply);
                }
            }
            "list" => {
                if let Some((NoData {}, reply)) = command.read("an object") {
                    let terminals = self.list(reply.peer().binary());
                    reply.send_as("terminal:listed", &object!({"terminals": terminals}));
                }
            }
            "input" => self.on(
                command,
                request::TEXT_INPUT,
                |terminal, typed: TextInput, reply| match typed.encoding {
                    Encoding::Utf8 => self.0.halves.write(reply.peer(), terminal, typed.input),
                    Encoding::Base64 => {
                        let (peer, input) = (reply.peer(), &typed.input);
                        self.0.halves.write_base64(peer, terminal, input)
                    }
                },
            ),
            "eof" => self.on(command, request::NO_DATA, |terminal, NoData {}, reply| {
                self.0.halves.end(reply.peer(), terminal);
                terminal.eof();
                Ok(())
            }),
            "resize" => self.on(command, request::RESIZE, |terminal, size: Resize, _| {
                terminal.resize(size.cols.0, size.rows.0);
                Ok(())
            }),
            "signal" => self.on(
                command,
                request::SIGNAL_NAME,
                |terminal, asked: SignalName, _| terminal.signal(&asked.signal),
            ),
            "detach" => self.on(command, request::NO_DATA, |terminal, NoData {}, reply| {
                detach(terminal, reply);
                Ok(())
            }),
            "ack" => self.on(command, request::TAKEN, |terminal, taken: Taken, reply| {
                acknowledge(terminal, taken.offset, reply);
                Ok(())
            }),
            "attach" => self.attach(command),
            _ => command.unknown(),
        }
    }

    /// Acts on the terminal that a command names, and answers without data.
    fn on<T: DeserializeOwned>(
        &self,
        command: Command,
        expected: &str,
        act: impl FnOnce(&Terminal, T, &Reply) -> Result<(), CommandError>,
    ) {
        let Some((asked, reply)) = command.read::<T>(expected) else {
            return;
        };
        match self
            .named(&reply)
            .and_then(|terminal| act(&terminal, asked, &reply))
        {
            Ok(()) => reply.done(),
            Err(refusal) => reply.refuse(&refusal.code, &refusal.message),
        }
    }

    fn named(&self, reply: &Reply) -> Result<Terminal, CommandError> {
        let Some(id) = reply.id() else {
            let sentence = "data.id is missing: it must be the id of a terminal";
            return Err(CommandError::new("BAD_MESSAGE", sentence));
        };
        self.find(id).ok_or_else(|| {
            let sentence = "no terminal has this id: it never existed, or it ended too long ago";
            CommandError::new("GONE", sentence)
        })
    }

    fn attach(&self, command: Command) {
        let Some((asked, reply)) = command.read::<Attach>(request::ATTACH) else {
            return;
        };
        let terminal = match self.named(&reply) {
            Ok(terminal) => terminal,
            Err(refusal) => return reply.refuse(&refusal.code, &refusal.message),
        };
        if let (Some(cols), Some(rows)) = (asked.cols, asked.rows) {
            terminal.resize(cols.0, rows.0);
        }
        let peer = reply.peer().clone();
        let (viewer, replayed) = {
            let mut state = terminal.0.state.lock();
            state.readmit(&peer);
            let (tail, to) = (state.ring.tail(), state.ring.head());
            let truncated = asked.offset.unwrap_or(0) < tail;
            let (from, prelude) = match asked.offset {
                Some(offset) if offset >= tail && peer.binary() => (offset.min(to), String::new()),
                Some(offset) if offset >= tail => {
                    (state.ring.character_start(offset.min(to)), String::new())
                }
                _ if tail == 0 => (0, String::new()),
                seen => state.ring.restart(seen.unwrap_or(0), tail),
            };
            let key = state.attach(Some(&peer), from, None);
            if let Some(taken) = asked.acknowledge {
                let taken = if truncated { from } else { taken.min(from) };
                state.acknowledges(key, taken.max(tail));
            }
            let mut replayed = Replayed::new(None, from, to, truncated, &prelude);
            if peer.binary() {
                replayed = replayed.with_streams(terminal.0.streams);
            }
            if let Some(counted) = &state.counted_input {
                replayed = replayed.with_input(counted.received);
            }
            let viewer = TerminalFrames::new(&terminal.0, &state.ring, key, from, peer.binary());
            (viewer.begin_with(prelude), replayed)
        };
        // Another connection may run the terminal now, and it is no longer unattended.
        terminal.0.output_room.notify_waiters();
        terminal.0.changed.notify_one();
        let text = reply.text("terminal:replayed", &object!(&replayed));
        peer.attach(Box::new(viewer.then_say(replayed.to, text)));
    }

    fn list(&self, binary: bool) -> Vec<Row> {
        let (mut all, gone) = {
            let mut register = self.0.register.lock();
            let gone = register.expire(self.0.detach);
            (register.all().cloned().collect::<Vec<_>>(), gone)
        };
        drop(gone);
        all.sort_by_key(|terminal| terminal.0.streams[0]);
        all.iter().map(|terminal| row(terminal, binary)).collect()
    }
}

fn row(terminal: &Terminal, binary: bool) -> Row {
    let state = terminal.0.state.lock();
    let exit: Option<&Exit> = state.exit.as_ref();
    let pid = state.session.map(SessionId::pid);
    Row {
        id: terminal.0.id.clone(),
        pid,
        command: terminal.0.command.clone(),
        cwd: state.cwd.clone(),
        pty: terminal.0.pty,
        cols: state.size.0,
        rows: state.size.1,
        running: exit.is_none(),
        exit_code: exit.and_then(|exit| exit.code),
        signal: exit.and_then(|exit| exit.signal.clone()),
        started_at: json::timestamp(state.started),
        streams: binary.then(|| StreamNumbers::new(terminal.0.streams)),
        nonce: state.nonce.clone(),
        attached: state.attachments.len(),
        from: state.ring.tail(),
        to: state.ring.head(),
    }
}

fn acknowledge(terminal: &Terminal, offset: u64, reply: &Reply) {
    if terminal.0.state.lock().acknowledge(reply.peer(), offset) {
        terminal.0.output_room.notify_waiters();
        reply.peer().wake();
    }
}

fn detach(terminal: &Terminal, reply: &Reply) {
    let inner = Arc::clone(&terminal.0);
    let key = {
        let state = inner.state.lock();
        let place = state.attachment_of(reply.peer());
        place.map(|at| state.attachments[at].key)
    };
    if let Some(key) = key {
        inner.detach(key);
        // Its frame source notices that it is no longer attached.
        reply.peer().wake();
    }
}
