//! A token: the secret that admits a client to a listener.

use std::fmt;

use parking_lot::RwLock;
use rand::Rng as _;
use subtle::ConstantTimeEq;
use thiserror::Error;

/// The longest token. It has to fit a URL path segment and a header with room to spare, and a fixed
/// width lets two tokens be compared without their length showing in the time it takes.
pub const MAX_TOKEN_CHARS: usize = 256;

/// Below this many characters a token draws a warning: 16 characters of base64url are 96 bits, what
/// is shorter can be an ordinary word. It stays allowed, the published example is `abcd1234`.
pub const SHORT_TOKEN_CHARS: usize = 16;

/// The most random bytes a generated token may have: base64url makes 256 characters of 192 bytes.
pub const MAX_TOKEN_BYTES: usize = MAX_TOKEN_CHARS / 4 * 3;

/// Segments of `/ws/…` that are routes already, so that no token may hide one of them.
pub const RESERVED_TOKENS: [&str; 4] = ["connection", "connections", "connect", "disconnect"];

/// Why a text is no token. No variant carries the text: it may be a secret with a typing error in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// There is nothing to compare with, and an empty token would admit everybody.
    #[error("the token is empty; use base64url, hex or generateToken()")]
    Empty,
    /// Longer than [`MAX_TOKEN_CHARS`].
    #[error(
        "the token is longer than {MAX_TOKEN_CHARS} characters; use base64url, hex or generateToken()"
    )]
    TooLong,
    /// A character that a URL would have to escape.
    #[error(
        "the token may only have the characters 0-9 A-Z a-z . _ ~ -; use base64url, hex or generateToken()"
    )]
    Alphabet,
    /// One of [`RESERVED_TOKENS`].
    #[error(
        "the token is one of the reserved words connection, connections, connect, disconnect; use base64url, hex or generateToken()"
    )]
    Reserved,
    /// A number of random bytes that gives no token.
    #[error("a token is generated from 1 to {MAX_TOKEN_BYTES} bytes")]
    Bytes,
}

impl TokenError {
    /// The stable code of every variant.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "ERR_TOKEN_INVALID"
    }
}

/// A token that has been checked. `Debug` and `Display` never show it; [`Token::reveal`] does.
#[derive(Clone)]
pub struct Token {
    /// The token itself, for the URL that is handed to the application.
    text: Box<str>,
    /// The token padded with zeros, compared at full width so that time does not tell its length.
    padded: Box<[u8; MAX_TOKEN_CHARS]>,
}

impl Token {
    /// Checks a text against `[0-9A-Za-z._~-]{1,256}` and the reserved words.
    ///
    /// # Errors
    /// When the text is no token.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        if text.is_empty() {
            return Err(TokenError::Empty);
        }
        if text.len() > MAX_TOKEN_CHARS {
            return Err(TokenError::TooLong);
        }
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"._~-".contains(&byte);
        if !text.bytes().all(unreserved) {
            return Err(TokenError::Alphabet);
        }
        if RESERVED_TOKENS.contains(&text) {
            return Err(TokenError::Reserved);
        }
        let mut padded = Box::new([0; MAX_TOKEN_CHARS]);
        padded[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self {
            text: text.into(),
            padded,
        })
    }

    /// A random token, base64url of `bytes` bytes from a generator seeded by the operating system.
    ///
    /// # Errors
    /// When `bytes` is 0 or more than [`MAX_TOKEN_BYTES`].
    pub fn generate(bytes: usize) -> Result<Self, TokenError> {
        if bytes == 0 || bytes > MAX_TOKEN_BYTES {
            return Err(TokenError::Bytes);
        }
        let mut random = [0; MAX_TOKEN_BYTES];
        let random = &mut random[..bytes];
        rand::rng().fill_bytes(random);
        Self::parse(&data_encoding::BASE64URL_NOPAD.encode(random))
    }

    /// Whether `candidate` is this token. The time depends on the candidate alone.
    #[must_use]
    pub fn matches(&self, candidate: &[u8]) -> bool {
        let mut padded = [0; MAX_TOKEN_CHARS];
        let shown = candidate.len().min(MAX_TOKEN_CHARS);
        padded[..shown].copy_from_slice(&candidate[..shown]);
        // The length is compared too: padding alone would take `abc` and `abc\0` for the same.
        let same_length = (candidate.len() as u64).ct_eq(&(self.text.len() as u64));
        (padded.ct_eq(&*self.padded) & same_length).into()
    }

    /// Whether the token is so short that the application should be warned once.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.text.len() < SHORT_TOKEN_CHARS
    }

    /// The token in clear, for the one place that hands it out: the listener's URL.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(redacted)")
    }
}

impl fmt::Display for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}

/// The token that counts now. Rotation replaces it; the epoch tells which one admitted a request, so
/// that a request admitted a moment before a rotation can be turned away a moment after it.
#[derive(Debug)]
pub struct TokenCell {
    current: RwLock<(Token, u64)>,
}

impl TokenCell {
    /// A cell with its first token, epoch 0.
    #[must_use]
    pub fn new(token: Token) -> Self {
        Self {
            current: RwLock::new((token, 0)),
        }
    }

    /// Compares a candidate with the current token: the epoch it belongs to, or nothing.
    #[must_use]
    pub fn admit(&self, candidate: &[u8]) -> Option<u64> {
        let current = self.current.read();
        current.0.matches(candidate).then_some(current.1)
    }

    /// Puts the next token in place and gives its epoch. From here on the old one is refused.
    pub fn rotate(&self, next: Token) -> u64 {
        let mut current = self.current.write();
        *current = (next, current.1 + 1);
        current.1
    }

    /// Whether what was admitted under `epoch` still is.
    #[must_use]
    pub fn is_current(&self, epoch: u64) -> bool {
        self.current.read().1 == epoch
    }

    /// A copy of the current token.
    #[must_use]
    pub fn token(&self) -> Token {
        self.current.read().0.clone()
    }
}
