//! The AppSpec of a Lambda deployment: JSON or YAML, with the lower-case keys of the documentation or the PascalCase
//! ones that CloudFormation writes.

use serde_json::{Map, Value};
use slipway_shared::template;

use super::engine::LambdaShift;

/// Seen on AWS, of a text in which nothing could be read.
pub(super) const NOT_WELL_FORMED: &str =
    "The input AppSpec file is a not well-formed yaml. The template cannot be parsed.";

/// The content of a Lambda AppSpec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AppSpec {
    /// The alias and the versions.
    pub shift: LambdaShift,
    /// The function that `BeforeAllowTraffic` calls.
    pub before_allow_traffic: Option<String>,
    /// The function that `AfterAllowTraffic` calls.
    pub after_allow_traffic: Option<String>,
}

impl AppSpec {
    /// Reads an AppSpec.
    ///
    /// # Errors
    /// Returns the fault in words. AWS takes such a deployment, and it fails with these words; all but [`NOT_WELL_FORMED`] are assumptions.
    pub(super) fn parse(content: &str) -> Result<Self, String> {
        let tree = template::parse(content).map_err(|_| NOT_WELL_FORMED.to_owned())?.to_json();
        let root = tree.as_object().ok_or_else(|| NOT_WELL_FORMED.to_owned())?;
        let version = member(root, "version").map(text).unwrap_or_default();
        if !matches!(version.as_str(), "0.0" | "0") {
            return Err("The version of the AppSpec file must be 0.0.".to_owned());
        }
        let (before_allow_traffic, after_allow_traffic) = hooks(root)?;
        Ok(Self { shift: resource(root)?, before_allow_traffic, after_allow_traffic })
    }
}

fn resource(root: &Map<String, Value>) -> Result<LambdaShift, String> {
    let resources = member(root, "resources").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let [Value::Object(resource)] = resources else {
        return Err("The AppSpec file must have a list of exactly one resource.".to_owned());
    };
    let Some((name, Value::Object(resource))) = resource.iter().next() else {
        return Err("The resource of the AppSpec file must be a map.".to_owned());
    };
    let kind = member(resource, "type").and_then(Value::as_str).unwrap_or_default();
    if kind != "AWS::Lambda::Function" {
        return Err(format!("The resource {name} must be of the type AWS::Lambda::Function."));
    }
    let empty = Map::new();
    let properties = member(resource, "properties").and_then(Value::as_object).unwrap_or(&empty);
    let property = |key: &str| {
        let value = member(properties, key).map(text).unwrap_or_default();
        if value.is_empty() { Err(format!("The resource {name} lacks the property {key}.")) } else { Ok(value) }
    };
    let version = |key: &str| {
        let version = property(key)?;
        match version.parse::<u64>() {
            Ok(1..) => Ok(version),
            _ => Err(format!("The property {key} of the resource {name} must be a positive whole number.")),
        }
    };
    Ok(LambdaShift {
        function: property("name")?,
        alias: property("alias")?,
        current: version("currentversion")?,
        target: version("targetversion")?,
    })
}

fn hooks(root: &Map<String, Value>) -> Result<(Option<String>, Option<String>), String> {
    let (mut before, mut after) = (None, None);
    let hooks = member(root, "hooks").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for (event, function) in hooks.iter().filter_map(Value::as_object).flatten() {
        let function = Some(text(function)).filter(|name| !name.is_empty());
        match event.to_ascii_lowercase().as_str() {
            "beforeallowtraffic" => before = function,
            "afterallowtraffic" => after = function,
            _ => return Err(format!("{event} is not a lifecycle event hook of a Lambda deployment.")),
        }
    }
    Ok((before, after))
}

/// A member by its name in lower case.
fn member<'a>(map: &'a Map<String, Value>, lower: &str) -> Option<&'a Value> {
    map.iter().find(|(key, _)| key.eq_ignore_ascii_case(lower)).map(|(_, value)| value)
}

/// A scalar as text: versions come as numbers and as texts.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const CLOUDFORMATION: &str = r#"{"version":0.0,"Resources":[{"Live":{"Type":"AWS::Lambda::Function","Properties":
        {"Name":"api","Alias":"live","CurrentVersion":"1","TargetVersion":"2"}}}],
        "Hooks":[{"BeforeAllowTraffic":"CodeDeployHook_pre"},{"AfterAllowTraffic":"CodeDeployHook_post"}]}"#;
    const DOCUMENTED: &str = "version: 0.0\nresources:\n  - live:\n      type: AWS::Lambda::Function\n      properties:\n\
        \x20       name: api\n        alias: live\n        currentversion: 1\n        targetversion: 2\nhooks:\n\
        \x20 - BeforeAllowTraffic: CodeDeployHook_pre\n  - AfterAllowTraffic: CodeDeployHook_post\n";

    #[test_case(CLOUDFORMATION; "PascalCase JSON")]
    #[test_case(DOCUMENTED; "lower-case YAML")]
    fn both_ways_of_writing_say_the_same(content: &str) {
        let shift =
            LambdaShift { function: "api".into(), alias: "live".into(), current: "1".into(), target: "2".into() };
        let expected = AppSpec {
            shift,
            before_allow_traffic: Some("CodeDeployHook_pre".into()),
            after_allow_traffic: Some("CodeDeployHook_post".into()),
        };
        assert_eq!(AppSpec::parse(content), Ok(expected));
    }

    #[test_case("[", "not well-formed yaml"; "no text of the format")]
    #[test_case("version: 0.0", "exactly one resource"; "no resource")]
    #[test_case("version: 1.0", "must be 0.0"; "wrong version")]
    #[test_case(r#"{"version":0.0,"resources":[{"a":{"type":"AWS::ECS::Service"}}]}"#, "AWS::Lambda::Function"; "another platform")]
    #[test_case(r#"{"version":0.0,"resources":[{"a":{"type":"AWS::Lambda::Function","properties":{"name":"f","alias":"l","currentversion":"1"}}}]}"#, "targetversion"; "no target")]
    #[test_case(r#"{"version":0.0,"resources":[{"a":{"type":"AWS::Lambda::Function","properties":{"name":"f","alias":"l","currentversion":"$LATEST","targetversion":2}}}]}"#, "positive whole number"; "no version number")]
    #[test_case(&CLOUDFORMATION.replace("AfterAllowTraffic", "AfterInstall"), "not a lifecycle event"; "a hook of another platform")]
    fn what_is_wrong_is_said(content: &str, message: &str) {
        let error = AppSpec::parse(content).unwrap_err();
        assert!(error.contains(message), "{error}");
    }
}
