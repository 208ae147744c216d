//! The trait of an argument: a value of whatever language calls.

/// What error texts call the values that the languages have each in its way, and the options that only one of them has.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// A value that was not given.
    pub missing: &'static str,
    /// What is taken where bytes are wanted.
    pub bytes: &'static str,
    /// What is taken where JSON is wanted.
    pub json: &'static str,
    /// What is taken where ports are wanted.
    pub ports: &'static str,
    /// The answer to a question of git.
    pub git_answer: &'static str,
    /// The options of a git operation that the language itself reads.
    pub git_options: &'static [&'static str],
}

impl Terms {
    /// For a programmer of JavaScript.
    pub const JAVASCRIPT: Self = Self {
        missing: "undefined",
        bytes: "a string or a Uint8Array",
        json: "a string or a Buffer of JSON",
        ports: "a Uint32Array or an array of ports",
        git_answer: "the result of onCredentials",
        git_options: &["signal", "onCredentials"],
    };

    /// For a programmer of C, whose options are JSON.
    pub const C: Self = Self {
        missing: "left out",
        bytes: "a string",
        json: "JSON text",
        ports: "an array of ports",
        git_answer: "answer",
        git_options: &[],
    };
}

/// A value that a caller gave: JavaScript's `unknown` for the Node addon; an integer, a text or a value of JSON for the C
/// library. It only says what the value is. What it may be is decided once, for all callers, in [`super`].
pub trait Argument: Sized {
    /// The words of its language.
    const TERMS: Terms;

    /// The name of its type in an error text, with an article: `a number`.
    fn kind(&self) -> &'static str;

    /// It was not given.
    fn is_missing(&self) -> bool;

    /// It is null.
    fn is_null(&self) -> bool;

    /// It can be called. Only JavaScript has such values.
    fn is_function(&self) -> bool {
        false
    }

    /// It stands for "no limit": `Infinity`, or what JSON makes of it.
    fn is_unlimited(&self) -> bool {
        self.number() == Some(f64::INFINITY)
    }

    /// The number, if it is one.
    fn number(&self) -> Option<f64>;

    /// The truth value, if it is one.
    fn boolean(&self) -> Option<bool>;

    /// The text, if it is one.
    fn text(&self) -> Option<String>;

    /// The bytes, if it is a buffer of them. A text is none.
    fn bytes(&self) -> Option<Vec<u8>>;

    /// The numbers, if it is a buffer of 32-bit numbers.
    fn words(&self) -> Option<Vec<u32>>;

    /// The entries, if it is a list.
    fn list(&self) -> Option<Vec<Self>>;

    /// The keys, if it is an object that is no list. Values are read later, one by one: they may be getters.
    fn keys(&self) -> Option<Vec<String>>;

    /// The value of one of its keys.
    fn get(&self, key: &str) -> Option<Self>;
}
