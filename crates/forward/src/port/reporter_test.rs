//! Reports are merged while the journal has no room, and end with the port's ending.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;

use super::*;

fn status(version: u64, online: bool, ending: Option<Ending>) -> PortStatus {
    let reason = format!("v{version}");
    PortStatus {
        version,
        online,
        since: std::time::SystemTime::UNIX_EPOCH,
        reason,
        ending,
        blamed: false,
        incidents: 0,
    }
}

/// A journal whose room the test controls.
#[derive(Clone)]
struct Journal {
    room: Arc<Semaphore>,
    events: Arc<Mutex<Vec<String>>>,
}

impl Journal {
    async fn publish(self, event: Event) -> bool {
        self.room.acquire().await.unwrap().forget();
        let text = [event.json(), event.detail()].concat();
        self.events
            .lock()
            .unwrap()
            .push(String::from_utf8(text).unwrap());
        true
    }
}

#[tokio::test]
async fn changes_while_the_journal_is_full_become_one_update() {
    let journal = Journal {
        room: Arc::new(Semaphore::new(0)),
        events: Arc::default(),
    };
    let (sender, mut receiver) = watch::channel(status(1, true, None));
    let published = watch::Sender::new(0);
    let mut seen = published.subscribe();
    let test = async {
        for version in 2..=9 {
            sender.send_replace(status(version, version % 2 == 0, None));
            // Twice: `join!` does not promise which side it polls first.
            tokio::task::yield_now().await;
            tokio::task::yield_now().await;
        }
        journal.room.add_permits(1);
        seen.wait_for(|version| *version == 9).await.unwrap();
        sender.send_replace(status(10, false, Some(Ending::Automatic)));
        journal.room.add_permits(1);
    };
    let publish = |event| journal.clone().publish(event);
    tokio::join!(test, report(7, &mut receiver, &published, publish));
    assert_eq!(
        *journal.events.lock().unwrap(),
        [
            r#"{"type":"portStateUpdate","payload":"7"},"data":{"port":7,"online":false,"reason":"v9"}"#,
            r#"{"type":"portRemoved","payload":"7"},"data":{"port":7,"reason":"v10"}"#,
        ]
    );
}
