//! A provider's API, through the engine: each of its answers ends the request with its event.

use crate::support::api::{Api, Say, answer};
use crate::support::upstream::{Kind, Upstream};
use crate::support::{TestEngine, quick, soon};
use loopwire_forward::{Detail, ForwardError};

/// The result of a request for `up` with this answer of the API: the text of the error, or `None`.
async fn ends(say: Say) -> Option<String> {
    let api = Api::start(&[say]).await;
    let setup = TestEngine::new(quick(), &[]);
    setup.engine.set_api_host(&api.url()).unwrap();
    let creating = setup.engine.create_with_id(setup.port, "up", "1", "manual");
    let outcome = soon("createWithId", creating).await;
    let events = setup.events();
    let Err(ForwardError::Request { detail, .. }) = outcome else {
        assert_eq!(events.len(), 2, "{events:?}");
        setup.engine.shutdown().await;
        return None;
    };
    assert_eq!(events, [setup.error("up", &detail.to_string())]);
    assert_eq!(setup.engine.get_config_json(setup.port), "{}");
    setup.engine.shutdown().await;
    Some(detail.to_string())
}

fn message(status: u16, message: &str) -> Say {
    answer(status, "", &format!(r#"{{"message":"{message}"}}"#))
}

#[tokio::test]
async fn each_answer_ends_the_request_once() {
    let upstream = Upstream::start(Kind::Http).await;
    let good = upstream.entry("");
    let long = "x".repeat(101);
    let redirect = "Location: http://127.0.0.1:1/proxies/up\r\n";
    for (say, detail) in [
        (answer(200, "", &good), ""),
        (answer(201, "", &format!(r#"{{"data":{good}}}"#)), ""),
        (
            message(400, "VALIDATE_FAILED"),
            "status:400|message:VALIDATE_FAILED",
        ),
        (message(400, "ü ≠ u"), "status:400|message:ü ≠ u"),
        (message(400, r"a|b"), "status:400|message:BAD_REQUEST"),
        (message(400, r"a\nb"), "status:400|message:BAD_REQUEST"),
        (message(400, " "), "status:400|message:BAD_REQUEST"),
        (message(400, &long), "status:400|message:BAD_REQUEST"),
        (
            answer(400, "", r#"{"message":{"text":1}}"#),
            "status:400|message:BAD_REQUEST",
        ),
        (answer(402, "", ""), "status:402|message:PAYMENT_REQUIRED"),
        (answer(403, "", "<html>"), "status:403|message:FORBIDDEN"),
        (answer(404, "", "{}"), "status:404|message:NOT_FOUND"),
        (answer(410, "", ""), "status:410|message:GONE"),
        (answer(418, "", ""), "status:418|message:REFUSED"),
        (answer(429, "", ""), "status:429|message:TOO_MANY_REQUESTS"),
        (answer(500, "", ""), "status:500|message:SERVER_ERROR"),
        (message(503, "DOWN"), "status:503|message:DOWN"),
        (answer(302, redirect, ""), "provider unreadable"),
        (answer(200, "", "<html>"), "provider unreadable"),
        (answer(204, "", ""), "provider unreadable"),
        (answer(200, "", "[]"), "provider unreadable"),
        (answer(200, "", r#"{"id":"other"}"#), "provider unreadable"),
        (answer(200, "", r#"{"id":"up"}"#), "proxy invalid"),
        (
            Say::Bytes("SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned()),
            "provider unreadable",
        ),
        (Say::Bytes(String::new()), "unknow error"),
        (
            Say::Bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{".to_owned()),
            "unknow error",
        ),
    ] {
        let told = ends(say.clone()).await.unwrap_or_default();
        assert_eq!(told, detail, "{say:?}");
    }
}

#[tokio::test]
async fn an_unreachable_api_gives_the_published_unknow_error() {
    let setup = TestEngine::new(quick(), &[]);
    let nobody = crate::support::free_port();
    let url = format!("http://127.0.0.1:{nobody}/?api-key=s3cret");
    setup.engine.set_api_host(&url).unwrap();
    assert_eq!(setup.engine.api_host(), url);
    setup.engine.enable_debug();
    let creating = setup.engine.create_with_id(setup.port, "up", "1", "manual");
    let error = soon("createWithId", creating).await.unwrap_err();
    assert!(
        matches!(&error, ForwardError::Request { port, detail: Detail::Unknown, .. } if *port == setup.port),
        "{error:?}"
    );
    let cause = error.cause().unwrap();
    let refused = format!("connect ECONNREFUSED 127.0.0.1:{nobody}");
    assert_eq!((&*cause.code, cause.message()), ("ECONNREFUSED", refused));
    let [log, ended, event] = setup.events().try_into().unwrap();
    assert!(ended.contains("up: unknow error"), "{ended}");
    assert_eq!(event, setup.error("up", "unknow error"));
    assert!(
        log.contains("provider: ") && log.contains("refused") && !log.contains("s3cret"),
        "the reason, and no key: {log}"
    );
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn removing_the_port_ends_a_wait_for_the_api() {
    let api = Api::start(&[Say::Nothing]).await;
    let setup = TestEngine::new(quick(), &[]);
    setup.engine.set_api_host(&api.url()).unwrap();
    let creating = setup.engine.create_with_id(setup.port, "up", "1", "manual");
    soon("the question", api.until(1)).await;
    setup.engine.remove_port(setup.port);
    assert!(soon("createWithId", creating).await.is_err());
    assert_eq!(setup.events(), [setup.error("up", "port removed")]);
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_server_that_answers_direct_is_refused_unless_the_application_allows_it() {
    let direct = r#"{"id":"up","protocol":"direct"}"#;
    let enveloped = format!(r#"{{"data":{direct}}}"#);
    // With a host and credentials, it is still no upstream.
    let dressed = r#"{"id":"up","protocol":"direct","host":"proxy.example","port":8080,"username":"u","password":"p"}"#;
    for (body, detail, allowed) in [
        (direct, "direct refused", ""),
        (&*enveloped, "direct refused", ""),
        (dressed, "direct refused", ""),
        // The protocol has one spelling.
        (
            r#"{"id":"up","protocol":"DIRECT"}"#,
            "proxy invalid",
            "proxy invalid",
        ),
        (
            r#"{"id":"up","protocol":"direct:"}"#,
            "proxy invalid",
            "proxy invalid",
        ),
        (
            r#"{"id":"up","protocol":""}"#,
            "proxy invalid",
            "proxy invalid",
        ),
    ] {
        assert_eq!(
            ends(answer(200, "", body)).await.unwrap_or_default(),
            detail,
            "{body}"
        );
        let api = Api::start(&[answer(200, "", body)]).await;
        let mut settings = quick();
        settings.allow_provider_direct = true;
        let setup = TestEngine::new(settings, &[]);
        setup.engine.set_api_host(&api.url()).unwrap();
        let creating = setup.engine.create_with_id(setup.port, "up", "1", "manual");
        let told = soon("createWithId", creating).await.err();
        let told = told.map(|error| error.to_string()).unwrap_or_default();
        assert!(
            told.ends_with(allowed) && told.is_empty() == allowed.is_empty(),
            "{body}: {told}"
        );
        setup.engine.shutdown().await;
    }
    // Picks take none, whatever is allowed.
    let api = Api::start(&[answer(200, "", &format!("[{direct}]"))]).await;
    let mut settings = quick();
    settings.allow_provider_direct = true;
    let setup = TestEngine::new(settings, &[]);
    setup.engine.set_api_host(&api.url()).unwrap();
    let creating = setup
        .engine
        .quick_create_at_port(setup.port, "request", "1");
    soon("quickCreateAtPort", creating).await.unwrap_err();
    assert_eq!(
        setup.events(),
        [setup.error("request", "no port available")]
    );
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_renewal_and_a_restore_do_not_make_a_proxy_direct() {
    let upstream = Upstream::start(Kind::Socks).await;
    let direct = answer(200, "", r#"{"id":"up","protocol":"direct"}"#);
    let api = Api::start(&[answer(200, "", &upstream.entry("")), direct]).await;
    let dir = tempfile::tempdir().unwrap();
    let setup = TestEngine::new(quick(), &[]);
    let engine = &setup.engine;
    engine.set_api_host(&api.url()).unwrap();
    engine.set_save_data_path(dir.path()).unwrap();
    let creating = engine.create_with_id(setup.port, "up", "1", "manual");
    soon("createWithId", creating).await.unwrap();
    engine.set_renew_setting(std::time::Duration::from_secs(1), 0, false);
    engine.enable_auto_renew(true);
    soon("the renewal", api.until(2)).await;
    engine.enable_auto_renew(false);
    assert_eq!(
        setup.config("/upstream"),
        format!("socks5://{}", upstream.address)
    );
    engine.stop_proxy();
    setup.next(1).await;
    setup.events();
    engine.restore_data().unwrap();
    let events: Vec<_> = setup
        .next(2)
        .await
        .into_iter()
        .map(|(event, _)| event)
        .collect();
    assert!(
        events.contains(&setup.error("up", "direct refused")),
        "{events:?}"
    );
    assert!(!engine.is_running_port(setup.port));
    // It is still saved: the server may mend its answer.
    let text = std::fs::read_to_string(dir.path().join("forwards.json")).unwrap();
    assert!(text.contains(r#""proxy_id":"up""#), "{text}");
    engine.shutdown().await;
}
