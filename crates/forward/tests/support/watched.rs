//! A server that counts the connections it has, and says what a test gave it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Reads everything, sends one text as soon as something has come, and closes when its peer has.
pub struct Watched {
    pub address: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    /// Connections that have sent something.
    asked: AtomicUsize,
    open: AtomicUsize,
    says: Mutex<Vec<u8>>,
}

/// Counts an open connection.
struct Open(Arc<Counts>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Relaxed);
    }
}

impl Watched {
    pub async fn start(says: &[u8]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let counts = Arc::new(Counts::default());
        *counts.says.lock() = says.to_vec();
        let shared = Arc::clone(&counts);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                shared.open.fetch_add(1, Relaxed);
                let open = Open(Arc::clone(&shared));
                tokio::spawn(async move {
                    let open = open;
                    let mut waste = [0; 4096];
                    let Ok(1..) = stream.read(&mut waste).await else {
                        return;
                    };
                    let says = open.0.says.lock().clone();
                    let _ = stream.write_all(&says).await;
                    open.0.asked.fetch_add(1, Relaxed);
                    while matches!(stream.read(&mut waste).await, Ok(1..)) {}
                });
            }
        });
        Self { address, counts }
    }

    /// What it says from now on; the counts begin anew.
    pub fn say(&self, says: &[u8]) {
        *self.counts.says.lock() = says.to_vec();
        self.counts.asked.store(0, Relaxed);
    }

    pub fn asked(&self) -> usize {
        self.counts.asked.load(Relaxed)
    }

    pub fn open(&self) -> usize {
        self.counts.open.load(Relaxed)
    }
}
