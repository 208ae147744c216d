//! One client that numbers its messages, across all of its connections.

use parking_lot::{Mutex, MutexGuard};

/// What a listener remembers of a client: the number of the last message that was taken. Numbers rise, so everything up
/// to it is a duplicate.
#[derive(Debug)]
pub(crate) struct Client {
    last: Mutex<u64>,
    /// Names this memory of the client. It is another one when the listener has forgotten the client meanwhile, and when it was
    /// started anew. The client compares: a `hello` that said "unknown" could be lost with its connection.
    memory: String,
}

impl Default for Client {
    fn default() -> Self {
        Self {
            last: Mutex::default(),
            memory: format!("{:016x}", rand::random::<u64>()),
        }
    }
}

impl Client {
    /// The number of the last message that was taken; 0 if none was.
    pub(crate) fn last(&self) -> u64 {
        *self.last.lock()
    }

    pub(crate) fn memory(&self) -> &str {
        &self.memory
    }

    /// Begins to take a message. `None` if it was taken before, mostly on an earlier connection of the client.
    ///
    /// No other connection of the client takes anything until the result is dropped. Only the tasks that read these
    /// connections wait for it, and nothing that an engine or the inbox calls.
    pub(crate) fn take(&self, n: u64) -> Option<Taken<'_>> {
        let last = self.last.lock();
        (n > *last).then_some(Taken { last, n })
    }
}

/// A message that is being taken. If it is dropped without [`Taken::done`], it was not.
pub(crate) struct Taken<'a> {
    last: MutexGuard<'a, u64>,
    n: u64,
}

impl Taken<'_> {
    /// The message has been passed on: it is not taken again.
    pub(crate) fn done(mut self) {
        *self.last = self.n;
    }
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        reason = "a failed unwrap shows where the test failed"
    )]

    use super::*;

    #[test]
    fn a_number_is_taken_once_and_in_order() {
        let client = Client::default();
        assert!(client.take(0).is_none(), "numbers begin with 1");
        client.take(1).unwrap().done();
        // There was no room for it: it may be offered again, by this or another connection.
        drop(client.take(2).unwrap());
        client.take(2).unwrap().done();
        // 3 and 4 were withdrawn by the client. From now on they are late.
        client.take(5).unwrap().done();
        for late in 0..=5 {
            assert!(client.take(late).is_none(), "{late}");
        }
        assert_eq!(client.last(), 5);
    }

    #[test]
    fn connections_that_race_pass_each_message_on_once_and_in_order() {
        const MANY: u64 = 20_000;
        let (client, passed_on) = (Client::default(), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for n in 1..=MANY {
                        if let Some(taken) = client.take(n) {
                            passed_on.lock().push(n);
                            taken.done();
                        }
                    }
                });
            }
        });
        assert!(passed_on.into_inner().into_iter().eq(1..=MANY));
    }
}
