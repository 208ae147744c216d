//! The streams of files: numbers for those that are read, and the way of what clients send to be written.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use loopwire_channel::{Input, Peer};
use parking_lot::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::binary::head;

/// Set in the numbers of files' streams, so that they are never those of terminals.
const FILE_BIT: u32 = 1 << 31;

/// The streams of one workspace's files.
#[derive(Default)]
pub(super) struct Streams {
    issued: AtomicU32,
    uploads: Mutex<HashMap<(usize, u32), Upload>>,
}

struct Upload {
    /// Kept so that its key stays its own.
    _peer: Peer,
    /// Bounded by what a connection may have under way as input: each counts until it is written.
    inputs: UnboundedSender<Input>,
}

impl Streams {
    /// A number that no stream of the workspace has had for two thousand million transfers.
    pub(super) fn number(&self) -> u32 {
        self.issued.fetch_add(1, Ordering::Relaxed) | FILE_BIT
    }

    /// Opens a stream for what a peer writes.
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

    /// Hands input to the upload it is for. What comes for one that has failed meanwhile was sent before its
    /// client could know, and is nothing.
    pub(super) fn deliver(&self, peer: &Peer, input: Input) -> Option<Input> {
        let Some((stream, _)) = head(&input) else {
            return Some(input);
        };
        if stream & FILE_BIT == 0 || (stream & !FILE_BIT) >= self.issued.load(Ordering::Relaxed) {
            return Some(input);
        }
        if let Some(upload) = self.uploads.lock().get(&(peer.key(), stream)) {
            let _ = upload.inputs.send(input);
        }
        None
    }

    /// Ends what a peer was writing.
    pub(super) fn forget(&self, peer: &Peer) {
        self.uploads.lock().retain(|(key, _), _| *key != peer.key());
    }
}

/// Where one upload's input arrives; closed when dropped.
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
