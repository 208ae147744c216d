//! Measures how long an answer is late.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{Instant, timeout_at};

/// How long a server may go on with interim answers, or with parts of a head, before the head of its final answer is
/// complete. One hour: a server that says each second that it is still at work is believed for as long as anybody
/// waits for a page, and one that keeps a connection busy for nothing is not.
const LONGEST_HEAD: Duration = Duration::from_secs(3600);

/// When something last moved.
pub(super) struct AnswerClock(Mutex<Times>);

struct Times {
    /// When the upstream last took a part of the request.
    sent: Instant,
    /// When the first and the latest part of the answer's heads came.
    heard: Option<(Instant, Instant)>,
}

impl AnswerClock {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Times {
            sent: Instant::now(),
            heard: None,
        }))
    }

    /// A new connection: nothing was heard on it.
    pub(super) fn restart(&self) {
        *self.0.lock() = Times {
            sent: Instant::now(),
            heard: None,
        };
    }

    pub(super) fn sent(&self) {
        self.0.lock().sent = Instant::now();
    }

    pub(super) fn heard(&self) {
        let now = Instant::now();
        let mut times = self.0.lock();
        let first = times.heard.map_or(now, |(first, _)| first);
        times.heard = Some((first, now));
    }

    /// Waits for the answer until nothing has moved for this long: while a request is still being sent, or its server
    /// says something, its answer is not late.
    pub(super) async fn wait<T>(
        &self,
        limit: Duration,
        reading: impl Future<Output = T>,
    ) -> Option<T> {
        let mut reading = std::pin::pin!(reading);
        loop {
            let end = self.end(limit);
            match timeout_at(end, &mut reading).await {
                Ok(read) => return Some(read),
                Err(_) if self.end(limit) == end => return None,
                Err(_) => {}
            }
        }
    }

    fn end(&self, limit: Duration) -> Instant {
        let times = self.0.lock();
        match times.heard {
            None => times.sent + limit,
            Some((first, last)) => {
                (times.sent.max(last) + limit).min(times.sent.max(first) + LONGEST_HEAD)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(3);

    #[tokio::test(start_paused = true)]
    async fn silence_ends_the_wait_and_each_sign_of_life_prolongs_it() {
        let clock = AnswerClock::new();
        let begun = Instant::now();
        assert_eq!(clock.wait(LIMIT, std::future::pending::<()>()).await, None);
        assert_eq!(begun.elapsed(), LIMIT);
        clock.restart();
        let begun = Instant::now();
        let talking = async {
            for at in 0..10 {
                sleep(LIMIT / 2).await;
                if at % 2 == 0 {
                    clock.sent();
                } else {
                    clock.heard();
                }
            }
            std::future::pending::<()>().await;
        };
        assert_eq!(clock.wait(LIMIT, talking).await, None);
        assert_eq!(begun.elapsed(), LIMIT * 6);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_begins_in_earnest_ends_after_an_hour() {
        let clock = AnswerClock::new();
        let begun = Instant::now();
        let talking = async {
            loop {
                sleep(Duration::from_secs(1)).await;
                clock.heard();
            }
        };
        assert_eq!(clock.wait::<()>(LIMIT, talking).await, None);
        assert_eq!(begun.elapsed(), LONGEST_HEAD + Duration::from_secs(1));
    }
}
