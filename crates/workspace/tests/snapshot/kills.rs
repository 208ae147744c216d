//! Kills at any moment. `LOOPWIRE_SNAPSHOT_KILLS` says how many.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::isolation::everything;
use crate::shapes::{Random, fill};
use crate::support::{
    SnapshotServer, another_process, in_memory, noise, only_store, other_process, start_process,
};
use crate::tree::tree;

/// How many kills there are without the variable.
const KILLS: usize = 16;

const NAME: &str = "kills::a_kill_leaves_the_store_sound_and_the_tree_before_or_after";

/// Changes that take a restore a while.
fn edit(root: &Path, random: &mut Random) {
    for number in 0..600 {
        let path = root.join(format!("many/{}/{number}", number % 20));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match random.below(4) {
            0 => drop(fs::remove_file(path)),
            _ => fs::write(path, noise(random.below(4000), random.0)).unwrap(),
        }
    }
}

/// The record of the restore that is under way in the only store.
fn record_in(dir: &Path) -> PathBuf {
    only_store(&dir.join("stores")).join("restore.json")
}

#[test]
fn a_kill_leaves_the_store_sound_and_the_tree_before_or_after() {
    if let Some((dir, part)) = other_process() {
        let server = SnapshotServer::at(&dir);
        fs::write(dir.join("began"), "").unwrap();
        match part.as_str() {
            "create" => drop(server.create()),
            commit_hash => drop(server.restore(commit_hash)),
        }
        fs::write(dir.join("ended"), "").unwrap();
        return;
    }
    let kills = std::env::var("LOOPWIRE_SNAPSHOT_KILLS");
    let kills = kills.map_or(KILLS, |kills| kills.parse().unwrap());
    let dir = in_memory();
    let root = dir.path().join("root");
    fs::create_dir(&root).unwrap();
    fill(&root);
    fs::create_dir_all(root.join(".git/objects")).unwrap();
    fs::write(root.join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    let repository = everything(&root.join(".git"));
    let mut random = Random(42);
    edit(&root, &mut random);
    let old = tree(&root);
    let old_commit = SnapshotServer::at(dir.path()).create().commit_hash;
    // How long each takes, so that the kills are spread over all of it.
    let mut usual = [Duration::from_millis(300); 2];
    let (mut before, mut after, mut whole, mut halves) = (0, 0, 0, 0);
    for kill in 0..kills {
        let is_restore = kill % 2 == 1;
        edit(&root, &mut random);
        let new = tree(&root);
        let part = if is_restore {
            old_commit.as_str()
        } else {
            "create"
        };
        for mark in ["began", "ended"] {
            let _ = fs::remove_file(dir.path().join(mark));
        }
        let mut child = start_process(another_process(NAME, dir.path(), part));
        while !dir.path().join("began").exists() {
            assert!(child.try_wait().unwrap().is_none());
            sleep(Duration::from_millis(1));
        }
        // Half of the restores are killed while files are replaced, which takes a small part of the time.
        let record = record_in(dir.path());
        let replacing = || fs::read_to_string(&record).is_ok_and(|told| told.contains("replacing"));
        let ended = || dir.path().join("ended").exists();
        let usual = &mut usual[usize::from(is_restore)];
        let mut moment = *usual * u32::try_from(random.below(1200)).unwrap() / 1000;
        if kill % 4 == 3 {
            moment = Duration::from_micros(random.below(6000) as u64);
            while !replacing() && !ended() {
                sleep(Duration::from_micros(200));
            }
        }
        let began = Instant::now();
        while began.elapsed() < moment && !ended() {
            sleep(Duration::from_micros(200));
        }
        if ended() {
            *usual = began.elapsed().max(*usual / 2);
            whole += 1;
        } else if kill % 4 != 3 {
            // The machine is slow today.
            *usual = *usual * 11 / 10;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        // What a restore has begun is finished without being asked, or given up.
        halves += usize::from(replacing());
        let server = SnapshotServer::at(dir.path());
        let began = Instant::now();
        while server.store().join("restore.json").exists() {
            assert!(began.elapsed() < Duration::from_secs(60), "kill {kill}");
            sleep(Duration::from_millis(2));
        }
        server.create();
        server.check_store();
        let now = tree(&root);
        match now == new {
            true => before += 1,
            false => {
                assert!(is_restore && now == old, "kill {kill}");
                after += 1;
            }
        }
        assert_eq!(everything(&root.join(".git")), repository, "kill {kill}");
        let leftovers = server.git(&["count-objects", "-v"]);
        assert!(leftovers.contains("garbage: 0"), "{leftovers}");
    }
    // Otherwise the test would say nothing of restores that were cut off.
    assert!(halves > 0 || kills < KILLS, "{whole} came too late");
    println!(
        "{kills} kills: {before} before, {after} after; {halves} while files were replaced, {whole} too late"
    );
}
