//! From a pattern's JSON to its alternatives: `$or` multiplies them.

use std::collections::BTreeMap;

use super::complexity::is_too_complex;
use super::condition::Condition;
use super::error::PatternError;
use crate::jackson::{Json, Node};

/// The most alternatives that the `$or`s of a pattern may make.
/// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html>
const ALTERNATIVES: usize = 1000;

/// Names that no field inside `$or` may have.
const RESERVED: &[&str] = &[
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// The conditions at each path, all at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Alternative(BTreeMap<String, Vec<Condition>>);

impl Alternative {
    /// The paths, in order.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The paths with their conditions, of which one has to hold.
    pub(super) fn conditions(&self) -> impl DoubleEndedIterator<Item = (&str, &[Condition])> {
        self.0.iter().map(|(path, conditions)| (path.as_str(), conditions.as_slice()))
    }
}

/// Compiles a whole pattern.
pub(super) fn compile(pattern: &Node) -> Result<Vec<Alternative>, PatternError> {
    if !matches!(pattern.json, Json::Object(_)) {
        return Err(PatternError::at("Filter is not an object", pattern.begun));
    }
    let mut alternatives = Vec::new();
    object(&mut alternatives, "", pattern, false)?;
    Ok(alternatives)
}

fn object(alternatives: &mut Vec<Alternative>, path: &str, node: &Node, inside_or: bool) -> Result<(), PatternError> {
    let Json::Object(members) = &node.json else { return Ok(()) };
    if members.is_empty() {
        return Err(PatternError::at("Empty objects are not allowed", node.ended));
    }
    for (name, member) in members {
        if name == "$or" {
            either(alternatives, path, member)?;
            continue;
        }
        if inside_or && RESERVED.contains(&name.as_str()) {
            let reason = format!("{name} is Ruler reserved fieldName which cannot be used inside $or.");
            return Err(PatternError::at(reason, member.begun));
        }
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match &member.json {
            Json::Object(_) => object(alternatives, &path, member, inside_or)?,
            Json::List(entries) => leaf(alternatives, &path, entries, member.ended)?,
            _ => {
                let reason = format!("\"{name}\" must be an object or an array");
                return Err(PatternError::at(reason, member.begun));
            }
        }
    }
    Ok(())
}

/// Each branch of an `$or` goes on with what all alternatives before it say.
fn either(alternatives: &mut Vec<Alternative>, path: &str, node: &Node) -> Result<(), PatternError> {
    let Json::List(branches) = &node.json else {
        return Err(PatternError::at("It must be an Array followed with $or.", node.begun));
    };
    let mut before = std::mem::take(alternatives);
    if before.is_empty() {
        before.push(Alternative::default());
    }
    for branch in branches {
        if !matches!(branch.json, Json::Object(_)) {
            let reason = "Only JSON object is allowed in array of $or relationship.";
            return Err(PatternError::at(reason, branch.begun));
        }
        let mut after = before.clone();
        object(&mut after, path, branch, true)?;
        alternatives.extend(after);
        if alternatives.len() > ALTERNATIVES {
            // Assumed: the text. The limit is documented.
            let reason = format!("Rule has more than {ALTERNATIVES} combinations of the arguments of $or");
            return Err(PatternError::bare(reason));
        }
    }
    if branches.len() < 2 {
        return Err(PatternError::at("There must have at least 2 Objects in $or relationship.", node.ended));
    }
    Ok(())
}

/// The list at a path; of two lists for one path, the later counts.
fn leaf(alternatives: &mut Vec<Alternative>, path: &str, entries: &[Node], ended: usize) -> Result<(), PatternError> {
    if entries.is_empty() {
        return Err(PatternError::at("Empty arrays are not allowed", ended));
    }
    let conditions = entries.iter().map(Condition::compile).collect::<Result<Vec<_>, _>>()?;
    if conditions.iter().flat_map(Condition::wildcards).any(is_too_complex) {
        return Err(PatternError::bare(
            "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character",
        ));
    }
    if alternatives.is_empty() {
        alternatives.push(Alternative::default());
    }
    for alternative in alternatives {
        alternative.0.insert(path.to_owned(), conditions.clone());
    }
    Ok(())
}
