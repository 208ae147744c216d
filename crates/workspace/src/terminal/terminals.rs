//! Terminals: commands that run in the workspace, their streams, and who is attached to them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use loopwire_channel::{CommandError, Executor, Input, Journal, Peer};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::{Notify, watch};

use crate::binary::head;
use crate::context::WorkspaceContext;
use crate::options::Options;
use crate::root::Root;
use crate::shapes::Spawn;

use super::core::{TerminalInner, TerminalState};
use super::halves::Halves;
use super::handle::{INPUT_CUT_OFF, Terminal};
use super::register::Register;
use crate::process::Guardian;

/// The smallest ring: with less than a page of output, attaching is of no use.
const MIN_SCROLLBACK_BYTES: usize = 16 << 10;

/// How many commands may have ended while the application's callback has not taken that yet: the callback may be
/// busy, and what waits for it must be bounded.
const MAX_UNANNOUNCED: usize = 1_024;

/// The terminals of one workspace. Clones share them.
#[derive(Clone)]
pub struct Terminals(pub(super) Arc<TerminalsInner>);

pub(super) struct TerminalsInner {
    pub(super) root: Root,
    pub(super) shell: Option<Vec<String>>,
    pub(super) env: Vec<(String, String)>,
    pub(super) detach: Option<Duration>,
    pub(super) scrollback: usize,
    pub(super) max_terminals: usize,
    pub(super) max_output: Option<u64>,
    pub(super) journal: Arc<Journal>,
    pub(super) executor: Executor,
    pub(super) guardian: Arc<Guardian>,
    pub(super) register: Mutex<Register>,
    pub(super) halves: Halves,
    pub(super) next_id: AtomicU64,
    pub(super) next_stream: AtomicU32,
    /// A task removes ended terminals when their time is over.
    pub(super) sweeping: AtomicBool,
    pub(super) closing: AtomicBool,
}

impl std::fmt::Debug for Terminals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminals")
            .field("running", &self.running())
            .finish_non_exhaustive()
    }
}

impl Terminals {
    /// No terminals yet. Nothing is started before the first command.
    #[must_use]
    pub(crate) fn new(context: WorkspaceContext, options: &Options) -> Self {
        Self(Arc::new(TerminalsInner {
            root: context.root,
            shell: options.shell.clone(),
            env: options.env.clone(),
            detach: options.detach,
            scrollback: options.scrollback_bytes.max(MIN_SCROLLBACK_BYTES),
            max_terminals: options.max_terminals,
            max_output: options.max_output_bytes,
            journal: context.journal,
            executor: context.executor,
            guardian: context.guardian,
            register: Mutex::default(),
            halves: Halves::default(),
            next_id: AtomicU64::new(1),
            next_stream: AtomicU32::new(1),
            sweeping: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        }))
    }

    /// The number of commands that run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.register.lock().running
    }

    /// The process id of the guardian, which kills what is left when this process dies. It is started with the first
    /// command.
    #[must_use]
    pub fn guardian(&self) -> Option<u32> {
        self.0.guardian.pid()
    }

    /// The terminal with that id, if it runs or has ended not long ago.
    #[must_use]
    pub fn find(&self, id: &Value) -> Option<Terminal> {
        let mut register = self.0.register.lock();
        let gone = register.expire(self.0.detach);
        let found = register.get(&id.to_string()).cloned();
        drop(register);
        drop(gone);
        found
    }

    pub(super) fn register(&self, spawn: &Spawn, owned: bool) -> Result<Terminal, CommandError> {
        spawn.check()?;
        let shared = &self.0;
        let mut register = shared.register.lock();
        let gone = register.expire(shared.detach);
        if shared.closing.load(Ordering::Acquire) {
            return Err(CommandError::new(
                "NO_WORKSPACE",
                "the workspace is being closed",
            ));
        }
        let id = match &spawn.id {
            Some(id) if register.get(&id.to_string()).is_some() => {
                let sentence =
                    "a terminal with this id is running or has ended recently; choose another id";
                return Err(CommandError::new("ID_IN_USE", sentence));
            }
            Some(id) => id.clone(),
            None => loop {
                let number = shared.next_id.fetch_add(1, Ordering::Relaxed);
                let id = Value::from(format!("term-{number}"));
                if register.get(&id.to_string()).is_none() {
                    break id;
                }
            },
        };
        if register.running >= shared.max_terminals {
            let most = shared.max_terminals;
            let message =
                format!("{most} commands are running already (option maxTerminals); end one first");
            return Err(CommandError::new("TOO_MANY_TERMINALS", message));
        }
        if register.unannounced >= shared.max_terminals + MAX_UNANNOUNCED {
            let sentence =
                "the application has not taken the ends of earlier commands yet; try again later";
            return Err(CommandError::new("TOO_MANY_TERMINALS", sentence));
        }
        let first = shared.next_stream.fetch_add(3, Ordering::Relaxed);
        let terminal = Terminal(Arc::new(TerminalInner {
            key: id.to_string(),
            id,
            command: spawn.command.clone(),
            pty: spawn.pty,
            owned,
            streams: [first, first.wrapping_add(1), first.wrapping_add(2)],
            born: Instant::now(),
            detach: shared.detach,
            max_output: shared.max_output,
            state: Mutex::new(TerminalState::new(
                shared.scrollback,
                spawn.pty,
                spawn.size(),
            )),
            guardian: Arc::clone(&shared.guardian),
            output_room: Notify::new(),
            input_added: Notify::new(),
            input_drained: Notify::new(),
            changed: Notify::new(),
            start: watch::Sender::new(None),
            end: watch::Sender::new(None),
        }));
        register.add(&terminal);
        drop(register);
        drop(gone);
        Ok(terminal)
    }

    /// Starts the task that removes ended terminals when their time is over, unless it runs already.
    pub(super) fn sweep(&self) {
        let shared = &self.0;
        if shared.detach.is_none() || shared.sweeping.swap(true, Ordering::AcqRel) {
            return;
        }
        let Some(handle) = shared.executor.handle() else {
            return;
        };
        let weak = Arc::downgrade(shared);
        handle.spawn(
            async move {
                loop {
                    let Some(shared) = weak.upgrade() else { return };
                    let (gone, next) = shared.expire();
                    drop((gone, shared));
                    let Some(next) = next else { return };
                    tokio::time::sleep_until(next.into()).await;
                }
            }
            .boxed(),
        );
    }

    /// Whether it is the number of an input.
    #[must_use]
    pub fn owns(&self, stream: u32) -> bool {
        self.0.register.lock().of_input(stream).is_some()
    }

    /// Takes binary input. Input with a stream number that belongs to no terminal is given back.
    #[must_use]
    pub fn input(&self, peer: &Peer, input: Input) -> Option<Input> {
        if let Some(since) = input.overdue_since() {
            self.hold_unread(since);
        }
        let terminal =
            head(&input).and_then(|(stream, _)| self.0.register.lock().of_input(stream).cloned());
        match terminal {
            Some(terminal) => {
                if !terminal.feed(peer, input) {
                    let id = Some(terminal.id());
                    peer.refuse("INPUT_FULL", INPUT_CUT_OFF, id, "terminal:input");
                }
                None
            }
            None => Some(input),
        }
    }

    /// Commands that do not read must not hold back the others of their connection: what waits for them is counted here.
    fn hold_unread(&self, since: Instant) {
        let all: Vec<_> = self.0.register.lock().all().cloned().collect();
        for terminal in all {
            terminal.hold_unread(since);
        }
    }

    /// A connection has ended: what it has typed in halves is given up, and nothing more of it must be refused.
    pub fn left(&self, peer: &Peer) {
        self.0.halves.forget(peer);
        let all: Vec<_> = self.0.register.lock().all().cloned().collect();
        for terminal in all {
            terminal.0.state.lock().readmit(peer);
        }
    }

    /// Ends all commands: SIGTERM, and two seconds later SIGKILL. Returns when nothing is left.
    pub async fn close(&self) {
        let all: Vec<_> = {
            let register = self.0.register.lock();
            self.0.closing.store(true, Ordering::Release);
            register.all().cloned().collect()
        };
        for terminal in &all {
            terminal.0.state.lock().never_pauses = true;
            terminal.0.order("closed");
            terminal.0.output_room.notify_waiters();
        }
        for terminal in all {
            terminal.exit().await;
        }
    }

    /// Accepts no more commands, without waiting for those that run: the guardian kills them.
    pub fn kill(&self) {
        self.0.closing.store(true, Ordering::Release);
    }
}

impl TerminalsInner {
    /// Removes the ended terminals whose time is over. Also returns when the next one is due.
    fn expire(&self) -> (Vec<Terminal>, Option<Instant>) {
        let mut register = self.register.lock();
        let gone = register.expire(self.detach);
        let next = register.next_expiry(self.detach);
        if next.is_none() {
            // Under the register's lock, so that a terminal that is kept from now on starts a new task.
            self.sweeping.store(false, Ordering::Release);
        }
        (gone, next)
    }
}
