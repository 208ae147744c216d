//! A selection: which paths a watch has asked for.

use std::path::Path;

use loopwire_channel::CommandError;

use super::braces::{ESCAPES, alternatives};
use super::pattern::{Pattern, outside, wrong};

/// How many paths and globs a watch may have, with its braces written out: every change is compared with each.
const MAX_PATTERNS: usize = 256;

/// The paths of a watch. A path belongs to it if one pattern matches and no pattern with `!` takes it away. Their order
/// does not matter, as in chokidar and fast-glob: somebody who adds a path to a list does not expect that one further up
/// loses its effect. Whoever wants a file back that was taken away watches it apart.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    include: Vec<Pattern>,
    exclude: Vec<Pattern>,
}

impl Selection {
    /// Reads `paths` and `ignore` of a watch. `roots` are the paths by which the root may be named.
    ///
    /// # Errors
    /// `BAD_MESSAGE`, `PATH_OUTSIDE`.
    pub(crate) fn read(
        paths: &[String],
        ignore: &[String],
        roots: [&Path; 2],
    ) -> Result<Self, CommandError> {
        let mut read = Self {
            include: Vec::new(),
            exclude: Vec::new(),
        };
        for path in paths {
            match path.strip_prefix('!') {
                Some(path) => read.add(path, false, roots, str::to_owned)?,
                None => read.add(path, true, roots, str::to_owned)?,
            }
        }
        for path in ignore {
            if path.starts_with('!') {
                return Err(wrong(path, "`!` has no meaning in ignore"));
            }
            read.add(path, false, roots, anywhere)?;
        }
        if read.include.is_empty() {
            let message =
                "the data must name at least one path without `!`: {\"paths\": [\"src/**/*.js\"]}";
            return Err(CommandError::new("BAD_MESSAGE", message));
        }
        Ok(read)
    }

    fn add(
        &mut self,
        text: &str,
        include: bool,
        roots: [&Path; 2],
        place: impl Fn(&str) -> String,
    ) -> Result<(), CommandError> {
        if text.is_empty() {
            return Err(wrong(text, "it is empty"));
        }
        let behind = relative(text, roots)?;
        let relative = match behind == text {
            true => place(behind),
            // An absolute path says where.
            false => behind.to_owned(),
        };
        let most = MAX_PATTERNS.saturating_sub(self.include.len() + self.exclude.len());
        if most == 0 {
            let message = format!("a watch may have {MAX_PATTERNS} paths, with their braces");
            return Err(CommandError::new("BAD_MESSAGE", message));
        }
        let all = alternatives(&relative, most).map_err(|reason| wrong(text, &reason))?;
        let into = match include {
            true => &mut self.include,
            false => &mut self.exclude,
        };
        for one in all {
            into.push(Pattern::parse(&one)?);
        }
        Ok(())
    }

    /// The patterns that add paths.
    pub(crate) fn include(&self) -> &[Pattern] {
        &self.include
    }

    /// The patterns that take paths away.
    pub(crate) fn exclude(&self) -> &[Pattern] {
        &self.exclude
    }

    /// Changes where patterns begin: links in them are resolved.
    ///
    /// # Errors
    /// What `resolve` says of a pattern that adds paths. One that takes paths away stays as it is.
    pub(crate) fn rebase(
        &mut self,
        resolve: impl Fn(&str) -> Result<String, CommandError>,
    ) -> Result<(), CommandError> {
        for one in &mut self.include {
            let base = resolve(one.base());
            one.rebase(base.map_err(|refusal| refusal.at(one.base()))?);
        }
        for one in &mut self.exclude {
            if let Ok(base) = resolve(one.base()) {
                one.rebase(base);
            }
        }
        Ok(())
    }

    /// Whether a path belongs to it, relative to the root and with `/` between names. A pattern does not see what a rule
    /// hides below the part of the path that it names.
    pub(crate) fn matches(&self, path: &str, hidden: usize) -> bool {
        let mut include = self.include.iter();
        include.any(|one| hidden <= one.names() && one.matches(path))
            && !self.exclude.iter().any(|one| one.covers(path))
    }
}

/// The text of a path behind the root.
fn relative<'a>(text: &'a str, roots: [&Path; 2]) -> Result<&'a str, CommandError> {
    for root in roots {
        let Some(root) = root.to_str() else { continue };
        if let Some(rest) = text.strip_prefix(root) {
            if rest.is_empty() {
                return Ok(".");
            }
            let separated =
                root.ends_with('/') || rest.starts_with(['/', std::path::MAIN_SEPARATOR]);
            let rest = rest.trim_start_matches(['/', std::path::MAIN_SEPARATOR]);
            match (separated, rest) {
                (true, "") => return Ok("."),
                (true, rest) => return Ok(rest),
                (false, _) => {}
            }
        }
    }
    let path = Path::new(text);
    match path.has_root() || path.is_absolute() {
        true => Err(outside(text)),
        false => Ok(text),
    }
}

/// A path to ignore: without a separator it is a name, anywhere in the workspace, as in a `.gitignore`.
fn anywhere(path: &str) -> String {
    let path = path.trim_end_matches('/');
    let separated = path.contains('/') || (!ESCAPES && path.contains('\\'));
    match separated {
        true => path.to_owned(),
        false => format!("**/{path}"),
    }
}
