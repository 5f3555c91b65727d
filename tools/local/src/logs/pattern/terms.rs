//! Patterns for unstructured lines: words, quoted phrases, `?optional` and `-excluded` ones, expressions between `%`.

use regex::Regex;

use super::reader::Reader;

/// Terms by what they ask. Matching respects case.
#[derive(Clone, Debug, Default)]
pub(in crate::logs) struct Terms {
    required: Vec<Term>,
    any_of: Vec<Term>,
    excluded: Vec<Term>,
}

#[derive(Clone, Debug)]
enum Term {
    Text(String),
    Expression(Regex),
}

impl Term {
    fn is_in(&self, line: &str) -> bool {
        match self {
            Self::Text(text) => line.contains(text.as_str()),
            Self::Expression(expression) => expression.is_match(line),
        }
    }
}

impl Terms {
    /// Reads terms. No term at all, or a blank one, matches everything.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut terms, mut reader) = (Self::default(), Reader::new(text));
        while !reader.is_done() {
            let list = if reader.take("?") {
                &mut terms.any_of
            } else if reader.take("-") {
                &mut terms.excluded
            } else {
                &mut terms.required
            };
            let term = term(&mut reader)?;
            if !matches!(&term, Term::Text(text) if text.trim().is_empty()) {
                list.push(term);
            }
        }
        Ok(terms)
    }

    /// True if a line matches. Optional terms count only when no term is required, as CloudWatch Logs documents.
    pub(super) fn matches(&self, line: &str) -> bool {
        let has = |term: &Term| term.is_in(line);
        if self.excluded.iter().any(has) {
            return false;
        }
        if self.required.is_empty() {
            return self.any_of.is_empty() || self.any_of.iter().any(has);
        }
        self.required.iter().all(has)
    }
}

fn term(reader: &mut Reader<'_>) -> Result<Term, String> {
    if let Some(phrase) = reader.quoted()? {
        return Ok(Term::Text(phrase));
    }
    if let Some(expression) = reader.expression()? {
        return Ok(Term::Expression(expression));
    }
    let term = reader.run(|c| !c.is_whitespace());
    // Outside quotes CloudWatch Logs takes letters, digits and underscores only.
    if term.is_empty() || !term.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Err(format!("quote the term '{term}'"));
    }
    Ok(Term::Text(term.to_owned()))
}
