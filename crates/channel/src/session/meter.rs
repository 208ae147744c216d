//! A meter for inbound frames: the parser limits bytes, this limits the number of frames.

use std::time::{Duration, Instant};

/// The most fragments of a message. A message is at most 1 MiB by default, so fragments of 256 bytes are possible.
const MAX_FRAGMENTS: u32 = 4_096;

/// The most control frames per [`WINDOW`]. A heartbeat sends one in many seconds, and each may need an answer.
const MAX_CONTROL_FRAMES: u32 = 512;

/// The time in which control frames are counted.
const WINDOW: Duration = Duration::from_secs(1);

/// A client sent more frames than any normal client would.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many control frames or fragments")]
pub(super) struct TooManyFrames;

/// Reads the frame headers in the received bytes (RFC 6455 section 5.2) without storing the bytes.
#[derive(Debug, Default)]
pub(super) struct FrameMeter {
    header: [u8; 14],
    have: usize,
    /// Remaining bytes of the current frame's body.
    body: u64,
    fragments: u32,
    controls: u32,
    window: Option<Instant>,
}

impl FrameMeter {
    pub(super) fn see(&mut self, mut bytes: &[u8]) -> Result<(), TooManyFrames> {
        while !bytes.is_empty() {
            if self.body > 0 {
                let passed = usize::try_from(self.body)
                    .unwrap_or(usize::MAX)
                    .min(bytes.len());
                self.body -= passed as u64;
                bytes = &bytes[passed..];
                continue;
            }
            self.header[self.have] = bytes[0];
            self.have += 1;
            bytes = &bytes[1..];
            if self.have >= 2 && self.have == self.header_bytes() {
                self.body = self.body_bytes();
                self.have = 0;
                self.count()?;
            }
        }
        Ok(())
    }

    const fn extended(&self) -> usize {
        match self.header[1] & 0x7f {
            126 => 2,
            127 => 8,
            _ => 0,
        }
    }

    const fn header_bytes(&self) -> usize {
        let mask = if self.header[1] & 0x80 == 0 { 0 } else { 4 };
        2 + self.extended() + mask
    }

    fn body_bytes(&self) -> u64 {
        let extended = &self.header[2..2 + self.extended()];
        match extended.len() {
            0 => u64::from(self.header[1] & 0x7f),
            _ => extended
                .iter()
                .fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
        }
    }

    fn count(&mut self) -> Result<(), TooManyFrames> {
        let (last, opcode) = (self.header[0] & 0x80 != 0, self.header[0] & 0x0f);
        if opcode >= 0x8 {
            let now = Instant::now();
            if self
                .window
                .is_none_or(|start| now.duration_since(start) > WINDOW)
            {
                self.window = Some(now);
                self.controls = 0;
            }
            self.controls += 1;
        } else {
            self.fragments = if last { 0 } else { self.fragments + 1 };
        }
        if self.controls > MAX_CONTROL_FRAMES || self.fragments > MAX_FRAGMENTS {
            return Err(TooManyFrames);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endless_fragments_are_refused_however_the_bytes_are_split() {
        let frame = [0x01, 0x81, 1, 2, 3, 4, b'x'];
        for step in [1, 3, 7, 100] {
            let flood: Vec<u8> = frame.iter().copied().cycle().take(7 * 5_000).collect();
            let mut meter = FrameMeter::default();
            let refused = flood
                .chunks(step)
                .position(|chunk| meter.see(chunk).is_err());
            assert!(refused.is_some_and(|at| at * step <= 7 * 4_200), "{step}");
        }
    }

    #[test]
    fn whole_messages_of_any_size_are_never_refused() {
        let mut meter = FrameMeter::default();
        let mut message = vec![0x82, 0xff];
        message.extend(70_000_u64.to_be_bytes());
        message.extend([0; 4]);
        message.resize(message.len() + 70_000, 0xff);
        for _ in 0..100 {
            assert!(message.chunks(4_096).all(|chunk| meter.see(chunk).is_ok()));
        }
    }

    #[test]
    fn a_flood_of_pings_is_refused() {
        let mut meter = FrameMeter::default();
        assert!((0..600).any(|_| meter.see(&[0x89, 0x80, 0, 0, 0, 0]).is_err()));
    }
}
