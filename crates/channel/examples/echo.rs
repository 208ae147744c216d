//! An application that sends every message back, over plain TCP and over TLS: what `npm run conformance` tests.
//!
//! `cargo run -p loopwire-channel --features conformance --example echo` prints the two addresses as JSON, and runs until
//! its standard input ends.

#[path = "../tests/support/echo.rs"]
mod echo;

use std::error::Error;
use std::io::{self, Read, Write};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use echo::Echo;
use loopwire_channel::{
    Bounds, Delivery, Identity, Journal, Listener, ListenerOptions, Tls, Token, bind,
};
use tokio::runtime::Runtime;

/// Larger than the largest message of the Autobahn test suite (16 MiB).
const MAX_MESSAGE_BYTES: usize = 32 << 20;

/// No ping of ours comes between the answers that a test expects.
const HEARTBEAT: Duration = Duration::from_secs(3_600);

/// Nobody else should find the listeners by accident; it is no secret.
const TOKEN: &str = "echo";

fn open(
    runtime: &Runtime,
    journal: &Arc<Journal>,
    tls: Option<Identity>,
) -> Result<Arc<Listener>, Box<dyn Error>> {
    let echo = Echo::new(journal);
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
        Some(echo.callback()),
        Vec::new(),
        options,
    )?;
    runtime.spawn(echo.run(Arc::clone(&listener)));
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
