//! An event that comes alone.

use std::io::{ErrorKind, Read};
use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use loopwire_channel::{Bounds, Event, Journal, Listener, ListenerOptions, Token, Topic, bind};
use tokio::runtime::Builder;

use crate::client::open_websocket_to;
use crate::frames::{TEXT, served};
use crate::support::{PATIENCE, TOKEN};

/// Sooner, an event is taken for part of a burst, and left to the connection's task.
const LONE: Duration = Duration::from_millis(1);

/// How long a client waits for an event that the publisher must have written already.
const WRITTEN: Duration = Duration::from_millis(100);

#[test]
fn lone_events_are_written_by_their_publisher_and_leave_nothing_to_the_runtime() {
    // It runs only while it is asked to.
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let journal = Journal::new(Bounds::default());
    let listener = Listener::open(
        runtime.handle(),
        bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap(),
        &journal,
        Token::parse(TOKEN).unwrap(),
        None,
        Vec::new(),
        ListenerOptions::default(),
    )
    .unwrap();
    let address = listener.address();
    let opening = thread::spawn(move || open_websocket_to(address, &format!("/ws/{TOKEN}"), b""));
    runtime.block_on(async {
        while !opening.is_finished() {
            tokio::time::sleep(LONE).await;
        }
    });
    let mut client = opening.join().unwrap();
    client.set_read_timeout(Some(WRITTEN)).unwrap();
    let event = Event::payload(Topic::APP, "lone", "1");
    let mut frame = served(TEXT, event.json());
    let mut arrives = || match client.read_exact(&mut frame) {
        Ok(()) => true,
        Err(error) if error.kind() == ErrorKind::WouldBlock => false,
        Err(error) => panic!("{error}"),
    };
    let publish = || {
        thread::sleep(LONE);
        journal.publish_now(&event).unwrap();
    };
    // The task sleeps at some time. The first event then is written by this thread, and so is the next one, unless the first has
    // woken the task.
    let (began, mut in_a_row) = (Instant::now(), 0);
    while in_a_row < 3 {
        assert!(began.elapsed() < PATIENCE, "{in_a_row}");
        publish();
        if arrives() {
            in_a_row += 1;
            continue;
        }
        in_a_row = 0;
        runtime.block_on(async {
            while !arrives() {
                tokio::time::sleep(LONE).await;
            }
            tokio::time::sleep(LONE).await;
        });
    }
}
