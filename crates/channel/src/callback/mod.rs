//! The application's callback: a cursor in the journal, and the inbox of what connections bring.

mod callback;
mod inbox;
mod share;

pub use callback::{Callback, MAX_BATCH_EVENTS};
pub use inbox::{Change, ConnectionInfo, Inbox, InboxItem};
pub(crate) use share::Share;
