//! User names and passwords with all kinds of characters, as the upstreams get them.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use support::tls::{Identity, TlsFront};
use support::upstream::{Kind, Upstream};
use support::{TestEngine, echo, entry, http_server, quick, read_until, tunnel};
use tokio::io::AsyncWriteExt;

const LONGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\
    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\
    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\
    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde";

const PAIRS: [(&str, &str); 7] = [
    ("alice", "s3cret"),
    ("al ice", " p w "),
    ("alice@example.com", "p@ss@word"),
    ("a%40b", "100%"),
    ("ünï", "пароль 密码"),
    ("alice", "a:b::c"),
    (LONGEST, LONGEST),
];

#[tokio::test]
async fn any_text_is_sent_unchanged() {
    for (protocol, kind) in [
        ("http", Kind::Http),
        ("https", Kind::Http),
        ("socks5", Kind::Socks),
    ] {
        // Basic cannot carry a colon in the user name; SOCKS5 can.
        let hop = if kind == Kind::Socks {
            "|hop=false"
        } else {
            "|hop=true"
        };
        let colon = (kind == Kind::Socks).then_some(("a:b", ":"));
        for (name, password) in PAIRS.into_iter().chain(colon) {
            let up = Upstream::with(kind, Some((name, password))).await;
            let more = format!(
                r#""username":{},"password":{},"#,
                serde_json::to_string(name).unwrap(),
                serde_json::to_string(password).unwrap()
            );
            let front;
            let entry = match protocol {
                "https" => {
                    front = TlsFront::before(up.address, Identity::signed("127.0.0.1")).await;
                    front.entry(&more)
                }
                protocol => entry(protocol, up.address, &more),
            };
            let setup = TestEngine::forwarding(quick(), entry).await;
            let mut stream = tunnel(&setup, echo().await).await;
            stream.write_all(b"x").await.unwrap();
            assert_eq!(read_until(&mut stream, "x").await, "x", "{protocol} {name}");
            let website = http_server().await;
            let mut stream = setup.connect().await;
            let request = format!("GET http://{website}/ HTTP/1.1\r\nHost: x\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let answer = read_until(&mut stream, hop).await;
            assert!(
                answer.starts_with("HTTP/1.1 200 OK\r\n"),
                "{protocol} {name}: {answer}"
            );
            setup.engine.shutdown().await;
        }
    }
}
