//! Traffic: what clients get through the local port, through each kind of upstream, and when it fails.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::time::Duration;

use support::upstream::{Kind, Upstream};
use support::{
    TestEngine, echo, http_server, quick, read_to_end, read_until, socks, socks_name, tunnel,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn ask(setup: &TestEngine, request: &str) -> String {
    let mut stream = setup.connect().await;
    stream.write_all(request.as_bytes()).await.unwrap();
    read_to_end(&mut stream).await
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").unwrap().1
}

#[tokio::test]
async fn tunnels_by_connect_and_socks5_through_both_and_names_stay_names() {
    for kind in [Kind::Http, Kind::Socks] {
        let up = Upstream::start(kind).await;
        let setup = TestEngine::forwarding(quick(), up.entry("")).await;
        let echo = echo().await;
        up.asked();
        let mut by_connect = tunnel(&setup, echo).await;
        let mut by_socks = setup.connect().await;
        let name = socks_name(b"some.upstream.test", echo.port());
        assert_eq!(socks(&mut by_socks, 1, &name).await, 0);
        let wanted = [
            echo.to_string(),
            format!("some.upstream.test:{}", echo.port()),
        ];
        for (asked, wanted) in up.asked().iter().zip(wanted) {
            assert!(asked.contains(&wanted), "{asked}");
        }
        for stream in [&mut by_connect, &mut by_socks] {
            stream.write_all(b"half-close").await.unwrap();
            stream.shutdown().await.unwrap();
            // Data that the other side sends after our FIN arrives, then its FIN.
            assert_eq!(read_to_end(stream).await, "half-close");
        }
        support::until("streams", || setup.config("/streams") == 0).await;
        assert_eq!(setup.config("/connections"), 2);
        assert_eq!(
            (setup.config("/bw/bytes_write"), setup.config("/bw/bw_down")),
            (20.into(), 20.into())
        );
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn plain_requests_one_after_the_other_on_one_connection() {
    for kind in [Kind::Http, Kind::Socks] {
        let up = Upstream::start(kind).await;
        let setup = TestEngine::forwarding(quick(), up.entry("")).await;
        let website = http_server().await;
        up.asked();
        let mut stream = setup.connect().await;
        let form = |path: &str| match kind {
            Kind::Http => format!("http://{website}{path}"),
            _ => path.to_owned(),
        };
        for (request, answer) in [
            (
                format!(
                    "GET http://{website}/a?b=c HTTP/1.1\r\nHost: other\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n"
                ),
                format!("GET {} HTTP/1.1|{website}||hop=false", form("/a?b=c")),
            ),
            (
                format!(
                    "POST http://{website}/b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
                ),
                format!("POST {} HTTP/1.1|{website}|hello|hop=false", form("/b")),
            ),
            (
                format!(
                    "POST http://{website}/c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: 1\r\n\r\n"
                ),
                format!(
                    "POST {} HTTP/1.1|{website}|5\r\nhello\r\n0\r\n\r\n|hop=false",
                    form("/c")
                ),
            ),
        ] {
            stream.write_all(request.as_bytes()).await.unwrap();
            let got = read_until(&mut stream, &answer).await;
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: keep-alive\r\n\r\n",
                answer.len()
            );
            assert_eq!(got, head + &answer);
        }
        let request = format!("GET http://{website}/chunked HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let got = read_until(&mut stream, "0\r\n\r\n").await;
        assert!(
            got.contains("\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"),
            "{got}"
        );
        let request = format!("GET http://{website}/close HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let got = read_to_end(&mut stream).await;
        assert!(
            got.starts_with("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nGET "),
            "{got}"
        );
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn ambiguous_requests_are_refused() {
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    up.asked();
    for (request, status) in [
        (
            "POST http://h/ HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (
            "POST http://h/ HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            400,
        ),
        (
            "POST http://h/ HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\na",
            400,
        ),
        (
            "POST http://h/ HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na",
            400,
        ),
        (
            "POST http://h/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n",
            400,
        ),
        (
            "POST http://h/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n",
            400,
        ),
        (
            "POST http://h/ HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n\r\n",
            400,
        ),
        (
            "POST http://h/ HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
            400,
        ),
        ("GET http://h/ HTTP/1.1\r\n\r\n", 400),
        ("GET http://h/ HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("GET http://h/ HTTP/1.1\r\nHost : h\r\n\r\n", 400),
        ("GET http://h/ HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET https://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("GET http://u:p@h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        (
            "CONNECT h:1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc",
            400,
        ),
        ("CONNECT h HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("rubbish\r\n\r\n", 400),
    ] {
        let answer = ask(&setup, request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{request:?}: {answer}"
        );
    }
    let long = format!(
        "GET http://h/ HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n",
        "x".repeat(17_000)
    );
    assert!(ask(&setup, &long).await.starts_with("HTTP/1.1 431 "));
    let many = format!(
        "GET http://h/ HTTP/1.1\r\nHost: h\r\n{}\r\n",
        "X: y\r\n".repeat(100)
    );
    assert!(ask(&setup, &many).await.starts_with("HTTP/1.1 431 "));
    assert_eq!(
        up.asked(),
        [""; 0],
        "nothing of this may reach the upstream"
    );
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn socks5_allows_only_connect_and_a_name_cannot_become_a_second_request() {
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    up.asked();
    for (command, address, reply) in [
        (3, socks_name(b"h", 1), 7),
        (2, socks_name(b"h", 1), 7),
        (1, socks_name(b"h:1 HTTP/1.1\r\n\r\nGET", 1), 1),
        (1, socks_name(b"", 1), 1),
        (1, socks_name(b"h", 0), 1),
        (1, vec![9], 8),
    ] {
        let mut stream = setup.connect().await;
        assert_eq!(
            socks(&mut stream, command, &address).await,
            reply,
            "{command} {address:?}"
        );
        assert_eq!(read_to_end(&mut stream).await, "");
    }
    let mut old = setup.connect().await;
    old.write_all(&[4, 1, 0, 80, 1, 2, 3, 4, 0]).await.unwrap();
    assert_eq!(read_to_end(&mut old).await.as_bytes()[..2], [0, 0x5b]);
    let mut picky = setup.connect().await;
    picky.write_all(&[5, 1, 2]).await.unwrap();
    let mut answer = [0; 2];
    picky.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, [5, 0xff]);
    assert_eq!(up.asked(), [""; 0]);
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn failures_are_reported_correctly() {
    let nowhere = format!("127.0.0.1:{}", support::free_port());
    for (first, then, status, reply, reason) in [
        (Kind::Http, Kind::Http, 502, 4, "the upstream answered 502"),
        (Kind::Socks, Kind::Socks, 502, 5, "connection refused"),
        (
            Kind::Http,
            Kind::Forbids,
            502,
            2,
            "the upstream answered 403",
        ),
        (Kind::Http, Kind::Refuses, 502, 1, "407"),
        (Kind::Http, Kind::Silent, 504, 1, "not answer in time"),
        (Kind::Http, Kind::Resets, 502, 1, "closed"),
        (Kind::Http, Kind::Rubbish, 502, 1, "not HTTP"),
        (Kind::Socks, Kind::Silent, 504, 1, "not answer in time"),
    ] {
        let mut up = Upstream::start(first).await;
        let setup = TestEngine::forwarding(quick(), up.entry("")).await;
        up.kill().await;
        up.become_kind(then);
        if then == Kind::Silent {
            setup.hurry();
        }
        let answer = ask(
            &setup,
            &format!("CONNECT {nowhere} HTTP/1.1\r\nHost: x\r\n\r\n"),
        )
        .await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{then:?}: {answer}"
        );
        assert!(body(&answer).contains(reason), "{then:?}: {answer}");
        let mut stream = setup.connect().await;
        let port = support::free_port();
        let code = socks(
            &mut stream,
            1,
            &[&[1, 127, 0, 0, 1][..], &port.to_be_bytes()].concat(),
        )
        .await;
        assert_eq!(code, reply, "{then:?}");
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_dead_upstream_never_becomes_a_direct_connection() {
    let mut up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    up.kill().await;
    let target = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = target.local_addr().unwrap();
    for request in [
        format!("CONNECT {address} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET http://{address}/ HTTP/1.1\r\nHost: x\r\n\r\n"),
    ] {
        let answer = ask(&setup, &request).await;
        assert!(
            answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n"),
            "{answer}"
        );
        assert!(body(&answer).contains("cannot be reached"), "{answer}");
    }
    let mut stream = setup.connect().await;
    let code = socks(
        &mut stream,
        1,
        &[&[1, 127, 0, 0, 1][..], &address.port().to_be_bytes()].concat(),
    )
    .await;
    assert_eq!(code, 1);
    let nobody = tokio::time::timeout(Duration::from_millis(200), target.accept()).await;
    assert!(nobody.is_err(), "somebody connected to the target directly");
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_truncated_answer_is_visible_to_the_client() {
    let up = Upstream::start(Kind::HalfAnswer).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    let mut stream = setup.connect().await;
    stream
        .write_all(b"GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n")
        .await
        .unwrap();
    let mut got = Vec::new();
    let end = support::soon("end", stream.read_to_end(&mut got)).await;
    assert!(
        end.is_err(),
        "a broken answer without a length must end in a reset: {got:?}"
    );

    let mut midway = Upstream::start(Kind::DiesMidway).await;
    midway.asked();
    setup.list(&[midway.entry("")]);
    setup
        .engine
        .create_with_id(setup.port, "up", "1", "manual")
        .await
        .unwrap();
    let mut stream = tunnel(&setup, echo().await).await;
    stream.write_all(b"12345").await.unwrap();
    let end = support::soon("end", stream.read_to_end(&mut got)).await;
    assert!(end.is_err(), "a reset goes on as a reset");
    support::until("streams", || setup.config("/streams") == 0).await;
    midway.kill().await;
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn an_idle_relay_ends() {
    let up = Upstream::start(Kind::Socks).await;
    let mut settings = quick();
    settings.idle_timeout = Duration::from_secs(3);
    let setup = TestEngine::forwarding(settings, up.entry("")).await;
    let mut stream = tunnel(&setup, echo().await).await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stream.write_all(b"x").await.unwrap();
        assert_eq!(read_until(&mut stream, "x").await, "x");
    }
    let mut rest = Vec::new();
    let _ = support::soon("idle end", stream.read_to_end(&mut rest)).await;
    support::until("streams", || setup.config("/streams") == 0).await;
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn bulk_data_in_both_directions_arrives_complete_and_is_counted() {
    const SIZE: usize = 8 << 20;
    let up = Upstream::start(Kind::Http).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    let stream = tunnel(&setup, echo().await).await;
    let (mut read, mut write) = stream.into_split();
    let sent: Vec<u8> = (0..SIZE)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    let copy = sent.clone();
    tokio::spawn(async move {
        write.write_all(&copy).await.unwrap();
        write.shutdown().await.unwrap();
    });
    // A late reader: the echo first fills the buffers of the relay.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut got = Vec::new();
    support::soon("bulk", read.read_to_end(&mut got))
        .await
        .unwrap();
    assert!(got == sent);
    assert_eq!(
        (
            setup.config("/bw/bytes_write"),
            setup.config("/bw/bytes_read")
        ),
        (SIZE.into(), SIZE.into())
    );
    setup.engine.shutdown().await;
}
