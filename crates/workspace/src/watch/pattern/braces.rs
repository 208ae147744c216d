//! Braces: `src/{a,b}/*.js` stands for `src/a/*.js` and `src/b/*.js`, as in a shell.
//!
//! They are written out before anything else looks at the glob. So the directory that an alternative begins with is known
//! (`{src,lib}/**` watches two directories, and not the whole workspace), and the size of a glob is what is counted here.

/// How many `{` a glob may have. Nobody writes more, and each costs a pass over the text.
const MAX_BRACES: usize = 32;

/// Writes out the braces of a glob. At most `most` globs come of it.
///
/// # Errors
/// What is wrong with the glob, for people.
pub(super) fn alternatives(glob: &str, most: usize) -> Result<Vec<String>, String> {
    if glob.bytes().filter(|byte| *byte == b'{').count() > MAX_BRACES {
        return Err(format!("it has more than {MAX_BRACES} braces"));
    }
    let (mut open, mut done) = (vec![glob.to_owned()], Vec::new());
    while let Some(glob) = open.pop() {
        let Some(brace) = Brace::find(&glob)? else {
            done.push(glob);
            continue;
        };
        // From the back, so that they are written out in the order in which they stand there.
        for inside in brace.inside.iter().rev() {
            open.push(format!("{}{inside}{}", brace.before, brace.behind));
        }
        if open.len() + done.len() > most {
            return Err("its braces stand for too many paths".to_owned());
        }
    }
    Ok(done)
}

/// The first brace of a glob, and what is in it.
struct Brace<'a> {
    before: &'a str,
    inside: Vec<&'a str>,
    behind: &'a str,
}

impl<'a> Brace<'a> {
    fn find(glob: &'a str) -> Result<Option<Self>, String> {
        let (mut depth, mut begin, mut from) = (0_usize, 0, 0);
        let (mut inside, mut at) = (Vec::new(), 0);
        while let Some(byte) = glob.as_bytes().get(at) {
            match byte {
                b'\\' if ESCAPES => at += 1,
                b'[' => at += class(&glob[at..]),
                b'{' => {
                    depth += 1;
                    if depth == 1 {
                        (begin, from) = (at, at + 1);
                    }
                }
                b',' if depth == 1 => {
                    inside.push(&glob[from..at]);
                    from = at + 1;
                }
                b'}' if depth == 0 => return Err("a `}` has no `{`".to_owned()),
                b'}' => {
                    depth -= 1;
                    if depth == 0 {
                        inside.push(&glob[from..at]);
                        return Ok(Some(Self {
                            before: &glob[..begin],
                            inside,
                            behind: &glob[at + 1..],
                        }));
                    }
                }
                _ => {}
            }
            at += 1;
        }
        match depth {
            0 => Ok(None),
            _ => Err("a `{` has no `}`".to_owned()),
        }
    }
}

/// Whether a backslash makes the next character an ordinary one. On Windows it separates directories.
pub(super) const ESCAPES: bool = cfg!(not(windows));

/// How many bytes lie between the `[` that a text begins with and its `]`. 0 if there is none: then the glob is refused
/// later.
pub(super) fn class(text: &str) -> usize {
    let bytes = text.as_bytes();
    let negated = matches!(bytes.get(1), Some(b'!' | b'^'));
    // A `]` that comes first is one of the characters.
    let first = 1 + usize::from(negated);
    let rest = bytes.get(first + 1..).unwrap_or_default();
    let end = rest.iter().position(|byte| *byte == b']');
    end.map_or(0, |end| first + 1 + end)
}
