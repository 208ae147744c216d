//! A token: the secret that admits a client to a listener.

use std::fmt;

use parking_lot::RwLock;
use rand::Rng as _;
use rand::rand_core::UnwrapErr;
use rand::rngs::SysRng;
use subtle::ConstantTimeEq;
use thiserror::Error;

/// The longest token. It fits into a URL path segment and a header. With a fixed width, the time of a comparison does
/// not depend on the length of the token.
pub const MAX_TOKEN_CHARS: usize = 256;

/// A token with fewer characters causes a warning: 16 characters of base64url are 96 bits, a shorter token may be an
/// ordinary word. It is still allowed: the SDK's example is `abcd1234`.
pub const SHORT_TOKEN_CHARS: usize = 16;

/// The most random bytes of a generated token: 192 bytes are 256 characters of base64url.
pub const MAX_TOKEN_BYTES: usize = MAX_TOKEN_CHARS / 4 * 3;

/// Segments of `/ws/…` that are routes. A token with such a name could not be used.
pub const RESERVED_TOKENS: [&str; 4] = ["connection", "connections", "connect", "disconnect"];

/// Why a text is not a valid token. No variant contains the text: it may be a secret with a typing error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TokenError {
    /// The token is empty, and would admit every client.
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
    /// An invalid number of random bytes.
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

/// A valid token. `Debug` and `Display` never show it; [`Token::reveal`] does.
#[derive(Clone)]
pub struct Token {
    /// The token itself, for the URL that the application gets.
    text: Box<str>,
    /// The token padded with zeros. It is compared at full width, so that the time does not reveal its length.
    padded: Box<[u8; MAX_TOKEN_CHARS]>,
}

impl Token {
    /// Checks a text against `[0-9A-Za-z._~-]{1,256}` and the reserved words.
    ///
    /// # Errors
    /// If the text is not a valid token.
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

    /// A random token: base64url of `bytes` bytes from the operating system.
    ///
    /// # Errors
    /// If `bytes` is 0 or more than [`MAX_TOKEN_BYTES`].
    pub fn generate(bytes: usize) -> Result<Self, TokenError> {
        if bytes == 0 || bytes > MAX_TOKEN_BYTES {
            return Err(TokenError::Bytes);
        }
        let mut random = [0; MAX_TOKEN_BYTES];
        let random = &mut random[..bytes];
        // Not from the thread's own generator, which a thread that ends has no longer.
        UnwrapErr(SysRng).fill_bytes(random);
        Self::parse(&data_encoding::BASE64URL_NOPAD.encode(random))
    }

    /// Whether `candidate` is this token. The time depends only on the candidate.
    #[must_use]
    pub fn matches(&self, candidate: &[u8]) -> bool {
        let mut padded = [0; MAX_TOKEN_CHARS];
        let shown = candidate.len().min(MAX_TOKEN_CHARS);
        padded[..shown].copy_from_slice(&candidate[..shown]);
        // The length is compared as well: with padding alone, `abc` and `abc\0` would be equal.
        let same_length = (candidate.len() as u64).ct_eq(&(self.text.len() as u64));
        (padded.ct_eq(&*self.padded) & same_length).into()
    }

    /// Whether the token is so short that the application should be warned.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.text.len() < SHORT_TOKEN_CHARS
    }

    /// The token in clear text, only for the listener's URL.
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

/// The current token. A rotation replaces it. The epoch tells which token admitted a request, so that a request that was
/// admitted just before a rotation can be refused just after it.
#[derive(Debug)]
pub struct TokenCell {
    current: RwLock<(Token, u64)>,
}

impl TokenCell {
    /// A cell with its first token; the epoch is 0.
    #[must_use]
    pub fn new(token: Token) -> Self {
        Self {
            current: RwLock::new((token, 0)),
        }
    }

    /// Compares a candidate with the current token. Returns the epoch of the token if they are equal.
    #[must_use]
    pub fn admit(&self, candidate: &[u8]) -> Option<u64> {
        let current = self.current.read();
        current.0.matches(candidate).then_some(current.1)
    }

    /// Replaces the token and returns the new epoch. The old token is refused from now on.
    pub fn rotate(&self, next: Token) -> u64 {
        let mut current = self.current.write();
        *current = (next, current.1 + 1);
        current.1
    }

    /// Whether `epoch` is the epoch of the current token.
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
