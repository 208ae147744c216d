//! Cross-site requests: on every route they are refused before anything is done and before the body is read.

use loopwire_forward::API_ROUTES;

use crate::support::server::TestServer;

/// Requests that would change something or cost money if they were allowed.
const TARGETS: [&str; 3] = [
    "/api/set_port_range?start_port=30000&port_num=3",
    "/api/port_free?ports=all",
    "/api/proxy?num=1",
];

#[tokio::test]
async fn cross_site_requests_are_refused_on_every_route() {
    let server = TestServer::open(&[], 2);
    let routes = API_ROUTES.iter().map(|route| route.path).chain(TARGETS);
    for target in routes.chain(["/", "/no/such/path"]) {
        for headers in [
            // An image, a script, a link, `no-cors`.
            "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n",
            "Origin: http://evil.com\r\n",
            "Origin: null\r\n",
            "Origin: http://localhost.evil.com\r\n",
            "Referer: http://evil.com/page\r\n",
        ] {
            for method in ["GET", "POST", "OPTIONS", "PUT"] {
                let refused = server.ask(method, target, headers, "").await;
                assert_eq!(refused.status, 403, "{method} {target} {headers}");
                assert!(!refused.head.contains("access-control-allow-origin"));
            }
        }
        // A form, with and without other signs of a cross-site request.
        let form = "Content-Type: application/x-www-form-urlencoded\r\n";
        let foreign = format!("{form}Origin: http://evil.com\r\n");
        assert_eq!(
            server.ask("POST", target, &foreign, "num=1").await.status,
            403
        );
        for kind in [
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "text/plain",
        ] {
            let headers = format!("Content-Type: {kind}\r\n");
            let refused = server.ask("POST", target, &headers, r#"{"num":1}"#).await;
            assert_eq!(refused.status, 400, "{target} {kind}");
        }
        // DNS rebinding: a foreign name that resolves to this machine.
        for host in ["evil.com", "127.0.0.1", "localhost.evil.com:80", "0.0.0.0"] {
            let request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
            assert_eq!(server.send(&request).await.status, 403, "{target} {host}");
        }
    }
    assert!(server.setup.events().is_empty(), "something was done");
    let range: Vec<u16> = server.setup.engine.get_ports();
    assert_eq!(range, [server.start, server.start + 1]);
    server.setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_cross_site_request_is_refused_before_its_body_is_read() {
    let server = TestServer::open(&[], 1);
    let host = server.api.local_addr();
    // The body never comes: a server that waits for it would not answer.
    let request = format!(
        "POST /api/proxy HTTP/1.1\r\nHost: {host}\r\nOrigin: http://evil.com\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
    );
    assert_eq!(server.send(&request).await.status, 403);
    server.setup.engine.shutdown().await;
}

#[tokio::test]
async fn local_pages_and_programs_are_allowed() {
    let server = TestServer::open(&[], 1);
    for headers in [
        "",
        "Origin: http://localhost:3000\r\n",
        "Referer: http://127.0.0.1:3000/page?x\r\n",
        "Sec-Fetch-Site: same-origin\r\n",
        "Sec-Fetch-Site: none\r\n",
    ] {
        let answer = server.ask("GET", "/api/port_status", headers, "").await;
        assert_eq!(answer.status, 200, "{headers}");
    }
    let local = "Origin: http://localhost:3000\r\n";
    let answer = server
        .ask("GET", "/api/port_check?ports=0", local, "")
        .await;
    assert_eq!(answer.status, 400);
    // The page may read the reason.
    assert!(
        answer
            .head
            .contains("access-control-allow-origin: http://localhost:3000")
    );
    server.setup.engine.shutdown().await;
}
