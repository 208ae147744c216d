//! The tarball of `npm run pack:c`, made of the library of this build.

use std::path::Path;

use crate::header;
use crate::support::{Folder, Run, found, library};

#[test]
fn a_stranger_builds_against_the_tarball_in_one_command() {
    if !found(&["node", "cc", "pkg-config", "objcopy", "tar"]) {
        return;
    }
    let folder = Folder::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/pack-c/pack.cjs");
    let packed = Run::new("node")
        .arg(script)
        .args(["--library".as_ref(), library().as_path()])
        .args(["--out".as_ref(), folder.path()])
        .succeeds();
    // Unpacked, built, run, against both libraries.
    assert!(
        packed.stdout.contains("builds against both"),
        "{}",
        packed.told()
    );
    let tarball = std::fs::read_dir(folder.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let unpack = Run::new("tar").arg("-xzf").arg(tarball.path());
    let unpack = unpack.args([
        "--strip-components=1".as_ref(),
        "-C".as_ref(),
        folder.path(),
    ]);
    unpack.succeeds();
    let archive = folder.path().join("lib/libloopwire.a");

    // The static one shows the functions of the header, too, and nothing of its dependencies.
    let shown = Run::new("nm").args(["-g", "--defined-only", "--format=posix"]);
    let shown = shown.arg(&archive).succeeds().stdout;
    // The first line names the object.
    let lines = shown.lines().filter(|line| line.contains(' '));
    let mut shown: Vec<_> = lines.map(|line| line.split(' ').next().unwrap()).collect();
    let mut wanted: Vec<_> = header::functions()
        .into_iter()
        .map(|one| one.name)
        .collect();
    shown.sort_unstable();
    wanted.sort();
    assert_eq!(shown, wanted);
    a_program_may_have_the_same_dependencies(&folder, &archive);
}

/// Such a program has symbols of the same names, and would not be linked if they were seen.
fn a_program_may_have_the_same_dependencies(folder: &Folder, archive: &Path) {
    let all = Run::new("nm").args(["-g", "--defined-only", "--format=posix"]);
    let all = all.arg(library().join("libloopwire.a")).end().stdout;
    let names = all
        .lines()
        .filter_map(|line| line.split_once(" T ").map(|(name, _)| name));
    let same: Vec<_> = names
        .filter(|name| name.starts_with("ring_core_") || *name == "rust_eh_personality")
        .filter(|name| {
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        })
        .collect();
    assert!(same.len() > 10, "{same:?}");
    let functions = same
        .iter()
        .map(|name| format!("void {name}(void) {{ __builtin_trap(); }}\n"));
    let source = format!(
        "#include <loopwire.h>\n{}int main(void) {{\n  RunAsync();\n  SafeExit();\n  return 0;\n}}\n",
        functions.collect::<String>(),
    );
    let source = folder.write("same.c", &source);
    let program = folder.path().join("same");
    Run::new("cc")
        .arg(source)
        .arg("-I")
        .arg(folder.path().join("include"))
        .arg(archive)
        .args([
            "-lgcc_s",
            "-lpthread",
            "-ldl",
            "-lm",
            "-lrt",
            "-lutil",
            "-o",
        ])
        .arg(&program)
        .succeeds();
    Run::new(program).succeeds();
}
