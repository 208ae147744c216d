//! Names in any bytes, links, special files, and directories that cannot be read.

use std::fs;

#[cfg(unix)]
use crate::watcher::ChangeKind;

use super::support::Site;

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_name_that_is_not_utf_8_is_told() {
    use std::os::unix::ffi::OsStrExt as _;
    let mut site = Site::new();
    let _covered = site.cover("").await;
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    fs::create_dir(site.root.join(name)).expect("made");
    fs::write(site.root.join(name).join(name), "1").expect("written");
    let changes = site.changes().await;
    let paths: Vec<_> = changes.iter().map(|one| one.path.clone()).collect();
    assert_eq!(paths, [name.into(), std::path::Path::new(name).join(name)]);
    assert!(changes.iter().all(|one| one.kind == ChangeKind::Created));
    site.watcher.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_told_as_themselves_and_not_followed() {
    use std::os::unix::fs::symlink;
    let mut site = Site::new();
    let outside = site.dir.path().join("outside");
    fs::create_dir(&outside).expect("made");
    symlink(&outside, site.path("there")).expect("linked");
    let covered = site.cover("").await;
    assert_eq!(covered.directories, 1);
    symlink(&outside, site.path("link")).expect("linked");
    fs::write(outside.join("secret"), "12345").expect("written");
    let changes = site.changes().await;
    assert_eq!(changes.len(), 1);
    assert!(!changes[0].is_directory);
    assert_eq!(changes[0].size, outside.as_os_str().len() as u64);
    // A link in the place of a directory leads nowhere, either.
    site.mkdir("d");
    assert_eq!(site.told().await, ["+d/"]);
    fs::remove_dir(site.path("d")).expect("removed");
    symlink(&outside, site.path("d")).expect("linked");
    fs::write(outside.join("more"), "1").expect("written");
    let length = outside.as_os_str().len();
    assert_eq!(
        site.told().await,
        [format!("+d {length}"), "-d/".to_owned()]
    );
    site.watcher.close().await;
}

#[cfg(unix)]
#[tokio::test]
async fn special_files_and_hard_links_are_told() {
    let mut site = Site::new();
    site.write("a", "12");
    let _covered = site.cover("").await;
    fs::hard_link(site.path("a"), site.path("b")).expect("linked");
    let _socket = std::os::unix::net::UnixListener::bind(site.path("s")).expect("bound");
    let mut changes = site.changes().await;
    changes.sort_by(|one, two| one.path.cmp(&two.path));
    let told: Vec<_> = changes
        .iter()
        .map(|one| (one.kind, one.path.to_str(), one.size))
        .collect();
    let expected = [
        (ChangeKind::Created, Some("b"), 2),
        (ChangeKind::Created, Some("s"), 0),
    ];
    assert_eq!(told, expected);
    site.watcher.close().await;
}

/// Root may read everything: the test gives the right to that away, which only a process of its own can do.
#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_cannot_be_read_is_watched_when_it_can() {
    super::life::alone("watcher::tests::names::unreadable");
}

#[cfg(target_os = "linux")]
#[tokio::test]
#[ignore = "started by the test above, in a process of its own"]
async fn unreadable() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut site = Site::new();
    site.mkdir("shut/below");
    site.write("shut/f", "1");
    let mode = |mode| {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(site.path("shut"), permissions).expect("set");
    };
    mode(0o000);
    super::limits::give_up_root(&site);
    let covered = site
        .watcher
        .cover(crate::watcher::Scope::default())
        .await
        .expect("covered");
    mode(0o700);
    let told = site.told().await;
    assert_eq!(told, ["+shut/below/", "+shut/f 1"]);
    site.write("shut/below/g", "1");
    assert_eq!(site.told().await, ["+shut/below/g 1"]);
    drop(covered);
    site.watcher.close().await;
}

#[tokio::test]
async fn times_and_modes_are_modifications_and_reading_is_none() {
    let mut site = Site::new();
    site.write("a", "1");
    site.write("b", "1");
    let _covered = site.cover("").await;
    let file = fs::File::options()
        .append(true)
        .open(site.path("a"))
        .expect("opened");
    file.set_modified(std::time::SystemTime::UNIX_EPOCH)
        .expect("set");
    drop(file);
    assert_eq!(fs::read(site.path("b")).expect("read"), b"1");
    drop(
        fs::File::options()
            .append(true)
            .open(site.path("b"))
            .expect("opened"),
    );
    assert_eq!(site.told().await, ["~a 1"]);
    site.watcher.close().await;
}
