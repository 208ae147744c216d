//! What programs need around them: upstream proxies, and a list of them as a provider.

use std::net::SocketAddr;

use super::folder::Folder;
use super::upstream::{Kind, Upstream};

/// An HTTP and a SOCKS5 upstream, and a folder with a list of them and of one that is dead.
pub struct World {
    pub folder: Folder,
    http: Upstream,
    socks: Upstream,
    /// Where they run.
    _threads: tokio::runtime::Runtime,
}

impl World {
    pub fn new() -> Self {
        let threads = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a thread");
        let (http, socks) = threads.block_on(async {
            (
                Upstream::start(Kind::Http).await,
                Upstream::start(Kind::Socks).await,
            )
        });
        let folder = Folder::new();
        let dead = SocketAddr::from(([127, 0, 0, 1], super::free_port()));
        let entries = [
            entry_named("http", "http", http.address, "HK"),
            entry_named("socks", "socks5", socks.address, "HK"),
            entry_named("dead", "http", dead, "DE"),
        ];
        folder.write("proxies.json", &format!("[{}]", entries.join(",")));
        Self {
            folder,
            http,
            socks,
            _threads: threads,
        }
    }
}

/// A line of a provider's list.
pub fn entry_named(id: &str, protocol: &str, at: SocketAddr, country: &str) -> String {
    format!(
        r#"{{"id":"{id}","protocol":"{protocol}","host":"{}","port":{},"country_code":"{country}"}}"#,
        at.ip(),
        at.port()
    )
}
