//! Saved data, through the engine: nothing is said to be done before it is on the disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::upstream::{Kind, Upstream};
use crate::support::{TestEngine, quick, soon, until};
use loopwire_forward::{Rules, Through, Wanted};
use serde_json::{Value, json};

/// Tells this test that it runs on a small disk, and where that is.
const DISK: &str = "LOOPWIRE_SAVED_TEST_DISK";

/// The proxy ids on the disk.
fn on_disk(dir: &Path) -> Vec<String> {
    let text = fs::read(dir.join("forwards.json")).unwrap();
    let all: Value = serde_json::from_slice(&text).unwrap();
    let ports = all["ports"].as_array().unwrap().iter();
    ports
        .map(|port| port["proxy_id"].as_str().unwrap().to_owned())
        .collect()
}

fn entries(upstream: &Upstream) -> [String; 2] {
    let named = |id: &str| {
        upstream
            .entry("")
            .replacen(r#""id":"up""#, &format!(r#""id":"{id}""#), 1)
    };
    [named("a"), named("b")]
}

/// An engine that saves in that directory; `fail` makes writes fail, `mend` makes them work again.
async fn nothing_is_acknowledged(dir: &Path, fail: impl Fn(), mend: impl Fn()) {
    let upstream = Upstream::start(Kind::Socks).await;
    let setup = TestEngine::new(quick(), &entries(&upstream));
    let engine = &setup.engine;
    let faults = std::sync::Arc::new(parking_lot::Mutex::new(Vec::new()));
    let hook = std::sync::Arc::clone(&faults);
    engine.on_fault(move |component, code, _| hook.lock().push(format!("{component} {code}")));
    engine.set_save_data_path(dir).unwrap();
    let port = setup.port;
    let not_saved = |id: &str| setup.error(id, "not saved");

    fail();
    // Each kind of request: a failure, one event, and no port.
    let failed = soon(
        "createWithId",
        engine.create_with_id(port, "a", "1", "manual"),
    )
    .await;
    let text = failed.unwrap_err().to_string();
    assert!(text.contains(": not saved: "), "{text}");
    assert_eq!(setup.events(), [not_saved("a")]);
    let failed = soon(
        "quickCreateAtPort",
        engine.quick_create_at_port(port, "q", "1"),
    )
    .await;
    failed.unwrap_err();
    assert_eq!(setup.events(), [not_saved("q")]);
    for only_free in [false, true] {
        let creating = engine.quick_create_proxies("batch", "1", &[port], only_free);
        soon("quickCreateProxies", creating).await.unwrap_err();
        assert_eq!(setup.events(), [not_saved("batch")]);
    }
    let forward = |through| {
        let wanted = Wanted {
            through,
            rules: Rules::default(),
            request_id: Some("typed".to_owned()),
        };
        soon("forward", engine.forward(port, wanted).unwrap())
    };
    let inline =
        json!({"protocol": "socks5", "host": "127.0.0.1", "port": upstream.address.port()});
    for through in [Through::Named("a".to_owned()), Through::Inline(inline)] {
        forward(through).await.unwrap_err();
        assert_eq!(setup.events(), [not_saved("typed")]);
    }
    assert!(!engine.is_running_port(port));
    drop(std::net::TcpListener::bind(setup.address()).unwrap());
    assert_eq!(*faults.lock(), ["forward:store ERR_SAVED_DATA_IO"], "once");

    // With room again the next request works at once.
    mend();
    let created = soon(
        "createWithId",
        engine.create_with_id(port, "a", "1", "manual"),
    )
    .await;
    created.unwrap();
    assert_eq!(on_disk(dir), ["a"]);
    setup.events();

    fail();
    // What was forwarded goes on, and is what is saved.
    let failed = soon(
        "createWithId",
        engine.create_with_id(port, "b", "1", "manual"),
    )
    .await;
    failed.unwrap_err();
    assert_eq!(setup.events(), [not_saved("b")]);
    soon("rotate", engine.rotate(port)).await.unwrap_err();
    assert_eq!(setup.config("/proxy_id"), "a");
    assert_eq!(setup.config("/is_online"), true);

    mend();
    let rotated = soon("rotate", engine.rotate(port)).await.unwrap();
    assert_eq!(rotated.proxy_id, "b");
    assert_eq!(on_disk(dir), ["b"]);

    // A removal returns at once. It is written as soon as there is room.
    fail();
    assert!(engine.remove_port(port));
    until("told", || faults.lock().len() == 3).await;
    mend();
    until("the removal is written", || {
        dir.join("forwards.json").exists() && on_disk(dir).is_empty()
    })
    .await;
    engine.shutdown().await;
}

#[tokio::test]
async fn a_directory_that_went_away_acknowledges_nothing() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("saved");
    nothing_is_acknowledged(
        &dir,
        || fs::rename(&dir, outer.path().join("away")).unwrap(),
        || {
            let _ = fs::remove_dir_all(&dir);
            fs::rename(outer.path().join("away"), &dir).unwrap();
        },
    )
    .await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_acknowledges_nothing() {
    const NAME: &str = "saved::a_full_disk_acknowledges_nothing";
    let Some(disk) = std::env::var_os(DISK).map(PathBuf::from) else {
        let dir = tempfile::tempdir().unwrap();
        let run = |command: &str| {
            let mount = format!("mount -t tmpfs -o size=256k none \"${DISK}\" && exec {command}");
            let mut unshare = Command::new("unshare");
            unshare
                .args(["--user", "--map-root-user", "--mount", "sh", "-c", &mount])
                .env(DISK, dir.path());
            unshare
        };
        if !run("true").status().is_ok_and(|status| status.success()) {
            println!("SKIPPED: {NAME}: no mount allowed");
            return;
        }
        let own = std::env::current_exe().unwrap();
        let out = run(&format!("'{}' --exact {NAME} --nocapture", own.display()))
            .output()
            .unwrap();
        assert!(
            out.status.success(),
            "{}",
            String::from_utf8_lossy(&out.stderr)
        );
        return;
    };
    let filler = disk.join("filler");
    let fill = || {
        use std::io::Write as _;
        let mut file = fs::File::create(&filler).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
    };
    nothing_is_acknowledged(&disk.join("saved"), fill, || {
        fs::remove_file(&filler).unwrap()
    })
    .await;
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_no_regular_file_is_refused_at_once() {
    let setup = TestEngine::new(quick(), &[]);
    for name in ["forwards.json", "forwards.json.bak", "loopwire.lock"] {
        for make in ["mkfifo", "mkdir"] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join(name);
            assert!(Command::new(make).arg(&path).status().unwrap().success());
            // Were it opened, this thread would never come back; so another one asks.
            let (engine, folder) = (setup.engine.clone(), dir.path().to_owned());
            let asked = tokio::task::spawn_blocking(move || engine.set_save_data_path(&folder));
            let error = soon(name, asked).await.unwrap().unwrap_err().to_string();
            let kind = if make == "mkdir" {
                "a directory"
            } else {
                "a named pipe"
            };
            let says = format!("it is {kind}, not a regular file");
            assert!(error.contains(name) && error.contains(&says), "{error}");
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("list.json");
    assert!(
        Command::new("mkfifo")
            .arg(&list)
            .status()
            .unwrap()
            .success()
    );
    let (engine, url) = (setup.engine.clone(), format!("file://{}", list.display()));
    let asked = tokio::task::spawn_blocking(move || engine.set_api_host(&url));
    soon("setAPIHost", asked).await.unwrap().unwrap();
    let creating = setup.engine.create_with_id(setup.port, "up", "1", "manual");
    soon("createWithId", creating).await.unwrap_err();
    assert_eq!(setup.events(), [setup.error("up", "provider unreadable")]);
    setup.engine.shutdown().await;
}
