//! From a pattern's JSON to its alternatives: `$or` multiplies them.

use std::collections::BTreeMap;

use super::PatternError;
use super::condition::Condition;
use super::json::Node;

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
    let Node::Object(members) = pattern else { return Err(PatternError::new("Filter is not an object")) };
    let mut alternatives = Vec::new();
    object(&mut alternatives, "", members, false)?;
    Ok(alternatives)
}

fn object(
    alternatives: &mut Vec<Alternative>,
    path: &str,
    members: &[(String, Node)],
    inside_or: bool,
) -> Result<(), PatternError> {
    if members.is_empty() {
        return Err(PatternError::new("Empty objects are not allowed"));
    }
    for (name, member) in members {
        if name == "$or" {
            either(alternatives, path, member)?;
            continue;
        }
        if inside_or && RESERVED.contains(&name.as_str()) {
            let reason = format!("{name} is Ruler reserved fieldName which cannot be used inside $or.");
            return Err(PatternError::new(reason));
        }
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match member {
            Node::Object(members) => object(alternatives, &path, members, inside_or)?,
            Node::List(entries) => leaf(alternatives, &path, entries)?,
            _ => return Err(PatternError::new(format!("\"{name}\" must be an object or an array"))),
        }
    }
    Ok(())
}

/// Each branch of an `$or` goes on with what all alternatives before it say.
fn either(alternatives: &mut Vec<Alternative>, path: &str, branches: &Node) -> Result<(), PatternError> {
    let Node::List(branches) = branches else {
        return Err(PatternError::new("It must be an Array followed with $or."));
    };
    let mut before = std::mem::take(alternatives);
    if before.is_empty() {
        before.push(Alternative::default());
    }
    for branch in branches {
        let Node::Object(members) = branch else {
            return Err(PatternError::new("Only JSON object is allowed in array of $or relationship."));
        };
        let mut after = before.clone();
        object(&mut after, path, members, true)?;
        alternatives.extend(after);
        if alternatives.len() > ALTERNATIVES {
            // Assumed: the text. The limit is documented.
            let reason = format!("Rule has more than {ALTERNATIVES} combinations of the arguments of $or");
            return Err(PatternError::new(reason));
        }
    }
    if branches.len() < 2 {
        return Err(PatternError::new("There must have at least 2 Objects in $or relationship."));
    }
    Ok(())
}

/// The list at a path; of two lists for one path, the later counts.
fn leaf(alternatives: &mut Vec<Alternative>, path: &str, entries: &[Node]) -> Result<(), PatternError> {
    if entries.is_empty() {
        return Err(PatternError::new("Empty arrays are not allowed"));
    }
    let conditions = entries.iter().map(Condition::compile).collect::<Result<Vec<_>, _>>()?;
    if alternatives.is_empty() {
        alternatives.push(Alternative::default());
    }
    for alternative in alternatives {
        alternative.0.insert(path.to_owned(), conditions.clone());
    }
    Ok(())
}
