//! Requests: how each of them ends, in exactly one event.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use loopwire_forward::{Detail, ForwardError};
use support::upstream::{Kind, Upstream};
use support::{Bench, entry, quick, soon, until};

const DONE: &str = r#"{"type":"forwardListCompleted","payload":"up"}"#;

#[tokio::test]
async fn a_good_upstream_completes_and_a_bad_one_is_one_error() {
    for (kind, credentials, more, detail) in [
        (Kind::Http, None, "", None),
        (Kind::Forbids, None, "", None),
        (Kind::Socks, None, "", None),
        (
            Kind::Http,
            Some(("ü@%", "p:w d@")),
            r#""username":"ü@%","password":"p:w d@","#,
            None,
        ),
        (
            Kind::Socks,
            Some(("ü@%:", "p:w d@")),
            r#""username":"ü@%:","password":"p:w d@","#,
            None,
        ),
        (
            Kind::Socks,
            Some(("a", "b")),
            r#""username":"a","password":"wrong","#,
            Some("upstream refused|message:AUTH_FAILED"),
        ),
        (
            Kind::Socks,
            Some(("a", "b")),
            "",
            Some("upstream refused|message:AUTH_FAILED"),
        ),
        (
            Kind::Http,
            Some(("a", "b")),
            r#""username":"a","password":"wrong","#,
            Some("upstream refused|status:407"),
        ),
        (Kind::Refuses, None, "", Some("upstream refused|status:407")),
        (Kind::Silent, None, "", Some("upstream timeout")),
        (Kind::Resets, None, "", Some("upstream closed")),
        (Kind::Rubbish, None, "", Some("upstream invalid")),
    ] {
        let upstream = Upstream::with(kind, credentials).await;
        let bench = Bench::new(quick(), &[upstream.entry(more)]);
        if kind == Kind::Silent {
            bench.hurry();
        }
        let result = soon(
            "createWithId",
            bench.engine.create_with_id(bench.port, "up", "1", "manual"),
        )
        .await;
        match detail {
            None => {
                assert_eq!(result, Ok(()), "{kind:?}");
                assert_eq!(bench.events(), [bench.state(), DONE.to_owned()], "{kind:?}");
                assert!(bench.engine.active());
            }
            Some(detail) => {
                let error = result.unwrap_err();
                assert_eq!(error.code(), "req_proxy_config_error");
                assert!(error.to_string().ends_with(detail), "{kind:?}: {error}");
                assert_eq!(bench.events(), [bench.error("up", detail)], "{kind:?}");
                // Not kept: nobody listens, and the next request can have the port.
                assert_eq!(bench.engine.get_config_json(bench.port), "{}");
                assert!(
                    std::net::TcpListener::bind(bench.address()).is_ok(),
                    "{kind:?}"
                );
            }
        }
        bench.engine.shutdown().await;
        assert!(
            std::net::TcpListener::bind(bench.address()).is_ok(),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn requests_that_cannot_be() {
    let mut dead = Upstream::start(Kind::Http).await;
    dead.kill().await;
    let bench = Bench::new(quick(), &[dead.entry("")]);
    let create = |port, id: &'static str| {
        soon(
            "create",
            bench.engine.create_with_id(port, id, "1", "manual"),
        )
    };
    for (port, id, detail) in [
        (bench.port, "up", Detail::UpstreamUnreachable),
        (bench.port, "nobody", Detail::UnknownProxy),
        (bench.port.wrapping_add(1), "up", Detail::PortOutOfRange),
        (0, "up", Detail::PortOutOfRange),
    ] {
        assert_eq!(
            create(port, id).await,
            Err(ForwardError::Request {
                port,
                detail: detail.clone()
            })
        );
        assert_eq!(bench.events(), [bench.error(id, &detail.to_string())]);
    }
    let taken = std::net::TcpListener::bind(bench.address()).unwrap();
    dead.revive();
    assert!(create(bench.port, "up").await.is_err());
    assert_eq!(bench.events(), [bench.error("up", "port in use")]);
    drop(taken);
    // The list is read anew: what was edited takes effect.
    bench.list(&[]);
    assert!(create(bench.port, "up").await.is_err());
    assert_eq!(bench.events(), [bench.error("up", "unknown proxy")]);
    bench.engine.shutdown().await;
    assert!(create(bench.port, "up").await.is_err());
    assert_eq!(bench.events(), [bench.error("up", "shut down")]);
}

#[tokio::test]
async fn removal_ends_a_request_under_way_and_gives_one_update_for_a_port() {
    let silent = Upstream::start(Kind::Silent).await;
    let mut settings = quick();
    settings.handshake_timeout = Duration::from_secs(60);
    let bench = Bench::new(settings, &[silent.entry("")]);
    let request = bench.engine.create_with_id(bench.port, "up", "1", "manual");
    until("dial", || {
        silent
            .seen
            .connections
            .load(std::sync::atomic::Ordering::Relaxed)
            > 0
    })
    .await;
    bench.engine.remove_port(bench.port);
    assert!(soon("request", request).await.is_err());
    assert_eq!(bench.events(), [bench.error("up", "port removed")]);

    let good = Upstream::start(Kind::Socks).await;
    bench.list(&[good.entry("")]);
    let told = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let hook = Arc::clone(&told);
    bench
        .engine
        .on_liveness(move |alive| hook.lock().push(alive));
    // Not awaited one by one: they take their turns, the removal falls between, and the port is free again.
    let first = bench.engine.create_with_id(bench.port, "up", "1", "manual");
    soon("first", first).await.unwrap();
    bench.engine.remove_port(bench.port);
    bench.engine.remove_port(bench.port);
    let second = bench.engine.create_with_id(bench.port, "up", "1", "manual");
    soon("second", second).await.unwrap();
    bench.engine.stop_proxy();
    let state = bench.state();
    let events: Vec<_> = bench.next(6).await.into_iter().collect();
    let plain: Vec<_> = events.iter().map(|(event, _)| event.as_str()).collect();
    assert_eq!(plain, [&state, DONE, &state, &state, DONE, &state]);
    let port = bench.port;
    assert_eq!(
        events[0].1,
        format!(r#","data":{{"port":{port},"online":true,"reason":"forwarded"}}"#)
    );
    assert_eq!(
        events[2].1,
        format!(r#","data":{{"port":{port},"online":false,"reason":"removed"}}"#)
    );
    assert_eq!(*told.lock(), [true, false, true, false]);
    assert!(!bench.engine.active());
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn a_shrunken_range_removes_ports_and_an_unchanged_one_is_no_event() {
    let up = Upstream::start(Kind::Socks).await;
    let bench = Bench::forwarding(quick(), up.entry("")).await;
    let set = |start: u16| {
        bench
            .engine
            .update_ip_format_and_ports("127.0.0.1:%d", start.into(), 1)
    };
    set(bench.port).unwrap();
    assert_eq!(bench.events(), [""; 0]);
    set(bench.port + 1).unwrap();
    let (plain, _): (Vec<_>, Vec<_>) = bench.next(2).await.into_iter().unzip();
    assert_eq!(
        plain,
        [
            format!(
                r#"{{"type":"settingPortChange","payload":"{}:1"}}"#,
                bench.port + 1
            ),
            format!(r#"{{"type":"portRemoved","payload":"{}"}}"#, bench.port),
        ]
    );
    assert_eq!(
        bench
            .engine
            .update_ip_format_and_ports("0.0.0.0:%d", 1, 1)
            .unwrap_err()
            .code(),
        "ERR_ADDRESS_NOT_LOOPBACK"
    );
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn the_configuration_has_the_published_keys_first_and_no_secret() {
    let up = Upstream::with(Kind::Socks, Some(("alice", "s3cret"))).await;
    let more = r#""username":"alice","password":"s3cret","country_code":"HK","city":"Hongkong","public_ip":"1.2.3.4","#;
    let bench = Bench::forwarding(quick(), up.entry(more)).await;
    let text = bench.engine.get_config_json(bench.port);
    assert!(
        !text.contains("s3cret") && !text.contains("alice"),
        "{text}"
    );
    let head = format!(
        r#"{{"proxy_id":"up","plan":"1","country_code":"HK","address":"127.0.0.1:{0}","binding_type":"ip","Index":{0},"client_country_code":"","is_online":true,"city":"Hongkong","public_ip":"1.2.3.4","origin_id":"","server_id":"","last_refresh":"#,
        bench.port
    );
    assert!(text.starts_with(&head), "{text}");
    assert_eq!(
        bench.config("/upstream"),
        format!("socks5://{}", up.address)
    );
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn another_upstream_takes_over_without_closing_and_a_failed_one_changes_nothing() {
    let (one, two) = (
        Upstream::start(Kind::Socks).await,
        Upstream::start(Kind::Http).await,
    );
    let bench = Bench::forwarding(quick(), one.entry("")).await;
    let echo = support::echo().await;
    let mut kept = support::tunnel(&bench, echo).await;
    bench.list(&[
        two.entry(""),
        entry("http", ([127, 0, 0, 1], support::free_port()).into(), "").replace("up", "dead"),
    ]);
    let create = |id: &'static str| {
        soon(
            "create",
            bench.engine.create_with_id(bench.port, id, "1", "manual"),
        )
    };
    create("up").await.unwrap();
    assert!(create("dead").await.is_err());
    assert_eq!(
        bench.events(),
        [
            bench.state(),
            DONE.to_owned(),
            bench.error("dead", "upstream unreachable")
        ]
    );
    assert_eq!(bench.config("/upstream"), format!("http://{}", two.address));
    two.asked();
    drop(support::tunnel(&bench, echo).await);
    assert_eq!(two.asked(), [format!("CONNECT {echo} HTTP/1.1")]);
    tokio::io::AsyncWriteExt::write_all(&mut kept, b"still")
        .await
        .unwrap();
    assert_eq!(support::read_until(&mut kept, "still").await, "still");
    bench.engine.shutdown().await;
}
