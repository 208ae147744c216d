//! The committed header is the one that the sources make. `LOOPWIRE_WRITE=1 cargo test -p loopwire-capi --test header` writes it.

use std::path::Path;

#[test]
fn the_header_has_the_version_of_the_library() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/loopwire.h");
    let header = std::fs::read_to_string(path).expect("the header");
    let defined = |name: &str| {
        let begin = format!("#define LOOPWIRE_VERSION{name} ");
        let line = header.lines().find_map(|line| line.strip_prefix(&begin));
        line.map(str::to_owned)
    };
    assert_eq!(
        defined("").as_deref(),
        Some(concat!("\"", env!("CARGO_PKG_VERSION"), "\""))
    );
    assert_eq!(
        defined("_MAJOR").as_deref(),
        Some(env!("CARGO_PKG_VERSION_MAJOR"))
    );
    assert_eq!(
        defined("_MINOR").as_deref(),
        Some(env!("CARGO_PKG_VERSION_MINOR"))
    );
    assert_eq!(
        defined("_PATCH").as_deref(),
        Some(env!("CARGO_PKG_VERSION_PATCH"))
    );
}

#[test]
fn the_committed_header_is_made_of_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut made = Vec::new();
    cbindgen::generate(root)
        .expect("sources that cbindgen reads")
        .write(&mut made);
    let made = String::from_utf8(made).expect("UTF-8");
    let path = root.join("include/loopwire.h");
    if std::env::var_os("LOOPWIRE_WRITE").is_some() {
        std::fs::write(&path, &made).expect("a place for the header");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "include/loopwire.h is not what the sources make: LOOPWIRE_WRITE=1 cargo test -p loopwire-capi --test header"
    );
}
