//! The upstream connection that a client's connection keeps: for every method, for this client alone, and what
//! happens when it turns out dead.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::support::upstream::{Kind, Upstream};
use crate::support::{TestEngine, entry, quick, read_to_end, read_until};
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server that sees requests by their connection, and can be an HTTP upstream, too.
struct Origin {
    address: SocketAddr,
    /// The number of the connection and the method of each request.
    seen: Arc<Mutex<Vec<(usize, String)>>>,
}

/// What the server does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    /// Its authentication belongs to the connection: the third request of each is the first good one.
    Authenticates,
    /// It reads the second request of a connection and closes instead of answering.
    ClosesAtTheSecond,
    /// It closes after the first answer, without saying so.
    ClosesAfterTheFirst,
}

impl Origin {
    async fn start(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::default();
        let shared = Arc::clone(&seen);
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                tokio::spawn(serve(stream, connection, does, Arc::clone(&shared)));
            }
        });
        Self { address, seen }
    }

    /// The requests so far; the numbers of the connections begin with 0.
    fn seen(&self) -> Vec<(usize, String)> {
        let mut seen = std::mem::take(&mut *self.seen.lock());
        let first = seen.first().map_or(0, |(connection, _)| *connection);
        for (connection, _) in &mut seen {
            *connection -= first;
        }
        seen
    }
}

async fn serve(
    mut stream: TcpStream,
    connection: usize,
    does: Does,
    seen: Arc<Mutex<Vec<(usize, String)>>>,
) -> Option<()> {
    for request in 1.. {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap();
        if head.starts_with("CONNECT") {
            return stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok();
        }
        if head.contains("Content-Length: 4\r\n") {
            let mut body = [0; 4];
            stream.read_exact(&mut body).await.ok()?;
        }
        let method = head.split(' ').next().unwrap().to_owned();
        let empty = method == "HEAD";
        seen.lock().push((connection, method));
        if does == Does::ClosesAtTheSecond && request == 2 {
            return None;
        }
        let status = match does {
            Does::Authenticates if request < 3 => "401 Unauthorized\r\nWWW-Authenticate: NTLM",
            _ => "200 OK",
        };
        let body = if empty { "" } else { "answered" };
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 8\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await.ok()?;
        if does == Does::ClosesAfterTheFirst {
            // The next request may be here before the end is on its way.
            tokio::time::sleep(Duration::from_millis(20)).await;
            return None;
        }
    }
    None
}

/// A port before that server, by each kind of upstream.
async fn ports(origin: &Origin) -> Vec<(TestEngine, Option<Upstream>)> {
    let up = Upstream::start(Kind::Socks).await;
    let direct = r#"{"id":"up","protocol":"direct"}"#.to_owned();
    vec![
        (
            TestEngine::forwarding(quick(), up.entry("")).await,
            Some(up),
        ),
        (TestEngine::forwarding(quick(), direct).await, None),
        (
            TestEngine::forwarding(quick(), entry("http", origin.address, "")).await,
            None,
        ),
    ]
}

fn request(method: &str, origin: &Origin) -> String {
    let body = match method {
        "POST" | "PUT" | "PATCH" => ("Content-Length: 4\r\n", "body"),
        _ => ("", ""),
    };
    format!(
        "{method} http://{}/ HTTP/1.1\r\nHost: x\r\n{}\r\n{}",
        origin.address, body.0, body.1
    )
}

async fn ask(client: &mut TcpStream, method: &str, origin: &Origin) -> String {
    client
        .write_all(request(method, origin).as_bytes())
        .await
        .unwrap();
    let end = if method == "HEAD" {
        "\r\n\r\n"
    } else {
        "answered"
    };
    let answer = read_until(client, end).await;
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn authentication_of_the_connection_works_with_every_method() {
    let origin = Origin::start(Does::Authenticates).await;
    for (setup, _up) in ports(&origin).await {
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"] {
            origin.seen();
            let mut one = setup.connect().await;
            let mut other = setup.connect().await;
            for wanted in [401, 401, 200, 200] {
                // A client never gets the connection that another one has authenticated.
                for client in [&mut one, &mut other] {
                    let line = ask(client, method, &origin).await;
                    assert!(line.contains(&format!(" {wanted} ")), "{method}: {line}");
                }
            }
            let seen = origin.seen();
            let connections: Vec<_> = seen.iter().map(|(connection, _)| *connection).collect();
            assert_eq!(connections, [0, 1, 0, 1, 0, 1, 0, 1], "{method}");
        }
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn only_what_may_be_repeated_is_repeated() {
    let origin = Origin::start(Does::ClosesAtTheSecond).await;
    for (setup, _up) in ports(&origin).await {
        for (method, repeated) in [
            ("GET", true),
            ("HEAD", true),
            ("DELETE", true),
            ("POST", false),
            ("PUT", false),
            ("PROPFIND", false),
        ] {
            origin.seen();
            let mut client = setup.connect().await;
            ask(&mut client, method, &origin).await;
            let again = request(method, &origin);
            client.write_all(again.as_bytes()).await.unwrap();
            let mut wanted = vec![(0, method.to_owned()), (0, method.to_owned())];
            if repeated {
                let end = if method == "HEAD" {
                    "\r\n\r\n"
                } else {
                    "answered"
                };
                let answer = read_until(&mut client, end).await;
                assert!(answer.starts_with("HTTP/1.1 200 "), "{method}: {answer}");
                wanted.push((1, method.to_owned()));
            } else {
                assert_eq!(read_to_end(&mut client).await, "", "{method}");
            }
            assert_eq!(origin.seen(), wanted, "{method}");
        }
        assert_eq!(setup.config("/is_online"), true);
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_connection_that_was_closed_before_the_request_is_not_used() {
    let origin = Origin::start(Does::ClosesAfterTheFirst).await;
    for (setup, _up) in ports(&origin).await {
        origin.seen();
        let mut client = setup.connect().await;
        for _ in 0..3 {
            assert_eq!(ask(&mut client, "POST", &origin).await, "HTTP/1.1 200 OK");
        }
        let connections: Vec<_> = origin.seen().iter().map(|(number, _)| *number).collect();
        assert_eq!(connections, [0, 1, 2]);
        setup.engine.shutdown().await;
    }
}
