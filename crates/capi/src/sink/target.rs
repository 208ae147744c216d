//! The application's functions, and how they are called.

use std::ffi::{c_char, c_void};

use loopwire_channel::{Change, InboxItem};

use crate::boundary::CallbackMask;

/// Called for each event, in order, always from the same thread.
///
/// `event` is the JSON text of `len` bytes that a WebSocket client gets, with a NUL behind it; it is valid during the call.
/// While the function runs, further events wait, and asynchronous sources with them when too many do.
pub type LoopwireEventCallback =
    Option<unsafe extern "C" fn(userdata: *mut c_void, event: *const c_char, len: usize)>;

/// Called for each message of a client that is no command of the protocol.
///
/// `connection_id` is the connection's id, as `loopwire_listener_send` takes it. `data` are `len` bytes with a NUL behind
/// them: UTF-8 unless `is_binary`. Everything is valid during the call. While the function runs, at most 1 MiB of further
/// messages waits; then the clients are not read.
pub type LoopwireMessageCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection_id: *const c_char,
        data: *const c_char,
        len: usize,
        is_binary: bool,
    ),
>;

/// Called for each change of a connection.
///
/// `state` is "open", "active" (it receives the events from now on), "standby" (a newer connection does) or "closed";
/// `close_code` and `reason` say why it was closed, and are 0 and "" otherwise. Texts are valid during the call.
pub type LoopwireConnectionCallback = Option<
    unsafe extern "C" fn(
        userdata: *mut c_void,
        connection_id: *const c_char,
        state: *const c_char,
        close_code: u16,
        reason: *const c_char,
    ),
>;

/// Called when a web page was refused because of its origin: once for each of the first 32 origins.
///
/// `option` is the option of the listener that would admit it, or NULL. Texts are valid during the call.
pub type LoopwireOriginCallback = Option<
    unsafe extern "C" fn(userdata: *mut c_void, origin: *const c_char, option: *const c_char),
>;

/// The application's functions and what they are called with.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    pub(crate) event: LoopwireEventCallback,
    pub(crate) message: LoopwireMessageCallback,
    pub(crate) connection: LoopwireConnectionCallback,
    pub(crate) refused_origin: LoopwireOriginCallback,
    pub(crate) userdata: *mut c_void,
    /// The signals that its code takes.
    pub(crate) mask: CallbackMask,
}

// SAFETY: whoever gives it promises that the functions may be called from another thread with this pointer.
unsafe impl Send for Target {}

impl Target {
    /// One that gets events and nothing else.
    pub(crate) fn of_events(event: LoopwireEventCallback, userdata: *mut c_void) -> Self {
        Self {
            event,
            message: None,
            connection: None,
            refused_origin: None,
            userdata,
            mask: CallbackMask::of_caller(),
        }
    }

    /// Calls the function for what a connection has brought.
    pub(super) fn take(&self, item: InboxItem) {
        match item {
            InboxItem::Message { from, data, binary } => {
                let Some(call) = self.message else { return };
                let (id, text) = (ended(from.id), ended(&*data));
                // SAFETY: the function and its pointer are as their giver has promised; the texts stay until it returns.
                unsafe { call(self.userdata, at(&id), at(&text), data.len(), binary) };
            }
            InboxItem::Connection { who, change } => {
                let Some(call) = self.connection else { return };
                let (id, state) = (ended(who.id), ended(change.name()));
                let (code, reason) = match change {
                    Change::Closed(close) => (close.code, ended(&*close.reason)),
                    _ => (0, ended("")),
                };
                // SAFETY: as above.
                unsafe { call(self.userdata, at(&id), at(&state), code, at(&reason)) };
            }
            InboxItem::RefusedOrigin { origin, option } => {
                let Some(call) = self.refused_origin else {
                    return;
                };
                let (origin, option) = (ended(origin), option.map(ended));
                let option = option.as_deref().map_or(std::ptr::null(), at);
                // SAFETY: as above.
                unsafe { call(self.userdata, at(&origin), option) };
            }
        }
    }
}

/// The bytes with a NUL behind them. One inside, which a peer may have sent, ends the text for C.
fn ended(bytes: impl Into<Vec<u8>>) -> Vec<u8> {
    let mut bytes = bytes.into();
    bytes.push(0);
    bytes
}

fn at(bytes: &[u8]) -> *const c_char {
    bytes.as_ptr().cast()
}
