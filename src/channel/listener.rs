//! `startEventListener`: the native half of a listener.
use std::rc::Rc;
use std::sync::Arc;

use loopwire_channel::{Callback, Change, Identity, InboxItem, Listener, SinkWaker};
use loopwire_runtime::{
    Failure, OpenListener, Outcome, Runtime,
    argument::{self as args, Argument},
    option::{self, Caller},
};
use napi::bindgen_prelude::*;
use napi_derive::napi;

use super::connection::{Connection, ConnectionState};
use super::reader::NativeEventReader;
use crate::node::{Answer, Batch, BatchSource, Environment, Given, Waker, throw, throwing};

/// The counters of a listener.
#[napi(object)]
pub struct ListenerStats {
    /// How many connections are open.
    pub connections: u32,
    /// How many connections there were so far, the open ones included.
    pub opened: f64,
    /// How many requests were refused because of a wrong Host, Origin, token or form.
    pub refused: f64,
    /// The number of the last event that this runtime published.
    pub seq: f64,
    /// The name of the numbering of this runtime (PROTOCOL section 4).
    pub epoch: String,
    /// How many bytes the journal holds.
    pub journal_bytes: f64,
    /// How many events the journal holds.
    pub journal_events: f64,
    /// How many connection notices were dropped because the JavaScript thread was blocked and did not call
    /// `onConnection`.
    pub notices_lost: f64,
}

/// The bound address, in the form of Node's `server.address()`.
#[napi(object)]
pub struct ListenerAddress {
    /// The bound address.
    pub address: String,
    /// `'IPv4'` or `'IPv6'`.
    pub family: String,
    /// The bound port.
    pub port: u16,
}

/// A running listener.
#[napi]
pub struct NativeListener {
    listener: Arc<Listener>,
    callback: Arc<Callback>,
    runtime: Arc<Runtime>,
    batches: Rc<BatchSource>,
    /// Whether readers get events with their detail.
    detail: bool,
}

#[napi]
impl NativeListener {
    /// Checks all arguments and binds the port before anything starts.
    #[napi(constructor, catch_unwind, skip_typescript)]
    pub fn new(
        env: Env,
        port: Given<'_>,
        token: Given<'_>,
        callback: Given<'_>,
        options: Given<'_>,
        electron: bool,
        wake: Function<'_, Batch, ()>,
    ) -> Result<Self> {
        let open = throwing(&env, parse(port, token, &callback, options, electron))?;
        let detail = open.detail;
        let batches = Rc::new(BatchSource::default());
        let waker: Arc<dyn SinkWaker> = Waker::with_batch(&wake, Rc::clone(&batches))?;
        let runtime = Arc::clone(&Environment::of(&env)?.runtime);
        let opened = runtime.open(OpenListener {
            waker: Some(waker),
            ..open
        });
        let (listener, callback) = throwing(&env, opened.map_err(Failure::from))?;
        let callback = callback.ok_or_else(|| Error::from_reason("a waker makes a callback"))?;
        let _ = batches.callback.set(Arc::clone(&callback));
        Ok(Self {
            listener,
            callback,
            runtime,
            batches,
            detail,
        })
    }

    /// A reader of every event from now on, for one iteration.
    #[napi(catch_unwind, skip_typescript)]
    pub fn reader(&self, wake: Function<'_, (), ()>) -> Result<NativeEventReader> {
        NativeEventReader::new(self.listener.journal(), &wake, self.detail)
    }

    /// The next batch; `undefined` if there is none. See `Batch`. In a burst it waits for one.
    #[napi(catch_unwind, skip_typescript)]
    pub fn drain(&self, env: Env) -> Result<Batch> {
        let own = Environment::of(&env)?.emit_buffer.borrow().published;
        self.callback.gather(own);
        self.batches.next(&env)
    }

    /// Parks the callback: the waker calls again for the next event. False if there is more to drain.
    #[napi(catch_unwind, skip_typescript)]
    pub fn park(&self) -> bool {
        self.callback.park()
    }

    /// The next inbox item: `['message', connection, data, isBinary]`, `['connection', connection, state, code,
    /// reason]` or `['origin', origin, option]`.
    #[napi(catch_unwind, skip_typescript)]
    pub fn take<'env>(&self, env: &'env Env) -> Result<Option<Array<'env>>> {
        let Some(item) = self.callback.inbox().take() else {
            return Ok(None);
        };
        let mut parts = env.create_array(0)?;
        match item {
            InboxItem::Message { from, data, binary } => {
                parts.insert("message")?;
                parts.insert(Connection::from(&from))?;
                parts.insert(BufferSlice::copy_from(env, &data)?)?;
                parts.insert(binary)?;
            }
            InboxItem::Connection { who, change } => {
                parts.insert("connection")?;
                parts.insert(Connection::from(&who))?;
                parts.insert(change.name())?;
                if let Change::Closed(close) = change {
                    parts.insert(u32::from(close.code))?;
                    parts.insert(close.reason)?;
                }
            }
            InboxItem::RefusedOrigin { origin, option } => {
                parts.insert("origin")?;
                parts.insert(origin)?;
                parts.insert(option)?;
            }
        }
        Ok(Some(parts))
    }

    /// The bound port: the one that was asked for, or for 0 the one that the system chose.
    #[napi(getter, catch_unwind)]
    pub fn port(&self) -> u16 {
        self.listener.address().port()
    }

    /// The bound address.
    #[napi(getter, catch_unwind)]
    pub fn host(&self) -> String {
        self.listener.address().ip().to_string()
    }

    /// The URL for clients: `ws://127.0.0.1:{port}/ws/{token}`, or `wss://…` with the option `tls`. It contains the
    /// token: do not log it.
    #[napi(getter, catch_unwind)]
    pub fn url(&self) -> String {
        self.listener.url()
    }

    /// The listener's certificate as PEM; a client trusts a self-signed one by its option `ca`. `null` without the
    /// option `tls`.
    #[napi(getter, catch_unwind)]
    pub fn certificate(&self) -> Option<&str> {
        self.listener.identity().map(Identity::certificate)
    }

    /// The SHA-256 of the certificate, in the form of Node's `fingerprint256` and of `openssl x509 -fingerprint
    /// -sha256`: pairs of hexadecimal digits with colons. `null` without the option `tls`.
    #[napi(getter, catch_unwind)]
    pub fn fingerprint(&self) -> Option<&str> {
        self.listener.identity().map(Identity::fingerprint)
    }

    /// The bound address, in the form of Node's `server.address()`.
    #[napi(catch_unwind)]
    pub fn address(&self) -> ListenerAddress {
        let address = self.listener.address_report();
        ListenerAddress {
            address: address.address,
            family: address.family.to_owned(),
            port: address.port,
        }
    }

    /// The open connections, oldest first; none that is closing already.
    ///
    /// @example for (const { id, active } of listener.connections()) console.log(id, active);
    #[napi(catch_unwind)]
    pub fn connections(&self) -> Vec<ConnectionState> {
        let open = self.listener.connections().into_iter();
        open.map(ConnectionState::from).collect()
    }

    /// The counters of the listener.
    ///
    /// @example const { connections, refused } = listener.stats();
    #[napi(catch_unwind)]
    pub fn stats(&self) -> ListenerStats {
        let stats = self.listener.stats();
        ListenerStats {
            connections: u32::try_from(stats.connections).unwrap_or(u32::MAX),
            opened: stats.opened as f64,
            refused: stats.refused as f64,
            seq: stats.seq as f64,
            epoch: stats.epoch,
            journal_bytes: stats.journal_bytes as f64,
            journal_events: stats.journal_events as f64,
            notices_lost: stats.notices_lost as f64,
        }
    }

    /// Sends a message to one connection: a string as text, bytes as binary.
    ///
    /// `connectionId` is the `id` that `connections()`, `onMessage` and `onConnection` give. Returns `true`; or
    /// `false` if that connection is gone, or if it does not read and 8 MiB wait for it already. Throws `TypeError`
    /// for another type.
    ///
    /// @example listener.send(connection.id, JSON.stringify({ type: 'my:reply' }));
    #[napi(
        catch_unwind,
        ts_args_type = "connectionId: string, data: string | ArrayBufferView | ArrayBufferLike"
    )]
    pub fn send(&self, env: Env, connection_id: Given<'_>, data: Given<'_>) -> Result<bool> {
        let id = throwing(&env, args::string(connection_id, "connectionId"))?;
        if let Some(text) = data.text() {
            return Ok(self.listener.send(&id, text.as_bytes(), false).is_ok());
        }
        let got = data.kind();
        match Uint8ArraySlice::from_unknown(data.0) {
            Ok(bytes) => Ok(self.listener.send(&id, &bytes, true).is_ok()),
            Err(_) => throw(
                &env,
                &Failure::wrong_type("data", "a string or a Uint8Array", got),
            ),
        }
    }

    /// Closes one connection with code 4001, as `POST /ws/disconnect` with its `id` does.
    ///
    /// Returns `false` if there is no connection with that id, or if it is closing already. Throws `TypeError` if the id is
    /// not a string.
    ///
    /// @example listener.disconnect('conn-1');
    #[napi(catch_unwind, ts_args_type = "connectionId: string")]
    pub fn disconnect(&self, env: Env, connection_id: Given<'_>) -> Result<bool> {
        let id = throwing(&env, args::string(connection_id, "connectionId"))?;
        Ok(self.listener.disconnect(&id))
    }

    /// Replaces the token. The old one is refused from now on, and its connections are closed with code 4003
    /// (PROTOCOL section 1).
    ///
    /// `next` is the new token; left out, a token of 256 random bits is made. Returns the new token. Throws
    /// `TypeError` if it is not a string, and `RangeError` `ERR_TOKEN_INVALID` if it cannot be a token; the old token
    /// then stays.
    ///
    /// @example const token = listener.rotateToken();
    #[napi(catch_unwind, ts_args_type = "next?: string")]
    pub fn rotate_token(&self, env: Env, next: Given<'_>) -> Result<String> {
        let next = throwing(&env, option::next_token(next))?;
        let text = next.reveal().to_owned();
        self.listener.rotate_token(next);
        Ok(text)
    }

    /// Whether the token has fewer than 16 characters.
    #[napi(getter, catch_unwind, skip_typescript)]
    pub fn has_short_token(&self) -> bool {
        self.listener.token().is_short()
    }

    /// Whether the listener is closed, by `close()`, `stopCommunicate()` or `shutdown()`.
    #[napi(getter, catch_unwind)]
    pub fn closed(&self) -> bool {
        self.listener.is_closed()
    }

    /// Closes the listener. From this moment on the callback is not called any more; clients are closed with code
    /// 1001.
    ///
    /// Resolves when the port is free; never rejects. It may be called again, and inside the callback. It takes no `signal`:
    /// connections that do not answer are cut within seconds.
    ///
    /// @example await listener.close();
    #[napi(catch_unwind, ts_return_type = "Promise<void>")]
    pub fn close<'env>(&self, env: &'env Env) -> Result<Object<'env>> {
        self.listener.stop();
        // If the runtime is shut down before or meanwhile, everything is closed already.
        let (answer, promise) = Answer::promise(env, |_| Ok(()))?;
        let listener = Arc::clone(&self.listener);
        self.runtime.spawn(async move {
            listener.close().await;
            answer.give(|_| Ok(()));
        });
        Ok(promise)
    }
}

fn parse(
    port: Given<'_>,
    token: Given<'_>,
    callback: &Given<'_>,
    options: Given<'_>,
    electron: bool,
) -> Outcome<OpenListener> {
    let mut open = option::listener(port, token, options, Caller::JavaScript { electron })?;
    // Without a function the events are iterated.
    open.events = !callback.is_missing() && !callback.is_null();
    if open.events {
        args::function(callback, "callback")?;
    }
    Ok(open)
}
