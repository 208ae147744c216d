//! Names without their case.

/// Whether both are the same name. The system compares the capitals of single characters, and so does this.
pub(crate) fn same(one: &str, other: &str) -> bool {
    one.chars().map(capital).eq(other.chars().map(capital))
}

fn capital(character: char) -> char {
    let mut capitals = character.to_uppercase();
    match (capitals.next(), capitals.next()) {
        (Some(one), None) => one,
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ_by_more_than_their_case() {
        for (one, other) in [
            ("", ""),
            ("Readme.MD", "README.md"),
            ("ÄÖ", "äö"),
            ("ﬀ", "ﬀ"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("a", "b"),
            ("a", "ab"),
            ("straße", "STRASSE"),
            ("é", "e\u{301}"),
        ] {
            assert!(!same(one, other), "{one} {other}");
        }
    }
}
