//! Which certificates are trusted without being in the list. A child process reads the environment variables.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

mod support;

use std::process::Stdio;

use support::tls::{Identity, TlsFront};
use support::upstream::{Kind, Upstream};
use support::{TestEngine, echo, entry, quick, read_until, soon, tunnel};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Where the child process finds the upstream.
const ADDRESS: &str = "LOOPWIRE_TEST_UPSTREAM";

#[tokio::test]
async fn the_system_and_node_extra_ca_certs_are_trusted() {
    let up = Upstream::start(Kind::Http).await;
    let front = TlsFront::before(up.address, Identity::signed("127.0.0.1")).await;
    let stranger = Identity::signed("127.0.0.1");
    let write = |name: &str, text: &str| {
        let file = std::env::temp_dir().join(format!("loopwire-{name}-{}.pem", std::process::id()));
        std::fs::write(&file, text).unwrap();
        file
    };
    let (own, other) = (write("own", &front.ca), write("other", &stranger.ca));
    for (variables, trusted) in [
        (vec![("SSL_CERT_FILE", &own)], true),
        (
            vec![("SSL_CERT_FILE", &other), ("NODE_EXTRA_CA_CERTS", &own)],
            true,
        ),
        (vec![("SSL_CERT_FILE", &other)], false),
        (
            vec![("SSL_CERT_FILE", &other), ("NODE_EXTRA_CA_CERTS", &other)],
            false,
        ),
    ] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "in_the_child_process"])
            .env_remove("SSL_CERT_DIR")
            .env_remove("NODE_EXTRA_CA_CERTS")
            .env(ADDRESS, front.address.to_string())
            .envs(variables.clone())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .output();
        // Its panic is printed only if it was not to fail.
        let output = soon("the other process", child).await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.success(), trusted, "{variables:?}: {said}");
    }
    for file in [own, other] {
        let _ = std::fs::remove_file(file);
    }
}

#[tokio::test]
async fn in_the_child_process() {
    // Nothing to do unless the test above started this process with its variables.
    let Ok(address) = std::env::var(ADDRESS) else {
        return;
    };
    let address = address.parse().unwrap();
    let setup = TestEngine::forwarding(quick(), entry("https", address, "")).await;
    let mut stream = tunnel(&setup, echo().await).await;
    stream.write_all(b"x").await.unwrap();
    assert_eq!(read_until(&mut stream, "x").await, "x");
    setup.engine.shutdown().await;
}
