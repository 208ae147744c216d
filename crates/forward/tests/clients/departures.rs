//! Clients that leave while something else is awaited: the upstream is told, and nothing stays open.

use std::time::{Duration, Instant};

use crate::support::upstream::{Kind, Upstream};
use crate::support::watched::Watched;
use crate::support::{TestEngine, entry, quick, read_to_end, read_until, tunnel, until};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const CLIENTS: usize = 60;

/// How soon the upstream must know. A reset counts at once, an end after a second; the rest is for a machine that is
/// busy with other tests.
const TOLD: Duration = Duration::from_secs(4);

/// How a client leaves.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// As a killed program does.
    Ends,
    /// As a program does that was killed with unread bytes.
    Resets,
}

fn leave(clients: Vec<TcpStream>, way: Way) {
    for client in clients {
        if matches!(way, Way::Resets) {
            client.set_zero_linger().unwrap();
        }
    }
}

/// The requests of all clients, sent.
async fn ask(setup: &TestEngine, request: &[u8]) -> Vec<TcpStream> {
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let mut client = setup.connect().await;
        client.write_all(request).await.unwrap();
        clients.push(client);
    }
    clients
}

/// The clients leave, and the server loses its connections in time.
async fn told(setup: &TestEngine, server: &Watched, clients: Vec<TcpStream>, way: Way) {
    assert_eq!(server.open(), CLIENTS, "{way:?}");
    let begun = Instant::now();
    leave(clients, way);
    until("closes", || server.open() == 0).await;
    assert!(begun.elapsed() < TOLD, "{way:?}: {:?}", begun.elapsed());
    until("streams", || setup.config("/streams") == 0).await;
    assert_eq!(setup.config("/is_online"), true, "{way:?}");
}

/// The clients leave, and the port gives up what it did for them in time. No server of the test sees that.
async fn leave_unseen(setup: &TestEngine, clients: Vec<TcpStream>, way: Way) {
    let begun = Instant::now();
    leave(clients, way);
    until("streams", || setup.config("/streams") == 0).await;
    assert!(begun.elapsed() < TOLD, "{way:?}: {:?}", begun.elapsed());
}

/// A port whose upstream answers nothing but the check.
async fn before_silence(protocol: &str) -> (Watched, TestEngine) {
    let says: &[u8] = match protocol {
        "socks5" => &[5, 0],
        _ => b"HTTP/1.1 200 OK\r\n\r\n",
    };
    let server = Watched::start(says).await;
    let setup = TestEngine::forwarding(quick(), entry(protocol, server.address, "")).await;
    until("the check's end", || server.open() == 0).await;
    server.say(b"");
    (server, setup)
}

#[tokio::test]
async fn an_abandoned_request_is_given_up() {
    let stream = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n";
    for (kind, way) in [
        (Kind::Http, Way::Ends),
        (Kind::Http, Way::Resets),
        (Kind::Socks, Way::Ends),
        (Kind::Socks, Way::Resets),
    ] {
        let (server, up, setup) = match kind {
            Kind::Http => {
                let (server, setup) = before_silence("http").await;
                (server, None, setup)
            }
            _ => {
                let up = Upstream::start(kind).await;
                let setup = TestEngine::forwarding(quick(), up.entry("")).await;
                (Watched::start(b"").await, Some(up), setup)
            }
        };
        let request = |line: &str| {
            format!(
                "{line} http://{}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok",
                server.address
            )
        };
        // A long poll, and one with a body.
        for line in ["GET", "POST"] {
            server.say(b"");
            let clients = ask(&setup, request(line).as_bytes()).await;
            until("requests", || server.asked() == CLIENTS).await;
            told(&setup, &server, clients, way).await;
        }
        // An answer that pauses.
        server.say(stream);
        let mut clients = ask(&setup, request("GET").as_bytes()).await;
        for client in &mut clients {
            read_until(client, "data: 1\n\n").await;
        }
        told(&setup, &server, clients, way).await;
        drop(up);
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn an_abandoned_handshake_is_given_up() {
    let connect = b"CONNECT h.test:1 HTTP/1.1\r\nHost: h.test:1\r\n\r\n";
    let by_socks = [5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 1, 0, 1];
    for protocol in ["http", "socks5"] {
        let (server, setup) = before_silence(protocol).await;
        for request in [&connect[..], &by_socks] {
            for way in [Way::Ends, Way::Resets] {
                server.say(b"");
                let mut clients = ask(&setup, request).await;
                if request == by_socks {
                    for client in &mut clients {
                        let mut method = [0; 2];
                        client.read_exact(&mut method).await.unwrap();
                    }
                }
                until("handshakes", || server.asked() == CLIENTS).await;
                told(&setup, &server, clients, way).await;
            }
        }
        setup.engine.shutdown().await;
    }
}

/// An address whose queue is full: connecting to it takes until a timeout.
#[cfg(target_os = "linux")]
async fn fill(address: std::net::SocketAddr) -> (tokio::net::TcpListener, Vec<TcpStream>) {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(address).unwrap();
    let listener = socket.listen(1).unwrap();
    let mut waiting = Vec::new();
    let brief = Duration::from_millis(250);
    while let Ok(stream) = tokio::time::timeout(brief, TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    (listener, waiting)
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn an_abandoned_dial_is_given_up() {
    for request in [
        &b"GET http://h.test/ HTTP/1.1\r\nHost: h.test\r\n\r\n"[..],
        b"POST http://h.test/ HTTP/1.1\r\nHost: h.test\r\nContent-Length: 2\r\n\r\nok",
        b"CONNECT h.test:1 HTTP/1.1\r\nHost: h.test:1\r\n\r\n",
    ] {
        let mut up = Upstream::start(Kind::Http).await;
        let setup = TestEngine::forwarding(quick(), up.entry("")).await;
        up.kill().await;
        let _full = fill(up.address).await;
        for way in [Way::Ends, Way::Resets] {
            let clients = ask(&setup, request).await;
            until("streams", || setup.config("/streams") == CLIENTS).await;
            leave_unseen(&setup, clients, way).await;
        }
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_client_that_only_half_closes_gets_its_answer() {
    let origin = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = origin.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = origin.accept().await {
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                tokio::time::sleep(Duration::from_millis(300)).await;
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
                    .await;
                // Longer than a silent client is waited for: this one has taken bytes after its end.
                tokio::time::sleep(Duration::from_secs(3)).await;
                let _ = stream.write_all(b"cd").await;
            });
        }
    });
    let up = Upstream::start(Kind::Socks).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    let one = format!("GET http://{address}/ HTTP/1.1\r\nHost: x\r\n\r\n");
    let other = format!(
        "POST http://{address}/ HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nokGET http://{address}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    );
    for (requests, answers) in [(one, 1), (other, 2)] {
        let mut client = setup.connect().await;
        client.write_all(requests.as_bytes()).await.unwrap();
        client.shutdown().await.unwrap();
        let answer = read_to_end(&mut client).await;
        assert_eq!(answer.matches("\r\n\r\nabcd").count(), answers, "{answer}");
    }
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_tunnel_that_can_send_nothing_on_sees_its_client_fail() {
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    // Nobody accepts there, so nobody reads.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut client = tunnel(&setup, listener.local_addr().unwrap()).await;
    let piece = [0; 64 << 10];
    let full = async { while client.write_all(&piece).await.is_ok() {} };
    // Until no buffer on the way takes any more.
    let _ = tokio::time::timeout(Duration::from_secs(2), full).await;
    leave_unseen(&setup, vec![client], Way::Resets).await;
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_tunnel_whose_client_ends_and_then_fails_ends() {
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    // It never closes, whatever its peer does.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = tunnel(&setup, listener.local_addr().unwrap()).await;
    let _target = listener.accept().await.unwrap();
    client.shutdown().await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    leave_unseen(&setup, vec![client], Way::Resets).await;
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_kept_connection_that_the_upstream_ends_is_closed_while_the_client_is_idle() {
    let origin = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let setup =
        TestEngine::forwarding(quick(), r#"{"id":"up","protocol":"direct"}"#.to_owned()).await;
    let request = format!(
        "GET http://{}/ HTTP/1.1\r\nHost: x\r\n\r\n",
        origin.local_addr().unwrap()
    );
    let mut client = setup.connect().await;
    client.write_all(request.as_bytes()).await.unwrap();
    let (mut stream, _) = origin.accept().await.unwrap();
    let mut head = [0; 4096];
    let _ = stream.read(&mut head).await.unwrap();
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        .await
        .unwrap();
    read_until(&mut client, "ok").await;
    stream.shutdown().await.unwrap();
    let begun = Instant::now();
    assert_eq!(read_to_end(&mut stream).await, "");
    assert!(begun.elapsed() < TOLD, "{:?}", begun.elapsed());
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_killed_curl_is_noticed() {
    if !std::path::Path::new("/usr/bin/curl").exists() {
        println!("SKIPPED: a_killed_curl_is_noticed: curl is not installed");
        return;
    }
    let (server, setup) = before_silence("http").await;
    let proxy = setup.address();
    for (scheme, url) in [
        ("http", "http://h.test/"),
        ("http", "https://h.test/"),
        ("socks5h", "http://h.test/"),
    ] {
        server.say(b"");
        let mut curl = tokio::process::Command::new("curl")
            .args(["-q", "--noproxy", "", "-s", "-d", "body", "-x"])
            .args([&format!("{scheme}://{proxy}"), url])
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        until("a request", || server.asked() == 1).await;
        let begun = Instant::now();
        curl.kill().await.unwrap();
        until("its end", || server.open() == 0).await;
        assert!(begun.elapsed() < TOLD, "{scheme}: {:?}", begun.elapsed());
        until("streams", || setup.config("/streams") == 0).await;
    }
    setup.engine.shutdown().await;
}
