//! Modes of which one holds at a time.

use std::fmt::Write as _;

/// One of several that exclude each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Choice {
    pub(super) now: Option<u16>,
    /// All that a program has set or reset: a bit for each.
    touched: u8,
}

impl Choice {
    /// Whether a program has ever set or reset one.
    pub(super) const fn is_touched(&self) -> bool {
        self.touched != 0
    }

    /// Sets or resets one of them. False if it is none of them.
    pub(super) fn change(&mut self, among: &[u16], number: u16, on: bool) -> bool {
        let Some(at) = among.iter().position(|one| *one == number) else {
            return false;
        };
        self.touched |= 1 << at;
        self.now = on.then_some(number);
        true
    }

    /// The sequences that set the present one and reset all others that were ever touched.
    pub(super) fn write(&self, among: &[u16], out: &mut String) {
        for (at, one) in among.iter().enumerate() {
            if self.touched & (1 << at) != 0 && self.now != Some(*one) {
                let _ = write!(out, "\x1b[?{one}l");
            }
        }
        if let Some(now) = self.now {
            let _ = write!(out, "\x1b[?{now}h");
        }
    }
}
