//! Terminals: commands that run in the workspace, their streams, and who is attached to them.

mod commands;
mod decode;
mod escape;
mod feed;
mod guardian;
mod reader;
mod reap;
mod register;
mod request;
mod ring;
mod run;
mod session;
mod shell;
mod signal;
mod spawn;
mod state;
mod tap;
mod watched;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use loopwire_channel::{Event, Input, Journal, Peer, Refusal, Reply, Topic, fault};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};

use crate::options::Options;
use crate::root::Root;

use guardian::Guardian;
use reap::Reaper;
use register::Register;
use shell::Inner;
use spawn::{Plan, Started};
use state::State;
use tap::Viewer;

pub use reader::{Chunk, Reader};
pub use request::Spawn;
pub use ring::Source;
pub use shell::Terminal;
pub use state::Exit;

/// The smallest ring: less than a page of output is of no use to anybody who attaches.
const MIN_SCROLLBACK_BYTES: usize = 16 << 10;

/// Commands that may have ended without the application's callback having taken it: it is busy, and what waits for
/// it must not grow for ever.
const MAX_UNTOLD: usize = 1_024;

/// A stream number and an offset stand before binary input, as before output.
const INPUT_HEAD_BYTES: usize = 12;

/// The terminals of one workspace. Clones are the same.
#[derive(Clone)]
pub struct Terminals(Arc<Shared>);

struct Shared {
    root: Root,
    shell: Option<Vec<String>>,
    env: Vec<(String, String)>,
    detach: Option<Duration>,
    scrollback: usize,
    max_terminals: usize,
    max_output: Option<u64>,
    journal: Arc<Journal>,
    handle: Handle,
    guardian: Arc<Guardian>,
    register: Mutex<Register>,
    next_id: AtomicU64,
    next_stream: AtomicU32,
    /// Somebody lets those go that were kept long enough.
    sweeping: AtomicBool,
    closing: AtomicBool,
}

impl std::fmt::Debug for Terminals {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminals")
            .field("running", &self.running())
            .finish_non_exhaustive()
    }
}

/// Who has asked for a command over a connection.
struct Asker {
    reply: Reply,
    /// Its reading, which was there before the command.
    key: u64,
}

/// As callbacks and clients get it.
#[derive(Serialize)]
struct StartedEvent<'a> {
    id: &'a Value,
    pid: u32,
}

impl Terminals {
    /// No terminals yet. Nothing is started before the first command.
    #[must_use]
    pub fn new(root: Root, options: &Options, journal: Arc<Journal>, handle: Handle) -> Self {
        Self(Arc::new(Shared {
            root,
            shell: options.shell.clone(),
            env: options.env.clone(),
            detach: options.detach,
            scrollback: options.scrollback_bytes.max(MIN_SCROLLBACK_BYTES),
            max_terminals: options.max_terminals,
            max_output: options.max_output_bytes,
            journal,
            handle,
            guardian: Arc::default(),
            register: Mutex::default(),
            next_id: AtomicU64::new(1),
            next_stream: AtomicU32::new(1),
            sweeping: AtomicBool::new(false),
            closing: AtomicBool::new(false),
        }))
    }

    /// Commands that run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.0.register.lock().running
    }

    /// The process that ends what is left when this one dies: its number, once a command was run.
    #[must_use]
    pub fn guardian(&self) -> Option<u32> {
        self.0.guardian.pid()
    }

    /// The terminal of that id, if there is one, or was not long ago.
    #[must_use]
    pub fn find(&self, id: &Value) -> Option<Terminal> {
        let mut register = self.0.register.lock();
        let gone = register.expire(self.0.detach);
        let found = register.get(&id.to_string()).cloned();
        drop(register);
        drop(gone);
        found
    }

    /// Has a command started for the application. Returns at once; see [`Terminal::started`].
    ///
    /// # Errors
    /// `BAD_MESSAGE`, `ID_IN_USE`, `TOO_MANY_TERMINALS`, `NO_WORKSPACE`. What takes longer to find out is
    /// [`Terminal::started`]'s: `PATH_OUTSIDE`, `NOT_FOUND`, `SPAWN_FAILED`.
    pub fn spawn(&self, spawn: Spawn) -> Result<Terminal, Refusal> {
        let terminal = self.register(&spawn, true)?;
        self.launch(terminal.clone(), spawn, None);
        Ok(terminal)
    }

    /// Has a command started for a connection, which reads it from its first byte on.
    fn execute(&self, spawn: Spawn, reply: Reply) {
        match self.register(&spawn, false) {
            Err(refusal) => reply.refuse(&refusal.code, &refusal.message),
            Ok(terminal) => {
                let key = {
                    let mut state = terminal.0.state.lock();
                    let key = state.join(Some(reply.peer()), 0, None);
                    state.starter = Some(key);
                    key
                };
                self.launch(terminal, spawn, Some(Asker { reply, key }));
            }
        }
    }

    fn register(&self, spawn: &Spawn, owned: bool) -> Result<Terminal, Refusal> {
        spawn.check()?;
        let shared = &self.0;
        let mut register = shared.register.lock();
        let gone = register.expire(shared.detach);
        if shared.closing.load(Ordering::Acquire) {
            return Err(Refusal::new(
                "NO_WORKSPACE",
                "the workspace is being closed",
            ));
        }
        let id = match &spawn.id {
            Some(id) if register.get(&id.to_string()).is_some() => {
                let sentence =
                    "a terminal with this id runs, or has ended not long ago; choose another";
                return Err(Refusal::new("ID_IN_USE", sentence));
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
                format!("{most} commands run already (option maxTerminals); end one first");
            return Err(Refusal::new("TOO_MANY_TERMINALS", message));
        }
        if register.untold >= shared.max_terminals + MAX_UNTOLD {
            let sentence = "the application has not heard how many commands ended; try again later";
            return Err(Refusal::new("TOO_MANY_TERMINALS", sentence));
        }
        let first = shared.next_stream.fetch_add(3, Ordering::Relaxed);
        let terminal = Terminal(Arc::new(Inner {
            key: id.to_string(),
            id,
            command: spawn.command.clone(),
            pty: spawn.pty,
            owned,
            streams: [first, first.wrapping_add(1), first.wrapping_add(2)],
            born: Instant::now(),
            detach: shared.detach,
            max_output: shared.max_output,
            state: Mutex::new(State::new(shared.scrollback, spawn.size())),
            guardian: Arc::clone(&shared.guardian),
            room: Notify::new(),
            entered: Notify::new(),
            drained: Notify::new(),
            changed: Notify::new(),
            start: watch::Sender::new(None),
            end: watch::Sender::new(None),
        }));
        register.add(&terminal);
        drop(register);
        drop(gone);
        Ok(terminal)
    }

    /// Starts the task that is the command's life.
    fn launch(&self, terminal: Terminal, spawn: Spawn, asker: Option<Asker>) {
        let this = self.clone();
        self.0.handle.spawn(async move {
            let shared = &this.0;
            let timeout = spawn.timeout;
            let life = async {
                let Some(started) = this.start(&terminal, spawn, asker).await else {
                    return;
                };
                let herald = shared.herald(&terminal);
                let life = async {
                    let reaper = Reaper::new(started.pid, &shared.guardian);
                    let exit = run::run(&terminal.0, reaper, started.ends, timeout).await;
                    this.end(&terminal, exit);
                };
                tokio::join!(herald, life);
            };
            let life = fault::supervise(&shared.journal, "terminal", life);
            if life.await.is_err() {
                this.fail(&terminal);
            }
            shared.register.lock().untold -= 1;
        });
    }

    /// Keeps a terminal that has ended, and says so. Who hears it may start the next one at once.
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

    /// Ends a terminal whose task has failed.
    fn fail(&self, terminal: &Terminal) {
        let refusal = Refusal::new("INTERNAL", "a part of the workspace failed");
        terminal.0.refuse(&refusal);
        if terminal.0.end.borrow().is_none() {
            self.end(terminal, terminal.0.failure());
        }
    }

    /// Starts it, and says so. Nothing if it could not be.
    async fn start(
        &self,
        terminal: &Terminal,
        spawn: Spawn,
        asker: Option<Asker>,
    ) -> Option<Started> {
        let shared = Arc::clone(&self.0);
        let inner = Arc::clone(&terminal.0);
        let start = tokio::task::spawn_blocking(move || shared.start(&inner, spawn)).await;
        let panicked = |_| Err(Refusal::new("INTERNAL", "a part of the workspace failed"));
        match start.unwrap_or_else(panicked) {
            Ok(started) => {
                let pid = started.pid.as_raw_nonzero().get().unsigned_abs();
                if let Some(Asker { reply, key }) = asker {
                    welcome(terminal, reply, key, pid);
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
                if let Some(Asker { reply, key }) = asker {
                    terminal.0.leave(key);
                    reply.refuse(&refusal.code, &refusal.message);
                }
                terminal.0.refuse(&refusal);
                // Others may have attached to it meanwhile.
                terminal.0.finish(terminal.0.failure());
                drop(gone);
                None
            }
        }
    }

    /// Lets those go that were kept long enough, when it is time.
    fn sweep(&self) {
        let shared = &self.0;
        if shared.detach.is_none() || shared.sweeping.swap(true, Ordering::AcqRel) {
            return;
        }
        let weak = Arc::downgrade(shared);
        shared.handle.spawn(async move {
            loop {
                let Some(shared) = weak.upgrade() else { return };
                let (gone, next) = shared.expire();
                drop((gone, shared));
                let Some(next) = next else { return };
                tokio::time::sleep_until(next.into()).await;
            }
        });
    }

    /// Takes binary input, or gives it back if its stream number is none of a terminal's.
    #[must_use]
    pub fn input(&self, _peer: &Peer, input: Input) -> Option<Input> {
        let stream = input
            .first_chunk::<4>()
            .map(|number| u32::from_be_bytes(*number));
        let terminal = stream
            .filter(|_| input.len() >= INPUT_HEAD_BYTES)
            .and_then(|stream| self.0.register.lock().of_input(stream).cloned());
        match terminal {
            Some(terminal) => {
                terminal.feed(input);
                None
            }
            None => Some(input),
        }
    }

    /// Ends what runs: SIGTERM, and two seconds later SIGKILL. Returns when nothing is left.
    pub async fn close(&self) {
        let all: Vec<_> = {
            let register = self.0.register.lock();
            self.0.closing.store(true, Ordering::Release);
            register.all().cloned().collect()
        };
        for terminal in &all {
            terminal.0.state.lock().flooded = true;
            terminal.0.order("closed");
            terminal.0.room.notify_waiters();
        }
        for terminal in all {
            terminal.exit().await;
        }
        let guardian = Arc::clone(&self.0.guardian);
        let _ = tokio::task::spawn_blocking(move || guardian.kill()).await;
    }

    /// Kills what runs, at once.
    pub fn kill(&self) {
        self.0.closing.store(true, Ordering::Release);
        self.0.guardian.kill();
    }
}

impl Shared {
    fn start(&self, inner: &Inner, spawn: Spawn) -> Result<Started, Refusal> {
        let directory = self.root.directory(spawn.cwd.as_deref().unwrap_or("."))?;
        let mut env = self.env.clone();
        env.extend(spawn.env);
        // Of two values for one name the last counts, as `env` has it.
        let mut seen = HashSet::new();
        let mut last: Vec<_> = env.into_iter().rev().collect();
        last.retain(|(name, _)| seen.insert(name.clone()));
        let plan = Plan {
            words: spawn::words(self.shell.as_deref(), spawn.command.as_deref()),
            directory: directory.entrance(),
            env: last,
            size: inner.pty.then(|| inner.state.lock().size),
        };
        let started = spawn::start(&plan, &self.guardian).map_err(|error| {
            tracing::warn!(%error, "a command could not be started");
            let message = format!("the command could not be started: {}", error.kind());
            Refusal::new("SPAWN_FAILED", message)
        })?;
        run::begin(inner, started.pid, printable(directory.path().to_owned()));
        Ok(started)
    }

    /// Lets those go that were kept long enough. With them, when the next one is to go.
    fn expire(&self) -> (Vec<Terminal>, Option<Instant>) {
        let mut register = self.register.lock();
        let gone = register.expire(self.detach);
        let next = register.next_expiry(self.detach);
        if next.is_none() {
            // Under the register's lock: whoever is kept from now on finds it so.
            self.sweeping.store(false, Ordering::Release);
        }
        (gone, next)
    }

    /// Tells the callbacks, which nobody else has to wait for.
    async fn herald(&self, terminal: &Terminal) {
        let id = terminal.id();
        let pid = terminal.started().await.unwrap_or_default();
        self.publish("terminal:started", &StartedEvent { id, pid })
            .await;
        let exit = terminal.exit().await;
        self.publish("terminal:exit", &exit.data(id)).await;
    }

    async fn publish(&self, kind: &str, data: &impl Serialize) {
        if let Ok(event) = Event::data(Topic::Callback, kind, data, SystemTime::now()) {
            let _ = self.journal.publish(&event).await;
        }
    }
}

/// Answers who has asked for a command, and lets it read.
fn welcome(terminal: &Terminal, reply: Reply, key: u64, pid: u32) {
    let peer = reply.peer().clone();
    let [stdout, stderr, stdin] = terminal.0.streams;
    let streams = json!({"stdout": stdout, "stderr": stderr, "stdin": stdin});
    let data = json!({"pid": pid, "streams": streams});
    // A client written from the seed sees only what the seed shows.
    if reply.id().is_some() || peer.binary() {
        reply
            .with_id(terminal.id().clone())
            .send_as("terminal:started", &data);
    } else {
        reply.done();
    }
    let viewer = {
        let state = terminal.0.state.lock();
        // Not if it has attached anew, or detached, meanwhile.
        let there = state.place(key).is_some();
        there.then(|| Viewer::new(&terminal.0, &state.ring, key, 0, peer.binary()))
    };
    if let Some(viewer) = viewer {
        peer.attach(Box::new(viewer));
    }
}

fn printable(path: PathBuf) -> String {
    path.to_string_lossy().into_owned()
}
