//! The call of the SDK's page, with a client in Node.

use std::path::Path;

use crate::support::process::Running;
use crate::support::{Program, Run, found, free_port, free_row};

/// The client of the page, connected.
pub(crate) fn client(port: u16) -> Running {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/programs/client.mjs");
    let mut client = Run::new("node")
        .args(["--no-warnings", "--experimental-websocket"])
        .arg(script)
        .arg(format!("ws://127.0.0.1:{port}/ws/abcd1234"))
        .start();
    client.says("open");
    client
}

fn events(output: &str) -> Vec<&str> {
    let lines = output.lines();
    lines
        .filter_map(|line| line.strip_prefix("event "))
        .collect()
}

#[test]
fn the_call_of_the_page_gives_a_node_client_what_the_callback_gets() {
    if !found(&["node"]) {
        return;
    }
    let Some(program) = Program::new("programs/page.c").build() else {
        return;
    };
    let (port, first) = (free_port(), free_row(2));
    let mut program = program
        .run()
        .arg(port.to_string())
        .arg(first.to_string())
        .start();
    program.says("started");
    let mut client = client(port);
    program.tell("a client is there");
    program.says("all");
    client.says(r#"event {"type":"proxyError","payload":"the last:"#);
    program.tell("the client has all");
    program.says("stopped");
    // A stop ends the client's connection, and as one that will not come back.
    assert_eq!(client.says("closed "), "1001");
    let client = client.end().succeeded();
    program.tell("the end");
    let program = program.end().succeeded();

    let (by_socket, by_callback) = (events(&client.stdout), events(&program.stdout));
    assert_eq!(by_socket, by_callback);
    assert_eq!(by_socket.len(), 502, "{by_socket:?}");
    assert_eq!(
        by_socket[0],
        format!(r#"{{"type":"settingPortChange","payload":"{first}:1"}}"#)
    );
    let refused = r#"{"type":"proxyError","payload":"the \"request\":req_proxy_config_error@"#;
    assert!(by_socket[1].starts_with(refused), "{}", by_socket[1]);
}
