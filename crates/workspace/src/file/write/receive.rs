//! Carries out `file:write`, from the command to the finished file.

use std::sync::Arc;

use bytes::Bytes;
use loopwire_channel::{CommandError, Input, Reply};
use serde_json::json;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::binary::{HEAD_BYTES, head};
use crate::file::done::Done;
use crate::file::error::{bad, cancelled};
use crate::file::files::Files;
use crate::file::request::WriteRequest;
use crate::file::transfers::Permit;

use super::save::Save;

/// How much is written between two looks at whether the write was cancelled: a few milliseconds of a disk.
const PIECE_BYTES: usize = 1 << 20;

impl Files {
    /// Carries out one `file:write`.
    pub(crate) async fn receive(self, request: WriteRequest, reply: Reply, permit: Permit) {
        let done = self.carry_in(request, &reply).await;
        // Before the answer: a client that reads the answer may start its next transfer at once.
        drop(permit);
        match done {
            Ok(done) => reply.send_as("file:done", &done),
            Err(refusal) => reply.refuse(&refusal.code, &refusal.message),
        }
    }

    async fn carry_in(
        &self,
        mut request: WriteRequest,
        reply: &Reply,
    ) -> Result<Done, CommandError> {
        let content = request.take_content()?;
        if request.parents {
            let (root, path) = (self.0.root.clone(), request.path.clone());
            self.blocking(move || root.make_parents(&path)).await?;
        }
        if let Some(bytes) = content {
            let cancel = CancellationToken::new();
            return (self.write_whole(request.path, bytes, request.mode, cancel)).await;
        }
        let Some(size) = request.size else {
            return Err(bad("either content or size is needed"));
        };
        if !reply.peer().binary() {
            return Err(bad(
                "send the contents in binary messages (connect with binary=true), or as content",
            ));
        }
        self.check_size(size)?;
        let (root, path) = (self.0.root.clone(), request.path.clone());
        let mut save = self
            .blocking(move || Save::create(root.locate(&path)?, size, request.mode))
            .await?;
        let mut upload = self.0.streams.open(reply.peer());
        // A connection that ended before the upload was registered did not close it.
        if !reply.peer().is_open() {
            return Err(given_up());
        }
        reply.before(
            "file:opened",
            &json!({"stream": upload.stream(), "size": size}),
        );
        // It waits for the client now. Held back by this command, the client's bytes would never come.
        reply.release_reader();
        while save.left() > 0 {
            let input = timeout(self.0.upload_pause, upload.inputs.recv());
            let Ok(input) = self.unless_closed(input).await? else {
                // Bytes that have come, and that nobody has read, are no pause of the client's.
                if reply.peer().is_held_back() {
                    continue;
                }
                let pause = self.0.upload_pause.as_secs_f32();
                let message = format!("no data came for {pause} s: the file was not changed");
                return Err(CommandError::new("TIMED_OUT", message));
            };
            let mut inputs = vec![input.ok_or_else(given_up)?];
            while let Ok(input) = upload.inputs.try_recv() {
                inputs.push(input);
            }
            save = self.blocking(move || take(save, &inputs)).await?;
        }
        drop(upload);
        let files = Arc::clone(&self.0);
        self.blocking(move || save.commit(request.path, &files.turns))
            .await
    }

    pub(crate) async fn write_whole(
        &self,
        path: String,
        bytes: Bytes,
        mode: Option<u32>,
        cancel: CancellationToken,
    ) -> Result<Done, CommandError> {
        let unless_cancelled = move || match cancel.is_cancelled() {
            true => Err(cancelled()),
            false => Ok(()),
        };
        let size = bytes.len() as u64;
        self.check_size(size)?;
        let files = Arc::clone(&self.0);
        self.blocking(move || {
            let mut save = Save::create(files.root.locate(&path)?, size, mode)?;
            for piece in bytes.chunks(PIECE_BYTES) {
                unless_cancelled()?;
                save.write(piece)?;
            }
            unless_cancelled()?;
            save.commit(path, &files.turns)
        })
        .await
    }
}

/// Writes the received pieces. Until then they count as input of the connection that is under way, so that a client
/// cannot outrun the disk.
fn take(mut save: Save, inputs: &[Input]) -> Result<Save, CommandError> {
    for input in inputs {
        if save.left() == 0 {
            break;
        }
        let bytes = &input[HEAD_BYTES..];
        if head(input).is_none_or(|(_, offset)| offset != save.written()) {
            let message = format!(
                "the offset must be {}, the number of bytes so far",
                save.written()
            );
            return Err(CommandError::new("BAD_OFFSET", message));
        }
        if bytes.is_empty() || bytes.len() as u64 > save.left() {
            let message = "a piece is empty or exceeds the announced size";
            return Err(CommandError::new("BAD_SIZE", message));
        }
        save.write(bytes)?;
    }
    Ok(save)
}

fn given_up() -> CommandError {
    CommandError::new("GONE", "the connection that was writing the file has ended")
}
