//! What patterns match.

use std::path::Path;

use super::*;

const ROOTS: [&str; 2] = ["/opt/app", "/srv/link"];

fn read(paths: &[&str], ignore: &[&str]) -> Result<Selection, (String, String)> {
    let owned = |all: &[&str]| all.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    Selection::read(&owned(paths), &owned(ignore), ROOTS.map(Path::new))
        .map_err(|error| (error.code.into_owned(), error.message))
}

fn matching<'a>(paths: &[&str], ignore: &[&str], all: &[&'a str]) -> Vec<&'a str> {
    let read = read(paths, ignore).expect("patterns");
    all.iter()
        .copied()
        .filter(|one| read.matches(one, 0))
        .collect()
}

#[test]
fn a_glob_matches_as_in_chokidar() {
    let all = [
        "a.js",
        "src/a.js",
        "src/deep/er/a.js",
        "src/a.ts",
        "src/.b.js",
        "src2/a.js",
        "src",
        "",
    ];
    for (glob, expected) in [
        (
            "/opt/app/src/**/*.js",
            vec!["src/a.js", "src/deep/er/a.js", "src/.b.js"],
        ),
        ("/srv/link/src/*.js", vec!["src/a.js", "src/.b.js"]),
        ("src/*.{js,ts}", vec!["src/a.js", "src/a.ts", "src/.b.js"]),
        ("*.js", vec!["a.js"]),
        ("./*.js", vec!["a.js"]),
        (
            "**/a.?s",
            vec![
                "a.js",
                "src/a.js",
                "src/deep/er/a.js",
                "src/a.ts",
                "src2/a.js",
            ],
        ),
        ("src[0-9]/*", vec!["src2/a.js"]),
        ("{src,src2}/a.js", vec!["src/a.js", "src2/a.js"]),
        (
            "src",
            vec![
                "src/a.js",
                "src/deep/er/a.js",
                "src/a.ts",
                "src/.b.js",
                "src",
            ],
        ),
        (
            "src/",
            vec![
                "src/a.js",
                "src/deep/er/a.js",
                "src/a.ts",
                "src/.b.js",
                "src",
            ],
        ),
        ("src/../a.js", vec!["a.js"]),
        ("src/deep", vec!["src/deep/er/a.js"]),
        ("src/a.js", vec!["src/a.js"]),
        (".", all.to_vec()),
        ("/opt/app", all.to_vec()),
        ("/opt/app/", all.to_vec()),
        ("**", all[..7].to_vec()),
    ] {
        assert_eq!(matching(&[glob], &[], &all), expected, "{glob}");
    }
}

#[test]
fn what_is_negated_is_taken_away_wherever_it_stands() {
    let all = ["src/a.js", "src/a.test.js", "src/vendor/b.js"];
    for paths in [
        ["src/**/*.js", "!**/*.test.js", "!src/vendor"],
        ["!/opt/app/src/vendor/**", "!src/*.test.js", "src/**"],
    ] {
        assert_eq!(matching(&paths, &[], &all), ["src/a.js"], "{paths:?}");
    }
}

#[test]
fn what_is_ignored_is_a_name_anywhere_or_a_path_from_the_root() {
    let all = ["a.log", "src/b.log", "src/out/c", "out/d", "src/e"];
    assert_eq!(matching(&["."], &["*.log", "out"], &all), ["src/e"]);
    assert_eq!(
        matching(&["."], &["/opt/app/out/", "src/*.log"], &all),
        ["a.log", "src/out/c", "src/e"]
    );
}

#[test]
fn a_backslash_makes_a_wildcard_an_ordinary_character() {
    if cfg!(windows) {
        return;
    }
    let all = ["a*.js", "ab.js", "{a}", "!a", "[x]/y"];
    assert_eq!(matching(&["a\\*.js"], &[], &all), ["a*.js"]);
    assert_eq!(matching(&["a*.js"], &[], &all), ["a*.js", "ab.js"]);
    assert_eq!(matching(&["\\{a\\}"], &[], &all), ["{a}"]);
    assert_eq!(matching(&["\\!a"], &[], &all), ["!a"]);
    assert_eq!(matching(&["\\[x\\]/*"], &[], &all), ["[x]/y"]);
}

#[test]
fn the_directory_of_a_glob_and_its_depth_are_known() {
    for (glob, expected) in [
        ("src/**/*.js", vec![("src", None)]),
        ("src/*.js", vec![("src", Some(0))]),
        ("src/*/x/*.js", vec![("src", Some(2))]),
        (
            "{src,lib/deep}/*.js",
            vec![("src", Some(0)), ("lib/deep", Some(0))],
        ),
        ("*", vec![("", Some(0))]),
        ("src/a", vec![("src/a", None)]),
        ("a/{b/*,c}", vec![("a/b", Some(0)), ("a/c", None)]),
    ] {
        let read = read(&[glob], &[]).expect(glob);
        let found: Vec<_> = read
            .include()
            .iter()
            .map(|one| (one.base(), one.depth()))
            .collect();
        assert_eq!(found, expected, "{glob}");
    }
}

#[test]
fn what_leads_out_is_refused() {
    for path in [
        "/etc/*",
        "/opt/application/*",
        "/opt/*",
        "/",
        "../x",
        "src/../../x",
        "../*",
        "!/etc",
    ] {
        let refused = read(&[path, "."], &[]).expect_err(path);
        assert_eq!(refused.0, "PATH_OUTSIDE", "{path}");
    }
}

#[test]
fn a_glob_that_cannot_be_used_is_refused_with_the_reason() {
    let many = "{a,b}".repeat(1_000);
    let product = "{a,b,c,d,e,f,g,h}".repeat(8);
    let nested = format!("{}a{}", "{".repeat(31), "}".repeat(31));
    let stars = "*a".repeat(40);
    let deep = "**/".repeat(20);
    let long = format!("{}*", "a?".repeat(600));
    for (glob, reason) in [
        ("src/[a", "unclosed character class"),
        ("src/{a", "a `{` has no `}`"),
        ("src/a}", "a `}` has no `{`"),
        ("*/../x", "`..` cannot stand behind a wildcard"),
        ("", "it is empty"),
        ("!", "it is empty"),
        ("a\0*", "NUL"),
        ("src/[z-a]", "invalid range"),
        (&many, "more than 32 braces"),
        (&product, "too many paths"),
        (&stars, "more than 32 wildcards"),
        (&deep, "more than 8 `**`"),
        (&long, "may have 1024 bytes"),
    ] {
        let (code, message) = read(&[glob], &[]).expect_err(glob);
        assert_eq!(code, "BAD_MESSAGE", "{glob}");
        assert!(message.contains(reason), "{message}");
        assert!(message.len() < 400, "{message}");
    }
    assert!(read(&[&nested], &[]).is_ok());
    let (code, message) = read(&["!a"], &[]).expect_err("nothing is watched");
    assert_eq!(
        (code.as_str(), message.contains("at least one path")),
        ("BAD_MESSAGE", true)
    );
    assert!(
        read(&["a"; 257], &[])
            .expect_err("too many")
            .1
            .contains("256 paths")
    );
    assert!(read(&["a"], &["!b"]).is_err());
}

#[test]
fn a_rule_hides_what_lies_below_the_part_that_is_named() {
    let read = read(&["node_modules/own/**", "src"], &[]).expect("patterns");
    for (path, hidden, expected) in [
        ("node_modules/own/a.js", 1, true),
        ("node_modules/own/dist/a.js", 3, false),
        ("node_modules/other/a.js", 1, false),
        ("src/a.js", 0, true),
        ("src/dist/a.js", 2, false),
    ] {
        assert_eq!(read.matches(path, hidden), expected, "{path}");
    }
}

#[test]
fn what_is_taken_away_can_be_said_as_a_line_of_a_gitignore() {
    let read = read(&[".", "!src/a b/../vendor x", "!src/*.js"], &["out"]).expect("patterns");
    let lines: Vec<_> = read.exclude().iter().map(Pattern::ignore_line).collect();
    assert_eq!(lines, ["/src/vendor\\ x", "/src/*.js", "/**/out"]);
}

/// On Windows a backslash separates names.
#[cfg(not(windows))]
#[test]
fn what_is_escaped_in_a_pattern_is_escaped_in_a_line_of_a_gitignore() {
    let read = read(&["."], &["/opt/app/\\[x\\]/*"]).expect("patterns");
    assert_eq!(read.exclude()[0].ignore_line(), "/\\[x]/*");
}
