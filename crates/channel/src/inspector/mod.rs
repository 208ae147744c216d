//! The inspector: a page that shows what a listener does, served by the listener itself.

mod asset;
mod encoding;
mod page;

pub(crate) use page::router;
