//! Conditions on texts.

use super::PatternError;
use super::json::Node;

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
        match (name, operand) {
            ("prefix" | "suffix", Node::Object(members)) => {
                let text = ignoring_case(name, members)?;
                Ok(if name == "prefix" { Self::PrefixIgnoringCase(text) } else { Self::SuffixIgnoringCase(text) })
            }
            ("prefix", Node::Text(text)) => Ok(Self::Prefix(text.clone())),
            ("suffix", Node::Text(text)) => Ok(Self::Suffix(text.clone())),
            ("equals-ignore-case", Node::Text(text)) => Ok(Self::IgnoringCase(text.to_lowercase())),
            ("wildcard", Node::Text(text)) => split_wildcard(text).map(Self::Wildcard),
            _ => Err(PatternError::new(format!("{name} match pattern must be a string"))),
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
fn ignoring_case(name: &str, members: &[(String, Node)]) -> Result<String, PatternError> {
    match members {
        [] => {
            let capital = if name == "prefix" { "Prefix" } else { "Suffix" };
            Err(PatternError::new(format!("{capital} expression name not found")))
        }
        [(operator, _), ..] if operator != "equals-ignore-case" => {
            Err(PatternError::new(format!("Unsupported {name} pattern: {operator}")))
        }
        [(_, Node::Text(text))] => Ok(text.to_lowercase()),
        [(_, Node::Text(_)), ..] => Err(PatternError::new("Only one key allowed in match expression")),
        _ => Err(PatternError::new("equals-ignore-case match pattern must be a string")),
    }
}

/// The literal pieces between the stars; `\*` is a star, `\\` a backslash. Positions in errors count the quotation mark
/// that a text begins with, in bytes.
fn split_wildcard(text: &str) -> Result<Vec<String>, PatternError> {
    let (mut pieces, mut piece) = (Vec::new(), String::new());
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next = letters.peek().map(|(_, next)| *next);
        match (letter, next) {
            ('*', Some('*')) => {
                return Err(PatternError::new(format!("Consecutive wildcard characters at pos {}", at + 1)));
            }
            ('*', _) => pieces.push(std::mem::take(&mut piece)),
            ('\\', Some(escaped @ ('*' | '\\'))) => {
                piece.push(escaped);
                letters.next();
            }
            ('\\', _) => return Err(PatternError::new(format!("Invalid escape character at pos {}", at + 1))),
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
