//! The machine loses its network: no upstream is to blame. Runs in a network namespace of its own, made by `unshare`.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]
#![cfg(target_os = "linux")]

mod support;

use std::process::Command;

use support::upstream::{Kind, Upstream};
use support::{TestEngine, echo, quick, read_to_end, tunnel};
use tokio::io::AsyncWriteExt;

/// Tells the test that it runs in its own network namespace.
const INSIDE: &str = "LOOPWIRE_TEST_NETWORK";

/// An address for documentation: ours while the interface has it.
const ADDRESS: &str = "198.51.100.7";

fn run(program: &str, arguments: &str) -> bool {
    let status = Command::new(program).args(arguments.split(' ')).status();
    status.is_ok_and(|status| status.success())
}

fn ip(arguments: &str) {
    assert!(run("ip", arguments), "ip {arguments}");
}

#[tokio::test]
async fn without_a_network_ports_are_offline_and_come_back_with_it() {
    const NAME: &str = "without_a_network_ports_are_offline_and_come_back_with_it";
    if std::env::var_os(INSIDE).is_some() {
        return inside().await;
    }
    if !run("unshare", "-rn ip link set lo up") {
        println!("SKIPPED: {NAME}: no network of its own (unshare -rn, ip)");
        return;
    }
    let mut command = tokio::process::Command::new("unshare");
    command.arg("-rn").arg(std::env::current_exe().unwrap());
    command.args([NAME, "--exact"]).env(INSIDE, "1");
    command.kill_on_drop(true);
    let output = support::soon("the test inside", command.output())
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

async fn inside() {
    ip("link set lo up");
    let up_again = format!("addr add {ADDRESS}/32 dev lo");
    let down = format!("addr del {ADDRESS}/32 dev lo");
    let refused = format!("route add unreachable {ADDRESS}/32");
    let allowed = format!("route del unreachable {ADDRESS}/32");
    // No route at all, and an unreachable route, which is another error.
    for unreachable in [false, true] {
        ip(&up_again);
        let mut up = Upstream::start(Kind::Http).await;
        up.kill().await;
        up.address.set_ip(ADDRESS.parse().unwrap());
        up.revive();
        let setup = TestEngine::forwarding(quick(), up.entry("")).await;
        let update = |online: bool, reason: &str| {
            let port = setup.port;
            let detail =
                format!(r#","data":{{"port":{port},"online":{online},"reason":"{reason}"}}"#);
            (setup.state(), detail)
        };
        ip(&down);
        if unreachable {
            ip(&refused);
        }
        let mut client = setup.connect().await;
        client
            .write_all(b"CONNECT h.test:1 HTTP/1.1\r\nHost: h\r\n\r\n")
            .await
            .unwrap();
        assert!(read_to_end(&mut client).await.starts_with("HTTP/1.1 502"));
        assert_eq!(
            setup.next(1).await,
            [update(false, "network unreachable")],
            "{unreachable}"
        );
        assert!(setup.config("/last_error").is_null());
        if !unreachable {
            let asked = setup
                .engine
                .create_with_id(setup.port, "up", "1", "manual")
                .await;
            assert!(asked.is_err());
            assert_eq!(setup.events(), [setup.error("up", "network unreachable")]);
        }
        if unreachable {
            ip(&allowed);
        }
        ip(&up_again);
        assert_eq!(setup.next(1).await, [update(true, "probe")]);
        drop(tunnel(&setup, echo().await).await);
        setup.engine.shutdown().await;
        ip(&down);
    }
}
