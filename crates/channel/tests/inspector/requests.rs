//! Requests for the page that are not what a browser sends.

use std::io::{Read, Write};

use crate::client::{FILES, ask, ask_as, bearer, inspected, inspected_under};
use crate::support::{TOKEN, TestServer};

/// Sends these bytes, and reads until the listener closes.
fn exchange(server: &TestServer, request: &str) -> String {
    let mut stream = server.connect();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn a_token_in_the_query_is_refused_and_not_repeated() {
    let server = inspected();
    for (path, _) in FILES {
        for query in [
            format!("token={TOKEN}"),
            format!("theme=dark&%74oken={TOKEN}"),
            "token=wrong".to_owned(),
            "token".to_owned(),
        ] {
            for method in ["GET", "HEAD"] {
                let answer = ask(&server, &format!("{method} {path}?{query}"), "");
                assert_eq!(answer.status, 400, "{method} {path}?{query}");
                if method == "GET" {
                    assert_eq!(answer.json()["code"], "BAD_REQUEST");
                    assert!(answer.text().contains("/inspect#token="), "{query}");
                    assert!(!answer.text().contains(TOKEN));
                }
            }
        }
        for query in ["theme=dark", "", "tokens=1", "a=token"] {
            assert_eq!(ask(&server, &format!("GET {path}?{query}"), "").status, 200);
        }
    }
}

#[test]
fn only_the_exact_paths_are_open() {
    let server = inspected();
    for path in [
        "//inspect",
        "/inspect/",
        "/inspect//inspector.js",
        "/inspect/.",
        "/inspect/./inspector.js",
        "/inspect/..",
        "/inspect/../inspect",
        "/inspect/../ws/connections",
        "/ws/../inspect",
        "/inspect/%2e%2e/metrics",
        "/inspect/%2e%2e%2fmetrics",
        "/%69nspect",
        "/inspect%2finspector.js",
        "/inspect%00",
        "/inspect;a",
        "/INSPECT",
        "/inspect/inspector.js.gz",
        "/inspect/inspector.html",
        "/inspect\\inspector.js",
    ] {
        let call = format!("GET {path}");
        assert_eq!(ask(&server, &call, "").status, 401, "{path}");
        assert_eq!(ask(&server, &call, &bearer()).status, 404, "{path}");
    }
}

#[test]
fn every_other_method_is_refused_with_those_that_there_are() {
    let server = inspected();
    for (path, _) in FILES {
        for method in ["PATCH", "TRACE", "BREW", "PROPFIND", "get"] {
            let call = format!("{method} {path}");
            assert_eq!(ask(&server, &call, "").status, 401, "{call}");
            let answer = ask(&server, &call, &bearer());
            assert_eq!(answer.status, 405, "{call}");
            assert_eq!(answer.header("allow").as_deref(), Some("GET, HEAD"));
        }
        // It asks for a connection to a host, not for a path.
        let connect = ask(&server, &format!("CONNECT {path}"), &bearer());
        assert!([400, 405].contains(&connect.status), "{}", connect.status);
    }
}

#[test]
fn conditions_and_ranges_change_nothing() {
    let server = inspected();
    for (path, _) in FILES {
        let call = format!("GET {path}");
        let whole = ask(&server, &call, "").body;
        for headers in [
            "Range: bytes=0-0\r\n",
            "Range: bytes=0-,0-,0-,0-,0-,0-\r\nIf-Range: *\r\n",
            "Range: bytes=999999999-\r\n",
            "If-None-Match: *\r\n",
            "If-Modified-Since: Fri, 31 Dec 2100 00:00:00 GMT\r\n",
            "TE: gzip\r\n",
            "Accept: image/png\r\n",
            "Service-Worker: script\r\n",
            "Sec-Purpose: prefetch\r\nSec-Fetch-Site: cross-site\r\n",
            "Accept-Encoding: gzip;q=1e39, *;q=nan\r\n",
            "Accept-Encoding: ,,;;,gzip;;q=1,\r\n",
            "Accept-Encoding: \u{e4}\r\n",
        ] {
            let answer = ask(&server, &call, headers);
            assert_eq!(answer.status, 200, "{headers}");
            assert_eq!(answer.header("content-encoding"), None, "{headers}");
            assert!(answer.body == whole, "{path} {headers}");
            for name in ["etag", "last-modified", "accept-ranges"] {
                assert_eq!(answer.header(name), None);
            }
        }
    }
    // The limits of every request.
    let long = format!("Accept-Encoding: {}\r\n", "gzip,".repeat(3_000));
    assert_eq!(ask(&server, "GET /inspect", &long).status, 200);
    for (headers, status) in [
        (
            format!("Accept-Encoding: {}\r\n", "gzip,".repeat(4_000)),
            431,
        ),
        ("Accept-Encoding: gzip\r\n".repeat(65), 431),
    ] {
        assert_eq!(ask(&server, "GET /inspect", &headers).status, status);
    }
    server.has_no_fault();
}

#[test]
fn hosts_that_would_change_the_policy_are_refused() {
    let server = inspected_under(&["*.my.test", "my.test"]);
    let port = server.address().port();
    for host in [
        format!("127.0.0.1:{port}; script-src *"),
        format!("127.0.0.1:{port} script-src"),
        format!("127.0.0.1:{port},evil.example"),
        format!("127.0.0.1:{port}/"),
        format!("\"127.0.0.1:{port}\""),
        format!("'127.0.0.1:{port}'"),
        format!("me@127.0.0.1:{port}"),
        format!("127.0.0.1.:{port}"),
        format!("2130706433:{port}"),
        format!("127.1:{port}"),
        format!("[::ffff:127.0.0.1]:{port}"),
        format!("*.my.test:{port}"),
        format!("a;script-src *.my.test:{port}"),
        format!("a b.my.test:{port}"),
        format!("a\u{e9}.my.test:{port}"),
        format!(".my.test:{port}"),
        format!("my.test:{port};"),
        format!("my.test:{}", port ^ 1),
        "my.test".to_owned(),
        "evil.example".to_owned(),
        String::new(),
    ] {
        let answer = ask_as(server.address(), &host, "GET /inspect", "", "");
        assert_eq!(answer.status, 403, "{host:?}");
        assert_eq!(answer.header("content-security-policy"), None, "{host:?}");
    }
}

#[test]
fn a_target_with_a_host_of_its_own_must_have_the_same() {
    let server = inspected();
    let host = server.address();
    for (target, status) in [
        (format!("http://{host}/inspect"), 200),
        (format!("http://{host}/ws/connections"), 401),
        ("http://evil.example/inspect".to_owned(), 403),
        (format!("http://me@{host}/inspect"), 403),
        (format!("http://{host};a/inspect"), 403),
    ] {
        assert_eq!(
            ask(&server, &format!("GET {target}"), "").status,
            status,
            "{target}"
        );
    }
}

/// What stands behind the request on the same connection is never looked at: it could be another's, with a token.
#[test]
fn a_connection_carries_one_request() {
    let server = inspected();
    let host = server.address();
    let page = format!(
        "GET /inspect/inspector.css HTTP/1.1\r\nHost: {host}\r\nConnection: keep-alive\r\n\r\n"
    );
    let rows = format!(
        "GET /ws/connections HTTP/1.1\r\nHost: {host}\r\n{}\r\n",
        bearer()
    );
    let answer = exchange(&server, &format!("{page}{rows}"));
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert!(!answer.contains("connections\":"), "{answer}");
    // Older clients, and those that speak another protocol.
    let old = exchange(
        &server,
        &format!("GET /inspect HTTP/1.0\r\nHost: {host}\r\n\r\n"),
    );
    assert!(old.starts_with("HTTP/1.0 200 "), "{old}");
    let hostless = exchange(&server, "GET /inspect HTTP/1.0\r\n\r\n");
    assert!(hostless.starts_with("HTTP/1.0 403 "), "{hostless}");
    let second = exchange(&server, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert!(!second.contains(" 200 "), "{second}");
    server.has_no_fault();
}
