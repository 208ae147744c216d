//! An upstream that follows a script, byte for byte.

use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One step: reads this many bytes, then sends these.
pub type Step = (usize, Vec<u8>);

/// What follows after the last step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    Closes,
    /// Sends nothing more, but keeps reading.
    Waits,
}

/// A server that runs the steps with each connection; what the last one sent is kept.
pub struct Script {
    pub address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
    steps: Arc<Mutex<Vec<Step>>>,
}

impl Script {
    pub async fn start(steps: Vec<Step>, then: Then) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let steps = Arc::new(Mutex::new(steps));
        let (hears, plays) = (Arc::clone(&heard), Arc::clone(&steps));
        tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                hears.lock().clear();
                connections.spawn(play(stream, plays.lock().clone(), then, Arc::clone(&hears)));
            }
        });
        Self {
            address,
            heard,
            steps,
        }
    }

    /// The steps of connections from now on.
    pub fn change(&self, steps: Vec<Step>) {
        *self.steps.lock() = steps;
    }

    pub fn heard(&self) -> Vec<u8> {
        self.heard.lock().clone()
    }

    pub fn entry(&self, protocol: &str, more: &str) -> String {
        super::entry(protocol, self.address, more)
    }
}

async fn play(
    mut stream: TcpStream,
    steps: Vec<Step>,
    then: Then,
    heard: Arc<Mutex<Vec<u8>>>,
) -> Option<()> {
    for (count, says) in steps {
        let mut bytes = vec![0; count];
        stream.read_exact(&mut bytes).await.ok()?;
        heard.lock().extend_from_slice(&bytes);
        stream.write_all(&says).await.ok()?;
    }
    if then == Then::Waits {
        let mut waste = [0; 4096];
        while matches!(stream.read(&mut waste).await, Ok(1..)) {}
    }
    Some(())
}
