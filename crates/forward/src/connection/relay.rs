//! The relay: moves bytes in both directions until both ends close, one fails, or nothing moves.

use std::fmt;
use std::future::{Future, poll_fn};
use std::task::Poll;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};

use crate::health::Meter;
use crate::socket::{BufferedSocket, Direction, Half, Socket, has_failed};

/// How long the other direction may be idle after one has ended. One minute: late answers get through, and a peer
/// that never closes does not leave a socket in CLOSE_WAIT.
const HALF_CLOSED_IDLE: Duration = Duration::from_secs(60);

/// How often a relay is looked at. A flow with a pipe loses the pipe if it moved too little since the last time; a
/// client from which nothing is read now is looked at, because reading would show that it has failed.
const TICK: Duration = Duration::from_secs(1);

/// Why a relay ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RelayEnd {
    /// Both sides closed normally.
    Closed,
    /// One side failed; the other is reset as well, so that it does not take truncated data for complete.
    Broken,
    /// The client sent data and nothing came back.
    Unanswered,
    /// Nothing moved for too long.
    Idle,
    /// Another upstream took over, and the port's rules close connections of the old one.
    Replaced,
}

impl fmt::Display for RelayEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "both sides closed",
            Self::Broken => "one side failed",
            Self::Unanswered => "no answer in time",
            Self::Idle => "no data for too long",
            Self::Replaced => "another upstream took over",
        })
    }
}

/// The timeouts of a relay.
#[derive(Clone, Copy, Debug)]
pub(super) struct RelayTimeouts {
    /// For the first byte back, after the client's last byte; `None` once a byte has come.
    pub(super) first_byte: Option<Duration>,
    /// For any byte.
    pub(crate) idle: Duration,
}

/// Measures how long nothing has moved.
struct IdleTimer {
    timeouts: RelayTimeouts,
    last: Instant,
    /// When the client's last byte was sent; unused once a byte has come back.
    asked: Option<Instant>,
}

impl IdleTimer {
    fn new(timeouts: RelayTimeouts) -> Self {
        Self {
            timeouts,
            last: Instant::now(),
            asked: None,
        }
    }

    fn moved(&mut self, up: usize, down: usize) {
        if up + down == 0 {
            return;
        }
        self.last = Instant::now();
        if down > 0 {
            self.timeouts.first_byte = None;
        }
        self.asked = Some(self.last);
    }

    /// The end if a timeout has passed; otherwise when to look again.
    fn look(&self) -> Result<Instant, RelayEnd> {
        let now = Instant::now();
        let idle = self.last + self.timeouts.idle;
        let Some(first_byte) = self.timeouts.first_byte else {
            return if now >= idle {
                Err(RelayEnd::Idle)
            } else {
                Ok(idle)
            };
        };
        let first = self.asked.map(|asked| asked + first_byte);
        if first.is_some_and(|first| now >= first) {
            return Err(RelayEnd::Unanswered);
        }
        if now >= idle {
            return Err(RelayEnd::Idle);
        }
        // The client may send at any moment without resetting the timer.
        Ok(idle.min(first.unwrap_or(now + first_byte)))
    }
}

/// Relays until the end.
pub(super) async fn relay(
    client: BufferedSocket,
    upstream: BufferedSocket,
    meter: &Meter,
    timeouts: RelayTimeouts,
) -> RelayEnd {
    let (client, early_up) = client.into_parts();
    let (upstream, early_down) = upstream.into_parts();
    // Borrowed, not moved: an async function stores moved arguments twice.
    let directions = &mut (Direction::new(early_up), Direction::new(early_down));
    let idle_timer = &mut IdleTimer::new(timeouts);
    match (client, upstream) {
        (Socket::Tcp(mut client), Socket::Tcp(mut upstream)) => {
            let ends = &mut (client.split(), upstream.split());
            let end = relay_both(ends, directions, meter, idle_timer).await;
            if end != RelayEnd::Closed {
                let _ = client.set_zero_linger();
                let _ = upstream.set_zero_linger();
            }
            end
        }
        (Socket::Tcp(mut client), Socket::Tls(upstream)) => {
            let ends = &mut (client.split(), (&*upstream, &*upstream));
            // Boxed, so that relays without TLS are no larger for it.
            let end = Box::pin(relay_both(ends, directions, meter, idle_timer)).await;
            if end != RelayEnd::Closed {
                let _ = client.set_zero_linger();
                upstream.reset_on_close();
            }
            end
        }
        // Local ports have no TLS.
        (Socket::Tls(_), _) => RelayEnd::Broken,
    }
}

async fn relay_both<CR, CW, UR, UW>(
    ((client_read, client_write), (upstream_read, upstream_write)): &mut ((CR, CW), (UR, UW)),
    (up, down): &mut (Direction, Direction),
    meter: &Meter,
    idle_timer: &mut IdleTimer,
) -> RelayEnd
where
    CR: AsyncRead + Half + Unpin,
    CW: AsyncWrite + Half + Unpin,
    UR: AsyncRead + Half + Unpin,
    UW: AsyncWrite + Half + Unpin,
{
    let RelayTimeouts { first_byte, idle } = idle_timer.timeouts;
    let soonest = first_byte.map_or(idle, |first_byte| first_byte.min(idle));
    let mut timer = std::pin::pin!(sleep_until(idle_timer.last + soonest));
    let mut replaced = std::pin::pin!(meter.assignment.cancel.cancelled());
    // Whether the timer fires at every tick: while there is a pipe, or nothing is read from the client.
    let mut ticking = false;
    poll_fn(|cx| {
        if replaced.as_mut().poll(cx).is_ready() {
            return Poll::Ready(RelayEnd::Replaced);
        }
        let (mut sent, mut received) = (0, 0);
        let last = down.is_done();
        let one = up.poll(cx, client_read, upstream_write, last, |count| {
            sent += count;
            meter.up(count);
        });
        let last = up.is_done();
        let other = down.poll(cx, upstream_read, client_write, last, |count| {
            received += count;
            meter.down(count);
        });
        // The timer is not reset: when it fires, it compares the times.
        idle_timer.moved(sent, received);
        match (one, other) {
            (Poll::Ready(Err(_)), _) | (_, Poll::Ready(Err(_))) => {
                return Poll::Ready(RelayEnd::Broken);
            }
            (Poll::Ready(Ok(())), Poll::Ready(Ok(()))) => {
                return Poll::Ready(RelayEnd::Closed);
            }
            (Poll::Pending, Poll::Pending) => {}
            _ if idle_timer.timeouts.idle > HALF_CLOSED_IDLE => {
                idle_timer.timeouts.idle = HALF_CLOSED_IDLE;
                idle_timer.last = Instant::now();
                ticking = false;
                timer.as_mut().reset(idle_timer.last + HALF_CLOSED_IDLE);
            }
            _ => {}
        }
        if !ticking && (up.is_bulk() || down.is_bulk() || !up.is_reading()) {
            ticking = true;
            timer.as_mut().reset(Instant::now() + TICK);
        }
        while timer.as_mut().poll(cx).is_ready() {
            let next = match idle_timer.look() {
                Ok(next) => next,
                Err(end) => return Poll::Ready(end),
            };
            if !up.is_reading() && client_read.tcp().is_some_and(has_failed) {
                return Poll::Ready(RelayEnd::Broken);
            }
            // Both must be called.
            ticking = up.tick() | down.tick() | !up.is_reading();
            let tick = ticking.then(|| Instant::now() + TICK);
            timer
                .as_mut()
                .reset(tick.map_or(next, |tick| tick.min(next)));
        }
        Poll::Pending
    })
    .await
}
