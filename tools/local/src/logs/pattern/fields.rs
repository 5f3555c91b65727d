//! Patterns for lines of fields with spaces between them: `[ip, user, ..., status = 4*, bytes > 1000]`.

use std::collections::BTreeMap;

use super::operand::{Comparison, Operator};
use super::reader::Reader;

/// The fields of a line, in order.
#[derive(Clone, Debug)]
pub(in crate::logs) struct Fields {
    before: Vec<Field>,
    /// True if `...` stands between the two lists, for any number of fields.
    open: bool,
    after: Vec<Field>,
}

/// A field: its name, and alternatives of comparisons that hold together.
#[derive(Clone, Debug, Default)]
struct Field {
    name: Option<String>,
    any_of: Vec<Vec<Comparison>>,
}

impl Fields {
    /// Reads `[ … ]`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (mut reader, mut fields) = (Reader::new(text), Self { before: Vec::new(), open: false, after: Vec::new() });
        reader.expect("[")?;
        while !reader.take("]") {
            if reader.take("...") {
                if std::mem::replace(&mut fields.open, true) {
                    return Err("'...' may stand once".to_owned());
                }
            } else {
                let field = field(&mut reader)?;
                if fields.open { fields.after.push(field) } else { fields.before.push(field) }
            }
            if !reader.take(",") && !reader.rest().starts_with(']') {
                return Err(format!("a comma is expected before '{}'", reader.rest()));
            }
        }
        if reader.is_done() { Ok(fields) } else { Err(format!("unexpected '{}'", reader.rest())) }
    }

    /// The named fields of a line, with a dollar sign before each name; none when it does not match.
    ///
    /// Assumed, after the documentation's `[w1=ERROR, w2]`, which "returns log events where the first word is ERROR": the
    /// last field takes whatever is left of the line.
    pub(super) fn extract(&self, line: &str) -> Option<BTreeMap<String, String>> {
        let most = if self.open || self.before.is_empty() { usize::MAX } else { self.before.len() };
        let values = split(line, most);
        let enough = values.len() >= self.before.len() + self.after.len();
        if !enough {
            return None;
        }
        let tail = &values[values.len() - self.after.len()..];
        let pairs = self.before.iter().zip(&values).chain(self.after.iter().zip(tail));
        let mut named = BTreeMap::new();
        for (field, value) in pairs {
            if !field.takes(value) {
                return None;
            }
            if let Some(name) = &field.name {
                named.insert(format!("${name}"), value.clone());
            }
        }
        Some(named)
    }
}

impl Field {
    fn takes(&self, value: &str) -> bool {
        self.any_of.is_empty() || self.any_of.iter().any(|all| all.iter().all(|comparison| comparison.holds(value)))
    }
}

fn field(reader: &mut Reader<'_>) -> Result<Field, String> {
    let name = reader.run(is_of_name);
    let mut field = Field { name: Some(name.to_owned()).filter(|name| !name.is_empty()), any_of: Vec::new() };
    let Some(first) = comparison(reader)? else { return Ok(field) };
    let mut all = vec![first];
    loop {
        let and = reader.take("&&");
        if !and && !reader.take("||") {
            break;
        }
        // The name stands before every comparison.
        reader.run(is_of_name);
        let next = comparison(reader)?.ok_or("a comparison is expected")?;
        if and {
            all.push(next);
        } else {
            field.any_of.push(std::mem::replace(&mut all, vec![next]));
        }
    }
    field.any_of.push(all);
    Ok(field)
}

fn comparison(reader: &mut Reader<'_>) -> Result<Option<Comparison>, String> {
    let ends = |c: char| c.is_whitespace() || ",]&|".contains(c);
    Operator::read(reader).map(|operator| Comparison::read(operator, reader, ends)).transpose()
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || "_-".contains(c)
}

/// The fields of a line: words, or what stands in brackets or quotes. The last of `most` is the rest of the line.
fn split(line: &str, most: usize) -> Vec<String> {
    let (mut fields, mut rest) = (Vec::new(), line.trim());
    while !rest.is_empty() {
        let (field, after) = next(rest);
        if fields.len() + 1 == most && !after.trim().is_empty() {
            fields.push(rest.to_owned());
            break;
        }
        fields.push(field.to_owned());
        rest = after.trim_start();
    }
    fields
}

fn next(text: &str) -> (&str, &str) {
    for (open, close) in [('[', ']'), ('"', '"')] {
        if let Some(parts) = text.strip_prefix(open).and_then(|body| body.split_once(close)) {
            return parts;
        }
    }
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}
