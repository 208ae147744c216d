//! Halves of characters: an input that ends with the first half, and the next one that begins with the second.

use std::collections::HashMap;

use data_encoding::BASE64;
use loopwire_channel::{CommandError, Peer};
use parking_lot::Mutex;

use super::handle::Terminal;
use super::typed::{REPLACEMENT, TypedText};

/// For how many terminals of one connection half a character is kept. Nobody types into more at a time.
const MAX_HALVES: usize = 64;

/// The first halves of characters whose second halves may come with the next input of the same connection for the same
/// terminal.
#[derive(Default)]
pub(crate) struct Halves(Mutex<HashMap<usize, HashMap<String, u16>>>);

impl Halves {
    /// Writes what a connection has typed, with what it typed before. If the input is refused, nothing has changed.
    pub(super) fn write(
        &self,
        peer: &Peer,
        terminal: &Terminal,
        typed: TypedText,
    ) -> Result<(), CommandError> {
        if typed == TypedText::default() {
            return Ok(());
        }
        let mut all = self.0.lock();
        let of_peer = all.get(&peer.key());
        let half = of_peer.and_then(|halves| halves.get(&terminal.0.key).copied());
        let TypedText {
            begins,
            mut text,
            mut ends,
        } = typed;
        if half.is_some() || begins.is_some() {
            let units = half.into_iter().chain(begins);
            let before = char::decode_utf16(units).map(|one| one.unwrap_or(REPLACEMENT));
            text = before.chain(text.chars()).collect();
        }
        let full = of_peer.is_some_and(|halves| halves.len() >= MAX_HALVES && half.is_none());
        if full && ends.take().is_some() {
            text.push(REPLACEMENT);
        }
        terminal.write(text.into_bytes().into())?;
        if let Some(high) = ends {
            let halves = all.entry(peer.key()).or_default();
            halves.insert(terminal.0.key.clone(), high);
        } else if half.is_some() {
            remove(&mut all, peer, terminal);
        }
        Ok(())
    }

    /// Writes bytes that came as base64. Half a character before them has no second half.
    pub(super) fn write_base64(
        &self,
        peer: &Peer,
        terminal: &Terminal,
        typed: &TypedText,
    ) -> Result<(), CommandError> {
        let Ok(bytes) = BASE64.decode(typed.text.as_bytes()) else {
            let sentence = "input is not valid base64 (with padding)";
            return Err(CommandError::new("BAD_MESSAGE", sentence));
        };
        self.end(peer, terminal);
        terminal.write(bytes.into())
    }

    /// Nothing follows: half a character that waits is written as it is.
    pub(super) fn end(&self, peer: &Peer, terminal: &Terminal) {
        if remove(&mut self.0.lock(), peer, terminal).is_some() {
            let _ = terminal.write(REPLACEMENT.to_string().into_bytes().into());
        }
    }

    /// A connection has ended.
    pub(super) fn forget(&self, peer: &Peer) {
        self.0.lock().remove(&peer.key());
    }
}

fn remove(
    all: &mut HashMap<usize, HashMap<String, u16>>,
    peer: &Peer,
    terminal: &Terminal,
) -> Option<u16> {
    let halves = all.get_mut(&peer.key())?;
    let half = halves.remove(&terminal.0.key);
    if halves.is_empty() {
        all.remove(&peer.key());
    }
    half
}
