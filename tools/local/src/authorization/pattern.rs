//! A text with wildcards and policy variables, compiled once and matched without allocating.
//!
//! `*` stands for any characters (colons and slashes too), `?` for one. `${key}` is a value of the request's context,
//! `${key, 'other'}` has a default, and `${*}`, `${?}`, `${$}` are the characters themselves.

use std::fmt;

use super::context::Context;

/// The special parts of a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Syntax {
    /// `*` and `?` are wildcards.
    pub(super) wildcards: bool,
    /// `${…}` is a variable: policies of version 2012-10-17 alone.
    pub(super) variables: bool,
    /// Letters match whatever their case.
    pub(super) ignore_case: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(Box<str>),
    Many,
    One,
    Variable { key: Box<str>, default: Option<Box<str>> },
}

/// A text, compiled to its literal parts, wildcards and variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    parts: Box<[Part]>,
    ignore_case: bool,
}

impl Pattern {
    pub(super) fn compile(text: &str, syntax: Syntax) -> Self {
        Self { parts: parse(text, syntax).into(), ignore_case: syntax.ignore_case }
    }

    /// True if the whole text matches. A variable that the context does not have matches nothing.
    pub(super) fn matches(&self, text: &str, context: &Context<'_>) -> bool {
        let (mut part, mut at) = (0, 0);
        // The part after the last `*`, and where in the text it was tried.
        let mut retry: Option<(usize, usize)> = None;
        loop {
            match self.parts.get(part) {
                None if at == text.len() => return true,
                None => {}
                Some(Part::Many) if part + 1 == self.parts.len() => return true,
                Some(Part::Many) => {
                    part += 1;
                    retry = Some((part, at));
                    continue;
                }
                Some(fixed) => {
                    if let Some(length) = self.consumed(fixed, &text[at..], context) {
                        part += 1;
                        at += length;
                        continue;
                    }
                }
            }
            let Some((after, from)) = retry else { return false };
            let Some(skipped) = text[from..].chars().next() else { return false };
            (part, at) = (after, from + skipped.len_utf8());
            retry = Some((part, at));
        }
    }

    /// The length of the front of `text` that a part takes, if it matches there.
    fn consumed(&self, part: &Part, text: &str, context: &Context<'_>) -> Option<usize> {
        let wanted = match part {
            Part::Many => return Some(0),
            Part::One => return text.chars().next().map(char::len_utf8),
            Part::Text(wanted) => wanted,
            Part::Variable { key, default } => context.one(key).or(default.as_deref())?,
        };
        let front = text.as_bytes().get(..wanted.len())?;
        let same =
            if self.ignore_case { front.eq_ignore_ascii_case(wanted.as_bytes()) } else { front == wanted.as_bytes() };
        same.then_some(wanted.len())
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Many => f.write_str("*"),
            Part::One => f.write_str("?"),
            Part::Variable { key, .. } => write!(f, "${{{key}}}"),
        })
    }
}

fn parse(text: &str, syntax: Syntax) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if syntax.variables
            && let Some((inside, after)) = rest.strip_prefix("${").and_then(|inner| inner.split_once('}'))
        {
            match inside {
                "*" | "?" | "$" => literal.push_str(inside),
                _ => push(&mut parts, &mut literal, variable(inside)),
            }
            rest = after;
            continue;
        }
        match first {
            '*' if syntax.wildcards => push(&mut parts, &mut literal, Part::Many),
            '?' if syntax.wildcards => push(&mut parts, &mut literal, Part::One),
            _ => literal.push(first),
        }
        rest = &rest[first.len_utf8()..];
    }
    flush(&mut parts, &mut literal);
    parts
}

fn push(parts: &mut Vec<Part>, literal: &mut String, part: Part) {
    flush(parts, literal);
    // Two stars match what one does.
    if part != Part::Many || parts.last() != Some(&Part::Many) {
        parts.push(part);
    }
}

fn flush(parts: &mut Vec<Part>, literal: &mut String) {
    if !literal.is_empty() {
        parts.push(Part::Text(std::mem::take(literal).into()));
    }
}

/// `key` or `key, 'default'`.
fn variable(inside: &str) -> Part {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => (key, Some(default.trim().trim_matches('\'').into())),
        None => (inside, None),
    };
    Part::Variable { key: key.trim().into(), default }
}

/// The pattern of an ARN operator: its six parts are matched one by one, so that a `*` stays within its part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ArnPattern {
    /// A lone `*`, which matches any ARN.
    Any,
    Parts(Box<[Pattern; 6]>),
    /// A text that is no ARN matches none.
    None,
}

impl ArnPattern {
    pub(super) fn compile(text: &str, syntax: Syntax) -> Self {
        if text == "*" {
            return Self::Any;
        }
        let parts: Vec<Pattern> =
            split_outside_variables(text).iter().map(|part| Pattern::compile(part, syntax)).collect();
        parts.try_into().map_or(Self::None, |parts| Self::Parts(Box::new(parts)))
    }

    pub(super) fn matches(&self, arn: &str, context: &Context<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::None => false,
            Self::Parts(patterns) => {
                let mut parts = arn.splitn(6, ':');
                patterns.iter().all(|pattern| parts.next().is_some_and(|part| pattern.matches(part, context)))
            }
        }
    }
}

/// The first five colons part a text; a colon within `${…}` does not.
fn split_outside_variables(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, character) in text.char_indices() {
        match character {
            '{' if text[..at].ends_with('$') => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 && parts.len() < 5 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const RESOURCE: Syntax = Syntax { wildcards: true, variables: true, ignore_case: false };

    fn user() -> Context<'static> {
        let mut context = Context::default();
        context.set("aws:username", "ana");
        context.set("aws:PrincipalTag/team", "blue");
        context
    }

    #[test_case("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/c:d", true; "a star crosses slashes and colons")]
    #[test_case("arn:aws:s3:::b/*", "arn:aws:s3:::b", false; "what is before the star must be there")]
    #[test_case("*", "", true; "a star matches nothing too")]
    #[test_case("a?c", "abc", true; "one")]
    #[test_case("a?c", "ac", false; "one is not none")]
    #[test_case("*a*b", "xaybzab", true; "a star tries again")]
    #[test_case("*a*b", "xaybza", false; "the end must match")]
    #[test_case("b/${aws:username}/*", "b/ana/x", true; "variable")]
    #[test_case("b/${AWS:UserName}/*", "b/ana/x", true; "keys have no case")]
    #[test_case("b/${aws:username}/*", "b/bob/x", false; "another's")]
    #[test_case("b/${aws:PrincipalTag/team}", "b/blue", true; "tag")]
    #[test_case("b/${aws:PrincipalTag/none}", "b/", false; "a variable without a value matches nothing")]
    #[test_case("b/${aws:PrincipalTag/none, 'any'}", "b/any", true; "default")]
    #[test_case("b/${*}", "b/*", true; "literal star")]
    #[test_case("b/${*}", "b/x", false; "a literal star is no wildcard")]
    #[test_case("b/${$}", "b/$", true; "literal dollar")]
    #[test_case("é*", "éa", true; "letters of two bytes")]
    #[test_case("?b", "éb", true; "one letter of two bytes")]
    fn a_pattern_matches(pattern: &str, text: &str, expected: bool) {
        assert_eq!(Pattern::compile(pattern, RESOURCE).matches(text, &user()), expected);
    }

    #[test]
    fn a_policy_of_2008_has_no_variables() {
        let old = Syntax { variables: false, ..RESOURCE };
        assert!(!Pattern::compile("${aws:username}", old).matches("ana", &user()));
        assert!(Pattern::compile("${aws:username}", old).matches("${aws:username}", &user()));
    }

    #[test_case("arn:aws:sns:*:000000000000:t", "arn:aws:sns:us-east-1:000000000000:t", true; "a star for a part")]
    #[test_case("arn:aws:sns:*:t", "arn:aws:sns:us-east-1:000000000000:t", false; "a star stays within its part")]
    #[test_case("arn:aws:sns:*:*:t:*", "arn:aws:sns:us-east-1:000000000000:t:u:v", true; "the last part has colons")]
    #[test_case("arn:aws:iam::${aws:PrincipalTag/team}:role/x", "arn:aws:iam::blue:role/x", true; "variable")]
    #[test_case("*", "arn:aws:sns:us-east-1:000000000000:t", true; "a lone star")]
    fn the_parts_of_an_arn_match_one_by_one(pattern: &str, arn: &str, expected: bool) {
        assert_eq!(ArnPattern::compile(pattern, RESOURCE).matches(arn, &user()), expected);
    }
}
