//! Programs of C and C++, compiled against the library of this very build.

use std::path::{Path, PathBuf};

use super::folder::Folder;
use super::process::Run;
use super::tools::found;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    C11,
    Cxx17,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linking {
    Dynamic,
    Static,
}

/// Every compiler, language and way to link.
pub const VARIANTS: [(&str, Language, Linking); 8] = [
    ("gcc", Language::C11, Linking::Dynamic),
    ("gcc", Language::C11, Linking::Static),
    ("gcc", Language::Cxx17, Linking::Dynamic),
    ("gcc", Language::Cxx17, Linking::Static),
    ("clang", Language::C11, Linking::Dynamic),
    ("clang", Language::C11, Linking::Static),
    ("clang", Language::Cxx17, Linking::Dynamic),
    ("clang", Language::Cxx17, Linking::Static),
];

/// The folder of `loopwire.h`.
pub fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

/// The folder of `libloopwire.so` and `libloopwire.a`, which cargo has built before it started this test.
pub fn library() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let folder = test.parent().expect("the folder of this test").to_owned();
    for name in ["libloopwire.so", "libloopwire.a"] {
        let path = folder.join(name);
        assert!(path.exists(), "cargo has not built {}", path.display());
    }
    folder
}

/// A program that is to be compiled.
pub struct Program {
    source: PathBuf,
    compiler: String,
    language: Language,
    linking: Linking,
    flags: Vec<String>,
    libraries: Vec<String>,
}

impl Program {
    /// A source below `crates/capi/tests`. With gcc, as C11, dynamically, unless told otherwise.
    pub fn new(source: impl AsRef<Path>) -> Self {
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        Self {
            source: tests.join(source),
            compiler: "gcc".to_owned(),
            language: Language::C11,
            linking: Linking::Dynamic,
            flags: Vec::new(),
            libraries: Vec::new(),
        }
    }

    pub fn variant(mut self, (compiler, language, linking): (&str, Language, Linking)) -> Self {
        self.compiler = compiler.to_owned();
        self.language = language;
        self.linking = linking;
        self
    }

    /// A flag of the compiler.
    pub fn flag(mut self, flag: &str) -> Self {
        self.flags.push(flag.to_owned());
        self
    }

    /// A further library, such as `-lpthread`.
    pub fn library(mut self, flag: &str) -> Self {
        self.libraries.push(flag.to_owned());
        self
    }

    /// Compiles and links it; a warning fails the test. `None` where the compiler is missing, after saying that the test is
    /// skipped.
    pub fn build(self) -> Option<Built> {
        let compiler = match (self.language, self.compiler.as_str()) {
            (Language::Cxx17, "gcc") => "g++",
            (Language::Cxx17, "clang") => "clang++",
            (_, name) => name,
        };
        if !found(&[compiler]) {
            return None;
        }
        let folder = Folder::new();
        let path = folder.path().join("program");
        let libraries = library();
        let support = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support");
        let language = match self.language {
            Language::C11 => ["-x", "c", "-std=c11", "-D_GNU_SOURCE"].as_slice(),
            Language::Cxx17 => ["-x", "c++", "-std=c++17"].as_slice(),
        };
        let mut run = Run::new(compiler)
            .args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-g", "-pthread"])
            .args(language)
            .arg("-I")
            .arg(include())
            .arg("-I")
            .arg(support)
            .args(&self.flags)
            .arg(&self.source)
            .args(["-x", "none", "-o"])
            .arg(&path);
        run = match self.linking {
            Linking::Dynamic => run.arg(libraries.join("libloopwire.so")),
            // What rustc calls the native libraries of a static library; the C library of today has them all in itself.
            Linking::Static => {
                let system = ["-lpthread", "-ldl", "-lm", "-lrt", "-lutil"];
                run.arg(libraries.join("libloopwire.a")).args(system)
            }
        };
        run.args(&self.libraries).succeeds();
        // The library is found by its name for the dynamic linker, which the file itself does not have.
        let name = folder.path().join("libloopwire.so.0");
        link(&libraries.join("libloopwire.so"), &name);
        Some(Built { folder, path })
    }
}

#[cfg(unix)]
fn link(library: &Path, name: &Path) {
    std::os::unix::fs::symlink(library, name).expect("a link to the library");
}

/// A program that was compiled, in a folder that is removed with it.
pub struct Built {
    folder: Folder,
    path: PathBuf,
}

impl Built {
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The program, to be run.
    pub fn run(&self) -> Run {
        Run::new(&self.path).env("LD_LIBRARY_PATH", self.folder.path())
    }

    /// The program in the hands of another one, such as Valgrind.
    pub fn run_under<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Run {
        let mut words = words.into_iter();
        let other = words.next().expect("the name of a program");
        Run::new(other)
            .env("LD_LIBRARY_PATH", self.folder.path())
            .args(words)
            .arg(&self.path)
    }
}
