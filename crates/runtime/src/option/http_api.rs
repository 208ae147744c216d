//! The options of the local HTTP API.

use loopwire_channel::Token;

use super::token;
use crate::argument::{self as args, Argument};
use crate::failure::Outcome;

/// The token, if requests need one.
///
/// # Errors
/// Another type, an unknown option, a text that cannot be a token.
pub fn http_api<A: Argument>(options: A) -> Outcome<Option<Token>> {
    let mut token = None;
    for (_, value) in args::options(options, "options", &["token"])? {
        token = Some(token::token(&args::string(value, "options.token")?)?);
    }
    Ok(token)
}
