//! A flood of clients that open connections and do not go on.

use std::thread::JoinHandle;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

/// Keeps as many connections open as there are `starts`, until it is done. Each sends its start and then nothing, and is
/// opened again as soon as it is closed. It has a thread and a runtime of its own, as an attacker does. The result is
/// how many connections were opened.
pub(crate) fn flood(port: u16, starts: Vec<Vec<u8>>, done: CancellationToken) -> JoinHandle<u64> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let mut tasks = tokio::task::JoinSet::new();
            for start in starts {
                let done = done.clone();
                tasks.spawn(async move {
                    let mut opened = 0;
                    let attack = async {
                        loop {
                            let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await
                            else {
                                tokio::time::sleep(Duration::from_millis(5)).await;
                                continue;
                            };
                            opened += 1;
                            let _ = stream.write_all(&start).await;
                            let mut heard = [0; 4_096];
                            while stream.read(&mut heard).await.is_ok_and(|bytes| bytes > 0) {}
                        }
                    };
                    done.run_until_cancelled(attack).await;
                    opened
                });
            }
            tasks.join_all().await.into_iter().sum()
        })
    })
}
