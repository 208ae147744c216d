//! The application's callback: a cursor in the journal, and the inbox of what connections bring.

mod callback;
mod inbox;
mod portion;
mod share;

pub use callback::Callback;
pub use inbox::{Change, ConnectionInfo, Inbox, InboxItem};
pub use portion::{MAX_BATCH_EVENTS, Portion};
pub(crate) use share::Share;
