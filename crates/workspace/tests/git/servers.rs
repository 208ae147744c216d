//! Servers that are no git.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// What a web server says that asks for a password.
pub(crate) const ASKING: &str = "HTTP/1.1 401 no\r\nwww-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// What a web server says that fails.
pub(crate) const FAILING: &str =
    "HTTP/1.1 500 no\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A server that says the same to everybody.
pub(crate) fn saying(answer: &'static str) -> SocketAddr {
    let (listener, address) = silent();
    std::thread::spawn(move || {
        for mut connection in listener.incoming().map_while(Result::ok) {
            let _ = read(&mut connection);
            let _ = connection.write_all(answer.as_bytes());
        }
    });
    address
}

/// A server that says nothing by itself.
pub(crate) fn silent() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// What came first.
pub(crate) fn read(connection: &mut TcpStream) -> std::io::Result<String> {
    let mut head = vec![0; 4096];
    let len = connection.read(&mut head)?;
    Ok(String::from_utf8_lossy(&head[..len]).into_owned())
}
