//! What a command inherits of the signals of its host: nothing.

use std::process::Command;

use serde_json::json;

use crate::support::TestServer;

/// A host whose threads block all signals, as those of the C library do, and which ignores some.
#[test]
#[ignore = "the test beside it starts it as a process of its own"]
fn host() {
    #[expect(
        unsafe_code,
        reason = "the signals of a process that does nothing else"
    )]
    unsafe {
        let mut all = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, std::ptr::null_mut());
        libc::signal(libc::SIGINT, libc::SIG_IGN);
    }
    // Its threads inherit that.
    let server = TestServer::open();
    let mut client = server.connect();
    for pty in [false, true] {
        let command = "grep -E 'SigBlk|SigIgn' /proc/self/status";
        client.execute(&json!({"command": command, "pty": pty}));
        print!("{}", client.receive_to_exit().text.replace('\r', ""));
        let command = "kill -TERM $$; echo it was not asked to end";
        client.execute(&json!({"command": command, "pty": pty}));
        let heard = client.receive_to_exit();
        println!("{}{}", heard.text, heard.exit["signal"]);
    }
}

#[test]
fn a_command_takes_signals_where_the_host_takes_none() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["signals::host", "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let masks = |name: &str| -> Vec<u64> {
        let lines = text.lines().filter_map(|line| line.strip_prefix(name));
        let masks = lines.map(|mask| u64::from_str_radix(mask.trim(), 16).unwrap());
        masks.collect()
    };
    assert_eq!(masks("SigBlk:"), [0, 0], "{text}");
    // Above 31 are those of the C library and of real time, which whoever started this may ignore.
    let ignored: Vec<u64> = masks("SigIgn:")
        .iter()
        .map(|mask| mask & 0x7fff_ffff)
        .collect();
    assert_eq!(ignored, [0, 0], "{text}");
    assert_eq!(text.matches("\"SIGTERM\"").count(), 2, "{text}");
}
