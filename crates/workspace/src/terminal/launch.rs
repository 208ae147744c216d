//! Starts commands, announces them, and follows them to their end.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use futures_util::FutureExt as _;
use loopwire_channel::{Cause, CommandError, Event, Reply, Topic, fault};
use serde::Serialize;
use serde_json::{Value, json};

use crate::root::{is_out_of_descriptors, refusal};
use crate::shapes::{Exit, Spawn};

use super::core::{CountedInput, TerminalInner};
use super::handle::Terminal;
use super::life;
use super::terminals::{Terminals, TerminalsInner};
use super::view::TerminalFrames;
use crate::process::{self, Plan, Reaper, Started};

/// The connection that asked for a command.
struct Requester {
    reply: Reply,
    /// Its attachment, which is made before the command starts.
    key: u64,
}

/// The data of `terminal:started` for callbacks.
#[derive(Serialize)]
struct StartedEvent<'a> {
    id: &'a Value,
    pid: u32,
}

impl Terminals {
    /// Starts a command for the application. Returns at once; see [`Terminal::started`].
    ///
    /// # Errors
    /// `BAD_MESSAGE`, `ID_IN_USE`, `TOO_MANY_TERMINALS`, `NO_WORKSPACE`. [`Terminal::started`] reports what takes
    /// longer to find out: `PATH_OUTSIDE`, `NOT_FOUND`, `SPAWN_FAILED`.
    pub fn spawn(&self, spawn: Spawn) -> Result<Terminal, CommandError> {
        let terminal = self.register(&spawn, true)?;
        self.launch(terminal.clone(), spawn, None);
        Ok(terminal)
    }

    /// Starts a command for a connection, which reads its output from the first byte on.
    pub(super) fn execute(
        &self,
        spawn: Spawn,
        acknowledges: bool,
        nonce: Option<String>,
        reply: Reply,
    ) {
        match self.register(&spawn, false) {
            Err(refusal) => reply.refuse(&refusal.code, &refusal.message),
            Ok(terminal) => {
                let key = {
                    let mut state = terminal.0.state.lock();
                    let key = state.attach(Some(reply.peer()), 0, None);
                    state.starter = Some(key);
                    state.nonce = nonce;
                    state.counted_input = spawn.count_input.then(CountedInput::default);
                    if acknowledges {
                        state.acknowledges(key, 0);
                    }
                    key
                };
                self.launch(terminal, spawn, Some(Requester { reply, key }));
            }
        }
    }

    /// Starts the task that runs the command.
    fn launch(&self, terminal: Terminal, spawn: Spawn, requester: Option<Requester>) {
        let this = self.clone();
        // Without a runtime the terminals are closed, and no command gets here.
        let Some(handle) = self.0.executor.handle() else {
            return;
        };
        handle.spawn(
            async move {
                let shared = &this.0;
                let timeout = spawn.timeout;
                let mut leader = None;
                let life = async {
                    let Some(started) = this.start(&terminal, spawn, requester).await else {
                        return;
                    };
                    let announce = shared.announce(&terminal);
                    let life = async {
                        let reaper = leader.insert(started.reaper);
                        let exit = life::run(&terminal.0, reaper, started.ends, timeout).await;
                        this.end(&terminal, exit);
                    };
                    tokio::join!(announce, life);
                };
                let life = fault::supervise(&shared.journal, "terminal", life);
                if life.await.is_err() {
                    this.fail(&terminal, leader).await;
                }
                shared.register.lock().unannounced -= 1;
            }
            .boxed(),
        );
    }

    /// Keeps a terminal that has ended, and then tells its end: whoever hears of it may start the next command at
    /// once.
    fn end(&self, terminal: &Terminal, exit: Exit) {
        let gone = {
            let mut register = self.0.register.lock();
            register.running -= 1;
            register.keep(terminal)
        };
        terminal.0.finish(exit);
        drop(gone);
        self.sweep();
    }

    /// Ends a terminal whose task failed. No process of its command is left when that is told.
    async fn fail(&self, terminal: &Terminal, leader: Option<Reaper>) {
        if let Some(mut leader) = leader {
            let killed = life::kill(&mut leader, &terminal.0);
            let _ = fault::supervise(&self.0.journal, "terminal", killed).await;
        }
        let refusal = CommandError::new("INTERNAL", "a part of the workspace failed");
        terminal.0.refuse(&refusal);
        if terminal.0.end.borrow().is_none() {
            self.end(terminal, terminal.0.failure());
        }
    }

    /// Starts the command, and answers the request. `None` if it could not be started.
    async fn start(
        &self,
        terminal: &Terminal,
        spawn: Spawn,
        requester: Option<Requester>,
    ) -> Option<Started> {
        let shared = Arc::clone(&self.0);
        let inner = Arc::clone(&terminal.0);
        // The application holds the terminal. A client that is not told of the start does not know what to type into.
        let input = (requester.as_ref()).is_none_or(|requester| is_told_of_start(&requester.reply));
        let start = move || shared.start(&inner, spawn, input);
        let start = tokio::task::spawn_blocking(start).await;
        let panicked = |_| {
            Err(CommandError::new(
                "INTERNAL",
                "a part of the workspace failed",
            ))
        };
        match start.unwrap_or_else(panicked) {
            Ok(started) => {
                let pid = started.reaper.session().pid();
                if let Some(Requester { reply, key }) = requester {
                    confirm_start(terminal, reply, key, pid);
                }
                terminal.0.start.send_replace(Some(Ok(pid)));
                Some(started)
            }
            Err(refusal) => {
                let gone = {
                    let mut register = self.0.register.lock();
                    register.running -= 1;
                    register.remove(&terminal.0.key)
                };
                if let Some(Requester { reply, key }) = requester {
                    terminal.0.detach(key);
                    reply.refuse(&refusal.code, &refusal.message);
                }
                terminal.0.refuse(&refusal);
                // Other connections may have attached meanwhile.
                terminal.0.finish(terminal.0.failure());
                drop(gone);
                None
            }
        }
    }
}

impl TerminalsInner {
    fn start(
        &self,
        inner: &TerminalInner,
        spawn: Spawn,
        input: bool,
    ) -> Result<Started, CommandError> {
        let directory = self.root.directory(spawn.cwd.as_deref().unwrap_or("."))?;
        let mut env = self.env.clone();
        env.extend(spawn.env);
        // Of two values for one name the last one counts, as with `env`.
        let mut seen = HashSet::new();
        let mut last: Vec<_> = env.into_iter().rev().collect();
        last.retain(|(name, _)| seen.insert(name.clone()));
        // On Windows names that differ by their case alone are one, of which the last one counts, too.
        last.reverse();
        let plan = Plan {
            argv: process::argv(self.shell.as_deref(), spawn.command.as_deref()),
            directory: directory.child_path(),
            env: last,
            variables: Vec::new(),
            size: inner.pty.then(|| inner.state.lock().size),
            input,
        };
        let started = process::start(&plan, &self.guardian).map_err(|error| {
            tracing::warn!(%error, "a command could not be started");
            let program = plan.argv.first().map(|program| program.to_string_lossy());
            let cause = Cause::of(&error)
                .during("spawn")
                .at_path(program.unwrap_or_default());
            if is_out_of_descriptors(&error) {
                return refusal(&error).because(cause);
            }
            let message = format!(
                "the command could not be started: {}",
                process::reason(&error)
            );
            CommandError::new("SPAWN_FAILED", message).because(cause)
        })?;
        life::begin(
            inner,
            started.reaper.session(),
            printable(directory.path().to_owned()),
        );
        Ok(started)
    }

    /// Publishes start and exit for the callbacks. Nothing else waits for that.
    async fn announce(&self, terminal: &Terminal) {
        let id = terminal.id();
        let pid = terminal.started().await.unwrap_or_default();
        self.publish("terminal:started", &StartedEvent { id, pid })
            .await;
        let exit = terminal.exit().await;
        self.publish("terminal:exit", &exit.data(id)).await;
    }

    async fn publish(&self, kind: &str, data: &impl Serialize) {
        if let Ok(event) = Event::data(Topic::CALLBACK, kind, data, SystemTime::now()) {
            let _ = self.journal.publish(&event).await;
        }
    }
}

/// A client that sends no id, and does not ask for binary messages, does not know `terminal:started`.
fn is_told_of_start(reply: &Reply) -> bool {
    reply.id().is_some() || reply.peer().binary()
}

/// Answers the request, and lets the connection read.
fn confirm_start(terminal: &Terminal, reply: Reply, key: u64, pid: u32) {
    let peer = reply.peer().clone();
    let [stdout, stderr, stdin] = terminal.0.streams;
    let streams = json!({"stdout": stdout, "stderr": stderr, "stdin": stdin});
    let data = json!({"pid": pid, "streams": streams});
    if is_told_of_start(&reply) {
        reply
            .with_id(terminal.id().clone())
            .send_as("terminal:started", &data);
    } else {
        reply.done();
    }
    let viewer = {
        let state = terminal.0.state.lock();
        // Unless the connection has attached again, or detached, meanwhile.
        let there = state.position_of(key).is_some();
        there.then(|| TerminalFrames::new(&terminal.0, &state.ring, key, 0, peer.binary()))
    };
    if let Some(viewer) = viewer {
        peer.attach(Box::new(viewer));
    }
}

fn printable(path: PathBuf) -> String {
    path.to_string_lossy().into_owned()
}
