//! Traffic: what clients get through the local port, through each kind of upstream, and when it fails.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::time::Duration;

use support::upstream::{Kind, Upstream};
use support::{Bench, echo, origin, quick, read_to_end, read_until, socks, socks_name, tunnel};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn ask(bench: &Bench, request: &str) -> String {
    let mut stream = bench.connect().await;
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
        let bench = Bench::forwarding(quick(), up.entry("")).await;
        let echo = echo().await;
        up.asked();
        let mut by_connect = tunnel(&bench, echo).await;
        let mut by_socks = bench.connect().await;
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
            // What the other side still says after our FIN arrives, then its FIN.
            assert_eq!(read_to_end(stream).await, "half-close");
        }
        support::until("streams", || bench.config("/streams") == 0).await;
        assert_eq!(bench.config("/connections"), 2);
        assert_eq!(
            (bench.config("/bw/bytes_write"), bench.config("/bw/bw_down")),
            (20.into(), 20.into())
        );
        bench.engine.shutdown().await;
    }
}

#[tokio::test]
async fn plain_requests_one_after_the_other_on_one_connection() {
    for kind in [Kind::Http, Kind::Socks] {
        let up = Upstream::start(kind).await;
        let bench = Bench::forwarding(quick(), up.entry("")).await;
        let origin = origin().await;
        up.asked();
        let mut stream = bench.connect().await;
        let form = |path: &str| match kind {
            Kind::Http => format!("http://{origin}{path}"),
            _ => path.to_owned(),
        };
        for (request, answer) in [
            (
                format!(
                    "GET http://{origin}/a?b=c HTTP/1.1\r\nHost: other\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: Basic eA==\r\nConnection: x-hop\r\nX-Hop: 1\r\n\r\n"
                ),
                format!("GET {} HTTP/1.1|{origin}||hop=false", form("/a?b=c")),
            ),
            (
                format!(
                    "POST http://{origin}/b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
                ),
                format!("POST {} HTTP/1.1|{origin}|hello|hop=false", form("/b")),
            ),
            (
                format!(
                    "POST http://{origin}/c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: 1\r\n\r\n"
                ),
                format!(
                    "POST {} HTTP/1.1|{origin}|5\r\nhello\r\n0\r\n\r\n|hop=false",
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
        let request = format!("GET http://{origin}/chunked HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let got = read_until(&mut stream, "0\r\n\r\n").await;
        assert!(
            got.contains("\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"),
            "{got}"
        );
        let request = format!("GET http://{origin}/close HTTP/1.1\r\nHost: x\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let got = read_to_end(&mut stream).await;
        assert!(
            got.starts_with("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nGET "),
            "{got}"
        );
        bench.engine.shutdown().await;
    }
}

#[tokio::test]
async fn what_could_be_read_in_two_ways_is_refused() {
    let up = Upstream::start(Kind::Http).await;
    let bench = Bench::forwarding(quick(), up.entry("")).await;
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
        let answer = ask(&bench, request).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{request:?}: {answer}"
        );
    }
    let long = format!(
        "GET http://h/ HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n",
        "x".repeat(17_000)
    );
    assert!(ask(&bench, &long).await.starts_with("HTTP/1.1 431 "));
    let many = format!(
        "GET http://h/ HTTP/1.1\r\nHost: h\r\n{}\r\n",
        "X: y\r\n".repeat(100)
    );
    assert!(ask(&bench, &many).await.starts_with("HTTP/1.1 431 "));
    assert_eq!(
        up.asked(),
        [""; 0],
        "nothing of this may reach the upstream"
    );
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn socks_refuses_all_but_connect_and_a_name_cannot_become_a_second_request() {
    let up = Upstream::start(Kind::Http).await;
    let bench = Bench::forwarding(quick(), up.entry("")).await;
    up.asked();
    for (command, address, reply) in [
        (3, socks_name(b"h", 1), 7),
        (2, socks_name(b"h", 1), 7),
        (1, socks_name(b"h:1 HTTP/1.1\r\n\r\nGET", 1), 1),
        (1, socks_name(b"", 1), 1),
        (1, socks_name(b"h", 0), 1),
        (1, vec![9], 8),
    ] {
        let mut stream = bench.connect().await;
        assert_eq!(
            socks(&mut stream, command, &address).await,
            reply,
            "{command} {address:?}"
        );
        assert_eq!(read_to_end(&mut stream).await, "");
    }
    let mut old = bench.connect().await;
    old.write_all(&[4, 1, 0, 80, 1, 2, 3, 4, 0]).await.unwrap();
    assert_eq!(read_to_end(&mut old).await.as_bytes()[..2], [0, 0x5b]);
    let mut picky = bench.connect().await;
    picky.write_all(&[5, 1, 2]).await.unwrap();
    let mut answer = [0; 2];
    picky.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, [5, 0xff]);
    assert_eq!(up.asked(), [""; 0]);
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn failures_are_told_truly() {
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
        let bench = Bench::forwarding(quick(), up.entry("")).await;
        up.kill().await;
        up.become_kind(then);
        if then == Kind::Silent {
            bench.hurry();
        }
        let answer = ask(
            &bench,
            &format!("CONNECT {nowhere} HTTP/1.1\r\nHost: x\r\n\r\n"),
        )
        .await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{then:?}: {answer}"
        );
        assert!(body(&answer).contains(reason), "{then:?}: {answer}");
        let mut stream = bench.connect().await;
        let port = support::free_port();
        let code = socks(
            &mut stream,
            1,
            &[&[1, 127, 0, 0, 1][..], &port.to_be_bytes()].concat(),
        )
        .await;
        assert_eq!(code, reply, "{then:?}");
        bench.engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_dead_upstream_never_becomes_a_direct_connection() {
    let mut up = Upstream::start(Kind::Http).await;
    let bench = Bench::forwarding(quick(), up.entry("")).await;
    up.kill().await;
    let target = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = target.local_addr().unwrap();
    for request in [
        format!("CONNECT {address} HTTP/1.1\r\nHost: x\r\n\r\n"),
        format!("GET http://{address}/ HTTP/1.1\r\nHost: x\r\n\r\n"),
    ] {
        let answer = ask(&bench, &request).await;
        assert!(
            answer.starts_with("HTTP/1.1 502 Bad Gateway\r\n"),
            "{answer}"
        );
        assert!(body(&answer).contains("cannot be reached"), "{answer}");
    }
    let mut stream = bench.connect().await;
    let code = socks(
        &mut stream,
        1,
        &[&[1, 127, 0, 0, 1][..], &address.port().to_be_bytes()].concat(),
    )
    .await;
    assert_eq!(code, 1);
    let nobody = tokio::time::timeout(Duration::from_millis(200), target.accept()).await;
    assert!(nobody.is_err(), "somebody connected to the target directly");
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn a_torso_is_seen_as_one() {
    let up = Upstream::start(Kind::HalfAnswer).await;
    let bench = Bench::forwarding(quick(), up.entry("")).await;
    let mut stream = bench.connect().await;
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
    bench.list(&[midway.entry("")]);
    bench
        .engine
        .create_with_id(bench.port, "up", "1", "manual")
        .await
        .unwrap();
    let mut stream = tunnel(&bench, echo().await).await;
    stream.write_all(b"12345").await.unwrap();
    let end = support::soon("end", stream.read_to_end(&mut got)).await;
    assert!(end.is_err(), "a reset goes on as a reset");
    support::until("streams", || bench.config("/streams") == 0).await;
    midway.kill().await;
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn a_relay_in_which_nothing_moves_ends() {
    let up = Upstream::start(Kind::Socks).await;
    let mut settings = quick();
    settings.idle_timeout = Duration::from_secs(3);
    let bench = Bench::forwarding(settings, up.entry("")).await;
    let mut stream = tunnel(&bench, echo().await).await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        stream.write_all(b"x").await.unwrap();
        assert_eq!(read_until(&mut stream, "x").await, "x");
    }
    let mut rest = Vec::new();
    let _ = support::soon("idle end", stream.read_to_end(&mut rest)).await;
    support::until("streams", || bench.config("/streams") == 0).await;
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn bulk_both_ways_arrives_whole_and_is_counted() {
    const SIZE: usize = 8 << 20;
    let up = Upstream::start(Kind::Http).await;
    let bench = Bench::forwarding(quick(), up.entry("")).await;
    let stream = tunnel(&bench, echo().await).await;
    let (mut read, mut write) = stream.into_split();
    let sent: Vec<u8> = (0..SIZE)
        .map(|at| u8::try_from(at % 251).unwrap())
        .collect();
    let copy = sent.clone();
    tokio::spawn(async move {
        write.write_all(&copy).await.unwrap();
        write.shutdown().await.unwrap();
    });
    // A reader that begins late: the echo backs up into the relay first.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut got = Vec::new();
    support::soon("bulk", read.read_to_end(&mut got))
        .await
        .unwrap();
    assert!(got == sent);
    assert_eq!(
        (
            bench.config("/bw/bytes_write"),
            bench.config("/bw/bytes_read")
        ),
        (SIZE.into(), SIZE.into())
    );
    bench.engine.shutdown().await;
}
