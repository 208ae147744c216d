//! The environment of a command, and its PTY, are those that a terminal emulator gives.

use std::process::Command;

use serde_json::{Value, json};

use crate::support::TestServer;

/// Says to this very binary what to run, as the data of `terminal:execute`.
const HOST: &str = "LOOPWIRE_TEST_ENVIRONMENT";

/// A process with an environment of its own, which tells what its command has printed.
#[test]
#[ignore = "the test beside it starts it as a process of its own"]
fn host() {
    let data = std::env::var(HOST).unwrap();
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&serde_json::from_str(&data).unwrap());
    let text = client.receive_to_exit().text.replace("\r\n", "\n");
    println!("<<<{text}>>>");
}

/// What a command prints that a host with these variables has started.
fn printed(host: &[(&str, &str)], data: &Value) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["environment::host", "--exact", "--ignored", "--nocapture"]);
    for name in ["LC_ALL", "LC_CTYPE", "LANG", "SHELL"] {
        command.env_remove(name);
    }
    let output = command
        .envs(host.iter().copied())
        .env(HOST, data.to_string())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, text) = text.split_once("<<<").expect(&text);
    text.split_once(">>>").unwrap().0.to_owned()
}

/// Variables of terminals, multiplexers and editors, as they set them.
const OF_HOST: [(&str, &str); 24] = [
    ("COLUMNS", "200"),
    ("LINES", "70"),
    ("TERMCAP", "SC|screen|VT 100/ANSI X3.64 virtual terminal:"),
    ("TMUX", "/tmp/tmux-0/default,1,0"),
    ("TMUX_PANE", "%0"),
    ("STY", "1.pts-0.host"),
    ("WINDOW", "0"),
    ("WINDOWID", "123"),
    ("TERM_PROGRAM", "vscode"),
    ("TERM_PROGRAM_VERSION", "1.100"),
    ("VTE_VERSION", "7600"),
    ("KONSOLE_VERSION", "230800"),
    ("ITERM_SESSION_ID", "w0t0p0"),
    ("LC_TERMINAL", "iTerm2"),
    ("KITTY_WINDOW_ID", "1"),
    ("KITTY_LISTEN_ON", "unix:/tmp/kitty"),
    ("WT_SESSION", "6d4d"),
    ("GHOSTTY_RESOURCES_DIR", "/usr/share/ghostty"),
    ("ALACRITTY_SOCKET", "/run/alacritty.sock"),
    ("WEZTERM_PANE", "0"),
    ("INSIDE_EMACS", "29.1,vterm"),
    ("COLORFGBG", "15;0"),
    ("GPG_TTY", "/dev/pts/9"),
    ("SSH_TTY", "/dev/pts/9"),
];

#[test]
fn the_terminal_of_the_host_does_not_show_through() {
    let mut host = OF_HOST.to_vec();
    host.extend([
        ("DISPLAY", ":0"),
        ("SSH_CONNECTION", "::1 1 ::1 22"),
        ("TERM", "dumb"),
    ]);
    for pty in [true, false] {
        let text = printed(&host, &json!({"command": "env", "pty": pty}));
        let lines: Vec<_> = text.lines().collect();
        for (name, _) in OF_HOST {
            let begins = format!("{name}=");
            let found: Vec<_> = lines
                .iter()
                .filter(|line| line.starts_with(&begins))
                .collect();
            assert!(found.is_empty(), "pty: {pty}: {found:?}");
        }
        assert!(lines.contains(&"DISPLAY=:0") && lines.contains(&"SSH_CONNECTION=::1 1 ::1 22"));
        let term = if pty {
            "TERM=xterm-256color"
        } else {
            "TERM=dumb"
        };
        assert!(lines.contains(&term), "pty: {pty}: {text}");
    }
    let size = printed(
        &host,
        &json!({"command": "tput cols; tput lines", "pty": true}),
    );
    assert_eq!(size, "80\n24\n");
}

#[test]
fn what_the_command_was_given_wins() {
    let env = json!({"COLUMNS": "33", "TMUX": "mine", "TERM": "vt100", "LANG": "C", "SHELL": "/bin/false"});
    let command = "echo $COLUMNS $TMUX $TERM $LANG $LC_CTYPE- $SHELL";
    let text = printed(
        &OF_HOST,
        &json!({"command": command, "env": env, "pty": true}),
    );
    assert_eq!(text, "33 mine vt100 C - /bin/false\n");
}

#[test]
fn there_is_an_encoding_where_nobody_has_chosen_one() {
    for pty in [true, false] {
        let charmap = json!({"command": "locale charmap; echo $LC_ALL", "pty": pty});
        for host in [&[][..], &[("LANG", "C")], &[("LC_CTYPE", "POSIX")]] {
            assert_eq!(printed(host, &charmap), "UTF-8\n\n", "{host:?}");
        }
        let chosen = printed(&[("LC_ALL", "C")], &charmap);
        assert_eq!(chosen, "ANSI_X3.4-1968\nC\n");
    }
}

#[test]
fn a_shell_that_refuses_its_user_is_passed_over() {
    // The interactive shell itself, which says its name.
    let interactive = |host: &[(&str, &str)]| {
        let command = "echo $SHELL; ps -o comm= $PPID || true";
        printed(host, &json!({"command": command, "pty": true}))
    };
    for shell in [
        "/usr/sbin/nologin",
        "/bin/false",
        "/nowhere/zsh",
        "bash",
        "/etc",
    ] {
        let text = interactive(&[("SHELL", shell)]);
        let used = text.lines().next().unwrap();
        assert!(
            used.ends_with("sh") && used.starts_with('/'),
            "{shell}: {text}"
        );
    }
    assert!(interactive(&[("SHELL", "/bin/sh")]).starts_with("/bin/sh\n"));
}

#[test]
fn an_interactive_shell_runs_where_the_hosts_is_nologin() {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "environment::interactive",
        "--exact",
        "--ignored",
        "--nocapture",
    ]);
    let output = command.env("SHELL", "/usr/sbin/nologin").output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("it runs"));
}

/// Types into an interactive shell.
#[test]
#[ignore = "the test beside it starts it as a process of its own"]
fn interactive() {
    let server = TestServer::open();
    let mut client = server.connect();
    client.execute(&json!({"pty": true, "id": 1}));
    client.expect("terminal:started");
    client.command(
        "terminal:input",
        &json!({"id": 1, "input": "echo it''s fine; exit 5\n"}),
    );
    let heard = client.receive_to_exit();
    assert!(heard.text.contains("its fine"), "{}", heard.text);
    assert_eq!(heard.exit["exitCode"], 5);
    println!("it runs");
}

#[test]
fn the_erase_key_removes_a_whole_character() {
    let server = TestServer::open();
    let mut client = server.connect();
    for (typed, left) in [
        ("ab漢\u{7f}c\n", "abc\n"),
        ("é🎉\u{7f}\u{7f}x\n", "x\n"),
        ("ab\u{7f}c\n", "ac\n"),
    ] {
        let command = "stty -echo; echo go; head -n 1";
        client.execute(&json!({"command": command, "pty": true, "id": typed}));
        client.expect("terminal:started");
        client.receive_until("go");
        client.command("terminal:input", &json!({"id": typed, "input": typed}));
        let heard = client.receive_to_exit();
        let text = heard.text.replace('\r', "");
        assert_eq!(text.trim_start_matches('\n'), left);
    }
}
