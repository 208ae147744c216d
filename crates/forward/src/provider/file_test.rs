//! Lists in files: their URLs, what is found in them, and when they count as edited.

#![expect(clippy::unwrap_used, reason = "a test says what it expects")]

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use super::*;

/// Longer than several looks. The clock of these tests jumps to whatever is waited for.
const LOOKS: Duration = Duration::from_secs(10);

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("loopwire-list-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, text: &str) {
        std::fs::write(self.0.join("list.json"), text).unwrap();
    }

    /// Gives the file of that name a time stamp.
    fn date(&self, name: &str, time: SystemTime) {
        let file = std::fs::File::options()
            .write(true)
            .open(self.0.join(name))
            .unwrap();
        file.set_modified(time).unwrap();
    }

    fn list(&self) -> List {
        List::new(&url(&self.0.join("list.json"))).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// On Windows `file:///C:/temp/a`.
fn url(path: &Path) -> String {
    let path = path.display().to_string().replace('\\', "/");
    format!("file:///{}", path.trim_start_matches('/'))
}

/// Whether the list counts as edited within several looks.
async fn is_edited(list: &mut List) -> bool {
    let edited = async { while !list.looked().await {} };
    tokio::time::timeout(LOOKS, edited).await.is_ok()
}

fn entry(id: &str, more: &str) -> String {
    format!(r#"{{"id":"{id}","protocol":"http","host":"h","port":1{more}}}"#)
}

#[test]
fn urls_are_parsed() {
    let path = |url| List::new(url).map(|list| list.path.to_path_buf());
    #[cfg(unix)]
    for url in ["file:///tmp/a%20b.json", "FILE://localhost/tmp/a b.json"] {
        assert_eq!(path(url).unwrap(), PathBuf::from("/tmp/a b.json"));
    }
    #[cfg(windows)]
    for url in [
        "file:///C:/tmp/a%20b.json",
        "FILE://localhost/C:/tmp/a b.json",
    ] {
        assert_eq!(path(url).unwrap(), PathBuf::from("C:/tmp/a b.json"));
    }
    #[cfg(windows)]
    for url in ["file:///tmp/a.json", "file:///C:a.json", "file:///"] {
        assert_eq!(path(url).unwrap_err().code(), "ERR_PROVIDER_URL", "{url}");
    }
    for url in [
        "file://host/x",
        "file:x",
        "file:///%zz",
        "file:///a%",
        "file:///a%00",
        "file:///%ff",
    ] {
        assert_eq!(path(url).unwrap_err().code(), "ERR_PROVIDER_URL", "{url}");
    }
}

#[tokio::test]
async fn a_pick_keeps_the_order_and_skips_invalid_entries_and_other_locations() {
    let folder = Folder::new();
    let us = r#","country_code":"US""#;
    folder.write(&format!(
        "\u{feff}[{},7,{{}},{},{},{},{}]",
        entry("b", us),
        entry("bad", r#","username":"a:b","country_code":"US""#),
        entry("elsewhere", r#","country_code":"HK""#),
        entry("a", us),
        entry("c", us),
    ));
    let list = folder.list();
    let (filter, _) = Filter::from_json(r#"{"country":["us"]}"#).unwrap();
    let ids = |found: Vec<Upstream>| found.into_iter().map(|up| up.id).collect::<Vec<_>>();
    assert_eq!(ids(list.pick(&filter, 9).await.unwrap()), ["b", "a", "c"]);
    assert_eq!(ids(list.pick(&filter, 2).await.unwrap()), ["b", "a"]);
    let any = list.pick(&Filter::default(), 9).await.unwrap();
    assert_eq!(ids(any), ["b", "elsewhere", "a", "c"]);
    assert_eq!(list.find("a").await.unwrap().location.country_code, "US");
    assert_eq!(
        list.find("bad").await.unwrap_err().detail,
        Detail::ProxyInvalid
    );
    assert_eq!(
        list.find("d").await.unwrap_err().detail,
        Detail::UnknownProxy
    );
    let (nowhere, _) = Filter::from_json(r#"{"country":"FR"}"#).unwrap();
    assert_eq!(
        list.pick(&nowhere, 9).await.unwrap_err().detail,
        Detail::NoPortAvailable
    );
}

#[tokio::test]
async fn a_file_without_a_list_is_unreadable() {
    let folder = Folder::new();
    let list = folder.list();
    for text in [None, Some(""), Some("{}"), Some(r#"[{"id":"a""#)] {
        if let Some(text) = text {
            folder.write(text);
        }
        assert_eq!(
            list.find("a").await.unwrap_err().detail,
            Detail::ProviderUnreadable,
            "{text:?}"
        );
    }
    let folder = List::new(&url(&folder.0)).unwrap();
    assert_eq!(
        folder.find("a").await.unwrap_err().detail,
        Detail::ProviderUnreadable
    );
}

#[tokio::test(start_paused = true)]
async fn an_edit_is_reported_once_and_half_an_edit_is_not() {
    let folder = Folder::new();
    folder.write(&format!("[{}]", entry("a", "")));
    let mut list = folder.list();
    let mut other = list.clone();
    assert!(!is_edited(&mut list).await, "nothing was edited");

    // As many bytes, and maybe in the same tick of the file system's clock.
    folder.write(&format!("[{}]", entry("b", "")));
    assert!(is_edited(&mut list).await);
    assert!(!is_edited(&mut list).await, "told once");
    assert!(is_edited(&mut other).await, "to each clone");

    folder.write(&format!("[{},", entry("c", "")));
    assert!(!is_edited(&mut list).await, "half a list");
    folder.write(&format!("[{},{}]", entry("c", ""), entry("d", "")));
    assert!(is_edited(&mut list).await);
}

#[tokio::test(start_paused = true)]
async fn an_unchanged_content_is_no_edit() {
    let folder = Folder::new();
    let text = format!("[{}]", entry("a", ""));
    folder.write(&text);
    let mut list = folder.list();
    folder.write(&text);
    assert!(!is_edited(&mut list).await, "written again");
    std::fs::remove_file(folder.0.join("list.json")).unwrap();
    assert!(!is_edited(&mut list).await, "removed");
    folder.write(&text);
    assert!(!is_edited(&mut list).await, "back again");

    folder.date("list.json", SystemTime::UNIX_EPOCH + LOOKS);
    assert!(!is_edited(&mut list).await, "touched");
    // Renamed over it with the same length and an old time stamp: another inode.
    std::fs::write(folder.0.join("new"), text.replace(r#""a""#, r#""b""#)).unwrap();
    folder.date("new", SystemTime::UNIX_EPOCH + LOOKS);
    std::fs::rename(folder.0.join("new"), folder.0.join("list.json")).unwrap();
    if cfg!(unix) {
        assert!(is_edited(&mut list).await);
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_within_one_tick_of_a_coarse_clock_is_reported() {
    let folder = Folder::new();
    let tick = SystemTime::now() + Duration::from_secs(1);
    folder.write("[1]");
    folder.date("list.json", tick);
    let mut list = folder.list();
    folder.write("[2]");
    folder.date("list.json", tick);
    assert!(is_edited(&mut list).await);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_created_later_is_a_change() {
    let folder = Folder::new();
    let mut list = folder.list();
    assert!(!is_edited(&mut list).await);
    folder.write("[]");
    assert!(is_edited(&mut list).await);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_wait_continues_where_it_was() {
    let folder = Folder::new();
    folder.write("[]");
    let mut list = folder.list();
    folder.write("[ ]");
    for _ in 0..100 {
        let short = Duration::from_millis(100);
        if tokio::time::timeout(short, list.looked()).await == Ok(true) {
            return;
        }
    }
    panic!("the edit was never told");
}
