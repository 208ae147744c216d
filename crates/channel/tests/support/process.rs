//! The memory and the descriptors of this process, and a separate process for tests that measure them.
#![cfg(target_os = "linux")]
#![allow(dead_code, reason = "each suite measures what it needs")]

use std::process::Command;

/// In KiB, from `/proc/self/status`: `VmRSS:`, `VmHWM:`.
pub(crate) fn status(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(key)).unwrap();
    let value = line.split_whitespace().nth(1).unwrap();
    value.parse().unwrap()
}

/// How much more than `before` that is now, in KiB. It may also be less: even `VmHWM:` shows the memory of now where that is
/// above the mark which the kernel has noted so far, and notes it later.
pub(crate) fn grown(key: &str, before: u64) -> u64 {
    status(key).saturating_sub(before)
}

pub(crate) fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Runs an ignored test of this suite in a process in which nothing else allocates.
pub(crate) fn alone(name: &str) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    println!("{said}");
}
