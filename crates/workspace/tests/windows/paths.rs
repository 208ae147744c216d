//! Paths beneath the root.

use super::support::Opened;

#[test]
fn paths_that_mean_something_else_are_refused() {
    let opened = Opened::new();
    std::fs::create_dir(opened.path("sub")).unwrap();
    let root = loopwire_workspace::Root::open(opened.dir.path()).unwrap();
    let code = |path: &str| {
        root.directory(path)
            .map_err(|refusal| refusal.code.to_string())
            .err()
    };
    for path in ["sub", "SUB", r".\sub\..\sub", "sub/"] {
        assert_eq!(code(path), None, "{path}");
    }
    let absolute = opened.path("sub");
    let absolute = absolute.to_str().unwrap();
    for path in [
        absolute.to_owned(),
        absolute.to_uppercase(),
        absolute.replace('\\', "/"),
    ] {
        assert_eq!(code(&path), None, "{path}");
    }
    for path in [
        "nul",
        "sub/nul.txt",
        "sub:stream",
        "sub::$INDEX_ALLOCATION",
        "sub.",
        "sub ",
        "sub?",
    ] {
        assert_eq!(code(path).as_deref(), Some("PATH_INVALID"), "{path}");
    }
    for path in [
        "C:",
        "C:sub",
        r"C:\",
        r"\",
        "/",
        "/Windows",
        r"\\server\share",
        "//server/share",
        r"\\?\C:\",
        r"\\.\NUL",
        "..",
        r"sub\..\..",
    ] {
        assert_eq!(code(path).as_deref(), Some("PATH_OUTSIDE"), "{path}");
    }
}

#[test]
fn the_directory_of_a_command_is_one_that_cmd_understands() {
    let opened = Opened::new();
    std::fs::create_dir(opened.path("sub")).unwrap();
    let shown = opened.workspace.root().to_str().unwrap().to_owned();
    assert!(!shown.starts_with(r"\\?\"), "{shown}");
    let ran = opened.run("cd").unwrap();
    let said = super::support::text(&ran.stdout);
    assert_eq!(said.trim_end().to_lowercase(), shown.to_lowercase());
}
