//! The server itself: its port, its token, its end.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};

use crate::house::{House, TOKEN};
use crate::support::api::{Api as Provider, Say};
use crate::support::{Bench, quick, soon, until};

#[tokio::test]
async fn a_port_that_is_taken_is_told_by_the_result_and_by_an_event() {
    let bench = Bench::new(quick(), &[]);
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = bench.engine.start_http_api(port, None).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddrInUse);
    let http_error = r#"{"type":"httpError","payload":"HTTP Start error"}"#;
    assert_eq!(bench.events(), [http_error]);
    drop(taken);
    let api = bench.engine.start_http_api(port, None).unwrap();
    assert_eq!(api.local_addr().to_string(), format!("127.0.0.1:{port}"));
    assert!(bench.events().is_empty());
    bench.engine.shutdown().await;
}

#[tokio::test]
async fn a_closed_server_has_freed_its_port_and_its_requests() {
    let provider = Provider::start(&[Say::Nothing]).await;
    let house = House::open(&[], 1);
    house.bench.engine.set_api_host(&provider.url()).unwrap();
    let address = house.api.local_addr();
    let waiting = tokio::join!(house.get("/api/proxy"), async {
        provider.until(1).await;
        assert!(!house.api.is_stopped());
        soon("close", house.api.close()).await;
        soon("close again", house.api.close()).await;
        assert!(house.api.is_stopped());
    });
    assert_eq!(waiting.0.status, 0, "the request is dropped");
    assert!(TcpStream::connect(address).is_err());
    let again = house.bench.engine.start_http_api(address.port(), None);
    assert_eq!(again.unwrap().local_addr(), address);
    // A server that is let go stops by itself.
    until("the port is free", || TcpListener::bind(address).is_ok()).await;
    house.bench.engine.shutdown().await;
}

#[tokio::test]
async fn a_token_is_asked_for_on_every_path_if_there_is_one() {
    let house = House::with(&[], 1, Some(TOKEN));
    for route in loopwire_forward::API_ROUTES.iter().map(|route| route.path) {
        assert_eq!(house.get(route).await.status, 401, "{route}");
        let wrong = house.get(&format!("{route}?token={TOKEN}x")).await;
        assert_eq!(wrong.status, 401);
        assert!(!wrong.body.contains(TOKEN));
    }
    assert_eq!(house.get("/no/such/path").await.status, 401);
    let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
    let shown = house.ask("GET", "/api/port_status", &bearer, "").await;
    assert_eq!(shown.status, 200);
    let shown = house.get(&format!("/api/port_status?token={TOKEN}")).await;
    assert_eq!(shown.status, 200);
    // A form's hidden field, and a JSON body, are no place for it.
    let body = format!(r#"{{"token":"{TOKEN}"}}"#);
    assert_eq!(house.post("/api/port_status", &body).await.status, 401);
    house.bench.engine.shutdown().await;
}
