//! Tokens: reading and generating them.

use loopwire_channel::{MAX_TOKEN_BYTES, SHORT_TOKEN_CHARS, Token};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::args;
use super::errors::{Failure, Outcome, throwing};

pub(crate) fn parse(text: &str) -> Outcome<Token> {
    Token::parse(text).map_err(Failure::from)
}

/// The given token, or a new one.
pub(crate) fn next(next: Unknown<'_>) -> Outcome<Token> {
    if args::is_missing(&next) {
        return Token::generate(32).map_err(Failure::from);
    }
    parse(&args::string(next, "next")?)
}

/// Makes a token of random bytes of the operating system, in base64url.
///
/// `bytes` is the number of bytes: a whole number from 12 to 192. Default: 32, which are 256 bits and 43 characters.
/// Returns the token. Throws `TypeError` for a wrong type and `RangeError` for another number. The SDK's page says:
/// "Always generate a random token to prevent unauthorized access."
///
/// @example startEventListener(0, generateToken(), (data) => console.log(data.toString()));
#[napi(catch_unwind, ts_args_type = "bytes?: number")]
pub fn generate_token(env: Env, bytes: Unknown<'_>) -> Result<String> {
    // 12 bytes are 16 characters; a shorter token causes a warning.
    let (low, high) = (SHORT_TOKEN_CHARS as u64 / 4 * 3, MAX_TOKEN_BYTES as u64);
    let bytes = match args::is_missing(&bytes) {
        true => Ok(32),
        false => args::integer(bytes, "bytes", low..=high),
    };
    let bytes = usize::try_from(throwing(&env, bytes)?).unwrap_or(32);
    let token = throwing(&env, Token::generate(bytes).map_err(Failure::from))?;
    Ok(token.reveal().to_owned())
}
