//! The handle of a listener.

use std::ffi::c_int;
use std::sync::Arc;

use futures_util::future::join_all;
use loopwire_channel::Listener;
use loopwire_runtime::Outcome;
use loopwire_runtime::option::{self, Caller};
use serde_json::Value;

use crate::boundary::Given;
use crate::runtime::LoopwireRuntime;
use crate::sink::{Target, Unstarted, is_inside};

/// A listener: a bound port with its token and its connections.
pub struct LoopwireListener {
    pub(super) listener: Arc<Listener>,
    runtime: LoopwireRuntime,
}

/// Opens one. Without a target it has no thread.
pub(crate) fn start(
    runtime: &LoopwireRuntime,
    port: c_int,
    token: Given<'_>,
    options: Option<&Value>,
    target: Option<Target>,
) -> Outcome<LoopwireListener> {
    let port = Given::Integer(port.into());
    let mut open = option::listener(port, token, Given::options(options), Caller::C)?;
    let sink = target.map(Unstarted::new);
    if let (Some(target), Some(sink)) = (&target, &sink) {
        open.events = target.event.is_some();
        open.options.takes_messages = target.message.is_some();
        open.options.takes_notices = target.connection.is_some();
        open.waker = Some(sink.waker());
    }
    let (listener, callback) = runtime.get()?.open(open)?;
    let opened = LoopwireListener {
        listener,
        runtime: runtime.clone(),
    };
    if let (Some(sink), Some(callback)) = (sink, callback) {
        let kept = sink.start(callback).and_then(|sink| runtime.keep(&sink));
        if let Err(failure) = kept {
            opened.close();
            return Err(failure);
        }
    }
    Ok(opened)
}

impl LoopwireListener {
    /// Closes it and waits for it; inside a callback it does not wait.
    pub(super) fn close(&self) {
        self.runtime
            .close_listeners(vec![Arc::clone(&self.listener)]);
    }
}

impl LoopwireRuntime {
    /// Closes these listeners. Waits until their connections have ended and their callbacks have returned; inside a callback it
    /// does not wait.
    pub(super) fn close_listeners(&self, listeners: Vec<Arc<Listener>>) {
        // From here on their ports are free, and nothing is called for them.
        listeners.iter().for_each(|listener| listener.stop());
        let sinks = self.sinks().into_iter();
        let sinks: Vec<_> = sinks.filter(|sink| sink.is_cut_off()).collect();
        sinks.iter().for_each(|sink| sink.close());
        let close = async move {
            join_all(listeners.iter().map(|listener| listener.close())).await;
            Ok(())
        };
        // A runtime that is shut down meanwhile closes them itself.
        if is_inside() {
            if let Ok(runtime) = self.get() {
                runtime.spawn(async move {
                    let _: Outcome<()> = close.await;
                });
            }
        } else {
            let _ = self.wait(close);
        }
        sinks.iter().for_each(|sink| sink.join());
    }
}
