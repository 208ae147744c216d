//! The program of the SDK's public quick start: 50 ports behind proxies of other authors, killed and started again.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

use crate::page;
use crate::support::process::{Running, STUCK};
use crate::support::proxies::{Origin, Proxy};
use crate::support::{Folder, Program, entry_named, found, free_row};

const PORTS: u16 = 50;

/// What an HTTP client gets through a port.
fn get(port: u16, url: &str) -> String {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    let mut stream = TcpStream::connect(address).expect("a port that is forwarded");
    stream.set_read_timeout(Some(STUCK)).expect("a timeout");
    let host = url.trim_start_matches("http://");
    let host = &host[..host.find('/').unwrap_or(host.len())];
    let request = format!("GET {url} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Every port carries a request.
fn traffic(first: u16, origin: &Origin, round: &str) {
    thread::scope(|scope| {
        for port in first..first + PORTS {
            scope.spawn(move || {
                let path = format!("/{round}/{port}");
                let answer = get(port, &format!("http://{}{path}", origin.address()));
                assert!(
                    answer.starts_with("HTTP/1.")
                        && answer.ends_with(&format!("you asked for {path}")),
                    "{port}: {answer}"
                );
            });
        }
    });
}

fn events(client: Running) -> Vec<String> {
    let ended = client.end();
    let lines = ended.stdout.lines();
    let events = lines.filter_map(|line| line.strip_prefix("event "));
    events.map(str::to_owned).collect()
}

#[test]
fn the_quick_start_brings_fifty_ports_back_after_a_kill() {
    if !found(&["node"]) {
        return;
    }
    let Some(program) = Program::new("programs/quick_start.c").build() else {
        return;
    };
    let proxies = Proxy::all();
    let names: Vec<&str> = proxies.iter().map(Proxy::name).collect();
    println!("behind {names:?}");
    let origin = Origin::start();
    let folder = Folder::new();
    let first = free_row(PORTS + 2);
    let entries: Vec<String> = (0..usize::from(PORTS))
        .map(|at| {
            let proxy = &proxies[at % proxies.len()];
            let id = format!("{}-{at}", proxy.name());
            entry_named(&id, proxy.protocol(), proxy.address(), "HK")
        })
        .collect();
    folder.write("proxies.json", &format!("[{}]", entries.join(",")));
    let start = || {
        let mut running = program
            .run()
            .arg(folder.path())
            .arg(first.to_string())
            .start();
        running.says("listening");
        let client = page::client(first + PORTS);
        running.tell("a client is there");
        (running, client)
    };

    let (mut running, client) = start();
    assert_eq!(running.says("restored "), "0");
    assert_eq!(running.says("forwarded "), "50");
    traffic(first, &origin, "first");
    running.kill();
    let before = events(client);
    let states = |events: &[String]| {
        let states = events
            .iter()
            .filter(|event| event.contains("portStateUpdate"));
        states.count()
    };
    assert_eq!(states(&before), usize::from(PORTS), "{before:?}");
    let completed = r#"{"type":"forwardListCompleted","payload":"quick start"}"#;
    assert!(before.iter().any(|event| event == completed), "{before:?}");

    let (mut running, client) = start();
    assert_eq!(running.says("restored "), "50");
    assert_eq!(running.says("forwarded "), "50");
    traffic(first, &origin, "second");
    running.tell("the end");
    let ended = running.end().succeeded();
    assert!(ended.stdout.ends_with("done\n"), "{}", ended.told());
    let after = events(client);
    assert!(states(&after) >= usize::from(PORTS), "{after:?}");
    let restored = after
        .iter()
        .position(|event| event == r#"{"type":"restoreDone"}"#);
    assert!(restored.is_some(), "{after:?}");
    for port in first..first + PORTS + 2 {
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let connected = TcpStream::connect_timeout(&address, Duration::from_secs(5));
        assert!(connected.is_err(), "somebody listens on {port}");
    }
}
