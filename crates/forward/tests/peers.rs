//! Third-party programs: curl as the client, tinyproxy and microsocks as the upstreams.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;

use support::upstream::{Kind, Upstream};
use support::{TestEngine, entry, free_port, http_server, quick};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// Without the settings of the user or the machine: no curlrc and no `NO_PROXY`.
const ALONE: [&str; 3] = ["-q", "--noproxy", ""];

/// Whether the programs are installed; names them if not.
fn found(test: &str, programs: &[&str]) -> bool {
    for program in programs {
        if !Path::new("/usr/bin").join(program).exists() {
            println!("SKIPPED: {test}: {program} is not installed");
            return false;
        }
    }
    true
}

async fn started(program: &str, arguments: &[&str], at: SocketAddr) -> Child {
    let child = Command::new(program)
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    support::soon(program, async {
        while TcpStream::connect(at).await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    })
    .await;
    child
}

/// curl with CONNECT, plain requests and SOCKS5, through the port to the server.
async fn curl(setup: &TestEngine) {
    let website = http_server().await;
    let url = format!("http://localhost:{}/path", website.port());
    for arguments in [
        vec!["-x", "http://"],
        vec!["-p", "-x", "http://"],
        vec!["-x", "socks5h://"],
    ] {
        let mut arguments: Vec<String> = arguments.into_iter().map(str::to_owned).collect();
        let last = arguments.pop().unwrap();
        arguments.push(format!("{last}{}", setup.address()));
        let output = Command::new("curl")
            .args(ALONE)
            .args(["-sS", "--max-time", "45", "-d", "body"])
            .args(&arguments)
            .arg(&url)
            .output();
        let output = support::soon("curl", output).await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            text.starts_with("POST /path HTTP/1.1|localhost:")
                || text.starts_with("POST http://localhost:"),
            "{arguments:?}: {}: {text} {said} {:?}",
            output.status,
            setup.events()
        );
        assert!(text.contains("|body|hop="), "{arguments:?}: {text} {said}");
    }
}

#[tokio::test]
async fn curl_through_our_own_upstreams() {
    if !found("curl_through_our_own_upstreams", &["curl"]) {
        return;
    }
    for kind in [Kind::Http, Kind::Socks] {
        let up = Upstream::with(kind, Some(("user name", "p@ss:%"))).await;
        let more = r#""username":"user name","password":"p@ss:%","#;
        let setup = TestEngine::forwarding(quick(), up.entry(more)).await;
        curl(&setup).await;
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn curl_through_microsocks() {
    if !found("curl_through_microsocks", &["curl", "microsocks"]) {
        return;
    }
    for (flags, more) in [
        (&[][..], ""),
        (
            &["-u", "us:er", "-P", "p@ss %ü"][..],
            r#""username":"us:er","password":"p@ss %ü","#,
        ),
    ] {
        let at: SocketAddr = ([127, 0, 0, 1], free_port()).into();
        let port = at.port().to_string();
        let arguments = [&["-i", "127.0.0.1", "-p", &port], flags].concat();
        let _running = started("microsocks", &arguments, at).await;
        let setup = TestEngine::forwarding(quick(), entry("socks5", at, more)).await;
        curl(&setup).await;
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn curl_through_tinyproxy() {
    if !found("curl_through_tinyproxy", &["curl", "tinyproxy"]) {
        return;
    }
    for (auth, more) in [
        ("", ""),
        (
            "BasicAuth alice s3cret",
            r#""username":"alice","password":"s3cret","#,
        ),
    ] {
        let at: SocketAddr = ([127, 0, 0, 1], free_port()).into();
        let file = std::env::temp_dir().join(format!("loopwire-tinyproxy-{}.conf", at.port()));
        std::fs::write(&file, format!("Port {}\nListen 127.0.0.1\nTimeout 20\nAllow 127.0.0.1\nDisableViaHeader Yes\n{auth}\n", at.port())).unwrap();
        let _running = started("tinyproxy", &["-d", "-c", file.to_str().unwrap()], at).await;
        let setup = TestEngine::forwarding(quick(), entry("http", at, more)).await;
        curl(&setup).await;
        setup.engine.shutdown().await;
        let _ = std::fs::remove_file(file);
    }
}
