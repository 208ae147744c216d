//! Input that is counted, so that a cut connection costs no byte of it and repeats none.

/// The places of the binary input of a terminal that was started with `countInput`.
#[derive(Debug, Default)]
pub(crate) struct CountedInput {
    /// How many bytes have arrived.
    pub(crate) received: u64,
    /// How many of them the command has taken.
    pub(crate) taken: u64,
    /// It was ended. A client that was cut off may say so twice.
    pub(crate) ended: bool,
}

impl CountedInput {
    /// How many bytes at the start of a piece of input are here already. `None` if bytes before it are missing.
    pub(crate) fn repeated(&self, offset: u64) -> Option<usize> {
        let repeated = self.received.checked_sub(offset)?;
        Some(usize::try_from(repeated).unwrap_or(usize::MAX))
    }
}
