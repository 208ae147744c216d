//! What comes behind the record in a frame of `loopwire.v1`: `,"seq":1234}`.

/// `,"seq":`, twenty digits and the brace, in a size that is copied in two moves.
pub(super) const MAX_TAIL_BYTES: usize = 32;

const KEY: &[u8; 7] = br#","seq":"#;

/// The end of a frame, behind the record and its detail.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tail {
    bytes: [u8; MAX_TAIL_BYTES],
    used: usize,
    /// The number that is written in it.
    seq: u64,
}

impl Tail {
    /// That of a plain frame.
    pub(super) const NONE: Self = Self {
        bytes: [0; MAX_TAIL_BYTES],
        used: 0,
        seq: 0,
    };

    pub(super) fn seq(seq: u64) -> Self {
        // Written from the end: first the digits, then the key before them. Then the result is moved to the front.
        let mut bytes = [0; MAX_TAIL_BYTES];
        let mut at = MAX_TAIL_BYTES - 1;
        bytes[at] = b'}';
        let mut rest = seq;
        loop {
            at -= 1;
            let digit = (rest % 10) as u8;
            bytes[at] = b'0' + digit;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        at -= KEY.len();
        bytes[at..at + KEY.len()].copy_from_slice(KEY);
        bytes.copy_within(at.., 0);
        Self {
            bytes,
            used: MAX_TAIL_BYTES - at,
            seq,
        }
    }

    /// Turns into the one of a later event. Mostly it is the next one, whose number differs in its last digit.
    #[inline]
    pub(super) fn turn_to(&mut self, seq: u64) {
        let last = self.used.wrapping_sub(2);
        if self.seq.checked_add(1) == Some(seq)
            && let Some(digit) = self.bytes.get_mut(last)
            && *digit < b'9'
        {
            *digit += 1;
            self.seq = seq;
        } else {
            *self = Self::seq(seq);
        }
    }

    #[inline]
    pub(super) const fn len(&self) -> usize {
        self.used
    }

    #[inline]
    pub(super) fn text(&self) -> &[u8] {
        &self.bytes[..self.used]
    }

    /// All of its memory: the text, and zeroes.
    #[inline]
    pub(super) const fn block(&self) -> &[u8; MAX_TAIL_BYTES] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_that_turns_to_a_number_is_the_one_made_for_it() {
        let mut tail = Tail::NONE;
        let near = (0..2_000).chain([9_998, 9_999, 10_000, 10_001, 10_005, 10_006]);
        for seq in near.chain([u64::MAX - 1, u64::MAX, 1]) {
            tail.turn_to(seq);
            assert_eq!(tail.text(), format!(",\"seq\":{seq}}}").as_bytes());
            assert_eq!(tail.text(), Tail::seq(seq).text());
        }
    }
}
