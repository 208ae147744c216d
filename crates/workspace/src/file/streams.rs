//! The streams of files: their numbers, and which upload the input of a stream belongs to.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use loopwire_channel::{Input, Peer};
use parking_lot::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::binary::head;

/// Set in every stream number of a file, so that it is never that of a terminal.
const FILE_BIT: u32 = 1 << 31;

/// The streams of one workspace's files.
#[derive(Default)]
pub(super) struct Streams {
    issued: AtomicU32,
    uploads: Mutex<HashMap<(usize, u32), Upload>>,
}

struct Upload {
    /// Held so that no other connection gets the same key.
    _peer: Peer,
    /// Unbounded, but limited by the connection: its input counts as under way until it is written.
    inputs: UnboundedSender<Input>,
}

impl Streams {
    /// A new stream number. Numbers repeat only after 2^31 transfers.
    pub(super) fn number(&self) -> u32 {
        self.issued.fetch_add(1, Ordering::Relaxed) | FILE_BIT
    }

    /// Opens a stream for an upload.
    pub(super) fn open(&self, peer: &Peer) -> UploadInput<'_> {
        let (inputs, receiver) = unbounded_channel();
        let stream = self.number();
        let upload = Upload {
            _peer: peer.clone(),
            inputs,
        };
        self.uploads.lock().insert((peer.key(), stream), upload);
        UploadInput {
            streams: self,
            key: (peer.key(), stream),
            inputs: receiver,
        }
    }

    /// Whether it is the number of an upload, perhaps of one that has ended.
    pub(super) fn owns(&self, stream: u32) -> bool {
        stream & FILE_BIT != 0 && (stream & !FILE_BIT) < self.issued.load(Ordering::Relaxed)
    }

    /// Hands input to its upload, and gives it back if it is not for an upload. Input for an upload that has failed
    /// is dropped: it was sent before the client could know.
    pub(super) fn deliver(&self, peer: &Peer, input: Input) -> Option<Input> {
        let Some((stream, _)) = head(&input) else {
            return Some(input);
        };
        if !self.owns(stream) {
            return Some(input);
        }
        if let Some(upload) = self.uploads.lock().get(&(peer.key(), stream)) {
            let _ = upload.inputs.send(input);
        }
        None
    }

    /// Ends all uploads of a peer.
    pub(super) fn forget(&self, peer: &Peer) {
        self.uploads.lock().retain(|(key, _), _| *key != peer.key());
    }
}

/// Receives the input of one upload. The stream is closed when this is dropped.
pub(super) struct UploadInput<'a> {
    streams: &'a Streams,
    key: (usize, u32),
    pub(super) inputs: UnboundedReceiver<Input>,
}

impl UploadInput<'_> {
    pub(super) const fn stream(&self) -> u32 {
        self.key.1
    }
}

impl Drop for UploadInput<'_> {
    fn drop(&mut self) {
        self.streams.uploads.lock().remove(&self.key);
    }
}
