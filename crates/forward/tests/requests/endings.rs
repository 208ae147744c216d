//! Requests: each ends with exactly one event.

use std::sync::Arc;
use std::time::Duration;

use crate::support::upstream::{Kind, Upstream};
use crate::support::{TestEngine, entry, quick, soon, until};
use loopwire_forward::{Detail, ForwardError};

const DONE: &str = r#"{"type":"forwardListCompleted","payload":"up"}"#;

#[tokio::test]
async fn a_good_upstream_completes_and_a_bad_one_gives_one_error() {
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
        let setup = TestEngine::new(quick(), &[upstream.entry(more)]);
        if kind == Kind::Silent {
            setup.hurry();
        }
        let result = soon(
            "createWithId",
            setup.engine.create_with_id(setup.port, "up", "1", "manual"),
        )
        .await;
        match detail {
            None => {
                assert_eq!(result, Ok(()), "{kind:?}");
                assert_eq!(setup.events(), [setup.state(), DONE.to_owned()], "{kind:?}");
                assert!(setup.engine.active());
            }
            Some(detail) => {
                let error = result.unwrap_err();
                assert_eq!(error.code(), "req_proxy_config_error");
                assert!(error.to_string().ends_with(detail), "{kind:?}: {error}");
                assert_eq!(setup.events(), [setup.error("up", detail)], "{kind:?}");
                // Not kept: the port is not open, and the next request can have it.
                assert_eq!(setup.engine.get_config_json(setup.port), "{}");
                assert!(
                    std::net::TcpListener::bind(setup.address()).is_ok(),
                    "{kind:?}"
                );
            }
        }
        setup.engine.shutdown().await;
        assert!(
            std::net::TcpListener::bind(setup.address()).is_ok(),
            "{kind:?}"
        );
    }
}

#[tokio::test]
async fn invalid_requests_are_refused() {
    let mut dead = Upstream::start(Kind::Http).await;
    dead.kill().await;
    let setup = TestEngine::new(quick(), &[dead.entry("")]);
    let create = |port, id: &'static str| {
        soon(
            "create",
            setup.engine.create_with_id(port, id, "1", "manual"),
        )
    };
    for (port, id, detail) in [
        (setup.port, "up", Detail::UpstreamUnreachable),
        (setup.port, "nobody", Detail::UnknownProxy),
        (setup.port.wrapping_add(1), "up", Detail::PortOutOfRange),
        (0, "up", Detail::PortOutOfRange),
    ] {
        match create(port, id).await {
            Err(ForwardError::Request {
                port: of,
                detail: why,
                ..
            }) => assert_eq!((of, &why), (port, &detail)),
            other => panic!("{other:?}"),
        }
        assert_eq!(setup.events(), [setup.error(id, &detail.to_string())]);
    }
    let taken = std::net::TcpListener::bind(setup.address()).unwrap();
    dead.revive();
    assert!(create(setup.port, "up").await.is_err());
    assert_eq!(setup.events(), [setup.error("up", "port in use")]);
    drop(taken);
    // The list is read again: an edit takes effect.
    setup.list(&[]);
    assert!(create(setup.port, "up").await.is_err());
    assert_eq!(setup.events(), [setup.error("up", "unknown proxy")]);
    setup.engine.shutdown().await;
    assert!(create(setup.port, "up").await.is_err());
    assert_eq!(setup.events(), [setup.error("up", "shut down")]);
}

#[tokio::test]
async fn removal_ends_a_running_request_and_gives_one_update_for_a_port() {
    let silent = Upstream::start(Kind::Silent).await;
    let mut settings = quick();
    settings.handshake_timeout = Duration::from_secs(60);
    let setup = TestEngine::new(settings, &[silent.entry("")]);
    let request = setup.engine.create_with_id(setup.port, "up", "1", "manual");
    until("dial", || {
        silent
            .seen
            .connections
            .load(std::sync::atomic::Ordering::Relaxed)
            > 0
    })
    .await;
    setup.engine.remove_port(setup.port);
    assert!(soon("request", request).await.is_err());
    assert_eq!(setup.events(), [setup.error("up", "port removed")]);

    let good = Upstream::start(Kind::Socks).await;
    setup.list(&[good.entry("")]);
    let told = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let hook = Arc::clone(&told);
    setup
        .engine
        .on_liveness(move |alive| hook.lock().push(alive));
    // Not awaited one by one: they run in turn, the removal comes in between, and the port is free again.
    let first = setup.engine.create_with_id(setup.port, "up", "1", "manual");
    soon("first", first).await.unwrap();
    setup.engine.remove_port(setup.port);
    setup.engine.remove_port(setup.port);
    let second = setup.engine.create_with_id(setup.port, "up", "1", "manual");
    soon("second", second).await.unwrap();
    setup.engine.stop_proxy();
    let state = setup.state();
    let events: Vec<_> = setup.next(6).await.into_iter().collect();
    let plain: Vec<_> = events.iter().map(|(event, _)| event.as_str()).collect();
    assert_eq!(plain, [&state, DONE, &state, &state, DONE, &state]);
    let port = setup.port;
    assert_eq!(
        events[0].1,
        format!(r#","data":{{"port":{port},"online":true,"reason":"forwarded"}}"#)
    );
    assert_eq!(
        events[2].1,
        format!(r#","data":{{"port":{port},"online":false,"reason":"removed"}}"#)
    );
    assert_eq!(*told.lock(), [true, false, true, false]);
    assert!(!setup.engine.active());
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_smaller_range_removes_ports_and_an_unchanged_one_gives_no_event() {
    let up = Upstream::start(Kind::Socks).await;
    let setup = TestEngine::forwarding(quick(), up.entry("")).await;
    let set = |start: u16| {
        setup
            .engine
            .update_ip_format_and_ports("127.0.0.1:%d", start.into(), 1)
    };
    set(setup.port).unwrap();
    assert_eq!(setup.events(), [""; 0]);
    set(setup.port + 1).unwrap();
    let (plain, _): (Vec<_>, Vec<_>) = setup.next(2).await.into_iter().unzip();
    assert_eq!(
        plain,
        [
            format!(
                r#"{{"type":"settingPortChange","payload":"{}:1"}}"#,
                setup.port + 1
            ),
            format!(r#"{{"type":"portRemoved","payload":"{}"}}"#, setup.port),
        ]
    );
    assert_eq!(
        setup
            .engine
            .update_ip_format_and_ports("0.0.0.0:%d", 1, 1)
            .unwrap_err()
            .code(),
        "ERR_ADDRESS_NOT_LOOPBACK"
    );
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn the_configuration_has_the_published_keys_first_and_no_secret() {
    let up = Upstream::with(Kind::Socks, Some(("alice", "s3cret"))).await;
    let more = r#""username":"alice","password":"s3cret","country_code":"HK","city":"Hongkong","public_ip":"1.2.3.4","#;
    let setup = TestEngine::forwarding(quick(), up.entry(more)).await;
    let text = setup.engine.get_config_json(setup.port);
    assert!(
        !text.contains("s3cret") && !text.contains("alice"),
        "{text}"
    );
    let head = format!(
        r#"{{"proxy_id":"up","plan":"1","country_code":"HK","address":"127.0.0.1:{0}","binding_type":"ip","Index":{0},"client_country_code":"","is_online":true,"city":"Hongkong","public_ip":"1.2.3.4","origin_id":"","server_id":"","last_refresh":"#,
        setup.port
    );
    assert!(text.starts_with(&head), "{text}");
    assert_eq!(
        setup.config("/upstream"),
        format!("socks5://{}", up.address)
    );
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn another_upstream_takes_over_without_closing_and_a_failed_one_changes_nothing() {
    let (one, two) = (
        Upstream::start(Kind::Socks).await,
        Upstream::start(Kind::Http).await,
    );
    let setup = TestEngine::forwarding(quick(), one.entry("")).await;
    let echo = crate::support::echo().await;
    let mut kept = crate::support::tunnel(&setup, echo).await;
    setup.list(&[
        two.entry(""),
        entry(
            "http",
            ([127, 0, 0, 1], crate::support::free_port()).into(),
            "",
        )
        .replace("up", "dead"),
    ]);
    let create = |id: &'static str| {
        soon(
            "create",
            setup.engine.create_with_id(setup.port, id, "1", "manual"),
        )
    };
    create("up").await.unwrap();
    assert!(create("dead").await.is_err());
    assert_eq!(
        setup.events(),
        [
            setup.state(),
            DONE.to_owned(),
            setup.error("dead", "upstream unreachable")
        ]
    );
    assert_eq!(setup.config("/upstream"), format!("http://{}", two.address));
    two.asked();
    drop(crate::support::tunnel(&setup, echo).await);
    assert_eq!(two.asked(), [format!("CONNECT {echo} HTTP/1.1")]);
    tokio::io::AsyncWriteExt::write_all(&mut kept, b"still")
        .await
        .unwrap();
    assert_eq!(
        crate::support::read_until(&mut kept, "still").await,
        "still"
    );
    setup.engine.shutdown().await;
}
