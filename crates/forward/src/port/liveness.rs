//! Whether any port is forwarded: the hook keeps the process alive while one is.

use std::sync::Arc;

use parking_lot::Mutex;

type Hook = Arc<dyn Fn(bool) + Send + Sync>;

/// The number of forwarded ports, and the hook that is called when it leaves or reaches zero.
#[derive(Default)]
pub(crate) struct Liveness(Mutex<PortCount>);

#[derive(Default)]
struct PortCount {
    /// Briefly negative when a port is removed before its opening was counted.
    ports: isize,
    /// The last value the hook was called with.
    told: bool,
    /// A thread is inside the hook and will look again: calls never overlap and keep their order.
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
        let mut count = self.0.lock();
        count.ports -= 1;
        drop(count);
        self.tell();
    }

    pub(crate) fn ports(&self) -> usize {
        usize::try_from(self.0.lock().ports).unwrap_or(0)
    }

    /// Calls the hook, without the lock, until it has the current value.
    fn tell(&self) {
        let mut count = self.0.lock();
        if count.telling {
            return;
        }
        while let Some(hook) = count
            .hook
            .clone()
            .filter(|_| (count.ports > 0) != count.told)
        {
            let now = count.ports > 0;
            count.told = now;
            count.telling = true;
            drop(count);
            hook(now);
            count = self.0.lock();
            count.telling = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removal_that_is_counted_before_its_opening_is_evened_out() {
        let told: Arc<Mutex<Vec<bool>>> = Arc::default();
        let hears = Arc::clone(&told);
        let liveness = Liveness::default();
        liveness.set_hook(Arc::new(move |alive| hears.lock().push(alive)));
        liveness.fewer();
        liveness.more();
        assert_eq!((liveness.ports(), told.lock().as_slice()), (0, &[][..]));
        liveness.more();
        liveness.fewer();
        assert_eq!(told.lock().as_slice(), [true, false]);
    }
}
