//! The flags of kitty's keyboard protocol, which programs keep on a stack.

use std::fmt::Write as _;

use super::sgr::number;

/// The most flags on the stack; then the oldest go, as the protocol has it.
const MAX_FLAGS: usize = 10;

/// The flags of one screen, the latest last.
#[derive(Clone, Debug, Default)]
pub(super) struct Keyboard(Vec<u16>);

impl Keyboard {
    /// Applies the parameters of a sequence: `> flags`, `< count`, `= flags ; how`.
    pub(super) fn apply(&mut self, parameters: &str) {
        let Some((kind, rest)) = parameters.split_at_checked(1) else {
            return;
        };
        let mut rest = rest.split(';').map(number);
        let (first, second) = (rest.next().unwrap_or_default(), rest.next());
        let stack = &mut self.0;
        match kind {
            ">" => {
                if stack.len() == MAX_FLAGS {
                    stack.remove(0);
                }
                stack.push(first);
            }
            "<" => {
                let left = stack.len().saturating_sub(usize::from(first.max(1)));
                stack.truncate(left);
            }
            _ => {
                let now = stack.pop().unwrap_or_default();
                stack.push(match second {
                    Some(2) => now | first,
                    Some(3) => now & !first,
                    _ => first,
                });
            }
        }
    }

    /// The sequences that give a viewer these flags, whatever it has.
    pub(super) fn write(&self, out: &mut String) {
        let _ = write!(out, "\x1b[<{MAX_FLAGS}u");
        for flags in &self.0 {
            let _ = write!(out, "\x1b[>{flags}u");
        }
    }
}
