//! Whether anything is forwarded, told to whoever keeps the process alive for it.

use std::sync::Arc;

use parking_lot::Mutex;

type Hook = Arc<dyn Fn(bool) + Send + Sync>;

/// The number of forwarded ports and the hook that hears when it leaves or reaches zero.
#[derive(Default)]
pub(crate) struct Liveness(Mutex<State>);

#[derive(Default)]
struct State {
    ports: usize,
    /// What the hook heard last.
    told: bool,
    /// Somebody is in the hook right now and will look again: calls never overlap or swap places.
    telling: bool,
    hook: Option<Hook>,
}

impl Liveness {
    pub(crate) fn set_hook(&self, hook: Hook) {
        self.0.lock().hook = Some(hook);
        self.tell();
    }

    pub(crate) fn more(&self) {
        self.0.lock().ports += 1;
        self.tell();
    }

    pub(crate) fn fewer(&self) {
        let mut state = self.0.lock();
        state.ports = state.ports.saturating_sub(1);
        drop(state);
        self.tell();
    }

    pub(crate) fn ports(&self) -> usize {
        self.0.lock().ports
    }

    /// Calls the hook, without the lock, until it has heard the truth.
    fn tell(&self) {
        let mut state = self.0.lock();
        if state.telling {
            return;
        }
        while let Some(hook) = state
            .hook
            .clone()
            .filter(|_| (state.ports > 0) != state.told)
        {
            let now = state.ports > 0;
            state.told = now;
            state.telling = true;
            drop(state);
            hook(now);
            state = self.0.lock();
            state.telling = false;
        }
    }
}
