//! The names of devices, which every directory seems to contain.

/// Those that are devices as they are.
const DEVICES: [&str; 6] = ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"];

/// Those that are devices with a digit behind.
const NUMBERED: [&str; 2] = ["COM", "LPT"];

/// Whether the name is that of a device: in any case, with any extension, and with spaces before that.
pub(super) fn is_device(name: &str) -> bool {
    let base = name.split(['.', ':']).next().unwrap_or(name);
    let base = base.trim_end_matches(' ');
    if DEVICES
        .iter()
        .any(|device| base.eq_ignore_ascii_case(device))
    {
        return true;
    }
    let mut characters = base.chars();
    let last = characters.next_back();
    let numbered = NUMBERED
        .iter()
        .any(|device| characters.as_str().eq_ignore_ascii_case(device));
    // The superscripts are digits to the system, too.
    numbered && last.is_some_and(|last| last.is_ascii_digit() || matches!(last, '¹' | '²' | '³'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_told_whatever_is_behind_its_name() {
        for name in [
            "con",
            "NUL",
            "nul.txt",
            "Aux.tar.gz",
            "PRN .x",
            "nul  ",
            "COM1",
            "com9.log",
            "LPT¹",
            "COM³.x",
            "COM0",
            "CONIN$",
            "conout$.txt",
            "NUL:",
            "nul:x",
        ] {
            assert!(is_device(name), "{name}");
        }
        for name in [
            "", "console", "nul1", "com", "com10", "LPTx", "COM¹²", "xCON", " con", "CONIN",
            "con_", "COM⁴", "a.nul",
        ] {
            assert!(!is_device(name), "{name}");
        }
    }
}
