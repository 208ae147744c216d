//! Descriptors run out: clients are answered nevertheless, open connections go on, and nothing spins.

use std::fs::File;
use std::process::Command;
use std::time::{Duration, Instant};

use loopwire_channel::Reason;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use crate::server::{Answer, GuardServer, answer, closed, handshake};
use crate::slow_clients::stay;
use crate::support::TOKEN;

/// How many clients come while there is no descriptor.
const CLIENTS: usize = 100;

/// Runs a test below in a process of its own, which alone is short of descriptors.
fn alone(name: &str) {
    let this = std::env::current_exe().unwrap();
    let output = Command::new("sh")
        .args(["-c", "ulimit -n 256 && exec \"$0\" \"$@\""])
        .arg(this)
        .args(["--exact", name, "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    println!("{said}");
}

#[test]
#[cfg(unix)]
fn a_process_without_descriptors_answers_and_recovers() {
    alone("descriptors::inside");
}

/// Everything that is left, as something else in the process takes it.
fn exhaust() -> Vec<File> {
    let mut files = Vec::new();
    while let Ok(file) = File::open("/dev/null") {
        files.push(file);
        assert!(files.len() < 1000, "no limit is set");
    }
    files
}

/// The clients' own sockets, made before there is no descriptor.
struct Clients(Vec<TcpSocket>, u16);

impl Clients {
    fn new(server: &GuardServer) -> Self {
        let sockets = (0..CLIENTS).map(|_| TcpSocket::new_v4().unwrap());
        Self(sockets.collect(), server.port)
    }

    async fn connect(&mut self) -> TcpStream {
        let socket = self.0.pop().unwrap();
        let address = ([127, 0, 0, 1], self.1).into();
        socket.connect(address).await.unwrap()
    }

    async fn ask(&mut self, target: &str, headers: &str) -> (TcpStream, Answer) {
        let mut stream = self.connect().await;
        let head = format!(
            "GET {target} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\n{headers}\r\n",
            self.1
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let answer = answer(&mut stream).await;
        // Kept open: its descriptor must not help the server.
        (stream, answer)
    }
}

#[tokio::test]
#[ignore = "exhausts the descriptors of its process; run by the test above"]
async fn inside() {
    let server = GuardServer::start().await;
    let mut open = stay(&server).await;
    let mut clients = Clients::new(&server);
    let mut kept = Vec::new();
    let files = exhaust();

    // Clients are answered one after another, as if nothing were wrong.
    for _ in 0..20 {
        let other =
            "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
        let (stream, answer) = clients.ask("/health", other).await;
        assert_eq!(answer.status, 200, "{}", answer.raw);
        kept.push(stream);
    }
    // A WebSocket would keep its descriptor: it is told to come again.
    for _ in 0..10 {
        let path = format!("/ws/{TOKEN}");
        let (stream, answer) = clients.ask(&path, &handshake()).await;
        assert_eq!(answer.status, 503, "{}", answer.raw);
        assert_eq!(answer.refusal().0, "TOO_MANY_CONNECTIONS");
        assert!(answer.header("retry-after").is_some());
        kept.push(stream);
    }
    // Who has no token is told that, and nothing else.
    let (stream, refused) = clients.ask("/ws/wrong", &handshake()).await;
    assert_eq!(refused.status, 401, "{}", refused.raw);
    kept.push(stream);
    // Silent clients take the reserve, and give it back to those who come after them.
    let mut silent = Vec::new();
    for _ in 0..20 {
        silent.push(clients.connect().await);
    }
    let (stream, last) = clients.ask("/health", "").await;
    assert_eq!(last.status, 200, "{}", last.raw);
    kept.push(stream);
    assert!(server.policy.counters.refused(Reason::Crowded) > 0);
    for stream in &mut silent[..10] {
        assert_eq!(closed(stream).await, "");
    }
    // Nobody comes: nothing is tried.
    let errors = server.policy.counters.accept_errors();
    assert!(errors > 0, "descriptors were not short");
    tokio::time::sleep(Duration::from_secs(1)).await;
    let tried = server.policy.counters.accept_errors() - errors;
    assert!(tried < 10, "spinning: {tried} attempts in a second");

    let start = Instant::now();
    drop(files);
    let (_, upgraded) = {
        let path = format!("/ws/{TOKEN}");
        clients.ask(&path, &handshake()).await
    };
    assert_eq!(upgraded.status, 101);
    println!("{errors} errors, back after {:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(1));
    // It was there all the time.
    open.shutdown().await.unwrap();
    assert!(closed(&mut open).await.ends_with(" bye"));
}
