//! The blocks of a PEM text, as editors and other tools leave it: with a byte order mark, indented, with any line ends.
//!
//! Every BEGIN must lead to a block. A reader that skips what it does not understand would serve a chain without its
//! intermediate, and nobody would see why clients refuse it.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// The byte order mark of UTF-8. Editors write it at the start of a file, so it is in the middle of files that were put
/// together.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The labels of a certificate: the usual one, the one of old tools, and OpenSSL's own, whose certificate is followed by
/// what it is trusted for.
const CERTIFICATE: &str = "CERTIFICATE";
const OLD_CERTIFICATE: &str = "X509 CERTIFICATE";
const TRUSTED_CERTIFICATE: &str = "TRUSTED CERTIFICATE";

/// Why a text is not PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PemError {
    /// The text is UTF-16, as Windows writes it ("Unicode").
    Utf16,
    /// A block cannot be read.
    Block {
        /// Its position among all blocks, from 1.
        number: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl std::fmt::Display for PemError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Utf16 => f.write_str("is UTF-16: save it as UTF-8 or ASCII"),
            Self::Block { number, reason } => {
                write!(f, "is not valid PEM: block {number} {reason}")
            }
        }
    }
}

impl std::error::Error for PemError {}

/// A block: what stands between its BEGIN and its END.
#[derive(Debug)]
pub struct Block<'a> {
    /// Its position among all blocks, from 1.
    pub number: usize,
    /// What its BEGIN says it is.
    pub label: &'a str,
    lines: Vec<&'a [u8]>,
}

impl Block<'_> {
    /// Whether it is a certificate, under one of the labels that OpenSSL and Node accept.
    #[must_use]
    pub fn is_certificate(&self) -> bool {
        [CERTIFICATE, OLD_CERTIFICATE, TRUSTED_CERTIFICATE].contains(&self.label)
    }

    /// Whether it is encrypted: PKCS #8 says so in the label, the older form in a header.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        let marked = |line: &&[u8]| line.starts_with(b"Proc-Type:") && line.ends_with(b"ENCRYPTED");
        self.label.starts_with("ENCRYPTED ") || self.lines.first().is_some_and(marked)
    }

    /// The block alone, with nothing around it.
    #[must_use]
    pub fn text(&self) -> Vec<u8> {
        self.under(self.label)
    }

    fn under(&self, label: &str) -> Vec<u8> {
        let mut text = format!("{BEGIN}{label}{DASHES}\n").into_bytes();
        for line in &self.lines {
            text.extend_from_slice(line);
            text.push(b'\n');
        }
        text.extend_from_slice(format!("{END}{label}{DASHES}\n").as_bytes());
        text
    }

    /// The certificate in it. What OpenSSL has added to a trusted one is not read.
    ///
    /// # Errors
    /// [`PemError::Block`]: it is not base64.
    pub fn certificate(&self) -> Result<CertificateDer<'static>, PemError> {
        let block = |reason| PemError::Block {
            number: self.number,
            reason,
        };
        let whole = CertificateDer::from_pem_slice(&self.under(CERTIFICATE))
            .map_err(|_| block("is not base64"))?;
        if self.label != TRUSTED_CERTIFICATE {
            return Ok(whole);
        }
        let own = first_element(&whole).ok_or_else(|| block("is cut off"))?;
        Ok(whole[..own].to_vec().into())
    }
}

/// All blocks of a text, in order. Text around them is allowed.
///
/// # Errors
/// [`PemError`]: there is a BEGIN or an END that belongs to no block.
pub fn blocks(text: &[u8]) -> Result<Vec<Block<'_>>, PemError> {
    if is_utf16(text) {
        return Err(PemError::Utf16);
    }
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for line in text.split(|byte| matches!(byte, b'\n' | b'\r')) {
        let line = trim(line);
        let fails = |reason| {
            Err(PemError::Block {
                number: blocks.len() + 1,
                reason,
            })
        };
        match open.take() {
            None => match label(line, BEGIN) {
                Some(label) => {
                    open = Some(Block {
                        number: blocks.len() + 1,
                        label,
                        lines: Vec::new(),
                    });
                }
                // A comment may speak of blocks, or hold one that is not in use.
                None if line.starts_with(b"#") => {}
                None if contains(line, BEGIN) => {
                    return fails(
                        "has something beside its BEGIN: that has to stand on a line of its own",
                    );
                }
                None if contains(line, END) => return fails("has no BEGIN, or a broken one"),
                None => {}
            },
            Some(block) if label(line, END) == Some(block.label) => blocks.push(block),
            Some(_) if contains(line, BEGIN) || contains(line, END) => {
                return fails("has no END of its own on a line of its own");
            }
            Some(mut block) => {
                if !line.is_empty() {
                    block.lines.push(line);
                }
                open = Some(block);
            }
        }
    }
    match open {
        Some(block) => Err(PemError::Block {
            number: block.number,
            reason: "has no END",
        }),
        None => Ok(blocks),
    }
}

/// The certificates of a text, in order: `CERTIFICATE`, `X509 CERTIFICATE` and `TRUSTED CERTIFICATE`. What OpenSSL has
/// added to the last kind is not read. Other blocks are allowed.
///
/// # Errors
/// [`PemError`].
pub fn certificates(text: &[u8]) -> Result<Vec<CertificateDer<'static>>, PemError> {
    let blocks = blocks(text)?;
    let certificates = blocks.iter().filter(|block| block.is_certificate());
    certificates.map(Block::certificate).collect()
}

/// Whether it has a byte order mark of UTF-16, or is PEM in UTF-16 without one.
fn is_utf16(text: &[u8]) -> bool {
    [&b"\xff\xfe"[..], b"\xfe\xff", b"-\0", b"\0-"]
        .iter()
        .any(|start| text.starts_with(start))
}

/// Without marks and white space at its start, and without white space at its end.
fn trim(mut line: &[u8]) -> &[u8] {
    loop {
        line = line.trim_ascii();
        match line.strip_prefix(MARK) {
            Some(rest) => line = rest,
            None => return line,
        }
    }
}

/// The label of a line that is a whole BEGIN or END.
fn label<'a>(line: &'a [u8], kind: &str) -> Option<&'a str> {
    let line = std::str::from_utf8(line).ok()?;
    let label = line.strip_prefix(kind)?.strip_suffix(DASHES)?;
    (!label.contains(DASHES)).then_some(label)
}

fn contains(line: &[u8], what: &str) -> bool {
    line.windows(what.len()).any(|part| part == what.as_bytes())
}

/// How long the first element of a DER text is, its header included.
fn first_element(der: &[u8]) -> Option<usize> {
    let (&length, rest) = der.get(1..)?.split_first()?;
    let whole = match length {
        0..=0x7f => 2 + usize::from(length),
        _ => {
            let bytes = usize::from(length & 0x7f);
            // More than four bytes would be more than any text holds.
            let value = rest.get(..bytes).filter(|_| (1..=4).contains(&bytes))?;
            let content = value
                .iter()
                .fold(0_usize, |value, byte| (value << 8) | usize::from(*byte));
            content.checked_add(2 + bytes)?
        }
    };
    (whole <= der.len()).then_some(whole)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test says what it expects")]
#[path = "pem_test.rs"]
mod tests;
