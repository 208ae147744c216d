//! Tokens: reading and generating them.

use loopwire_channel::{MAX_TOKEN_BYTES, SHORT_TOKEN_CHARS, Token};

use crate::argument::{self as args, Argument};
use crate::failure::{Failure, Outcome};

/// The random bytes of a token, unless another number was given: 256 bits.
const DEFAULT_TOKEN_BYTES: usize = 32;

/// A token that was given.
///
/// # Errors
/// A text that cannot be a token.
pub fn token(text: &str) -> Outcome<Token> {
    Token::parse(text).map_err(Failure::from)
}

/// The given token, or a new one.
///
/// # Errors
/// Another type, a text that cannot be a token; the system gives no random bytes.
pub fn next_token<A: Argument>(next: A) -> Outcome<Token> {
    if next.is_missing() {
        return Token::generate(DEFAULT_TOKEN_BYTES).map_err(Failure::from);
    }
    token(&args::string(next, "next")?)
}

/// How many random bytes a token is made of.
///
/// # Errors
/// Another type, another number.
pub fn token_bytes<A: Argument>(bytes: A) -> Outcome<usize> {
    // 12 bytes are 16 characters; a shorter token causes a warning.
    let (low, high) = (SHORT_TOKEN_CHARS as u64 / 4 * 3, MAX_TOKEN_BYTES as u64);
    if bytes.is_missing() {
        return Ok(DEFAULT_TOKEN_BYTES);
    }
    args::size(bytes, "bytes", low..=high)
}
