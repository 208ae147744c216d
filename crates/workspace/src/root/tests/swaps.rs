//! Directories and links that are replaced while they are used.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::fixture::Fixture;

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_root_that_was_deleted_or_replaced_is_gone() {
    let fixture = Fixture::new();
    let away = fixture.dir.path().join("away");
    fs::rename(fixture.app(), &away).unwrap();
    assert_eq!(fixture.read("src/x").unwrap_err(), "ROOT_GONE");
    fs::create_dir_all(fixture.app().join("src")).unwrap();
    fs::write(fixture.app().join("src/x"), "another").unwrap();
    assert_eq!(fixture.read("src/x").unwrap_err(), "ROOT_GONE");
    assert_eq!(fixture.place("src/x").unwrap_err(), "ROOT_GONE");
    assert_eq!(fixture.directory("src").unwrap_err(), "ROOT_GONE");
    fs::remove_dir_all(fixture.app()).unwrap();
    fs::rename(&away, fixture.app()).unwrap();
    assert_eq!(fixture.read("src/x").unwrap(), "x");
    fs::remove_dir_all(fixture.app()).unwrap();
    assert_eq!(fixture.directory(".").unwrap_err(), "ROOT_GONE");
}

#[test]
fn a_link_that_is_swapped_in_at_the_wrong_moment_leads_nowhere() {
    let fixture = Fixture::new();
    let app = fixture.app();
    // `flip` is a directory with `secret` and `deep` in it, then a link to the one outside, and back; and
    // `flip-file` a file, then a link.
    fs::create_dir_all(app.join("real/inner")).unwrap();
    for inside in ["real/secret", "real/inner/secret", "real-file"] {
        fs::write(app.join(inside), "mine").unwrap();
    }
    symlink("../outside", app.join("out")).unwrap();
    symlink("../outside/secret", app.join("out-file")).unwrap();
    let before: HashSet<_> = fixture.outside().into_iter().collect();
    let stop = AtomicBool::new(false);
    let mut seen = [0_u32; 3];
    thread::scope(|scope| {
        // Also if this thread panics: the other must not go on for ever.
        let stopping = Stop(&stop);
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for (real, link, flip) in [
                    ("real", "out", "flip"),
                    ("real-file", "out-file", "flip-file"),
                ] {
                    let (real, link, flip) = (app.join(real), app.join(link), app.join(flip));
                    fs::rename(&real, &flip).unwrap();
                    fs::rename(&flip, &real).unwrap();
                    fs::rename(&link, &flip).unwrap();
                    fs::rename(&flip, &link).unwrap();
                }
            }
        });
        let until = Instant::now() + Duration::from_secs(2);
        while Instant::now() < until {
            for path in [
                "flip/secret",
                "flip/inner/secret",
                "flip/inner/../secret",
                "flip-file",
            ] {
                match fixture.read(path) {
                    Ok(text) => {
                        assert_eq!(text, "mine", "{path}");
                        seen[0] += 1;
                    }
                    Err(code) if code == "PATH_OUTSIDE" => seen[1] += 1,
                    Err(_) => seen[2] += 1,
                }
            }
            for path in ["flip/new", "flip/inner/new"] {
                if let Ok(place) = fixture.root.locate(path) {
                    drop(place.dir.write(&place.name, "mine"));
                }
            }
            for path in ["flip", "flip/inner"] {
                if let Ok(directory) = fixture.root.directory(path) {
                    assert!(directory.path().starts_with(app));
                }
            }
        }
        drop(stopping);
    });
    assert!(
        seen[0] > 0 || seen[1] > 0,
        "nothing was ever found: {seen:?}"
    );
    let after: HashSet<_> = fixture.outside().into_iter().collect();
    assert_eq!(after, before);
}

#[test]
#[cfg(target_os = "linux")]
fn a_child_starts_in_the_directory_that_was_found_even_if_its_path_leads_elsewhere_by_then() {
    let fixture = Fixture::new();
    let directory = fixture.root.directory("src").unwrap();
    fs::rename(fixture.app().join("src"), fixture.app().join("moved")).unwrap();
    symlink("../outside", fixture.app().join("src")).unwrap();
    let output = std::process::Command::new("ls")
        .current_dir(directory.child_path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "deep\nx\n");
}
