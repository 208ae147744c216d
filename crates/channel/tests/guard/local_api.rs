//! The same guard in front of the local HTTP API: pages of other sites are kept out without a token.

use std::sync::Arc;

use loopwire_channel::{Policy, RequestLimits, Token, TokenCell};

use crate::server::{GuardServer, bearer};
use crate::support::TOKEN;

async fn api(token: Option<&str>) -> GuardServer {
    let token = token.map(|token| Arc::new(TokenCell::new(Token::parse(token).unwrap())));
    GuardServer::with(RequestLimits::default(), |policy| {
        Policy::local_api(policy.hosts, token)
    })
    .await
}

#[tokio::test]
async fn other_sites_are_refused_by_every_header_that_shows_them() {
    let server = api(None).await;
    for headers in [
        "Origin: http://evil.com\r\n",
        "Origin: null\r\n",
        "Referer: http://evil.com/page\r\n",
        "Referer: https://localhost.evil.com/\r\n",
        "Referer: http://localhost@evil.com/\r\n",
        "Referer: evil.com\r\n",
        "Referer: \r\n",
        "Referer: about:blank\r\n",
        "Referer: http://localhost/\r\nReferer: http://evil.com/\r\n",
        "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: Cross-Site\r\n",
        "Sec-Fetch-Site: none\r\nSec-Fetch-Site: cross-site\r\n",
    ] {
        let answer = server.ask("GET", "/echo", headers).await;
        assert_eq!(answer.status, 403, "{headers}");
        assert_eq!(answer.refusal().0, "ORIGIN_REFUSED");
    }
    for headers in [
        "",
        "Origin: http://localhost:3000\r\n",
        "Referer: http://localhost:3000/page?x#y\r\n",
        "Referer: http://[::1]:3000\r\n",
        "Sec-Fetch-Site: none\r\n",
        "Sec-Fetch-Site: same-origin\r\n",
    ] {
        assert_eq!(
            server.ask("GET", "/echo", headers).await.status,
            200,
            "{headers}"
        );
    }
    let rebound = "GET /echo HTTP/1.1\r\nHost: evil.com\r\n\r\n";
    assert_eq!(server.send(rebound).await.status, 403);
}

#[tokio::test]
async fn a_token_is_required_if_there_is_one() {
    let server = api(Some(TOKEN)).await;
    assert_eq!(server.ask("GET", "/echo", "").await.status, 401);
    assert_eq!(server.ask("GET", "/health", "").await.status, 401);
    assert_eq!(
        server.ask("GET", &format!("/ws/{TOKEN}"), "").await.status,
        401
    );
    assert_eq!(server.ask("GET", "/echo", &bearer()).await.status, 200);
    assert_eq!(
        server
            .ask("GET", &format!("/echo?token={TOKEN}"), "")
            .await
            .status,
        200
    );
    assert_eq!(server.ask("GET", "/echo?token=x", "").await.status, 401);
    assert_eq!(
        server.ask("GET", "/echo?token=x", &bearer()).await.status,
        400
    );
}
