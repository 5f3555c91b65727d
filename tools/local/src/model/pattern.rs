//! The patterns of the models, which are Java's, as `fancy-regex` has them: some look around, which `regex` cannot.

use std::sync::OnceLock;

use fancy_regex::{Regex, RegexBuilder};

/// The most steps that a pattern may take back: enough for every name that AWS takes, and an end for every text.
const BACKTRACKING: usize = 100_000;

/// The greatest size of a compiled pattern, in bytes: a thousand of any letter are some megabytes.
const SIZE: usize = 64 * 1024 * 1024;

/// A pattern that a whole text must be of. Compiled when it is first asked.
#[derive(Debug)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), compiled: OnceLock::new() }
    }

    /// The pattern as the model has it, for messages.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// True if the whole of `text` is of the pattern. A text on which the pattern does not come to an end is not.
    pub fn takes(&self, text: &str) -> bool {
        match self.compiled() {
            Some(regex) => regex.is_match(text).unwrap_or(false),
            None => true,
        }
    }

    /// True if the pattern can be compiled at all; a test asks every one.
    pub fn compiles(&self) -> bool {
        self.compiled().is_some()
    }

    fn compiled(&self) -> Option<&Regex> {
        self.compiled
            .get_or_init(|| {
                let pattern = format!(r"\A(?:{})\z", translated(&self.text));
                RegexBuilder::new(&pattern).backtrack_limit(BACKTRACKING).delegate_size_limit(SIZE).build().ok()
            })
            .as_ref()
    }
}

/// The spellings of Java that differ: characters beyond the first plane as two surrogates, POSIX's classes as properties, a bare `-`
/// after a class. A repetition of a hundred thousand would be compiled out: the length is looked at without it.
const TRANSLATIONS: &[(&str, &str)] = &[
    (r"\uD800\uDC00-\uDBFF\uDFFF", r"\x{10000}-\x{10FFFF}"),
    (r"\ud800\udc00-\udbff\udfff", r"\x{10000}-\x{10FFFF}"),
    (r"\w-", r"\w\-"),
    ("{1,100000}", "+"),
    (r"\p{Print}", "[[:print:]]"),
    (r"\p{Graph}", "[[:graph:]]"),
    (r"\p{ASCII}", "[[:ascii:]]"),
    (r"\p{Alnum}", "[[:alnum:]]"),
    (r"\p{Alpha}", "[[:alpha:]]"),
    (r"\p{Digit}", "[[:digit:]]"),
    (r"\p{Punct}", "[[:punct:]]"),
    (r"\p{Lower}", "[[:lower:]]"),
    (r"\p{Upper}", "[[:upper:]]"),
    (r"\p{Space}", "[[:space:]]"),
];

fn translated(text: &str) -> String {
    TRANSLATIONS.iter().fold(text.to_owned(), |text, (java, rust)| text.replace(java, rust))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_text_must_match() {
        let pattern = Pattern::new("[a-z]+");
        assert!(pattern.takes("abc"));
        assert!(!pattern.takes("abc\n") && !pattern.takes("abc1") && !pattern.takes(""));
    }

    #[test]
    fn looking_ahead_is_done() {
        let pattern = Pattern::new("(?!^[0-9]+$)([a-zA-Z0-9-_]+)");
        assert!(pattern.takes("live") && pattern.takes("1a"));
        assert!(!pattern.takes("12"));
    }
}
