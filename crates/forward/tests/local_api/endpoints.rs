//! What each endpoint does: its answer, and the effect on the engine.

use std::net::TcpListener;

use serde_json::json;

use crate::support::api::{Api as Provider, answer};
use crate::support::server::TestServer;
use crate::support::upstream::{Kind, Upstream};

/// A list's entry of that upstream with that id and location.
fn entry(upstream: &Upstream, id: &str, country: &str, city: &str) -> String {
    let more = format!(
        r#""country_code":"{country}","city":"{city}","state":"S\tT","isp":"Net","public_ip":"1.2.3.4","#
    );
    let entry = upstream.entry(&more);
    entry.replacen(r#""id":"up""#, &format!(r#""id":"{id}""#), 1)
}

async fn server_with(ports: u16) -> (TestServer, Upstream) {
    let upstream = Upstream::start(Kind::Http).await;
    let entries = [
        entry(&upstream, "us", "US", "Los Angeles"),
        entry(&upstream, "hk", "HK", "Hongkong"),
    ];
    (TestServer::open(&entries, ports), upstream)
}

#[tokio::test]
async fn proxies_are_picked_with_a_filter() {
    let (server, _upstream) = server_with(4).await;
    for (target, at, id) in [
        ("/api/proxy?t=2&num=1&port={0}&country=US", 0, "us"),
        ("/api/proxy?port={1}&country=VN,HK", 1, "hk"),
        ("/api/proxy?start_port={2}&city=hong%4Bong", 2, "hk"),
        ("/api/proxy?city=Los+Angeles&state=&zip=", 3, "us"),
        // A port that is named is changed, even if it is forwarded already.
        ("/api/proxy?ports={0}&country=HK&plan=2&today", 0, "hk"),
    ] {
        let data = server.get(target).await.data();
        assert_eq!(data, json!([format!("127.0.0.1:{}", server.start + at)]));
        assert_eq!(server.proxy(at).as_deref(), Some(id), "{target}");
    }
    let events = server.setup.events().join("\n");
    assert!(
        events.contains(r#"{"type":"forwardListCompleted","payload":"http-api-5"}"#),
        "{events}"
    );
    for (target, status) in [
        ("/api/proxy?country=XX&port={0}", 404),
        ("/api/proxy?isp=other&port={0}", 404),
        // All of them are forwarded.
        ("/api/proxy", 406),
        ("/api/proxy?start_port={3}", 406),
    ] {
        let refused = server.get(target).await;
        assert_eq!(refused.status, status, "{target}: {}", refused.refusal());
    }
    server.setup.engine.shutdown().await;
}

#[tokio::test]
async fn proxies_by_number_by_list_and_by_a_json_body() {
    let (server, _upstream) = server_with(4).await;
    let both = json!([
        format!("127.0.0.1:{}", server.start + 2),
        format!("127.0.0.1:{}", server.start)
    ]);
    let body = r#"{"ports":[{2},"{0}"],"country":["US","HK"],"today":true,"num":2,"zip":null}"#;
    assert_eq!(server.post("/api/proxy?t=2", body).await.data(), both);
    let taken = server.get("/api/proxy?num=4&t=1").await;
    // The two that are left: fewer than requested.
    let expected = server.target("127.0.0.1:{1}\n127.0.0.1:{3}\n");
    assert_eq!((taken.status, taken.body), (200, expected));
    assert_eq!(taken.head.matches("text/plain").count(), 1);
    server.setup.engine.shutdown().await;
}

#[tokio::test]
async fn requests_at_once_take_different_ports() {
    let (server, _upstream) = server_with(6).await;
    let asked =
        futures_util::future::join_all((0..3).map(|_| server.get("/api/proxy?num=2"))).await;
    let mut addresses: Vec<String> = asked
        .iter()
        .flat_map(|answer| serde_json::from_value::<Vec<String>>(answer.data()).unwrap())
        .collect();
    addresses.sort_unstable();
    let all: Vec<_> = (0..6)
        .map(|at| format!("127.0.0.1:{}", server.start + at))
        .collect();
    assert_eq!(addresses, all);
    // A released port can be picked again.
    assert_eq!(server.get("/api/port_free?ports={4}").await.status, 200);
    let again = server.get("/api/proxy").await.data();
    assert_eq!(again, json!([all[4]]));
    server.setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_port_of_another_program_is_not_free() {
    let (server, _upstream) = server_with(2).await;
    let _other = TcpListener::bind(("127.0.0.1", server.start)).unwrap();
    let refused = server.get("/api/proxy?port={0}").await;
    assert_eq!(
        (refused.status, refused.refusal().as_str()),
        (406, "port in use")
    );
    let taken = server.get("/api/proxy?num=2").await.data();
    assert_eq!(taken, json!([format!("127.0.0.1:{}", server.start + 1)]));
    server.setup.engine.shutdown().await;
}

#[tokio::test]
async fn ports_are_checked_shown_and_released() {
    let (server, _upstream) = server_with(3).await;
    server.get("/api/proxy?port={1}&country=HK").await.data();
    let (one, two) = (server.start, server.start + 1);
    let off = json!({"port": one, "online": false});
    let on = json!({"port": two, "online": true});
    let last = json!({"port": one + 2, "online": false});
    for target in ["/api/port_check", "/api/port_check?ports=all&t=2"] {
        assert_eq!(server.get(target).await.data(), json!([off, on, last]));
    }
    let some = server
        .post("/api/port_check", r#"{"ports":[{1},{0}]}"#)
        .await;
    assert_eq!(some.data(), json!([on, off]));
    let text = server.get("/api/port_check?ports={1},{0}&t=1").await.body;
    assert_eq!(text, format!("{two}\tonline\n{one}\toffline\n"));

    let status = server.get("/api/port_status").await.data();
    let address = format!("127.0.0.1:{two}");
    let expected = json!({
        "address": address, "city": "Hongkong", "public_ip": "1.2.3.4", "online": true,
    });
    assert_eq!(status, json!([expected]));
    let text = server.post("/api/port_status", r#"{"t":1}"#).await.body;
    assert_eq!(text, format!("{address}\tHongkong\t1.2.3.4\tonline\n"));

    server.setup.events();
    let refused = server.get("/api/port_free").await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    assert_eq!(server.proxy(1).as_deref(), Some("hk"));
    let freed = server.post("/api/port_free?ports={0},{1}", "").await;
    assert_eq!(freed.json(), json!({"error": false, "message": "ok"}));
    assert_eq!(server.proxy(1), None);
    let events = server.setup.next(1).await;
    assert_eq!(
        events[0].0,
        format!(r#"{{"type":"portStateUpdate","payload":"{two}"}}"#)
    );
    assert_eq!(server.get("/api/port_status?t=1").await.body, "");
    server.get("/api/proxy?num=3").await.data();
    assert_eq!(
        server.get("/api/port_free?ports=all&t=1").await.body,
        "ok\n"
    );
    assert!(server.setup.engine.ports().is_empty());
    server.setup.engine.shutdown().await;
}

#[tokio::test]
async fn the_range_is_set_in_whole_or_in_part() {
    let server = TestServer::open(&[], 3);
    let changed =
        |payload: String| format!(r#"{{"type":"settingPortChange","payload":"{payload}"}}"#);
    for (target, start, count) in [
        (
            "/api/set_port_range?start_port=30000&port_num=20",
            30_000,
            20,
        ),
        ("/api/set_port_range?port_num=5", 30_000, 5),
        ("/api/set_port_range?start_port=65531", 65_531, 5),
    ] {
        let set = server.get(target).await;
        assert_eq!(set.json(), json!({"error": false, "message": "ok"}));
        assert_eq!(server.setup.events(), [changed(format!("{start}:{count}"))]);
        assert_eq!(server.setup.engine.get_ports().len(), count);
    }
    for (target, begin) in [
        ("/api/set_port_range", "start_port: "),
        (
            "/api/set_port_range?start_port=0&port_num=1",
            "start_port: ",
        ),
        ("/api/set_port_range?start_port=1&port_num=0", "port_num: "),
        ("/api/set_port_range?port_num=6", "port_num: at most 5"),
        (
            "/api/set_port_range?start_port=65532",
            "port_num: at most 4",
        ),
    ] {
        let refused = server.get(target).await;
        assert_eq!(refused.status, 400, "{target}");
        assert!(refused.refusal().starts_with(begin), "{}", refused.body);
    }
    assert!(server.setup.events().is_empty());
    server.setup.engine.shutdown().await;
}

#[tokio::test]
async fn the_list_of_the_provider_is_returned() {
    let (server, _upstream) = server_with(1).await;
    let listed = server.get("/api/today_list?t=2&limit=2&today").await.data();
    let first = json!({
        "id": "us", "country_code": "US", "city": "Los Angeles", "state": "S\tT", "isp": "Net",
    });
    assert_eq!(listed[0], first);
    assert_eq!(listed.as_array().unwrap().len(), 2);
    // A control character in a provider's text does not start another column.
    let text = server
        .post("/api/today_list", r#"{"limit":1,"t":1}"#)
        .await
        .body;
    assert_eq!(text, "us\tUS\tLos Angeles\tS T\tNet\n");
    server.setup.list(&[]);
    assert_eq!(server.get("/api/today_list").await.data(), json!([]));

    let provider = Provider::start(&[answer(402, "", "")]).await;
    server.setup.engine.set_api_host(&provider.url()).unwrap();
    for target in ["/api/today_list?today=1&limit=7", "/api/proxy?zip=90001"] {
        let refused = server.get(target).await;
        assert_eq!(refused.status, 402);
        assert_eq!(refused.refusal(), "status:402|message:PAYMENT_REQUIRED");
    }
    let asked = provider.targets();
    assert!(
        asked[0].contains("limit=7") && asked[0].contains("today=true"),
        "{asked:?}"
    );
    assert!(asked[1].contains("zip=90001"), "{asked:?}");
    server.setup.engine.shutdown().await;
}
