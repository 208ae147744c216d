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
        client.execute(&json!({"command": command, "pty": pty, "id": format!("mask {pty}")}));
        print!("{}", client.receive_to_exit().text.replace('\r', ""));
        let command = "kill -TERM $$; echo it was not asked to end";
        client.execute(&json!({"command": command, "pty": pty, "id": format!("kill {pty}")}));
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
    let one = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n\"SIGTERM\"\n";
    assert_eq!(text.matches(one).count(), 2, "{text}");
}
