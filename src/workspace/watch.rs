//! A watch of the application: which files change.

use std::sync::Arc;

use loopwire_channel::SinkWaker;
use loopwire_runtime::{Failure, FileNotice, FileWatch, Runtime};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use crate::node::{Woken, promised};

/// That a watch has begun.
#[napi(object, object_from_js = false)]
pub struct WatchReady {
    /// How many directories are watched for it.
    pub directories: f64,
    /// Why a part of them is compared at intervals, and what to do, if the system does not tell of changes there.
    pub polling: Option<String>,
}

/// A change of a file.
#[napi(object, object_from_js = false)]
pub struct FileChange {
    /// The absolute path, without symbolic links; of an overflow the root. A name that is not UTF-8 has U+FFFD in the
    /// place of what is not.
    pub path: String,
    /// What happened. After `'overflow'` changes are missing: look at the files yourself.
    #[napi(ts_type = "'created' | 'modified' | 'deleted' | 'renamed' | 'overflow'")]
    pub change_type: &'static str,
    /// The size in bytes; 0 for what is gone, and for directories.
    pub size: f64,
    /// When it was seen: `2025-10-16T12:00:00.000Z`.
    pub timestamp: String,
    /// Whether it is, or was, a directory. A link to one is none.
    pub is_directory: bool,
    /// Of `'renamed'`: the path that it had.
    pub old_path: Option<String>,
}

/// A running watch of files.
#[napi]
pub struct NativeFileWatch {
    watch: FileWatch,
    waker: Arc<dyn SinkWaker>,
    runtime: Arc<Runtime>,
}

impl NativeFileWatch {
    pub(super) fn new(watch: FileWatch, waker: Arc<dyn SinkWaker>, runtime: Arc<Runtime>) -> Self {
        Self {
            watch,
            waker,
            runtime,
        }
    }
}

#[napi]
impl NativeFileWatch {
    /// Resolves once everything is watched.
    #[napi(catch_unwind, skip_typescript)]
    pub fn begun<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        let watch = self.watch.clone();
        promised(env, &self.runtime, async move {
            let ready = watch.ready().await;
            let ready = ready.map_err(|refusal| Failure::refused(&refusal))?;
            #[expect(clippy::cast_precision_loss, reason = "they are counted")]
            Ok(WatchReady {
                directories: ready.directories as f64,
                polling: ready.polling,
            })
        })
    }

    /// The next changes; none when the watch has ended, `null` if there is nothing yet. Then `wake` is called once
    /// there is.
    #[napi(catch_unwind, skip_typescript)]
    pub fn take(&self) -> Option<Vec<FileChange>> {
        let taken = self.watch.take();
        if taken.is_none() {
            let (watch, woken) = (self.watch.clone(), Woken(Arc::clone(&self.waker)));
            self.runtime.spawn(async move {
                watch.readable().await;
                drop(woken);
            });
        }
        taken.map(|notices| notices.into_iter().map(item).collect())
    }

    /// Ends the watch.
    #[napi(catch_unwind, skip_typescript)]
    pub fn end(&self) {
        self.watch.close();
    }
}

impl Drop for NativeFileWatch {
    /// JavaScript has lost it, so nobody can read it any more.
    fn drop(&mut self) {
        self.watch.close();
    }
}

fn item(notice: FileNotice) -> FileChange {
    match notice {
        FileNotice::Changed(change) => FileChange {
            timestamp: change.timestamp(),
            path: change.path,
            change_type: change.kind,
            #[expect(clippy::cast_precision_loss, reason = "files lie below 2^53")]
            size: change.size as f64,
            is_directory: change.is_directory,
            old_path: change.old_path,
        },
        FileNotice::Overflow { root, timestamp } => FileChange {
            path: root,
            change_type: "overflow",
            size: 0.0,
            timestamp,
            is_directory: true,
            old_path: None,
        },
    }
}
