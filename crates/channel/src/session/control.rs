//! Control frames: what a close frame says, and how many control frames a client may send.

use std::time::{Duration, Instant};

use crate::wire::Close;

/// The most control frames per [`WINDOW`]. A heartbeat sends one in many seconds, and each may need an answer.
const MAX_CONTROL_FRAMES: u32 = 512;

/// The time in which control frames are counted.
const WINDOW: Duration = Duration::from_secs(1);

/// Counts the control frames of a client.
#[derive(Debug, Default)]
pub(super) struct ControlCount {
    frames: u32,
    window: Option<Instant>,
}

impl ControlCount {
    /// # Errors
    /// If they are more than any normal client would send.
    pub(super) fn add(&mut self, now: Instant) -> Result<(), Close> {
        if self
            .window
            .is_none_or(|start| now.duration_since(start) > WINDOW)
        {
            self.window = Some(now);
            self.frames = 0;
        }
        self.frames += 1;
        match self.frames > MAX_CONTROL_FRAMES {
            true => Err(Close::policy()),
            false => Ok(()),
        }
    }
}

/// What the body of a close frame says (RFC 6455 sections 5.5.1 and 7.4).
///
/// # Errors
/// The close that the frame deserves.
pub(super) fn read_close(body: &[u8]) -> Result<Close, Close> {
    let Some((code, reason)) = body.split_first_chunk() else {
        // Section 7.1.5: a close frame without a code.
        return match body {
            [] => Ok(Close::new(1005, "")),
            _ => Err(Close::protocol()),
        };
    };
    let code = u16::from_be_bytes(*code);
    // Those of the section, those registered since, and those of libraries and applications.
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(Close::protocol());
    }
    match std::str::from_utf8(reason) {
        Ok(reason) => Ok(Close::new(code, reason)),
        Err(_) => Err(Close::utf8()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_control_frames_is_refused_and_a_steady_row_is_not() {
        let mut count = ControlCount::default();
        let start = Instant::now();
        assert!((0..600).any(|_| count.add(start).is_err()));
        let mut count = ControlCount::default();
        assert!((0..6_000).all(|at| count.add(start + Duration::from_millis(2 * at)).is_ok()));
    }
}
