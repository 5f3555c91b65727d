//! The globs of a buildspec: `*` within one folder, `**` over folders, `?` for one character.

use regex::Regex;

/// Globs of relative paths with `/` between folders.
#[derive(Clone, Debug, Default)]
pub struct Globs(Vec<Regex>);

impl Globs {
    /// Compiles globs. One that begins with `./` means the same without it.
    ///
    /// # Errors
    /// The first glob that cannot be compiled, because it is too long.
    pub fn new<'a>(globs: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let compile = |glob: &str| Regex::new(&expression(glob)).map_err(|_| glob.to_owned());
        Ok(Self(globs.into_iter().map(compile).collect::<Result<_, _>>()?))
    }

    /// True if one of them matches the whole path.
    pub fn matches(&self, path: &str) -> bool {
        self.0.iter().any(|glob| glob.is_match(path))
    }
}

fn expression(glob: &str) -> String {
    let mut rest = glob.strip_prefix("./").unwrap_or(glob);
    let mut expression = "^".to_owned();
    while let Some(first) = rest.chars().next() {
        let (part, length) = match first {
            '*' if rest.starts_with("**/") => ("(?:[^/]+/)*".to_owned(), 3),
            '*' if rest.starts_with("**") => (".*".to_owned(), 2),
            '*' => ("[^/]*".to_owned(), 1),
            '?' => ("[^/]".to_owned(), 1),
            other => (regex::escape(&other.to_string()), other.len_utf8()),
        };
        expression.push_str(&part);
        rest = &rest[length..];
    }
    expression.push('$');
    expression
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test_case("**/*", "a/b/c.txt", true; "everything below")]
    #[test_case("**/*", "a", true; "everything at the top")]
    #[test_case("*", "a/b", false; "a star stays in its folder")]
    #[test_case("target/**/*", "target/debug/x", true; "everything in a folder")]
    #[test_case("target/**/*", "target2/x", false; "another folder")]
    #[test_case("*/my-file3.txt", "sub/my-file3.txt", true; "a folder of any name")]
    #[test_case("my-build*", "my-build2", true; "names that begin so")]
    #[test_case("./a.b", "a.b", true; "from here")]
    #[test_case("a.b", "axb", false; "a dot is a dot")]
    #[test_case("lib/**", "lib/a/b", true; "two stars at the end")]
    fn a_glob_matches_as_the_user_guide_says(glob: &str, path: &str, expected: bool) {
        assert_eq!(Globs::new([glob]).unwrap().matches(path), expected);
    }
}
