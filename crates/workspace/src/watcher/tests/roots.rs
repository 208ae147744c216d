//! The root is deleted, moved, replaced, and comes back.

use std::fs;

use super::support::Site;

#[tokio::test]
#[cfg_attr(windows, ignore = "Windows refuses to move what is open")]
async fn a_deleted_root_is_told_and_watched_again_when_it_is_back() {
    let mut site = Site::new();
    site.mkdir("a");
    site.write("a/f", "1");
    let _covered = site.cover("").await;
    fs::remove_dir_all(&site.root).expect("removed");
    assert_eq!(site.told().await, ["-/", "-a/", "-a/f"]);
    site.mkdir("b");
    site.write("b/g", "12");
    assert_eq!(site.told().await, ["+/", "+b/", "+b/g 2"]);
    site.write("b/h", "123");
    assert_eq!(site.told().await, ["+b/h 3"]);
    site.watcher.close().await;
}

#[tokio::test]
#[cfg_attr(windows, ignore = "Windows refuses to move what is open")]
async fn a_root_that_is_moved_away_is_told() {
    let mut site = Site::new();
    site.write("f", "1");
    let _covered = site.cover("").await;
    let away = site.dir.path().join("away");
    fs::rename(&site.root, &away).expect("moved");
    assert_eq!(site.told().await, ["-/", "-f"]);
    fs::write(away.join("g"), "1").expect("written");
    assert_eq!(site.told().await, [""; 0]);
    fs::rename(&away, &site.root).expect("moved");
    assert_eq!(site.told().await, ["+/", "+f 1", "+g 1"]);
    site.watcher.close().await;
}

#[tokio::test]
#[cfg_attr(windows, ignore = "Windows refuses to move what is open")]
async fn a_directory_above_the_root_that_is_moved_is_told() {
    let mut site = Site::new();
    let _covered = site.cover("").await;
    let above = site.root.parent().expect("a parent").to_owned();
    let away = above.with_extension("away");
    fs::rename(&above, &away).expect("moved");
    let told = site.told().await;
    fs::rename(&away, &above).expect("moved");
    assert_eq!(told, ["-/"]);
    assert_eq!(site.told().await, ["+/"]);
    site.watcher.close().await;
}

#[tokio::test]
#[cfg_attr(windows, ignore = "Windows refuses to move what is open")]
async fn a_replaced_root_is_told() {
    let mut site = Site::new();
    site.write("f", "1");
    let _covered = site.cover("").await;
    let new = site.dir.path().join("new");
    fs::create_dir(&new).expect("made");
    fs::write(new.join("g"), "12").expect("written");
    fs::rename(&site.root, site.dir.path().join("old")).expect("moved");
    fs::rename(&new, &site.root).expect("moved");
    let mut told = site.told().await;
    told.extend(site.told().await);
    assert_eq!(told, ["+/", "+g 2", "-/", "-f"]);
    site.watcher.close().await;
}

#[cfg(windows)]
#[tokio::test]
async fn a_root_that_is_watched_can_be_neither_moved_nor_deleted() {
    let site = Site::new();
    let _covered = site.cover("").await;
    fs::rename(&site.root, site.dir.path().join("away")).expect_err("it is open");
    fs::remove_dir(&site.root).expect_err("it is open");
    site.watcher.close().await;
    fs::remove_dir(&site.root).expect("nobody has it open");
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_in_the_place_of_the_root_is_not_the_root() {
    let mut site = Site::new();
    site.write("f", "1");
    let _covered = site.cover("").await;
    let away = site.dir.path().join("away");
    fs::rename(&site.root, &away).expect("moved");
    std::os::unix::fs::symlink(&away, &site.root).expect("linked");
    assert_eq!(site.told().await, ["-/", "-f"]);
    assert_eq!(site.told().await, [""; 0]);
    site.watcher.close().await;
}

#[tokio::test]
async fn a_root_that_is_not_there_when_it_is_covered_is_watched_when_it_is() {
    let mut site = Site::new();
    fs::remove_dir(&site.root).expect("removed");
    let covered = site.cover("").await;
    assert_eq!(covered.directories, 0);
    site.mkdir("a");
    assert_eq!(site.told().await, ["+/", "+a/"]);
    site.watcher.close().await;
}
