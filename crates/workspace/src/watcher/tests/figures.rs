//! Figures for `docs/design/watching.md`. Run by hand:
//! `cargo test -p loopwire-workspace --lib watcher::tests::figures -- --ignored --nocapture`
//! With `LOOPWIRE_FIGURES_FILES=0` directories alone are measured: the rest is what the files in them cost.

use std::fs;
use std::time::{Duration, Instant};

use super::support::Site;

const DIRECTORIES: usize = 10_000;
const FILES_IN_EACH: usize = 10;
const ROUNDS: usize = 100;

fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find(|line| line.starts_with("RssAnon"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number
        .and_then(|number| number.parse().ok())
        .expect("a number")
}

#[tokio::test]
#[ignore = "it measures"]
async fn figures() {
    let files = std::env::var("LOOPWIRE_FIGURES_FILES")
        .map_or(FILES_IN_EACH, |files| files.parse().expect("a number"));
    let site = Site::new();
    for directory in 0..DIRECTORIES {
        site.mkdir(&format!("d{}/e{}", directory / 100, directory % 100));
        for file in 0..files {
            site.write(
                &format!("d{}/e{}/file-{file}.js", directory / 100, directory % 100),
                "1",
            );
        }
    }
    let before = resident();
    let began = Instant::now();
    let covered = site.cover("").await;
    let took = began.elapsed();
    let bytes = (resident() - before) * 1024;
    println!(
        "{} directories: {took:?}, {} bytes for each directory with its {files} files",
        covered.directories,
        bytes / DIRECTORIES as u64,
    );
    let number = site.watcher.thread().expect("a thread");
    let used = fs::read_to_string(format!("/proc/self/task/{number}/schedstat")).expect("a status");
    println!(
        "nanoseconds of the processor, waited, slices: {}",
        used.trim()
    );
    let began = Instant::now();
    let one = site.cover("d1").await;
    println!("a second scope: {:?}", began.elapsed());
    drop(one);
    site.watcher.close().await;
}

#[tokio::test]
#[ignore = "it measures"]
async fn latencies() {
    let mut site = Site::new();
    let _covered = site.cover("").await;
    for pause in [0, 600] {
        let rounds = if pause == 0 { ROUNDS } else { 20 };
        let mut taken: [Vec<Duration>; 4] = Default::default();
        for round in 0..rounds {
            let (a, b) = (
                site.path(&format!("a{round}")),
                site.path(&format!("b{round}")),
            );
            for (step, taken) in taken.iter_mut().enumerate() {
                tokio::time::sleep(Duration::from_millis(pause)).await;
                let began = Instant::now();
                match step {
                    0 => fs::write(&a, "1").expect("written"),
                    1 => fs::write(&a, "12").expect("written"),
                    2 => fs::rename(&a, &b).expect("renamed"),
                    _ => fs::remove_file(&b).expect("removed"),
                }
                site.notices.next().await;
                taken.push(began.elapsed());
            }
        }
        for (name, mut taken) in ["create", "modify", "rename", "delete"]
            .into_iter()
            .zip(taken)
        {
            taken.sort();
            let (half, most) = (taken[rounds / 2], taken[rounds * 99 / 100]);
            println!("{name} after {pause} ms: p50 {half:?}, p99 {most:?}");
        }
    }
    site.watcher.close().await;
}
