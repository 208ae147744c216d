//! A file of the page, built in as it is sent: compressed.

use std::io::{self, Read};
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::read::GzDecoder;

/// A file of the page.
#[derive(Debug)]
pub(super) struct Asset {
    pub(super) media_type: &'static str,
    pub(super) gzip: &'static [u8],
    /// Made when the first client asks for it that does not take gzip, and kept: the page needs no token, so nobody may
    /// make the listener work for each request.
    plain: OnceLock<Bytes>,
}

impl Asset {
    pub(super) const fn new(media_type: &'static str, gzip: &'static [u8]) -> Self {
        Self {
            media_type,
            gzip,
            plain: OnceLock::new(),
        }
    }

    /// Its contents, decompressed.
    pub(super) fn plain(&self) -> io::Result<Bytes> {
        if let Some(plain) = self.plain.get() {
            return Ok(plain.clone());
        }
        let mut plain = Vec::new();
        GzDecoder::new(self.gzip).read_to_end(&mut plain)?;
        Ok(self.plain.get_or_init(|| plain.into()).clone())
    }
}
