//! Each failure, and what HTTP and SOCKS5 clients are told.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::net::SocketAddr;
use std::time::Duration;

use support::script::{Script, Step, Then};
use support::{BRIEF, TestEngine, quick, read_to_end, socks, soon};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};

/// A target in the form of SOCKS5; a script ignores it.
const TARGET: [u8; 7] = [1, 127, 0, 0, 1, 0, 9];
const CONNECT: &str = "CONNECT 127.0.0.1:9 HTTP/1.1\r\nHost: x\r\n\r\n";
const AUTH: &str = r#""username":"us:er","password":"p@ s","#;

async fn connect(setup: &TestEngine, request: &str) -> String {
    let mut stream = setup.connect().await;
    stream.write_all(request.as_bytes()).await.unwrap();
    read_to_end(&mut stream).await
}

/// Asks with HTTP and SOCKS5, and compares the status, the reason and the reply.
async fn assert_told(setup: &TestEngine, status: u16, reason: &str, reply: u8) {
    let answer = connect(setup, CONNECT).await;
    assert!(
        answer.starts_with(&format!("HTTP/1.1 {status} ")),
        "{reason}: {answer}"
    );
    assert!(
        answer.ends_with(&format!("{reason}\n")),
        "{reason}: {answer}"
    );
    let mut stream = setup.connect().await;
    assert_eq!(socks(&mut stream, 1, &TARGET).await, reply, "{reason}");
    assert_eq!(read_to_end(&mut stream).await, "");
}

fn greeting() -> Step {
    (3, vec![5, 0])
}

fn reply(code: u8) -> Vec<u8> {
    vec![5, code, 0, 1, 0, 0, 0, 0, 0, 0]
}

#[tokio::test]
async fn the_replies_of_a_socks5_upstream_are_passed_on() {
    let script = Script::start(vec![greeting()], Then::Closes).await;
    let setup = TestEngine::forwarding(quick(), script.entry("socks5", "")).await;
    for (said, status, told, reason) in [
        (1, 502, 1, "general failure"),
        (2, 502, 2, "not allowed by its rules"),
        (3, 502, 3, "network unreachable"),
        (4, 502, 4, "host unreachable"),
        (5, 502, 5, "connection refused"),
        (6, 504, 6, "time to live expired"),
        (7, 502, 7, "command not supported"),
        (8, 502, 8, "address type not supported"),
        (9, 502, 1, "general failure"),
        (255, 502, 1, "general failure"),
    ] {
        script.change(vec![greeting(), (10, reply(said))]);
        let reason = format!("Loopwire: the upstream could not connect: {reason}");
        assert_told(&setup, status, &reason, told).await;
    }
    assert_eq!(setup.config("/is_online"), true, "it did its part");
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_socks5_upstream_that_fails_after_its_handshake() {
    for (steps, then, status, reply, reason) in [
        (
            vec![greeting(), (10, vec![])],
            Then::Closes,
            502,
            1,
            "the upstream closed the connection",
        ),
        (
            vec![greeting(), (10, vec![])],
            Then::Waits,
            504,
            4,
            "the upstream did not connect in time",
        ),
        (
            vec![greeting(), (10, vec![4, 0, 0, 1])],
            Then::Waits,
            502,
            1,
            "the upstream's answer is not SOCKS5",
        ),
        (
            vec![greeting(), (10, vec![5, 0, 0, 9])],
            Then::Waits,
            502,
            1,
            "the upstream's answer is not SOCKS5",
        ),
    ] {
        let script = Script::start(steps, then).await;
        let setup = TestEngine::forwarding(quick(), script.entry("socks5", "")).await;
        if status == 504 {
            setup.hurry();
        }
        assert_told(&setup, status, reason, reply).await;
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_socks5_upstream_that_starts_to_reject_the_credentials() {
    let good = |version| vec![(4, vec![5, 2]), (12, vec![version, 0])];
    let script = Script::start(good(1), Then::Waits).await;
    let setup = TestEngine::forwarding(quick(), script.entry("socks5", AUTH)).await;
    for (steps, reason) in [
        (
            vec![(4, vec![5, 0xff])],
            "the upstream rejects our credentials",
        ),
        (
            vec![(4, vec![5, 2]), (12, vec![1, 1])],
            "the upstream rejects our credentials",
        ),
        (
            vec![(4, vec![5, 2]), (12, vec![5, 9])],
            "the upstream rejects our credentials",
        ),
        (
            vec![(4, vec![5, 2]), (12, vec![7, 0])],
            "the upstream's answer is not SOCKS5",
        ),
        (vec![(4, vec![5, 1])], "the upstream's answer is not SOCKS5"),
        (vec![(4, vec![4, 0])], "the upstream's answer is not SOCKS5"),
    ] {
        script.change(steps);
        assert_told(&setup, 502, reason, 1).await;
        assert_eq!(setup.config("/is_online"), false, "{reason}");
        // Both versions are accepted in the answer to the credentials.
        for version in [1, 5] {
            script.change([good(version), vec![(10, reply(5))]].concat());
            assert_told(
                &setup,
                502,
                "the upstream could not connect: connection refused",
                5,
            )
            .await;
            assert_eq!(
                script.heard()[..16],
                *b"\x05\x02\x00\x02\x01\x05us:er\x04p@ s"
            );
            assert_eq!(setup.config("/is_online"), true);
        }
    }
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn without_credentials_a_socks5_upstream_that_wants_some_is_refused() {
    for method in [2, 0xff] {
        let script = Script::start(vec![(3, vec![5, method])], Then::Waits).await;
        let setup = TestEngine::new(quick(), &[script.entry("socks5", "")]);
        let request = setup.engine.create_with_id(setup.port, "up", "1", "manual");
        soon("createWithId", request).await.unwrap_err();
        let detail = match method {
            0xff => "upstream refused|message:AUTH_FAILED",
            _ => "upstream invalid",
        };
        assert_eq!(setup.events(), [setup.error("up", detail)]);
    }
}

/// Fills the accept queue: further dials wait for an answer to their SYN.
async fn fill(address: SocketAddr) -> Vec<TcpStream> {
    let mut waiting = Vec::new();
    let patience = Duration::from_secs(1);
    while let Ok(stream) = tokio::time::timeout(patience, TcpStream::connect(address)).await {
        waiting.push(stream.unwrap());
    }
    waiting
}

fn narrow() -> TcpListener {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    socket.listen(1).unwrap()
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn an_upstream_that_answers_no_syn() {
    let listener = narrow();
    let address = listener.local_addr().unwrap();
    let checked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let answer = b"HTTP/1.1 200 OK\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        listener
    });
    let setup = TestEngine::forwarding(quick(), support::entry("http", address, "")).await;
    let _listener = checked.await.unwrap();
    let _waiting = fill(address).await;
    setup
        .engine
        .configure(|settings| settings.connect_timeout = BRIEF);
    assert_told(
        &setup,
        504,
        "the upstream cannot be reached: no connection in time",
        1,
    )
    .await;
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn with_direct_the_target_fails() {
    let setup =
        TestEngine::forwarding(quick(), r#"{"id":"up","protocol":"direct"}"#.to_owned()).await;
    // Port 9 of this machine: nothing listens there.
    let answer = connect(&setup, CONNECT).await;
    assert!(answer.starts_with("HTTP/1.1 502 "), "{answer}");
    assert!(
        answer.contains("\r\n\r\nLoopwire: the target cannot be reached: "),
        "{answer}"
    );
    let mut stream = setup.connect().await;
    assert_eq!(socks(&mut stream, 1, &TARGET).await, 5);
    #[cfg(target_os = "linux")]
    {
        let listener = narrow();
        let address = listener.local_addr().unwrap();
        let _waiting = fill(address).await;
        setup
            .engine
            .configure(|settings| settings.connect_timeout = BRIEF);
        let request = format!("CONNECT {address} HTTP/1.1\r\nHost: x\r\n\r\n");
        let answer = connect(&setup, &request).await;
        assert!(answer.starts_with("HTTP/1.1 504 "), "{answer}");
        assert!(
            answer.ends_with("the target cannot be reached: no connection in time\n"),
            "{answer}"
        );
        let target = [&[1, 127, 0, 0, 1][..], &address.port().to_be_bytes()].concat();
        let mut stream = setup.connect().await;
        assert_eq!(socks(&mut stream, 1, &target).await, 4);
    }
    assert_eq!(setup.config("/is_online"), true);
    setup.engine.shutdown().await;
}
