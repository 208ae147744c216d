//! The server itself: its port, its token, its end.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};

use crate::support::api::{Api as Provider, Say};
use crate::support::server::{TOKEN, TestServer};
use crate::support::{TestEngine, quick, soon, until};

#[tokio::test]
async fn a_port_in_use_is_reported_by_the_result_and_by_an_event() {
    let setup = TestEngine::new(quick(), &[]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = setup.engine.start_http_api(port, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let http_error = r#"{"type":"httpError","payload":"HTTP Start error"}"#;
    assert_eq!(setup.events(), [http_error]);
    drop(taken);
    let api = setup.engine.start_http_api(port, None).unwrap();
    assert_eq!(api.local_addr().to_string(), format!("127.0.0.1:{port}"));
    assert!(setup.events().is_empty());
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_closed_server_has_freed_its_port_and_its_requests() {
    let provider = Provider::start(&[Say::Nothing]).await;
    let server = TestServer::open(&[], 1);
    server.setup.engine.set_api_host(&provider.url()).unwrap();
    let address = server.api.local_addr();
    let waiting = tokio::join!(server.get("/api/proxy"), async {
        provider.until(1).await;
        assert!(!server.api.is_stopped());
        soon("close", server.api.close()).await;
        soon("close again", server.api.close()).await;
        assert!(server.api.is_stopped());
    });
    assert_eq!(waiting.0.status, 0, "the request is dropped");
    assert!(TcpStream::connect(address).is_err());
    let again = server.setup.engine.start_http_api(address.port(), None);
    assert_eq!(again.unwrap().local_addr(), address);
    // A dropped server stops by itself.
    until("the port is free", || TcpListener::bind(address).is_ok()).await;
    server.setup.engine.shutdown().await;
}

#[tokio::test]
async fn a_token_is_asked_for_on_every_path_if_there_is_one() {
    let server = TestServer::with(&[], 1, Some(TOKEN));
    for route in loopwire_forward::API_ROUTES.iter().map(|route| route.path) {
        assert_eq!(server.get(route).await.status, 401, "{route}");
        let wrong = server.get(&format!("{route}?token={TOKEN}x")).await;
        assert_eq!(wrong.status, 401);
        assert!(!wrong.body.contains(TOKEN));
    }
    assert_eq!(server.get("/no/such/path").await.status, 401);
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let shown = server.ask("GET", "/api/port_status", &bearer, "").await;
    assert_eq!(shown.status, 200);
    let shown = server.get(&format!("/api/port_status?token={TOKEN}")).await;
    assert_eq!(shown.status, 200);
    // A token in a JSON body is not accepted.
    let body = format!(r#"{{"token":"{TOKEN}"}}"#);
    assert_eq!(server.post("/api/port_status", &body).await.status, 401);
    server.setup.engine.shutdown().await;
}
