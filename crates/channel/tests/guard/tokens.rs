//! Tokens: what is one, where it may stand, and that a wrong one learns nothing.

use std::collections::BTreeSet;

use loopwire_channel::{
    MAX_TOKEN_BYTES, MAX_TOKEN_CHARS, RESERVED_TOKENS, RequestLimits, Token, TokenCell, TokenError,
};

use crate::server::{GuardServer, bearer};
use crate::support::TOKEN;

#[test]
fn what_is_a_token() {
    let longest = "a".repeat(MAX_TOKEN_CHARS);
    for good in ["a", "abcd1234", "A.b_c~d-9", "connections2", &longest] {
        assert_eq!(Token::parse(good).unwrap().reveal(), good);
    }
    let too_long = "a".repeat(MAX_TOKEN_CHARS + 1);
    let bad = [
        ("", TokenError::Empty),
        (&too_long, TokenError::TooLong),
        ("with space", TokenError::Alphabet),
        ("a/b", TokenError::Alphabet),
        ("a+b=", TokenError::Alphabet),
        ("caf\u{e9}", TokenError::Alphabet),
        ("a\0", TokenError::Alphabet),
        ("a%41", TokenError::Alphabet),
    ];
    let reserved = RESERVED_TOKENS.map(|word| (word, TokenError::Reserved));
    for (text, why) in bad.into_iter().chain(reserved) {
        let error = Token::parse(text).unwrap_err();
        assert_eq!(error, why, "{text:?}");
        assert_eq!(error.code(), "ERR_TOKEN_INVALID");
        let message = error.to_string();
        assert!(message.contains("base64url, hex or generateToken()"));
        assert!(why == TokenError::Reserved || text.len() < 3 || !message.contains(text));
    }
}

#[test]
fn generated_tokens_are_long_and_differ() {
    let tokens: BTreeSet<_> = (0..100)
        .map(|_| Token::generate(32).unwrap().reveal().to_owned())
        .collect();
    assert_eq!(tokens.len(), 100);
    assert!(tokens.iter().all(|token| token.len() == 43));
    let largest = Token::generate(MAX_TOKEN_BYTES).unwrap();
    assert_eq!(largest.reveal().len(), MAX_TOKEN_CHARS);
    for bytes in [0, MAX_TOKEN_BYTES + 1, usize::MAX] {
        assert_eq!(Token::generate(bytes).unwrap_err(), TokenError::Bytes);
    }
}

#[test]
fn only_exactly_the_token_matches() {
    let token = Token::parse("abc").unwrap();
    assert!(token.matches(b"abc"));
    let long = [b'a'; 1000];
    for other in [
        b"".as_slice(),
        b"ab",
        b"abcd",
        b"abc\0",
        b"\0abc",
        b"ABC",
        &long,
    ] {
        assert!(!token.matches(other), "{other:?}");
    }
    let widest = Token::parse(&"a".repeat(MAX_TOKEN_CHARS)).unwrap();
    assert!(widest.matches(&long[..MAX_TOKEN_CHARS]));
    assert!(!widest.matches(&long[..=MAX_TOKEN_CHARS]));
}

#[test]
fn debug_and_display_never_show_the_token() {
    let cell = TokenCell::new(Token::parse(TOKEN).unwrap());
    let token = cell.token();
    for shown in [
        format!("{token:?}"),
        format!("{token}"),
        format!("{cell:?}"),
    ] {
        assert!(shown.contains("redacted"), "{shown}");
        assert!(!shown.contains(&TOKEN[..4]), "{shown}");
    }
    assert!(!token.is_short());
    assert!(Token::parse("abcd1234").unwrap().is_short());
    assert!(Token::parse("123456789012345").unwrap().is_short());
    assert!(!Token::parse("1234567890123456").unwrap().is_short());
}

#[tokio::test]
async fn every_form_admits_and_is_reported() {
    let server = GuardServer::start().await;
    let encoded = TOKEN.replace('~', "%7E").replace('F', "%46");
    let protocol = format!("Sec-WebSocket-Protocol: loopwire.v1, bearer.{TOKEN}\r\n");
    let forms = [
        (format!("/ws/{TOKEN}"), String::new(), "Sdk"),
        (format!("/ws/{encoded}"), String::new(), "Sdk"),
        (format!("/?token={TOKEN}"), String::new(), "Query"),
        (format!("/ws?a=b&token={encoded}"), String::new(), "Query"),
        ("/".into(), bearer(), "Bearer"),
        (
            "/ws".into(),
            bearer()
                .to_ascii_lowercase()
                .replace(&TOKEN.to_ascii_lowercase(), TOKEN),
            "Bearer",
        ),
        ("/ws".into(), protocol.clone(), "Protocol"),
        (
            format!("/ws/{TOKEN}?token={TOKEN}"),
            bearer() + &protocol,
            "Sdk",
        ),
    ];
    for (target, headers, form) in forms {
        let answer = server.upgrade(&target, &headers).await;
        assert_eq!(answer.status, 101, "{target} {}", answer.raw);
        assert!(
            answer.body().contains(&format!("form: {form},")),
            "{target}: {}",
            answer.body()
        );
        assert!(!answer.head().contains(TOKEN), "{}", answer.raw);
    }
}

#[tokio::test]
async fn a_hundred_wrong_tokens_get_one_answer() {
    let server = GuardServer::start().await;
    let mut wrong: Vec<String> = Vec::new();
    for at in 0..TOKEN.len() {
        let (head, tail) = TOKEN.split_at(at);
        let flipped = if tail.starts_with('x') { 'y' } else { 'x' };
        wrong.push(format!("{head}{flipped}{}", &tail[1..]));
        wrong.push(head.to_owned());
        wrong.push(tail[1..].to_owned());
        wrong.push(format!("{head}%00{tail}"));
    }
    wrong.extend([
        TOKEN.to_ascii_uppercase(),
        format!("{TOKEN}%00"),
        format!("{TOKEN}%20"),
        format!("{TOKEN}x"),
        TOKEN.replace('Z', "%255A"),
        "%FF%FE".into(),
        "%zz".into(),
        "a".repeat(256),
        "a".repeat(257),
        "a".repeat(4096),
        "%63onnection".into(),
        "__proto__".into(),
    ]);
    let mut answers = BTreeSet::new();
    let mut asked = 0;
    for token in &wrong {
        for (target, headers) in [
            (format!("/ws/{token}"), String::new()),
            (format!("/ws?token={token}"), String::new()),
            ("/ws".into(), format!("Authorization: Bearer {token}\r\n")),
            (
                "/metrics".into(),
                format!("Authorization: Bearer {token}\r\n"),
            ),
            (
                "/ws".into(),
                format!("Sec-WebSocket-Protocol: bearer.{token}\r\n"),
            ),
        ] {
            let answer = server.upgrade(&target, &headers).await;
            assert_eq!(answer.status, 401, "{target} {headers}");
            answers.insert(answer.raw);
            asked += 1;
        }
    }
    // No token, and other schemes, are wrong in the same way.
    for headers in [
        "",
        "Authorization: Basic abc\r\n",
        "Authorization: Bearer\r\n",
        "Authorization: \r\n",
    ] {
        answers.insert(server.upgrade("/ws", headers).await.raw);
    }
    assert!(wrong.len() >= 100 && asked >= 500);
    assert_eq!(answers.len(), 1, "{answers:#?}");
    assert_eq!(
        server.ask("GET", "/ws", "").await.refusal().0,
        "UNAUTHORIZED"
    );
}

#[tokio::test]
async fn two_tokens_that_differ_are_a_bad_request() {
    let server = GuardServer::start().await;
    let other = "Authorization: Bearer other\r\n".to_owned();
    let protocol = "Sec-WebSocket-Protocol: bearer.other\r\n".to_owned();
    for (target, headers) in [
        (format!("/ws/{TOKEN}?token=other"), String::new()),
        (format!("/ws/{TOKEN}"), other.clone()),
        (format!("/ws?token={TOKEN}"), other.clone()),
        (format!("/ws?token={TOKEN}&token=other"), String::new()),
        (format!("/ws?token={TOKEN}&token="), String::new()),
        (format!("/?token={TOKEN}"), protocol.clone()),
        ("/metrics".into(), bearer() + &other),
        ("/ws".into(), bearer() + &protocol),
        ("/ws".into(), other.clone() + &bearer()),
    ] {
        let answer = server.upgrade(&target, &headers).await;
        assert_eq!(answer.status, 400, "{target} {headers}");
        assert_eq!(answer.refusal().0, "BAD_REQUEST");
        assert!(!answer.raw.contains(TOKEN));
    }
}

#[tokio::test]
async fn rotation_refuses_the_old_token_and_changes_the_epoch() {
    let server = GuardServer::start().await;
    let admitted = server.upgrade(&format!("/ws/{TOKEN}"), "").await;
    assert!(admitted.body().contains("token_epoch: 0"));
    let epoch = server.token.rotate(Token::parse("next").unwrap());
    assert!(!server.token.is_current(0) && server.token.is_current(epoch));
    assert_eq!(
        server.upgrade(&format!("/ws/{TOKEN}"), "").await.status,
        401
    );
    let admitted = server.upgrade("/ws/next", "").await;
    assert!(admitted.body().contains(&format!("token_epoch: {epoch}")));
}

#[tokio::test]
async fn flags_are_read_and_bad_ones_refused() {
    let server = GuardServer::with_limits(RequestLimits::default()).await;
    let all = server
        .upgrade(
            &format!(
                "/ws/{TOKEN}?v=1&binary=true&silent=true&since=18446744073709551615&epoch=E-1_a&x=y"
            ),
            "",
        )
        .await;
    let flags = "v1: true, binary: true, silent: true, since: Some(18446744073709551615), epoch: Some(\"E-1_a\")";
    assert!(all.body().contains(flags), "{}", all.body());
    let none = server.upgrade(&format!("/ws/{TOKEN}"), "").await;
    let flags = "v1: false, binary: false, silent: false, since: None, epoch: None";
    assert!(none.body().contains(flags), "{}", none.body());
    for bad in [
        "v=2",
        "v=",
        "v",
        "v=1&v=1",
        "binary=1",
        "binary=TRUE",
        "silent=yes",
        "since=-1",
        "since=+1",
        "since=",
        "since=1.0",
        "since=18446744073709551616",
        "since=0x1",
        "epoch=",
        "epoch=a%20b",
        "epoch=%C3%A9",
        "since=1&since=1",
        "silent=true&silent=false",
    ] {
        let answer = server.upgrade(&format!("/ws/{TOKEN}?{bad}"), "").await;
        assert_eq!(answer.status, 400, "{bad}");
        let (_, error) = answer.refusal();
        let key = bad.split('=').next().unwrap();
        assert!(error.contains(key), "{bad}: {error}");
        // The token is checked first: without it, a client gets no message about flags.
        assert_eq!(
            server.upgrade(&format!("/ws/wrong?{bad}"), "").await.status,
            401
        );
    }
}
