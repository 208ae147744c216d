//! Every published function, and the typed calls of the forward engine: as they are meant, and with all that is wrong.

#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use serde_json::Value;
use support::{Folder, Language, Linking, Program, free_port, free_row};

const GCC: (&str, Language, Linking) = ("gcc", Language::C11, Linking::Dynamic);
const CLANG: (&str, Language, Linking) = ("clang", Language::Cxx17, Linking::Static);

/// An upstream that admits everybody: it answers each request for a tunnel.
fn upstream() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut lines = BufReader::new(&stream).lines();
                while lines
                    .next()
                    .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
                {}
                let _ = (&stream).write_all(b"HTTP/1.1 200 OK\r\n\r\n");
                // Until the other side ends.
                let _ = std::io::copy(&mut &stream, &mut std::io::sink());
            });
        }
    });
    port
}

/// A provider with three proxies.
fn provider(folder: &Folder) -> String {
    let port = upstream();
    let entry = |id: &str, place: &str| {
        format!(
            r#"{{"id": "{id}", "protocol": "http", "host": "127.0.0.1", "port": {port}, {place}}}"#
        )
    };
    let german = r#""country_code": "DE", "city": "Berlin""#;
    let list = [
        entry("first", german),
        entry("second", r#""country_code": "HK""#),
        entry("third", r#""country_code": "HK""#),
    ];
    let file = folder.write("proxies.json", &format!("[{}]", list.join(",")));
    format!("file://{}", file.display())
}

fn published(variant: (&str, Language, Linking)) {
    let Some(program) = Program::new("functions/published.c")
        .variant(variant)
        .build()
    else {
        return;
    };
    let folder = Folder::new();
    let saved = folder.path().join("saved").display().to_string();
    let ended = program
        .run()
        .args([free_row(8).to_string(), free_port().to_string()])
        .args([provider(&folder), saved])
        .succeeds();
    assert_eq!(ended.stdout, "done\n", "{}", ended.told());
}

#[test]
fn every_published_function_does_what_it_is_for() {
    published(GCC);
}

#[test]
fn every_published_function_does_so_in_cxx() {
    published(CLANG);
}

#[test]
fn every_published_function_refuses_what_is_wrong() {
    for variant in [GCC, CLANG] {
        let Some(program) = Program::new("functions/refused.c").variant(variant).build() else {
            return;
        };
        let ended = program.run().succeeds();
        assert_eq!(ended.stdout, "done\n", "{}", ended.told());
    }
}

#[test]
fn functions_with_a_handle_refuse_what_is_wrong() {
    let Some(program) = Program::new("functions/handles.c").build() else {
        return;
    };
    let ended = program.run().succeeds();
    assert_eq!(ended.stdout, "done\n", "{}", ended.told());
}

#[test]
fn reports_have_the_keys_of_the_node_objects() {
    let Some(program) = Program::new("functions/typed.c").build() else {
        return;
    };
    let folder = Folder::new();
    let ended = program
        .run()
        .args([free_row(2).to_string(), provider(&folder)])
        .succeeds();
    let mut lines = ended.stdout.lines();
    let mut next = |name: &str| -> Value {
        let line = lines
            .next()
            .unwrap_or_else(|| panic!("{name}: {}", ended.told()));
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{name}: {error}: {line}"))
    };
    has_keys_of("Forwarded", &next("forward"));
    has_keys_of("Forwarded", &next("rotate"));
    let ports = next("ports");
    assert_eq!(ports.as_array().map(Vec::len), Some(2), "{ports}");
    has_keys_of("PortInfo", &ports[0]);
    let stats = next("stats");
    has_keys_of("ForwardStats", &stats);
    has_keys_of("UpstreamInfo", &stats["upstreams"][0]);
}

/// The keys that an interface of binding.d.ts has, and those of them that may be missing.
fn keys(interface: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../binding.d.ts");
    let text = std::fs::read_to_string(path).expect("the types of the addon");
    let head = format!("export interface {interface} {{\n");
    let body = text.split(&head).nth(1).expect("the interface");
    let body = body.split("\n}").next().unwrap_or_default();
    let (mut all, mut optional) = (BTreeSet::new(), BTreeSet::new());
    for line in body.lines().map(str::trim) {
        let Some((key, _)) = line.split_once(':') else {
            continue;
        };
        let bare = key.trim_end_matches('?');
        if bare.is_empty() || !bare.chars().all(char::is_alphanumeric) {
            continue;
        }
        if bare != key {
            optional.insert(bare.to_owned());
        }
        all.insert(bare.to_owned());
    }
    assert!(all.len() > 4, "{interface}: {all:?}");
    (all, optional)
}

fn has_keys_of(interface: &str, value: &Value) {
    let (all, optional) = keys(interface);
    let object = value.as_object();
    let object = object.unwrap_or_else(|| panic!("{interface}: {value}"));
    let given: BTreeSet<String> = object.keys().cloned().collect();
    let missing: Vec<_> = all.difference(&given).collect();
    assert!(
        missing.iter().all(|&key| optional.contains(key)),
        "{interface}: {missing:?} of {value}"
    );
    let unknown: Vec<_> = given.difference(&all).collect();
    assert!(unknown.is_empty(), "{interface}: {unknown:?} of {value}");
}
