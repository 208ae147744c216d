//! Servers for git, which have no repository. They end with the test.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;

const REFUSAL: &[u8] =
    b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"test\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Starts a server with this work for each connection, and gives its port.
fn serve(work: fn(TcpStream)) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for socket in listener.incoming().flatten() {
            thread::spawn(move || work(socket));
        }
    });
    port
}

/// Asks everybody for credentials, and takes none.
pub(crate) fn asking() -> u16 {
    serve(|mut socket| {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") && matches!(socket.read(&mut byte), Ok(1)) {
            head.push(byte[0]);
        }
        let _ = socket.write_all(REFUSAL);
    })
}

/// Never answers.
pub(crate) fn silent() -> u16 {
    serve(|mut socket| {
        let _ = socket.read_to_end(&mut Vec::new());
    })
}
