//! Dynamic references: `{{resolve:ssm:name}}` and `{{resolve:ssm:name:version}}` inside texts.

use std::collections::BTreeMap;

use super::fault::Fault;
use super::scope::Scope;

const OPENING: &str = "{{resolve:";

/// The parameter names (with their versions) that a text refers to, as [`super::scope::Fixed`] wants them.
pub fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, found, after)) = next(rest) {
        names.extend(found.strip_prefix("ssm:").map(str::to_owned));
        rest = after;
    }
    names
}

/// `text` with its references replaced by what they name, once that is known.
pub(super) fn apply(text: &str, scope: Scope<'_>) -> Result<String, Fault> {
    match &scope.fixed.dynamic {
        Some(values) => substitute(text, values),
        None => Ok(text.to_owned()),
    }
}

/// Fails for another kind of reference (the plane keeps no secrets), and for one that was not fetched.
fn substitute(text: &str, values: &BTreeMap<String, String>) -> Result<String, Fault> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, found, after)) = next(rest) {
        let Some(name) = found.strip_prefix("ssm:") else {
            return Fault::wrong(format!("the local plane does not resolve {OPENING}{found}}}}}"));
        };
        let Some(value) = values.get(name) else {
            return Fault::wrong(format!(
                "the dynamic reference {OPENING}{found}}}}} depends on a resource of the stack"
            ));
        };
        out.push_str(before);
        out.push_str(value);
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// The text before the next reference, inside it, and after it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once(OPENING)?;
    let (inside, after) = rest.split_once("}}")?;
    Some((before, inside, after))
}
