//! Tests of the modes: what a screen needs that has not seen the beginning.

use crate::terminal::output::screen::Screen;

use super::*;

fn prelude(output: &[u8]) -> String {
    let mut whole = Screen::of_pty();
    whole.read(output);
    let modes = whole.modes().map(Modes::prelude).unwrap_or_default();
    // However it is cut.
    for cut in 1..=output.len() {
        let mut parts = Screen::of_pty();
        parts.read(&output[..cut]);
        parts.read(&output[cut..]);
        assert_eq!(
            parts.modes().map(Modes::prelude).as_ref(),
            Some(&modes),
            "{cut}"
        );
    }
    modes
}

#[test]
fn text_and_drawing_leave_nothing_behind() {
    for output in [
        &b""[..],
        "plain text\r\n\t\u{8}漢字".as_bytes(),
        b"\x1b[2J\x1b[H\x1b[10;20H\x1b[K\x1b[1A\x1b[3X\x1b[c\x1b[6n\x1b[>0c\x1b[?25$p\x1b[18t",
        b"\x1bPq#0~~\x1b\\\x1b_app;?1049h\x1b\\\x1b]8;;http://x\x1b\\\x1b]52;c;eA==\x07\x1b]11;?\x07",
        b"\x1b[?1049\x18h\x1b[?2004\x1ah",
        b"\x1b]0;given up\x18\x1b[2J",
        b"\x1b[?9999h\x1b[99h\x1bM\x1bD\x1bOP\x1b#8",
        // Only a command is ended by BEL.
        b"\x1bPtmux;\x07\x0e\x1b\\\x1b_a\x07b\x0ec\x1b\\",
        // Sequences of other kinds with the same last letter.
        b"\x1b[1?m\x1b[1$m\x1b[?1m\x1b[=4h\x1b[?25$l\x1b[1>u\x1b[?5r\x1b[10;5r\x1b[5;5r",
    ] {
        assert_eq!(prelude(output), "", "{}", output.escape_ascii());
    }
}

#[test]
fn what_was_set_is_set_again() {
    for (output, expected) in [
        ("\x1b[?1049h", "\x1b[?1049h"),
        ("\x1b[?47h", "\x1b[?47h"),
        ("\x1b[?1049h\x1b[?1049l", "\x1b[?1047l"),
        ("\x1b[?2004h", "\x1b[?2004h"),
        ("\x1b[?2004h\x1b[?2004l", "\x1b[?2004l"),
        ("\x1b[?25l", "\x1b[?25l"),
        ("\x1b[?25l\x1b[?25h", "\x1b[?25h"),
        ("\x1b[?7l", "\x1b[?7l"),
        ("\x1b[?1h\x1b=", "\x1b[?1h\x1b="),
        ("\x1b[?1;2004;25h", "\x1b[?1h\x1b[?25h\x1b[?2004h"),
        ("\x1b[4h", "\x1b[4h"),
        (
            "\x1b[?1000h\x1b[?1002h\x1b[?1006h",
            "\x1b[?1000l\x1b[?1002h\x1b[?1006h",
        ),
        (
            "\x1b[?1003h\x1b[?1003l\x1b[?1004h",
            "\x1b[?1004h\x1b[?1003l",
        ),
        ("\x1b[2;20r", "\x1b7\x1b[2;20r\x1b8"),
        ("\x1b[2;20r\x1b[r", "\x1b7\x1b[r\x1b8"),
        ("\x1b(0", "\x1b(0"),
        ("\x1b(0\x1b(B", "\x1b(B"),
        ("\x1b)0\x0e", "\x1b)0\x0e"),
        ("\x1b(0\x1b%G", "\x1b(B"),
        ("\x1b*0\x1bn", "\x1b*0\x1bn"),
        ("\x1b)0\x1b[\x0e1m", "\x1b)0\x0e\x1b[0;1m"),
        ("\x1b[5 q", "\x1b[5 q"),
        ("\x1b[?25\x7fl", "\x1b[?25l"),
        ("\x1b[31m\x1b[?1048h\x1b[m\x1b[?1048l", "\x1b[0;31m"),
        ("\x1b[>4;2m", "\x1b[>4;2m"),
        ("\x1b[>1u\x1b[>3u", "\x1b[<10u\x1b[>1u\x1b[>3u"),
        ("\x1b[>1u\x1b[<u", "\x1b[<10u"),
        ("\x1b]0;vim\x07", "\x1b]2;vim\x1b\\"),
        ("\x1b]2;é 漢\x1b\\", "\x1b]2;é 漢\x1b\\"),
        (
            "\x1b]2;a\x07\x1b[22;2t\x1b]2;b\x07\x1b[23;2t",
            "\x1b]2;a\x1b\\",
        ),
        // A command that another sequence ends.
        ("\x1b]0;vim\x1b[1m", "\x1b]2;vim\x1b\\\x1b[0;1m"),
        ("\x1b[1;31mred", "\x1b[0;1;31m"),
        ("\x1b[1;31mred\x1b[m", "\x1b[0m"),
        ("\x1b7\x1b[31m\x1b8", "\x1b[0m"),
        (
            "\x1b[31m\x1b[?1049h\x1b[32m\x1b[?1049l",
            "\x1b[?1047l\x1b[0;31m",
        ),
    ] {
        assert_eq!(
            prelude(output.as_bytes()),
            expected,
            "{}",
            output.escape_debug()
        );
    }
}

#[test]
fn the_scrolling_region_belongs_to_one_of_the_two_screens() {
    for (output, expected) in [
        ("\x1b[?1049h\x1b[2;20r", "\x1b[?1049h\x1b7\x1b[2;20r\x1b8"),
        (
            "\x1b[?1049h\x1b[2;20r\x1b[?1049l",
            "\x1b[?1047l\x1b7\x1b[r\x1b8",
        ),
        (
            "\x1b[1;23r\x1b[?1049h",
            "\x1b[?1047l\x1b7\x1b[1;23r\x1b8\x1b[?1049h\x1b7\x1b[r\x1b8",
        ),
        (
            "\x1b[1;23r\x1b[?1049h\x1b[2;20r\x1b[?1049l\x1b[?1049h",
            "\x1b[?1047l\x1b7\x1b[1;23r\x1b8\x1b[?1049h\x1b7\x1b[r\x1b8",
        ),
    ] {
        assert_eq!(prelude(output.as_bytes()), expected, "{output:?}");
    }
}

#[test]
fn of_too_many_titles_the_oldest_goes() {
    let mut output = String::new();
    for title in 0..=MAX_TITLES {
        output.push_str(&format!("\x1b]2;{title}\x07\x1b[22t"));
    }
    output.push_str("\x1b]2;last\x07");
    for title in (1..=MAX_TITLES).rev() {
        output.push_str("\x1b[23t");
        assert_eq!(prelude(output.as_bytes()), format!("\x1b]2;{title}\x1b\\"));
    }
    output.push_str("\x1b[23t");
    assert_eq!(prelude(output.as_bytes()), "\x1b]2;1\x1b\\");
}

#[test]
fn a_reset_resets_and_a_soft_one_only_what_makes_text_unreadable() {
    let all =
        "\x1b[?1049h\x1b[?2004h\x1b[?25l\x1b[?1h\x1b[?1000h\x1b[4h\x1b=\x1b(0\x1b[31m\x1b]2;t\x07";
    let hard = prelude(format!("{all}\x1bc").as_bytes());
    assert_eq!(
        hard,
        "\x1b[?1047l\x1b[?25h\x1b[?1l\x1b[?2004l\x1b[4l\x1b[?1000l\x1b>\x1b(B\x1b]2;t\x1b\\\x1b[0m"
    );
    let soft = prelude(format!("{all}\x1b[!p").as_bytes());
    assert_eq!(
        soft,
        "\x1b[?1049h\x1b[?25h\x1b[?1l\x1b[?2004l\x1b[4l\x1b[?1000h\x1b>\x1b(B\x1b]2;t\x1b\\\x1b[0m"
    );
}

#[test]
fn a_prelude_is_bounded_whatever_a_program_sends() {
    let mut output = String::new();
    for mode in 0..3_000 {
        output.push_str(&format!(
            "\x1b[?{mode}h\x1b[{mode}h\x1b[>{mode}u\x1b[{mode};{mode}r"
        ));
    }
    output.push_str(&format!("\x1b]2;{}\x07", "漢".repeat(10_000)));
    output.push_str("\x1b(0\x1b)0\x1b*0\x1b+0\x0e\x1b=\x1b[6 q\x1b[>4;65535m");
    output.push_str(
        "\x1b[1;2;3;5;6;7;8;9;53;4:3;38;2;255;255;255;48;2;255;255;255;58;2;255;255;255m",
    );
    output.push_str(&format!("\x1b[{}m", "1;".repeat(10_000)));
    let mut screen = Screen::of_pty();
    screen.read(output.as_bytes());
    let prelude = screen.modes().map(Modes::prelude).unwrap_or_default();
    assert!(prelude.len() <= MAX_PRELUDE_BYTES, "{}", prelude.len());
    assert!(prelude.contains(&"漢".repeat(MAX_TITLE_BYTES / 3)));
}
