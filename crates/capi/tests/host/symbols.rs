//! What the library shows to a linker.

use std::path::Path;
use std::process::Command;

use crate::header;
use crate::support::{found, library};

fn output(program: &str, arguments: &[&str], file: &Path) -> String {
    let output = Command::new(program)
        .args(arguments)
        .arg(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_library_shows_the_functions_of_the_header_and_nothing_else() {
    if !found(&["nm"]) {
        return;
    }
    let library = library().join("libloopwire.so");
    let said = output("nm", &["-D", "--defined-only", "--format=posix"], &library);
    let mut shown: Vec<_> = said
        .lines()
        .map(|line| line.split(' ').next().unwrap().to_owned())
        .collect();
    let mut wanted: Vec<_> = header::functions()
        .into_iter()
        .map(|one| one.name)
        .collect();
    shown.sort();
    wanted.sort();
    assert!(wanted.len() > 20, "{wanted:?}");
    assert_eq!(shown, wanted);
}

#[test]
fn the_library_names_itself_and_cannot_be_unloaded() {
    if !found(&["readelf"]) {
        return;
    }
    let said = output("readelf", &["-d", "-W"], &library().join("libloopwire.so"));
    assert!(
        said.contains("Library soname: [libloopwire.so.0]"),
        "{said}"
    );
    assert!(said.contains("NODELETE"), "{said}");
    // What every system has, and no stack that can be executed.
    let needed = said.lines().filter(|line| line.contains("(NEEDED)"));
    for line in needed {
        let allowed = [
            "libc.so.6",
            "libm.so.6",
            "libgcc_s.so.1",
            "ld-linux",
            "libpthread.so.0",
            "libdl.so.2",
            "librt.so.1",
        ];
        assert!(allowed.iter().any(|name| line.contains(name)), "{line}");
    }
    let said = output("readelf", &["-l", "-W"], &library().join("libloopwire.so"));
    let stack = said
        .lines()
        .find(|line| line.contains("GNU_STACK"))
        .unwrap();
    assert!(!stack.contains('E') || !stack.contains("RWE"), "{stack}");
}
