//! What a request cannot use: a filter, a port, an id, a list.

use crate::support::{TestEngine, quick, soon};

/// What every forwarding function does with what it cannot use: no call ends without its event.
#[tokio::test]
async fn whatever_a_request_cannot_use_ends_it_with_one_event() {
    use futures_util::FutureExt as _;
    use futures_util::future::BoxFuture;

    let long = format!(r#"{{"city":"{}"}}"#, "x".repeat(101));
    let filters = [
        "",
        " ",
        "null",
        "[]",
        "7",
        "{",
        r#""DE""#,
        r#"{"list_type":0}"#,
        r#"{"list_type":"-1"}"#,
        r#"{"plan":1}"#,
        r#"{"country":{}}"#,
        r#"{"country":[1]}"#,
        r#"{"zip":90001}"#,
        r#"{"action":false}"#,
        &long,
    ];
    let setup = TestEngine::new(quick(), &[]);
    let engine = &setup.engine;
    let inside = setup.port;
    let outside = 1;
    for filter in filters {
        for ports in [&[][..], &[inside], &[inside, inside]] {
            let creating = engine.create_with_configure("r", ports, filter);
            let error = soon("createWithConfigure", creating).await.unwrap_err();
            assert_eq!(error.code(), "ERR_FILTER", "{filter}");
            assert_eq!(
                setup.events(),
                [setup.error("r", "filter invalid")],
                "{filter}"
            );
        }
    }
    type Ends<'a> = (&'static str, &'static str, BoxFuture<'a, bool>);
    // Each of them outside the range, with a list that has nothing, and without a provider.
    let engines = [true, false].map(|provided| {
        let setup = TestEngine::new(quick(), &[]);
        if !provided {
            setup
                .engine
                .set_api_host("file:///C:/nowhere/list.json")
                .unwrap();
        }
        (setup, provided)
    });
    for (setup, provided) in &engines {
        let engine = &setup.engine;
        let lacks = |empty: &'static str| {
            if *provided {
                empty
            } else {
                "provider unreadable"
            }
        };
        let inside = setup.port;
        let range = "port out of range";
        let named = |port| engine.create_with_id(port, "r", "1", "manual");
        let batch = |port| engine.create_with_configure("r", &[port], "{}");
        let wanted = |port| {
            let wanted = loopwire_forward::Wanted {
                through: loopwire_forward::Through::Named("r".to_owned()),
                rules: loopwire_forward::Rules::default(),
                request_id: None,
            };
            engine.forward(port, wanted).unwrap()
        };
        let rows: Vec<Ends<'_>> = vec![
            (
                "createWithId",
                range,
                named(outside).map(|end| end.is_err()).boxed(),
            ),
            (
                "createWithId",
                lacks("unknown proxy"),
                named(inside).map(|end| end.is_err()).boxed(),
            ),
            (
                "forward",
                range,
                wanted(outside).map(|end| end.is_err()).boxed(),
            ),
            (
                "forward",
                lacks("unknown proxy"),
                wanted(inside).map(|end| end.is_err()).boxed(),
            ),
            (
                "quickCreateAtPort",
                range,
                engine
                    .quick_create_at_port(outside, "r", "1")
                    .map(|end| end.is_err())
                    .boxed(),
            ),
            (
                "quickCreateAtPort",
                lacks("no port available"),
                engine
                    .quick_create_at_port(inside, "r", "1")
                    .map(|end| end.is_err())
                    .boxed(),
            ),
            (
                "quickCreateProxies",
                lacks("no port available"),
                engine
                    .quick_create_proxies("r", "1", &[inside], false)
                    .map(|end| end.is_err())
                    .boxed(),
            ),
            (
                "createWithConfigure",
                range,
                batch(outside).map(|end| end.is_err()).boxed(),
            ),
            (
                "createWithConfigure",
                lacks("no port available"),
                batch(inside).map(|end| end.is_err()).boxed(),
            ),
        ];
        let mut expected = Vec::new();
        for (name, detail, ends) in rows {
            assert!(soon(name, ends).await, "{name}: {detail}");
            expected.push(setup.error("r", detail));
        }
        // They run at the same time, so their order is not that of the calls.
        let mut events = setup.events();
        events.sort_unstable();
        expected.sort_unstable();
        assert_eq!(events, expected);
        // Nothing to do is no failure.
        let none = engine.create_proxy_by_port_configs("r", "1", &[inside]);
        assert_eq!(soon("createProxyByPortConfigs", none).await, Ok(Vec::new()));
        assert_eq!(
            setup.events(),
            [r#"{"type":"forwardListCompleted","payload":"r"}"#]
        );
        engine.shutdown().await;
    }
    setup.engine.shutdown().await;
}
