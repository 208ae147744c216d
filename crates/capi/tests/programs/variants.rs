//! Every compiler, both languages, both ways to link.

use crate::support::{Language, Linking, Program};

fn first(compiler: &str, language: Language, linking: Linking) {
    let program = Program::new("programs/first.c").variant((compiler, language, linking));
    let Some(program) = program.build() else {
        return;
    };
    let ended = program.run().succeeds();
    assert_eq!(ended.stdout, "done\n", "{}", ended.told());
}

#[test]
fn a_c11_program_of_gcc_links_dynamically() {
    first("gcc", Language::C11, Linking::Dynamic);
}

#[test]
fn a_c11_program_of_gcc_links_statically() {
    first("gcc", Language::C11, Linking::Static);
}

#[test]
fn a_cxx17_program_of_gcc_links_dynamically() {
    first("gcc", Language::Cxx17, Linking::Dynamic);
}

#[test]
fn a_cxx17_program_of_gcc_links_statically() {
    first("gcc", Language::Cxx17, Linking::Static);
}

#[test]
fn a_c11_program_of_clang_links_dynamically() {
    first("clang", Language::C11, Linking::Dynamic);
}

#[test]
fn a_c11_program_of_clang_links_statically() {
    first("clang", Language::C11, Linking::Static);
}

#[test]
fn a_cxx17_program_of_clang_links_dynamically() {
    first("clang", Language::Cxx17, Linking::Dynamic);
}

#[test]
fn a_cxx17_program_of_clang_links_statically() {
    first("clang", Language::Cxx17, Linking::Static);
}
