//! The stages of an event: publishing, draining by a callback, frames for a client.
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use loopwire_channel::{
    Bounds, Callback, Event, Journal, Listener, ListenerOptions, SinkWaker, Token, Topic, bind,
};
use tokio::runtime::{Builder, Runtime};

use crate::Result;
use crate::peer::Peer;

const TOKEN: &str = "stages";
/// With its type and its quotes an event is 120 bytes long.
const PAYLOAD: &str =
    "60000 10.0.0.7:44312 -> 203.0.113.9:443 established via upstream 3, 18 ms, tls 1.3 xxxxxx";
/// What a client reads last.
pub(crate) const LAST: &str = "the last";
/// Events that a journal with its default bounds holds, and that are there whatever the count is.
const HELD: u32 = 60_000;
/// Between two events that are none of a burst.
const LONE: Duration = Duration::from_millis(1);

fn publish_one(journal: &Journal, event: &mut Event) {
    event.write_payload(Topic::APP, "harness", Some(PAYLOAD));
    journal.publish_now(event).expect("room in the journal");
}

fn fill(journal: &Journal, count: u32) {
    let mut event = Event::scratch();
    for _ in 0..count {
        publish_one(journal, &mut event);
    }
}

fn end(journal: &Journal) {
    let last = Event::payload(Topic::APP, "harness", LAST);
    journal.publish_now(&last).expect("room in the journal");
}

/// Serialising and publishing, without a reader.
pub(crate) fn publish(count: u32) -> Result<u64> {
    fill(&Journal::new(Bounds::default()), count);
    Ok(count.into())
}

struct Nobody;

impl SinkWaker for Nobody {
    fn wake(&self, _woken: usize) {}
}

/// A callback's batches, of events that are there already; the last one is taken whole.
pub(crate) fn drain(count: u32) -> Result<u64> {
    let journal = Journal::new(Bounds::default());
    let callback = Callback::new(&journal, Arc::new(Nobody), false);
    fill(&journal, HELD);
    let (mut bytes, mut ends, mut taken) = (Vec::new(), Vec::new(), 0);
    while taken < u64::from(count) {
        taken += callback.drain(&mut bytes, &mut ends) as u64;
    }
    Ok(taken)
}

/// A listener without a callback, all of it in this thread.
struct Served {
    runtime: Runtime,
    journal: Arc<Journal>,
    listener: Arc<Listener>,
}

impl Served {
    fn new() -> Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let journal = Journal::new(Bounds::default());
        let listener = Listener::open(
            runtime.handle(),
            bind((Ipv4Addr::LOCALHOST, 0).into())?,
            &journal,
            Token::parse(TOKEN)?,
            None,
            Vec::new(),
            ListenerOptions::default(),
        )?;
        Ok(Self {
            runtime,
            journal,
            listener,
        })
    }

    fn reader(&self, query: &str, held: &str) -> Result<Peer> {
        let port = self.listener.address().port().to_string();
        Peer::start(&["reader", &port, &format!("/ws/{TOKEN}{query}"), held])
    }

    /// A client of the plain form, which receives what is published from now on.
    fn plain(&self, held: &str) -> Result<Peer> {
        let reader = self.reader("", held)?;
        self.runtime.block_on(async {
            while self.listener.connected() == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            // Its task runs until it sleeps.
            tokio::time::sleep(Duration::from_millis(20)).await;
        });
        Ok(reader)
    }
}

/// Publishing to a client that has read everything: this thread writes each frame itself.
pub(crate) fn lone(count: u32) -> Result<u64> {
    let served = Served::new()?;
    let reader = served.plain("reads")?;
    let mut event = Event::scratch();
    for _ in 0..count {
        // Sooner, it would be taken for part of a burst, and left to the task.
        std::thread::sleep(LONE);
        publish_one(&served.journal, &mut event);
    }
    end(&served.journal);
    served.runtime.block_on(reader.ended())?;
    Ok(count.into())
}

/// Publishing to a client that does not read: once the kernel takes no more, its frames are left to its task, which makes
/// them in batches when the client reads. Without that, this thread would write each of them here, where everything is slow.
pub(crate) fn plain(count: u32) -> Result<u64> {
    let served = Served::new()?;
    let mut reader = served.plain("held")?;
    fill(&served.journal, count);
    end(&served.journal);
    reader.say("read")?;
    served.runtime.block_on(reader.ended())?;
    Ok(count.into())
}

/// The frames of a client that resumes, of events that are there already.
pub(crate) fn v1(count: u32) -> Result<u64> {
    let served = Served::new()?;
    fill(&served.journal, HELD);
    end(&served.journal);
    let query = format!(
        "?v=1&epoch={}&since={}",
        served.journal.epoch(),
        HELD - count
    );
    let reader = served.reader(&query, "reads")?;
    served.runtime.block_on(reader.ended())?;
    Ok(count.into())
}
