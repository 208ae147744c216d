//! Ports whose upstream leads back to them. A file of its own, because it limits the descriptors of the whole process.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]
#![cfg(target_os = "linux")]

#[path = "../support/mod.rs"]
mod support;

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use loopwire_forward::{ForwardError, Rules, Through, Wanted};
use support::{TestEngine, echo, entry, free_port, http_server, quick, read_to_end, soon, tunnel};
use support::{read_until, until};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, MutexGuard};

/// The tests count the sockets of the process: one after the other.
static ALONE: Mutex<()> = Mutex::const_new(());

const DIRECT: &str = r#"{"id":"up","protocol":"direct"}"#;

/// How soon a request in a loop must have its answer. It takes milliseconds; a handshake's timeout would be longer.
const SOON: Duration = Duration::from_secs(15);

/// The descriptors that the process may have.
const LIMIT: u64 = 500;

/// Limits the descriptors, so that a loop would take them all in a moment.
async fn limited() -> MutexGuard<'static, ()> {
    let alone = ALONE.lock().await;
    let pid = std::process::id().to_string();
    let status = std::process::Command::new("prlimit")
        .args(["--pid", &pid, &format!("--nofile={LIMIT}:")])
        .status();
    assert!(status.is_ok_and(|status| status.success()));
    alone
}

/// The sockets and pipes of the process. Not its other descriptors: each test has a runtime of its own, and those that wait for
/// their turn open theirs (an epoll, an eventfd, one more descriptor of the socket of signals) while this one counts.
fn descriptors() -> usize {
    let open = std::fs::read_dir("/proc/self/fd").unwrap();
    let targets = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    let names = targets.filter_map(|target| target.into_os_string().into_string().ok());
    let counted = names.filter(|name| name.starts_with("socket:") || name.starts_with("pipe:"));
    counted.collect::<HashSet<_>>().len()
}

async fn forward(setup: &TestEngine, url: &str) -> Result<(), String> {
    let wanted = Wanted {
        through: Through::Inline(url.into()),
        rules: Rules::default(),
        request_id: None,
    };
    let forwarded = setup.engine.forward(setup.port, wanted).unwrap();
    match soon("forward", forwarded).await {
        Ok(_) => Ok(()),
        Err(ForwardError::Request { detail, .. }) => Err(detail.to_string()),
        Err(error) => panic!("{error}"),
    }
}

/// A forwarded port whose upstream is `direct`.
async fn direct() -> TestEngine {
    TestEngine::forwarding(quick(), DIRECT.to_owned()).await
}

async fn works(setup: &TestEngine, echo: SocketAddr) {
    let mut stream = tunnel(setup, echo).await;
    stream.write_all(b"hello").await.unwrap();
    assert_eq!(read_until(&mut stream, "hello").await, "hello");
}

fn upstream_loop() -> Result<(), String> {
    Err("upstream loop".to_owned())
}

#[tokio::test]
async fn a_port_is_not_its_own_upstream_by_any_name() {
    let _alone = limited().await;
    let echo = echo().await;
    for open in [false, true] {
        let setup = match open {
            true => direct().await,
            false => TestEngine::new(quick(), &[]),
        };
        for host in ["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]"] {
            for scheme in ["http", "https", "socks5"] {
                let url = format!("{scheme}://{host}:{}", setup.port);
                assert_eq!(forward(&setup, &url).await, upstream_loop(), "{url}");
            }
        }
        setup.list(&[entry("http", setup.address(), "")]);
        let created = setup.engine.create_with_id(setup.port, "up", "1", "manual");
        assert!(soon("createWithId", created).await.is_err());
        let told = setup.error("up", "upstream loop");
        assert!(setup.events().contains(&told));
        if open {
            // It goes on with the upstream that it has.
            works(&setup, echo).await;
        }
        setup.engine.shutdown().await;
    }
}

/// An address of this machine that is no loopback address.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:1").ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_loopback() && !ip.is_unspecified()).then_some(ip)
}

#[tokio::test]
async fn a_port_for_all_addresses_is_not_its_own_upstream_by_one_of_them() {
    let _alone = limited().await;
    let Some(ip) = own_address() else {
        let test = "a_port_for_all_addresses_is_not_its_own_upstream_by_one_of_them";
        println!("SKIPPED: {test}: this machine has only loopback addresses");
        return;
    };
    let setup = TestEngine::new(quick(), &[]);
    setup
        .engine
        .set_proxy_auth(true, "alice", "s3cret")
        .unwrap();
    setup
        .engine
        .update_ip_format_and_ports("0.0.0.0:%d", setup.port.into(), 1)
        .unwrap();
    forward(&setup, "direct:").await.unwrap();
    for host in [ip.to_string(), "127.0.0.1".into(), "127.0.0.9".into()] {
        let url = format!("http://alice:s3cret@{host}:{}", setup.port);
        assert_eq!(forward(&setup, &url).await, upstream_loop(), "{url}");
    }
    setup.engine.shutdown().await;
}

#[tokio::test]
async fn own_ports_may_lead_to_each_other_but_not_in_a_circle() {
    let _alone = limited().await;
    let echo = echo().await;
    let (one, two, three) = (direct().await, direct().await, direct().await);
    for scheme in ["http", "socks5"] {
        let to = |setup: &TestEngine| format!("{scheme}://localhost:{}", setup.port);
        forward(&one, &to(&two)).await.unwrap();
        forward(&two, &to(&three)).await.unwrap();
        works(&one, echo).await;
        assert_eq!(forward(&three, &to(&one)).await, upstream_loop());
        assert_eq!(forward(&two, &to(&one)).await, upstream_loop());
        works(&one, echo).await;
        // The end of the chain is elsewhere now, so the first one may follow it.
        forward(&one, "direct:").await.unwrap();
        forward(&three, &to(&one)).await.unwrap();
        works(&two, echo).await;
        for setup in [&one, &two, &three] {
            forward(setup, "direct:").await.unwrap();
        }
    }
    for setup in [one, two, three] {
        setup.engine.shutdown().await;
    }
}

#[tokio::test]
async fn a_circle_that_comes_about_all_the_same_takes_no_descriptors() {
    let _alone = limited().await;
    let echo = echo().await;
    let other = direct().await;
    for scheme in ["http", "socks5"] {
        let before = descriptors();
        let (one, two) = (direct().await, direct().await);
        let to = |setup: &TestEngine| format!("{scheme}://127.0.0.1:{}", setup.port);
        // At the same time: neither sees the other one's new upstream, or one of them does.
        let (to_two, to_one) = (to(&two), to(&one));
        let _ = tokio::join!(forward(&one, &to_two), forward(&two, &to_one));
        let begun = Instant::now();
        for request in [
            format!("CONNECT {echo} HTTP/1.1\r\nHost: x\r\n\r\n"),
            format!("GET http://{echo}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
        ] {
            for setup in [&one, &two] {
                let mut client = setup.connect().await;
                client.write_all(request.as_bytes()).await.unwrap();
                let answer = read_until(&mut client, "\r\n\r\n").await;
                assert!(answer.starts_with("HTTP/1.1 "), "{answer}");
            }
        }
        soon("checks", one.engine.test_port(one.port)).await;
        soon("checks", two.engine.test_port(two.port)).await;
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
        works(&other, echo).await;
        // Those of the requests and the checks: in a loop there would be hundreds.
        for setup in [&one, &two] {
            let connections = setup.config("/connections").as_u64().unwrap();
            assert!(connections < 20, "{connections} connections");
        }
        one.engine.shutdown().await;
        two.engine.shutdown().await;
        drop((one, two));
        until("descriptors", || descriptors() <= before + 2).await;
    }
    other.engine.shutdown().await;
}

/// tinyproxy with an upstream.
async fn tinyproxy(at: SocketAddr, upstream: SocketAddr, more: &str) -> Child {
    let file = std::env::temp_dir().join(format!("loopwire-tinyproxy-{}.conf", at.port()));
    let text = format!(
        "Port {}\nListen 127.0.0.1\nTimeout 20\nMaxClients 1000\nAllow 127.0.0.1\nUpstream http {upstream}\n{more}\n",
        at.port()
    );
    std::fs::write(&file, text).unwrap();
    let child = Command::new("tinyproxy")
        .args(["-d", "-c", file.to_str().unwrap()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    soon("tinyproxy", async {
        while TcpStream::connect(at).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let _ = std::fs::remove_file(file);
    child
}

#[tokio::test]
async fn a_loop_through_a_foreign_proxy_ends_and_other_ports_go_on() {
    let _alone = limited().await;
    if !Path::new("/usr/bin/tinyproxy").exists() {
        let test = "a_loop_through_a_foreign_proxy_ends_and_other_ports_go_on";
        println!("SKIPPED: {test}: tinyproxy is not installed");
        return;
    }
    let (echo, website) = (echo().await, http_server().await);
    let other = direct().await;
    for via in ["", "DisableViaHeader Yes"] {
        let before = descriptors();
        let at = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let setup = TestEngine::new(quick(), &[entry("http", at, "")]);
        let running = tinyproxy(at, setup.address(), via).await;
        let created = setup.engine.create_with_id(setup.port, "up", "1", "manual");
        soon("createWithId", created).await.unwrap();
        for request in [
            format!("GET http://{website}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
            format!("CONNECT {website} HTTP/1.1\r\nHost: x\r\n\r\n"),
        ] {
            let started = setup.config("/connections").as_u64().unwrap();
            let mut client = setup.connect().await;
            client.write_all(request.as_bytes()).await.unwrap();
            let asked = async {
                while setup.config("/streams") != 0 {
                    // What the loop leaves to others.
                    works(&other, echo).await;
                    let left = std::fs::File::open("/dev/null");
                    assert!(left.is_ok(), "{via}: {left:?}");
                }
            };
            let (answer, ()) = tokio::join!(read_to_end(&mut client), soon("the end", asked));
            assert!(!answer.contains(" 200 "), "{via}: {answer}");
            // Each round has the port connect to tinyproxy once more. It ends at 20 proxies; or where the port has all its clients,
            // and while the loop unwinds from there, some get in anew: once or twice as many in all. How long that takes is a
            // matter of the machine.
            let rounds = setup.config("/connections").as_u64().unwrap() - started;
            let most = if via.is_empty() { 30 } else { 10 * LIMIT };
            assert!(rounds < most, "{via}: {rounds} rounds");
        }
        // A check without any client.
        let started = setup.config("/connections").as_u64().unwrap();
        soon("a check", setup.engine.test_port(setup.port)).await;
        until("streams", || setup.config("/streams") == 0).await;
        let rounds = setup.config("/connections").as_u64().unwrap() - started;
        assert!(rounds < 10 * LIMIT, "{via}: {rounds} rounds");
        setup.engine.shutdown().await;
        drop((setup, running));
        until("descriptors", || descriptors() <= before + 2).await;
    }
    other.engine.shutdown().await;
}
