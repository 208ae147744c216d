//! The watcher's thread: takes requests, lets the core turn, hands over what it tells.

use std::collections::HashMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::{CommandError, Journal, fault};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use super::change::Notice;
use super::core::{Core, CoverReport};
use super::limits::WatcherLimits;
use super::notices::NoticeQueue;
use super::scope::Scope;
use super::system::Waker;

/// How often the thread starts afresh after a panic. Each is told as a fault; one that happens again at once is a mistake
/// that starting does not repair.
const MAX_RESTARTS: u32 = 3;

/// What the thread works for. Shared with the watcher.
pub(super) struct Shared {
    pub(super) path: PathBuf,
    pub(super) limits: WatcherLimits,
    pub(super) journal: Arc<Journal>,
    pub(super) notices: Arc<NoticeQueue>,
    pub(super) control: Mutex<Control>,
    /// The thread has ended.
    pub(super) ended: Notify,
}

#[derive(Default)]
pub(super) struct Control {
    requests: Vec<Request>,
    /// Wakes the thread, if there is one.
    waker: Option<Waker>,
    closed: bool,
    last: u64,
    /// The system's number of the thread.
    #[cfg(all(test, target_os = "linux"))]
    pub(super) thread: Option<i32>,
}

enum Request {
    Cover(u64, Scope, Answer),
    Release(u64),
}

type Answer = oneshot::Sender<Result<CoverReport, CommandError>>;

impl Shared {
    /// Asks the thread to cover a scope, and starts it if it does not run.
    pub(super) fn cover(
        self: &Arc<Self>,
        scope: Scope,
    ) -> Result<(u64, oneshot::Receiver<Result<CoverReport, CommandError>>), CommandError> {
        let mut control = self.control.lock();
        if control.closed {
            return Err(CommandError::new(
                "NO_WORKSPACE",
                "the application has closed the workspace",
            ));
        }
        control.last += 1;
        let number = control.last;
        let (answer, answered) = oneshot::channel();
        control.requests.push(Request::Cover(number, scope, answer));
        let started = match &control.waker {
            Some(waker) => {
                waker.wake();
                Ok(())
            }
            None => self.start().map(|waker| control.waker = Some(waker)),
        };
        if let Err(error) = started {
            control.requests.clear();
            return Err(crate::root::refusal(&error));
        }
        Ok((number, answered))
    }

    fn start(self: &Arc<Self>) -> io::Result<Waker> {
        let waker = Waker::new()?;
        let (shared, own) = (Arc::clone(self), waker.clone());
        let thread = std::thread::Builder::new().name("loopwire-watcher".to_owned());
        thread.spawn(move || shared.run(&own))?;
        Ok(waker)
    }

    /// Nobody needs a scope any more.
    pub(super) fn release(&self, number: u64) {
        let mut control = self.control.lock();
        if let Some(waker) = &control.waker {
            waker.wake();
            control.requests.push(Request::Release(number));
        }
    }

    /// Ends the thread.
    pub(super) fn close(&self) {
        let mut control = self.control.lock();
        control.closed = true;
        if let Some(waker) = &control.waker {
            waker.wake();
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.control.lock().waker.is_some()
    }

    fn run(&self, waker: &Waker) {
        let mut scopes = HashMap::new();
        let mut restarts = 0;
        loop {
            let run = AssertUnwindSafe(|| self.watch(waker, &mut scopes, restarts > 0));
            let message = match catch_unwind(run) {
                Ok(Ok(())) => break,
                Ok(Err(error)) => format!("the system tells nothing any more: {error}"),
                Err(panic) => fault::describe(panic.as_ref()),
            };
            fault::report(&self.journal, "watcher", "ERR_PANIC", &message);
            restarts += 1;
            if restarts > MAX_RESTARTS {
                break;
            }
        }
        // After a normal end another thread may have been started already, and what is asked is asked of that one.
        if restarts > MAX_RESTARTS {
            let mut control = self.control.lock();
            control.waker = None;
            control.closed = true;
            control.requests.clear();
            self.notices.close();
        }
        self.ended.notify_waiters();
    }

    /// Watches until nobody needs anything. Scopes survive a panic.
    fn watch(
        &self,
        waker: &Waker,
        scopes: &mut HashMap<u64, Scope>,
        again: bool,
    ) -> io::Result<()> {
        #[cfg(all(test, target_os = "linux"))]
        {
            self.control.lock().thread = Some(rustix::thread::gettid().as_raw_nonzero().get());
        }
        let mut core = Core::new(self.path.clone(), self.limits, waker.clone());
        if again {
            for (number, scope) in scopes.iter() {
                let _ = core.cover(*number, scope.clone());
            }
            // What happened meanwhile is not known. Told last: whoever looks at the files now misses nothing later.
            self.notices.push([Notice::Overflow]);
        }
        loop {
            fault::injection_point("watcher");
            let turn = core.turn()?;
            self.notices.push(turn.notices);
            let mut timeout = turn.timeout;
            if self.take_requests(&mut core, scopes) {
                timeout = Some(Duration::ZERO);
            }
            if core.is_idle() && self.is_over() {
                return Ok(());
            }
            let resume = waker.clone();
            match self.notices.is_full(move || resume.wake()) {
                true => core.wait(None, false),
                false => core.wait(timeout, true),
            }
            if self.control.lock().closed {
                scopes.clear();
                core.end();
            }
        }
    }

    fn take_requests(&self, core: &mut Core, scopes: &mut HashMap<u64, Scope>) -> bool {
        let requests = std::mem::take(&mut self.control.lock().requests);
        let any = !requests.is_empty();
        for request in requests {
            match request {
                // The one who asked has gone: others do not wait for a tree that nobody wants.
                Request::Cover(_, _, answer) if answer.is_closed() => {}
                Request::Cover(number, scope, answer) => {
                    let covered = core.cover(number, scope.clone());
                    let succeeded = covered.is_ok();
                    // The one who asked may have gone meanwhile.
                    if answer.send(covered).is_err() {
                        core.release(number);
                    } else if succeeded {
                        scopes.insert(number, scope);
                    }
                }
                Request::Release(number) => {
                    scopes.remove(&number);
                    core.release(number);
                }
            }
        }
        any
    }

    /// Whether the thread may end: then the next request starts another one.
    fn is_over(&self) -> bool {
        let mut control = self.control.lock();
        let over = control.requests.is_empty() || control.closed;
        if over {
            control.waker = None;
            // Once it is closed, what came too late gets no answer.
            control.requests.clear();
        }
        over
    }
}
