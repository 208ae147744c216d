//! An application that sends every message back, over plain TCP and over TLS: what `npm run conformance` tests.
//!
//! `cargo run -p loopwire-channel --features conformance --example echo` prints the two addresses as JSON, and runs until
//! its standard input ends.

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::Ipv4Addr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use loopwire_channel::{
    Bounds, Callback, Delivery, Identity, InboxItem, Journal, Listener, ListenerOptions, SinkWaker,
    Tls, Token, bind,
};
use tokio::runtime::Runtime;

/// Larger than the largest message of the Autobahn test suite (16 MiB).
const MAX_MESSAGE_BYTES: usize = 32 << 20;

/// No ping of ours comes between the answers that a test expects.
const HEARTBEAT: Duration = Duration::from_secs(3_600);

/// Nobody else should find the listeners by accident; it is no secret.
const TOKEN: &str = "echo";

/// The application. It answers in the thread that brings a message: so the answer is there before the next frame is read,
/// even if that frame ends the connection. An application with a thread of its own may be too late for that.
#[derive(Default)]
struct Echo {
    callback: OnceLock<Arc<Callback>>,
    listener: OnceLock<Arc<Listener>>,
}

impl SinkWaker for Echo {
    fn wake(&self, _woken: usize) {
        let (Some(callback), Some(listener)) = (self.callback.get(), self.listener.get()) else {
            return;
        };
        let (mut bytes, mut ends) = (Vec::new(), Vec::new());
        loop {
            callback.drain(&mut bytes, &mut ends);
            while let Some(item) = callback.inbox().take() {
                if let InboxItem::Message { from, data, binary } = item {
                    // A client that has closed meanwhile gets no answer.
                    let _ = listener.send(&from.id, &data, binary);
                }
            }
            if callback.park() {
                return;
            }
        }
    }
}

fn open(
    runtime: &Runtime,
    journal: &Arc<Journal>,
    tls: Option<Identity>,
) -> Result<Arc<Listener>, Box<dyn Error>> {
    let echo = Arc::new(Echo::default());
    let callback = Callback::new(journal, Arc::clone(&echo) as _, false);
    let options = ListenerOptions {
        tls,
        delivery: Delivery::All,
        heartbeat: HEARTBEAT,
        max_message_bytes: MAX_MESSAGE_BYTES,
        takes_messages: true,
        ..ListenerOptions::default()
    };
    let listener = Listener::open(
        runtime.handle(),
        bind((Ipv4Addr::LOCALHOST, 0).into())?,
        journal,
        Token::parse(TOKEN)?,
        Some(Arc::clone(&callback)),
        Vec::new(),
        options,
    )?;
    let _ = echo.callback.set(callback);
    let _ = echo.listener.set(Arc::clone(&listener));
    // It begins awake.
    echo.wake(1);
    Ok(listener)
}

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Runtime::new()?;
    let journal = Journal::new(Bounds::default());
    let identity = Identity::new(&Tls::SelfSigned, Ipv4Addr::LOCALHOST.into(), &[])?;
    let plain = open(&runtime, &journal, None)?;
    let tls = open(&runtime, &journal, Some(identity))?;
    let mut out = io::stdout().lock();
    let (ws, wss) = (plain.address(), tls.address());
    writeln!(
        out,
        r#"{{"ws":"ws://{ws}/ws/{TOKEN}","wss":"wss://{wss}/ws/{TOKEN}"}}"#
    )?;
    out.flush()?;
    io::stdin().read_to_end(&mut Vec::new())?;
    runtime.shutdown_background();
    Ok(())
}
