//! What no command gets of this process's environment, on any system.

use std::ffi::OsStr;

/// Variables that must not reach a command: the token of `loopwire serve`, and the numbers of Node's descriptors that
/// it does not get.
const WITHHELD: [&str; 4] = [
    "LOOPWIRE_TOKEN",
    "NODE_CHANNEL_FD",
    "NODE_CHANNEL_SERIALIZATION_MODE",
    "NODE_UNIQUE_ID",
];

/// Variables that describe the terminal in which this process was started: its size, its window, its multiplexer, the
/// program that draws it. A command is not in that terminal, whether it has a PTY or pipes. What says where to find
/// the user's display or how the user likes colours stays.
const OF_HOST_TERMINAL: [&str; 36] = [
    "COLUMNS",
    "LINES",
    "TERMCAP",
    "COLORFGBG",
    "WINDOWID",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "TERM_SESSION_ID",
    "TERMINAL_EMULATOR",
    "LC_TERMINAL",
    "LC_TERMINAL_VERSION",
    "SHELL_SESSION_ID",
    "VTE_VERSION",
    "TILIX_ID",
    "TERMINATOR_UUID",
    "WT_SESSION",
    "WT_PROFILE_ID",
    "XTERM_LOCALE",
    "XTERM_SHELL",
    "XTERM_VERSION",
    "MLTERM",
    // Multiplexers, and editors with a terminal in them.
    "TMUX",
    "TMUX_PANE",
    "STY",
    "WINDOW",
    "ZELLIJ",
    "ZELLIJ_PANE_ID",
    "ZELLIJ_SESSION_NAME",
    "INSIDE_EMACS",
    "NVIM",
    "VIM_TERMINAL",
    "VSCODE_INJECTION",
    "VSCODE_NONCE",
    "VSCODE_SHELL_INTEGRATION",
    // The device of that terminal, which a program would write to.
    "GPG_TTY",
    "SSH_TTY",
];

/// As above: families of variables of terminal emulators.
const OF_HOST_TERMINAL_FAMILIES: [&str; 9] = [
    "ALACRITTY_",
    "GHOSTTY_",
    "GNOME_TERMINAL_",
    "ITERM_",
    "KITTY_",
    "KONSOLE_",
    "PTYXIS_",
    "WARP_",
    "WEZTERM_",
];

/// Whether no command gets the variable.
pub(super) fn is_withheld(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    // On Windows names have no case.
    let capitals;
    let name = match cfg!(windows) {
        true => {
            capitals = name.to_ascii_uppercase();
            &capitals
        }
        false => name,
    };
    let begins = |family: &str| name.starts_with(family);
    WITHHELD.contains(&name)
        || OF_HOST_TERMINAL.contains(&name)
        || OF_HOST_TERMINAL_FAMILIES
            .iter()
            .any(|family| begins(family))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_describes_the_terminal_of_the_host_is_withheld() {
        for name in [
            "COLUMNS",
            "TMUX",
            "KITTY_WINDOW_ID",
            "GHOSTTY_BIN_DIR",
            "LOOPWIRE_TOKEN",
        ] {
            assert!(is_withheld(OsStr::new(name)), "{name}");
        }
        for name in [
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "SSH_CONNECTION",
            "TERM",
            "COLUMNS_",
            "PATH",
        ] {
            assert!(!is_withheld(OsStr::new(name)), "{name}");
        }
    }
}
