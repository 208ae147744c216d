//! Panics and faults that a test wants to happen.

use parking_lot::Mutex;

static ORDERED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// See [`ordered`].
#[derive(Debug)]
#[must_use = "what is ordered is ordered for as long as this lives"]
pub struct Ordered(String);

/// For as long as the result lives, a panic or a fault whose text contains `part` is ordered: it is neither printed
/// nor recorded.
pub fn ordered(part: &str) -> Ordered {
    ORDERED.lock().push(part.to_owned());
    Ordered(part.to_owned())
}

impl Drop for Ordered {
    fn drop(&mut self) {
        let mut all = ORDERED.lock();
        if let Some(at) = all.iter().position(|part| *part == self.0) {
            all.swap_remove(at);
        }
    }
}

pub(crate) fn is_ordered(text: &str) -> bool {
    ORDERED.lock().iter().any(|part| text.contains(part))
}
