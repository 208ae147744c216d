//! Tokens: reading and generating them.

use loopwire_channel::Token;
use loopwire_runtime::{Failure, option};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::errors::throwing;
use super::given::Given;

/// Makes a token of random bytes of the operating system, in base64url.
///
/// `bytes` is the number of bytes: a whole number from 12 to 192. Default: 32, which are 256 bits and 43 characters.
/// Returns the token. Throws `TypeError` for a wrong type and `RangeError` for another number. The SDK's page says:
/// "Always generate a random token to prevent unauthorized access."
///
/// @example startEventListener(0, generateToken(), (data) => console.log(data.toString()));
#[napi(catch_unwind, ts_args_type = "bytes?: number")]
pub fn generate_token(env: Env, bytes: Given<'_>) -> Result<String> {
    let bytes = throwing(&env, option::token_bytes(bytes))?;
    let token = throwing(&env, Token::generate(bytes).map_err(Failure::from))?;
    Ok(token.reveal().to_owned())
}
