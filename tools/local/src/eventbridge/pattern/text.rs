//! Conditions on texts.

use super::error::PatternError;
use crate::jackson::{Json, Node};

/// A condition on a text.
#[derive(Clone, Debug)]
pub(super) enum TextCondition {
    Prefix(String),
    PrefixIgnoringCase(String),
    Suffix(String),
    SuffixIgnoringCase(String),
    IgnoringCase(String),
    Wildcard(Vec<String>),
}

impl TextCondition {
    /// Compiles the operand of `prefix`, `suffix`, `equals-ignore-case` or `wildcard`.
    pub(super) fn compile(name: &str, operand: &Node) -> Result<Self, PatternError> {
        match (name, &operand.json) {
            ("prefix" | "suffix", Json::Object(members)) => {
                let text = ignoring_case(name, members, operand.ended)?;
                Ok(if name == "prefix" { Self::PrefixIgnoringCase(text) } else { Self::SuffixIgnoringCase(text) })
            }
            ("prefix", Json::Text(text)) => Ok(Self::Prefix(text.clone())),
            ("suffix", Json::Text(text)) => Ok(Self::Suffix(text.clone())),
            ("equals-ignore-case", Json::Text(text)) => Ok(Self::IgnoringCase(text.to_lowercase())),
            ("wildcard", Json::Text(text)) => Self::wildcard_of(text, operand.ended),
            _ => Err(PatternError::at(format!("{name} match pattern must be a string"), operand.begun)),
        }
    }

    /// Compiles a wildcard, at whose fault the reader stands at `ended`.
    pub(super) fn wildcard_of(text: &str, ended: usize) -> Result<Self, PatternError> {
        split_wildcard(text).map(Self::Wildcard).map_err(|reason| PatternError::at(reason, ended))
    }

    /// The pieces of a wildcard.
    pub(super) fn wildcard(&self) -> Option<&[String]> {
        match self {
            Self::Wildcard(pieces) => Some(pieces),
            _ => None,
        }
    }

    /// True if a text fits.
    pub(super) fn holds(&self, text: &str) -> bool {
        match self {
            Self::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Self::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Self::PrefixIgnoringCase(prefix) => text.to_lowercase().starts_with(prefix.as_str()),
            Self::SuffixIgnoringCase(suffix) => text.to_lowercase().ends_with(suffix.as_str()),
            Self::IgnoringCase(wanted) => text.to_lowercase() == *wanted,
            Self::Wildcard(pieces) => wildcard(pieces, text),
        }
    }
}

/// The text of `{"equals-ignore-case": "text"}` inside `prefix` or `suffix`.
fn ignoring_case(name: &str, members: &[(String, Node)], ended: usize) -> Result<String, PatternError> {
    let Some((operator, operand)) = members.first() else {
        let capital = if name == "prefix" { "Prefix" } else { "Suffix" };
        return Err(PatternError::at(format!("{capital} expression name not found"), ended));
    };
    if operator != "equals-ignore-case" {
        return Err(PatternError::at(format!("Unsupported {name} pattern: {operator}"), operand.begun));
    }
    match (&operand.json, members.get(1)) {
        (Json::Text(text), None) => Ok(text.to_lowercase()),
        (Json::Text(_), Some((_, second))) => {
            Err(PatternError::at("Only one key allowed in match expression", second.begun))
        }
        _ => Err(PatternError::at("equals-ignore-case match pattern must be a string", operand.begun)),
    }
}

/// The literal pieces between the stars; `\*` is a star, `\\` a backslash. Positions in errors count the quotation mark
/// that a text begins with, in bytes.
fn split_wildcard(text: &str) -> Result<Vec<String>, String> {
    let (mut pieces, mut piece) = (Vec::new(), String::new());
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        match (letter, next) {
            ('*', Some('*')) => return Err(format!("Consecutive wildcard characters at pos {}", at + 1)),
            ('*', _) => pieces.push(std::mem::take(&mut piece)),
            ('\\', Some(escaped @ ('*' | '\\'))) => {
                piece.push(escaped);
                letters.next();
            }
            ('\\', _) => return Err(format!("Invalid escape character at pos {}", at + 1)),
            (letter, _) => piece.push(letter),
        }
    }
    pieces.push(piece);
    Ok(pieces)
}

/// Pieces in order, the first at the start and the last at the end. The leftmost fit of each is as good as any.
fn wildcard(pieces: &[String], text: &str) -> bool {
    let [first, middle @ .., last] = pieces else {
        return pieces.first().is_some_and(|piece| piece == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
        return false;
    };
    for piece in middle {
        match rest.find(piece.as_str()) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    true
}
