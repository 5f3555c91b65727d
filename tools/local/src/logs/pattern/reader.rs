//! Reading a pattern character by character.

use regex::{Regex, RegexBuilder};

/// The most bytes of a compiled expression: patterns come from outside.
const LARGEST_EXPRESSION: usize = 1 << 20;

/// A place in a pattern.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// The text that has not been read, without white space before it.
    pub(super) fn rest(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        self.rest
    }

    pub(super) fn is_done(&mut self) -> bool {
        self.rest().is_empty()
    }

    /// Takes `token`, if it comes next.
    pub(super) fn take(&mut self, token: &str) -> bool {
        match self.rest().strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes `token`, or says that it is missing.
    pub(super) fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) { Ok(()) } else { Err(format!("'{token}' is expected before '{}'", self.rest())) }
    }

    /// Takes the characters that `fits`.
    pub(super) fn run(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.rest = &rest[end..];
        &rest[..end]
    }

    /// Takes a quoted text, if one comes next.
    pub(super) fn quoted(&mut self) -> Result<Option<String>, String> {
        let Some(body) = self.rest().strip_prefix('"') else { return Ok(None) };
        let (mut text, mut escaped) = (String::new(), false);
        for (position, c) in body.char_indices() {
            match c {
                _ if escaped => {
                    text.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                '"' => {
                    self.rest = &body[position + 1..];
                    return Ok(Some(text));
                }
                _ => text.push(c),
            }
        }
        Err("a quoted phrase does not end".to_owned())
    }

    /// Takes a regular expression between percent signs, if one comes next.
    pub(super) fn expression(&mut self) -> Result<Option<Regex>, String> {
        let Some(body) = self.rest().strip_prefix('%') else { return Ok(None) };
        let (source, rest) = body.split_once('%').ok_or("a regular expression does not end")?;
        if let Some(c) = source.chars().find(|c| !supported(*c)) {
            return Err(format!("'{c}' is not supported in a regular expression"));
        }
        self.rest = rest;
        let compiled = RegexBuilder::new(source).size_limit(LARGEST_EXPRESSION).build();
        compiled.map(Some).map_err(|_| format!("%{source}% is not a regular expression"))
    }
}

/// The characters and operators that AWS lists; no sub-patterns.
fn supported(c: char) -> bool {
    c.is_ascii_alphanumeric() || ":_#=@/;,-^$?[]{}|\\*+. ".contains(c)
}
