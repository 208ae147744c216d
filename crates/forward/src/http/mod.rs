//! HTTP/1 messages: heads and bodies.

mod answer;
mod body;
mod framing;
mod headers;
mod read;
mod request;

pub(crate) use answer::{Answer, read_answer};
pub(crate) use body::{BodyCopy, CopyError};
pub(crate) use framing::{AnswerFraming, Framing, write_framing};
pub(crate) use headers::write_line;
pub(crate) use read::{HeadError, skip_empty_lines};
pub(crate) use request::{Request, read_request};
