//! The parts of a plain function's guard that its template has already: its aliases and its versions.

use serde_json::Value;

use super::GuardFault;
use super::functions::Guardable;
use super::reference::names;

/// The part of a plain function's guard that its template has.
#[derive(Debug, Clone, Copy)]
pub(super) enum Own<'a> {
    /// Neither a version nor an alias.
    Nothing,
    /// A version that no alias points to.
    Version(&'a str),
    /// An alias that moves at once.
    Alias { logical_id: &'a str, name: &'a Value, version: &'a Value },
    /// An alias that CodeDeploy shifts.
    Shifted(&'a str),
}

/// Finds it. `wanted` is the name of the alias that is meant if there are several.
pub(super) fn own<'a>(function: &Guardable<'a>, wanted: &str) -> Result<Own<'a>, GuardFault> {
    let aliases = of(function, "AWS::Lambda::Alias");
    let has_policy = |alias: &Value| alias["UpdatePolicy"].as_object().is_some_and(|policy| !policy.is_empty());
    if let Some((logical_id, _)) = aliases.iter().find(|(_, alias)| has_policy(alias)) {
        return Ok(Own::Shifted(logical_id));
    }
    let ids = |all: &[(&str, &Value)]| all.iter().map(|(logical_id, _)| (*logical_id).to_owned()).collect();
    let id = || function.logical_id.to_owned();
    match aliases.as_slice() {
        [] => match of(function, "AWS::Lambda::Version").as_slice() {
            [] => Ok(Own::Nothing),
            [(version, _)] => Ok(Own::Version(version)),
            several => Err(GuardFault::Versions { function: id(), versions: ids(several) }),
        },
        [(logical_id, alias)] => usable(function, logical_id, alias),
        several => match several.iter().find(|(_, alias)| alias["Properties"]["Name"] == wanted) {
            Some((logical_id, alias)) => usable(function, logical_id, alias),
            None => Err(GuardFault::Aliases { function: id(), aliases: ids(several), wanted: wanted.to_owned() }),
        },
    }
}

/// Every resource of a kind that belongs to the function.
fn of<'a>(function: &Guardable<'a>, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let resources = function.template()["Resources"].as_object().into_iter().flatten();
    let belongs = |resource: &Value| {
        let name = &resource["Properties"]["FunctionName"];
        let own = function.property("FunctionName");
        // The name may be written out in both places, also at the end of an ARN.
        let reference = format!("${{{}}}", function.logical_id);
        let mut written = [Some(reference.as_str()), own.and_then(text)].into_iter().flatten();
        let ends = |own: &str| text(name).is_some_and(|arn| arn.ends_with(&format!(":function:{own}")));
        names(name, function.logical_id) || own == Some(name) || written.any(ends)
    };
    let found = resources.filter(|(_, resource)| resource["Type"] == kind && belongs(resource));
    found.map(|(logical_id, resource)| (logical_id.as_str(), resource)).collect()
}

/// A text, or the one that a substitution makes it of.
fn text(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value["Fn::Sub"].as_str())
}

fn usable<'a>(function: &Guardable<'_>, logical_id: &'a str, alias: &'a Value) -> Result<Own<'a>, GuardFault> {
    let properties = &alias["Properties"];
    let fault =
        |reason| GuardFault::Alias { function: function.logical_id.to_owned(), alias: logical_id.to_owned(), reason };
    let (name, version) = (&properties["Name"], &properties["FunctionVersion"]);
    if version == "$LATEST" {
        return Err(fault("points to $LATEST"));
    }
    if name.is_null() || version.is_null() {
        return Err(fault("has no Name or no FunctionVersion"));
    }
    if !properties["RoutingConfig"].is_null() {
        return Err(fault("has weights of its own (RoutingConfig)"));
    }
    Ok(Own::Alias { logical_id, name, version })
}
