//! Killed at any point: the file is whole, and holds what was acknowledged or what was about to be.

use std::thread::sleep;
use std::time::Duration;

use rand::RngExt as _;

use super::*;
use crate::store::file::{COPY, FRESH, MAIN};

/// How often the writing process is killed.
const KILLS: u32 = 120;

const TEST: &str = "crash::a_process_killed_at_any_point_leaves_the_acknowledged_state_or_the_next";

#[test]
fn a_process_killed_at_any_point_leaves_the_acknowledged_state_or_the_next() {
    if let Some(dir) = role() {
        return write_on(&dir);
    }
    let dir = directory();
    let path = |name| dir.path().join(name);
    let mut random = rand::rng();
    // What is there, and what was acknowledged: a kill may come between the two.
    let (mut known, mut told) = (0, 0);
    let (mut half, mut ahead) = (0, 0);
    for round in 0..KILLS {
        let mut child = Other::start(TEST, dir.path());
        let next = |child: &mut Other| Some(child.next("saved ")?.parse::<u64>().unwrap());
        for _ in 0..random.random_range(0..8) {
            known = next(&mut child).expect("it writes until it is killed");
            told = known;
        }
        // Anywhere in the write that follows, or in the beginning of the process.
        sleep(Duration::from_micros(random.random_range(0..3_000)));
        child.kill();
        while let Some(number) = next(&mut child) {
            known = number;
            told = number;
        }
        half += u32::from(path(FRESH).exists());
        let found = if known == 0 && !path(MAIN).exists() {
            0
        } else {
            number(&on_disk(&path(MAIN)))
        };
        assert!(
            found == known || found == known + 1,
            "kill {round}: {known} was acknowledged, {found} is there"
        );
        ahead += u32::from(found > known);
        // The copy alone has what was acknowledged, too: the main file may be damaged next.
        if told > 0 {
            let copy = number(&on_disk(&path(COPY)));
            assert!(
                (told..=found).contains(&copy),
                "{copy} beside {found}, {told} was acknowledged"
            );
        }
        known = found;
    }
    println!("{KILLS} kills, {known} states, {half} half written, {ahead} not yet acknowledged");
}

/// Saves one numbered state after the other, and says of each that it is saved.
#[tokio::main(flavor = "current_thread")]
async fn write_on(dir: &Path) {
    let store = open(dir);
    let mut last = match store.all() {
        ports if ports.is_empty() => 0,
        ports => number(&ports),
    };
    loop {
        last += 1;
        store.saved(store.put(numbered(last))).await.unwrap();
        println!("saved {last}");
    }
}

/// A state that shows whether it is all of one piece, some pages long.
fn numbered(number: u64) -> Vec<Saved> {
    let name = number.to_string();
    (1..=24)
        .map(|port| saved(port, &name.repeat(100)))
        .collect()
}

fn number(ports: &[Saved]) -> u64 {
    let name = &ports[0].proxy_id;
    let number = name[..name.len() / 100].parse().unwrap();
    assert_eq!(ports, numbered(number), "torn");
    number
}
