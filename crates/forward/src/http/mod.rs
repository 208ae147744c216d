//! HTTP/1 messages: heads and bodies.

mod body;
mod head;

pub(crate) use body::{BodyCopy, CopyError};
pub(crate) use head::{
    Answer, Framing, HeadError, MAX_ANSWER_HEAD, Request, read_answer, read_request, write_framing,
    write_line,
};
