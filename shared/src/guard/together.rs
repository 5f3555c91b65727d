//! The aliases of a release that are shifted as one.
//!
//! Pure, over the template as CloudFormation has it after its transforms. An alias belongs to them if Slipway's hook stands before its
//! shift. One that depends on another that is shifted, by name or by reference, directly or through others, cannot wait for it and be
//! waited for: CloudFormation begins with it only when the other's whole shift has ended.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

/// The aliases of a release, by their logical ids.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Together {
    /// The aliases that are shifted as one.
    pub aliases: Vec<String>,
    /// Those that are shifted by themselves.
    pub apart: Vec<Apart>,
}

/// An alias that is shifted by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// The alias's logical id.
    pub alias: String,
    /// The reason.
    pub because: Because,
}

/// The reason why an alias is shifted by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Because {
    /// No hook of Slipway's stands before its shift.
    NoHook,
    /// It depends on this other alias.
    Follows(String),
}

impl fmt::Display for Apart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let alias = &self.alias;
        match &self.because {
            Because::NoHook => {
                write!(formatter, "{alias} is shifted by itself: it has no pre-traffic hook of Slipway's")
            }
            Because::Follows(other) => {
                write!(
                    formatter,
                    "{alias} is shifted by itself: it depends on {other}, whose shift ends before it begins"
                )
            }
        }
    }
}

/// Every alias of a template that CodeDeploy shifts.
#[must_use]
pub fn shifted_aliases(template: &Value) -> Vec<&str> {
    let resources = template["Resources"].as_object().into_iter().flatten();
    resources.filter(|(_, resource)| policy(resource).is_some()).map(|(id, _)| id.as_str()).collect()
}

/// Sorts the aliases that a release shifts. `hook` is the name of Slipway's pre-traffic hook, `stack` the name of the stack that has the
/// template. An alias without an update policy moves at once, is judged by nobody, and is not told.
#[must_use]
pub fn together(template: &Value, aliases: &[&str], hook: &str, stack: &str) -> Together {
    let shifted: Vec<&str> =
        aliases.iter().copied().filter(|alias| policy(&template["Resources"][*alias]).is_some()).collect();
    let mut sorted = Together::default();
    for alias in &shifted {
        let needed = needs(template, alias);
        let named = policy(&template["Resources"][*alias])
            .and_then(|policy| name_of(template, policy.get("BeforeAllowTrafficHook")?, stack));
        let because = if named.as_deref() != Some(hook) {
            Because::NoHook
        } else if let Some(other) = shifted.iter().find(|other| *other != alias && needed.contains(**other)) {
            Because::Follows((*other).to_owned())
        } else {
            sorted.aliases.push((*alias).to_owned());
            continue;
        };
        sorted.apart.push(Apart { alias: (*alias).to_owned(), because });
    }
    sorted
}

fn policy(resource: &Value) -> Option<&Value> {
    let policy = resource.pointer("/UpdatePolicy/CodeDeployLambdaAliasUpdate")?;
    (resource["Type"] == "AWS::Lambda::Alias" && !policy.is_null()).then_some(policy)
}

/// The logical ids of everything that a resource needs, directly or through others.
fn needs(template: &Value, logical_id: &str) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), vec![logical_id.to_owned()]);
    while let Some(id) = open.pop() {
        let resource = &template["Resources"][&id];
        let mut named = BTreeSet::new();
        references(resource, &mut named);
        match &resource["DependsOn"] {
            Value::String(one) => drop(named.insert(one.clone())),
            Value::Array(several) => named.extend(several.iter().filter_map(Value::as_str).map(str::to_owned)),
            _ => {}
        }
        let known = |id: &String| template["Resources"].get(id).is_some();
        for id in named.into_iter().filter(known) {
            if found.insert(id.clone()) {
                open.push(id);
            }
        }
    }
    found
}

/// Every name that `Ref`, `Fn::GetAtt` and `Fn::Sub` mention.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("Ref", Value::String(id)) => drop(found.insert(id.clone())),
                    ("Fn::GetAtt", Value::String(text)) => found.extend(first_part(text)),
                    ("Fn::GetAtt", Value::Array(parts)) => {
                        found.extend(parts.first().and_then(Value::as_str).map(str::to_owned));
                    }
                    ("Fn::Sub", Value::String(text)) => found.extend(substituted(text)),
                    ("Fn::Sub", Value::Array(parts)) => {
                        found.extend(parts.first().and_then(Value::as_str).into_iter().flat_map(substituted));
                        parts.iter().skip(1).for_each(|part| references(part, found));
                    }
                    _ => references(member, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

fn first_part(text: &str) -> Option<String> {
    text.split('.').next().map(str::to_owned)
}

/// The names within `${…}`. A name of the `Fn::Sub`'s own is no resource's, unless it is meant to confuse.
fn substituted(text: &str) -> Vec<String> {
    let parts = text.split("${").skip(1).filter_map(|part| part.split('}').next());
    parts.filter(|name| !name.starts_with('!')).filter_map(first_part).collect()
}

/// The name of the function that a value names, where the template alone tells it.
fn name_of(template: &Value, value: &Value, stack: &str) -> Option<String> {
    if let Some(text) = text_of(value, stack) {
        return if text.starts_with("arn:") { text.split(':').nth(6).map(str::to_owned) } else { Some(text) };
    }
    let attribute = &value["Fn::GetAtt"];
    let named = value["Ref"].as_str().or(attribute[0].as_str());
    let named = named.or_else(|| attribute.as_str()?.strip_suffix(".Arn"));
    let function = &template["Resources"][named?];
    text_of(function.pointer("/Properties/FunctionName")?, stack)
}

/// A text in which the stack's name is the only thing to be put in; of an ARN, whatever it holds before the function's name.
fn text_of(value: &Value, stack: &str) -> Option<String> {
    let text = match value {
        Value::String(text) => text,
        value => value["Fn::Sub"].as_str()?,
    };
    let text = ["Partition", "Region", "AccountId"]
        .iter()
        .fold(text.replace("${AWS::StackName}", stack), |text, name| text.replace(&format!("${{AWS::{name}}}"), name));
    // Partition, region and account have no colon in them, so that the name's place is the same.
    (!text.contains("${")).then_some(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn alias(function: &str, hook: &Value) -> Value {
        json!({
            "Type": "AWS::Lambda::Alias",
            "Properties": {"FunctionName": {"Ref": function}, "FunctionVersion": {"Fn::GetAtt": [format!("{function}Version"), "Version"]}},
            "UpdatePolicy": {"CodeDeployLambdaAliasUpdate": {"BeforeAllowTrafficHook": hook}},
        })
    }

    fn function(variable: &Value) -> Value {
        json!({"Type": "AWS::Lambda::Function", "Properties": {"Environment": {"Variables": {"OTHER": variable}}}})
    }

    fn version(function: &str) -> Value {
        json!({"Type": "AWS::Lambda::Version", "Properties": {"FunctionName": {"Ref": function}}})
    }

    /// Two functions of which the second is told `variable`.
    fn template(hook: &Value, variable: &Value) -> Value {
        json!({"Resources": {
            "A": function(&Value::Null), "AVersion": version("A"), "AAlias": alias("A", hook),
            "B": function(variable), "BVersion": version("B"), "BAlias": alias("B", hook),
            "Hook": {"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": {"Fn::Sub": "CodeDeployHook_${AWS::StackName}_pre-traffic"}}},
            "Plain": {"Type": "AWS::Lambda::Alias", "Properties": {}},
        }})
    }

    fn sorted(template: &Value) -> Together {
        together(template, &["AAlias", "BAlias", "Plain"], "CodeDeployHook_shop_pre-traffic", "shop")
    }

    #[test_case(&json!("CodeDeployHook_shop_pre-traffic"); "by name")]
    #[test_case(&json!({"Ref": "Hook"}); "by reference")]
    #[test_case(&json!({"Fn::GetAtt": ["Hook", "Arn"]}); "by ARN")]
    #[test_case(&json!({"Fn::Sub": "CodeDeployHook_${AWS::StackName}_pre-traffic"}); "by the stack's name")]
    #[test_case(&json!({"Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:CodeDeployHook_${AWS::StackName}_pre-traffic"}); "by a written ARN")]
    fn aliases_with_slipways_hook_are_shifted_as_one(hook: &Value) {
        let together = sorted(&template(hook, &json!("")));
        assert_eq!((together.aliases, together.apart), (vec!["AAlias".into(), "BAlias".into()], Vec::new()));
    }

    #[test_case(&json!("CodeDeployHook_shop_other"); "another hook")]
    #[test_case(&json!({"Ref": "Parameter"}); "a hook that a parameter names")]
    #[test_case(&json!({"Fn::Sub": "CodeDeployHook_${Other}_pre-traffic"}); "a hook that something else names")]
    fn aliases_with_another_hook_are_not(hook: &Value) {
        let together = sorted(&template(hook, &json!("")));
        assert!(together.aliases.is_empty());
        assert!(together.apart.iter().all(|apart| apart.because == Because::NoHook), "{together:?}");
    }

    #[test_case(&json!({"Ref": "AAlias"}); "a reference")]
    #[test_case(&json!({"Fn::GetAtt": "AAlias.AliasArn"}); "an attribute")]
    #[test_case(&json!({"Fn::Join": ["", ["x", {"Fn::Sub": "${AAlias}"}]]}); "a text")]
    #[test_case(&json!({"Fn::Sub": ["${it}", {"it": {"Ref": "AAlias"}}]}); "a name of the text's own")]
    fn an_alias_that_follows_another_waits_for_nobody(variable: &Value) {
        let together = sorted(&template(&json!({"Ref": "Hook"}), variable));
        assert_eq!(together.aliases, ["AAlias"]);
        assert_eq!(together.apart, [Apart { alias: "BAlias".into(), because: Because::Follows("AAlias".into()) }]);
    }

    #[test]
    fn an_alias_may_follow_by_name_through_others() {
        let mut template = template(&json!({"Ref": "Hook"}), &json!(""));
        template["Resources"]["Between"] = json!({"Type": "AWS::SNS::Topic", "DependsOn": ["AAlias"]});
        template["Resources"]["B"]["DependsOn"] = json!("Between");
        assert_eq!(sorted(&template).aliases, ["AAlias"]);
    }

    #[test]
    fn only_aliases_that_codedeploy_shifts_are_found() {
        assert_eq!(shifted_aliases(&template(&json!("hook"), &json!(""))), ["AAlias", "BAlias"]);
    }
}
