//! Bodies of HTTP/1 messages: passed on with the same framing, and checked.

use std::io;
use std::time::Duration;

use tokio::time::timeout;

use super::framing::Framing;
use crate::socket::{Reader, Writer};

/// The longest chunk-size line or trailer line, extensions included: as long as the longest header of many servers.
const MAX_LINE: usize = 8 << 10;
/// The most trailer lines; they are read and dropped.
const MAX_TRAILERS: usize = 100;

/// Why a body was not passed on completely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CopyError {
    /// The sender ended early, failed or sent nothing in time.
    Sender,
    /// The sender's chunks are invalid.
    Malformed,
    /// The receiver failed or took nothing in time.
    Receiver,
}

/// Copies one body.
pub(crate) struct BodyCopy<'a, 'b, F> {
    pub(crate) from: &'a mut Reader<'b>,
    pub(crate) to: Writer<'a>,
    /// Chunk lines may end with LF alone. Only in answers: what is passed on is written anew, and no server reads it.
    pub(crate) lenient: bool,
    /// How long either side may be idle.
    pub(crate) idle: Duration,
    /// Called with the size of each piece that the receiver took.
    pub(crate) moved: F,
}

impl<F: Fn(usize)> BodyCopy<'_, '_, F> {
    /// Passes the body on. `rechunk` is false if the receiver speaks HTTP/1.0, which has no chunks: it gets the bare
    /// bytes.
    pub(crate) async fn run(&mut self, framing: Framing, rechunk: bool) -> Result<(), CopyError> {
        match framing {
            Framing::None => Ok(()),
            Framing::Length(length) => self.exactly(length).await,
            Framing::Chunked => self.chunks(rechunk).await,
            Framing::Close => self.until_end().await,
        }
    }

    async fn exactly(&mut self, mut left: u64) -> Result<(), CopyError> {
        while left > 0 {
            if self.from.held().is_empty() {
                self.fill().await?;
            }
            let held = self.from.held();
            let piece = held.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            write(self.to, &held[..piece], self.idle).await?;
            (self.moved)(piece);
            self.from.consume(piece);
            left -= piece as u64;
        }
        Ok(())
    }

    async fn chunks(&mut self, rechunk: bool) -> Result<(), CopyError> {
        loop {
            let size = chunk_size(&self.line().await?).ok_or(CopyError::Malformed)?;
            if size == 0 {
                break;
            }
            // Written anew, so that only our own reading of an odd size line is passed on.
            if rechunk {
                self.put(format!("{size:x}\r\n").as_bytes()).await?;
            }
            self.exactly(size).await?;
            if !self.line().await?.is_empty() {
                return Err(CopyError::Malformed);
            }
            if rechunk {
                self.put(b"\r\n").await?;
            }
        }
        for _ in 0..MAX_TRAILERS {
            if self.line().await?.is_empty() {
                return if rechunk {
                    self.put(b"0\r\n\r\n").await
                } else {
                    Ok(())
                };
            }
        }
        Err(CopyError::Malformed)
    }

    async fn until_end(&mut self) -> Result<(), CopyError> {
        loop {
            if self.from.held().is_empty() {
                match timeout(self.idle, self.from.fill_body()).await {
                    Ok(Ok(0)) => return Ok(()),
                    Ok(Ok(_)) => {}
                    Ok(Err(_)) | Err(_) => return Err(CopyError::Sender),
                }
            }
            let piece = self.from.held().len();
            write(self.to, self.from.held(), self.idle).await?;
            (self.moved)(piece);
            self.from.consume(piece);
        }
    }

    /// Reads one line, without its CRLF.
    async fn line(&mut self) -> Result<Vec<u8>, CopyError> {
        loop {
            let held = self.from.held();
            if let Some(end) = held.iter().position(|&byte| byte == b'\n') {
                let line = match held[..end].strip_suffix(b"\r") {
                    Some(line) => line.to_vec(),
                    None if self.lenient => held[..end].to_vec(),
                    None => return Err(CopyError::Malformed),
                };
                self.from.consume(end + 1);
                return Ok(line);
            }
            if held.len() > MAX_LINE {
                return Err(CopyError::Malformed);
            }
            self.fill().await?;
        }
    }

    async fn put(&self, bytes: &[u8]) -> Result<(), CopyError> {
        write(self.to, bytes, self.idle).await?;
        (self.moved)(bytes.len());
        Ok(())
    }

    async fn fill(&mut self) -> Result<(), CopyError> {
        match timeout(self.idle, self.from.fill_body()).await {
            Ok(Ok(1..)) => Ok(()),
            _ => Err(CopyError::Sender),
        }
    }
}

async fn write(to: Writer<'_>, bytes: &[u8], idle: Duration) -> Result<(), CopyError> {
    let written: io::Result<()> = timeout(idle, to.write_all(bytes))
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    written.map_err(|_| CopyError::Receiver)
}

/// The size in a chunk's first line; extensions are ignored. However many zeros it begins with: some servers pad it.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = line.split(|&byte| byte == b';').next()?.trim_ascii_end();
    let fits = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit);
    // A CR inside the line could be a line end for another reader.
    if !fits || line.contains(&b'\r') {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunk_sizes_are_parsed_strictly() {
        for (line, size) in [
            (&b"0"[..], Some(0)),
            (b"1aF", Some(0x1af)),
            (b"5;name=value", Some(5)),
            (b"5 ;x", Some(5)),
            (b"", None),
            (b"+5", None),
            (b"0x5", None),
            (b" 5", None),
            (b"5\r;x", None),
            (b"0000000000000000000005", Some(5)),
            (b"000ffffffffffffffff", Some(u64::MAX)),
            (b"10000000000000000", None),
        ] {
            assert_eq!(chunk_size(line), size, "{line:?}");
        }
    }
}
