//! Names of branches.

use loopwire_channel::CommandError;

/// The longest name. File systems have 255 bytes for a file's name, and git makes one of it.
const MAX_BRANCH_BYTES: usize = 250;

/// Checks that a text is a name that git allows for a branch (`git check-ref-format`), and cannot be an option, a
/// refspec or an expression.
pub(crate) fn check_branch(name: &str) -> Result<(), CommandError> {
    let odd = |one: char| one.is_control() || " ~^:?*[\\".contains(one);
    let part = |part: &str| part.is_empty() || part.starts_with('.') || part.ends_with(".lock");
    let refused = name.len() > MAX_BRANCH_BYTES
        || name.starts_with(['-', '+'])
        || name.ends_with('.')
        || name == "@"
        || name.contains("..")
        || name.contains("@{")
        || name.contains(odd)
        || name.split('/').any(part);
    if refused {
        let sentence = "branch is not a name that git allows for a branch";
        return Err(CommandError::new("BAD_MESSAGE", sentence));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_branches_are_told_from_options_and_expressions() {
        for name in [
            "main",
            "feature/a-b",
            "v1.2.3",
            "ünï/漢",
            "a@b",
            "0",
            "HEAD",
        ] {
            assert!(check_branch(name).is_ok(), "{name}");
        }
        for name in [
            "",
            "-f",
            "--upload-pack=touch x",
            "-u",
            "+main",
            "a:b",
            ":b",
            "main~1",
            "main^",
            "@{-1}",
            "@",
            "a..b",
            "a b",
            "a\nb",
            "a\0b",
            "/a",
            "a/",
            "a//b",
            ".a",
            "a/.b",
            "a.lock",
            "a.lock/b",
            "a.",
            "a*",
            "a\\b",
        ] {
            assert!(check_branch(name).is_err(), "{name}");
        }
        assert!(check_branch(&"a".repeat(251)).is_err());
    }
}
