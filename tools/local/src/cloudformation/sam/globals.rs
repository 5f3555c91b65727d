//! The `Globals` section: properties that every resource of a kind starts from.
//!
//! Maps merge member by member, lists are joined (globals first), anything else is the resource's own; an intrinsic
//! function counts as a plain value. `Architectures` is the one list that is replaced instead of joined.

use serde_json::{Map, Value};

use super::resource::{fault, is_intrinsic};
use super::transform_error::TransformError;

/// The sections that the plane knows, the resource type each is for, and what may stand in it.
const SECTIONS: [(&str, &str, &[&str]); 4] = [
    (
        "Function",
        "AWS::Serverless::Function",
        &[
            "Handler",
            "Runtime",
            "CodeUri",
            "DeadLetterQueue",
            "Description",
            "MemorySize",
            "Timeout",
            "VpcConfig",
            "Environment",
            "Tags",
            "PropagateTags",
            "Tracing",
            "KmsKeyArn",
            "AutoPublishAlias",
            "AutoPublishAliasAllProperties",
            "Layers",
            "DeploymentPreference",
            "RolePath",
            "PermissionsBoundary",
            "ReservedConcurrentExecutions",
            "ProvisionedConcurrencyConfig",
            "AssumeRolePolicyDocument",
            "EventInvokeConfig",
            "FileSystemConfigs",
            "CodeSigningConfigArn",
            "Architectures",
            "SnapStart",
            "EphemeralStorage",
            "FunctionUrlConfig",
            "RuntimeManagementConfig",
            "LoggingConfig",
            "RecursiveLoop",
            "SourceKMSKeyArn",
            "TenancyConfig",
            "DurableConfig",
            "CapacityProviderConfig",
            "FunctionScalingConfig",
            "PublishToLatestPublished",
            "VersionDeletionPolicy",
        ],
    ),
    (
        "HttpApi",
        "AWS::Serverless::HttpApi",
        &[
            "Auth",
            "AccessLogSettings",
            "StageVariables",
            "Tags",
            "CorsConfiguration",
            "DefaultRouteSettings",
            "Domain",
            "RouteSettings",
            "FailOnWarnings",
            "PropagateTags",
        ],
    ),
    // REST APIs themselves are refused; their globals are checked so that a template shared with other stacks passes.
    (
        "Api",
        "AWS::Serverless::Api",
        &[
            "Auth",
            "Name",
            "DefinitionUri",
            "CacheClusterEnabled",
            "CacheClusterSize",
            "MergeDefinitions",
            "Variables",
            "EndpointConfiguration",
            "MethodSettings",
            "BinaryMediaTypes",
            "MinimumCompressionSize",
            "Cors",
            "GatewayResponses",
            "AccessLogSetting",
            "CanarySetting",
            "TracingEnabled",
            "OpenApiVersion",
            "Domain",
            "AlwaysDeploy",
            "PropagateTags",
            "SecurityPolicy",
            "EndpointAccessMode",
        ],
    ),
    ("SimpleTable", "AWS::Serverless::SimpleTable", &["SSESpecification"]),
];

/// Takes `Globals` out of the template and merges it into the resources it is for.
pub(super) fn merge(template: &mut Map<String, Value>) -> Result<(), Vec<TransformError>> {
    let Some(globals) = template.shift_remove("Globals") else { return Ok(()) };
    let globals = check(&globals)?;
    let mut faults = Vec::new();
    let Some(resources) = template.get_mut("Resources").and_then(Value::as_object_mut) else { return Ok(()) };
    for (logical_id, resource) in resources {
        let Some(resource) = resource.as_object_mut() else { continue };
        let section = SECTIONS
            .iter()
            .find(|(_, kind, _)| resource.get("Type").and_then(Value::as_str) == Some(*kind))
            .and_then(|(name, _, _)| globals.get(*name)?.as_object());
        let Some(section) = section else { continue };
        match without_ignored(logical_id, section, resource.get("IgnoreGlobals")) {
            Ok(section) => {
                let local = resource.shift_remove("Properties").unwrap_or_else(|| Value::Object(Map::new()));
                resource.insert("Properties".to_owned(), merged(&Value::Object(section), &local, ""));
            }
            Err(error) => faults.push(error),
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn check(globals: &Value) -> Result<&Map<String, Value>, Vec<TransformError>> {
    let all = globals.as_object().ok_or_else(|| vec![fault("Globals", "it must be a non-empty dictionary")])?;
    let mut faults = Vec::new();
    for (name, properties) in all {
        let Some((_, _, supported)) = SECTIONS.iter().find(|(section, _, _)| section == name) else {
            faults.push(fault("Globals", format!("section {name} is not supported by the local plane")));
            continue;
        };
        let Some(properties) = properties.as_object() else {
            faults.push(fault("Globals", format!("section {name} must be a dictionary")));
            continue;
        };
        let unknown = properties.keys().filter(|key| !supported.contains(&key.as_str()));
        faults.extend(unknown.map(|key| fault("Globals", format!("'{key}' is not a supported property of '{name}'"))));
    }
    if faults.is_empty() { Ok(all) } else { Err(faults) }
}

fn without_ignored(
    logical_id: &str,
    section: &Map<String, Value>,
    ignored: Option<&Value>,
) -> Result<Map<String, Value>, TransformError> {
    match ignored {
        None | Some(Value::Null) => Ok(section.clone()),
        Some(Value::String(all)) if all == "*" => Ok(Map::new()),
        Some(Value::Array(names)) => {
            let mut section = section.clone();
            for name in names {
                let known = name.as_str().and_then(|name| section.shift_remove(name));
                if known.is_none() {
                    return Err(fault(logical_id, format!("IgnoreGlobals names {name}, which is not in Globals")));
                }
            }
            Ok(section)
        }
        Some(_) => Err(fault(logical_id, "IgnoreGlobals must be \"*\" or a list of property names")),
    }
}

fn merged(global: &Value, local: &Value, path: &str) -> Value {
    match (global, local) {
        _ if is_intrinsic(global) || is_intrinsic(local) => local.clone(),
        (Value::Object(global), Value::Object(local)) => {
            let mut result = global.clone();
            for (name, value) in local {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                let value = global.get(name).map_or_else(|| value.clone(), |own| merged(own, value, &path));
                result.insert(name.clone(), value);
            }
            Value::Object(result)
        }
        (Value::Array(global), Value::Array(local)) if path != "Architectures" => {
            Value::Array(global.iter().chain(local).cloned().collect())
        }
        _ => local.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template(globals: &Value, resource: &Value) -> Map<String, Value> {
        let template = json!({ "Globals": globals, "Resources": { "R": resource } });
        template.as_object().unwrap().clone()
    }

    #[test]
    fn maps_merge_lists_join_and_the_resource_wins() {
        let globals = json!({ "Function": {
            "Timeout": 5, "Architectures": ["x86_64"], "Tags": { "a": "1", "b": { "Ref": "B" } }, "Layers": ["one"],
        }});
        let own = json!({ "Type": "AWS::Serverless::Function", "Properties": {
            "Timeout": 9, "Architectures": ["arm64"], "Tags": { "b": "2" }, "Layers": ["two"],
        }});
        let mut template = template(&globals, &own);
        merge(&mut template).unwrap();
        assert_eq!(
            template["Resources"]["R"]["Properties"],
            json!({
                "Timeout": 9, "Architectures": ["arm64"], "Tags": { "a": "1", "b": "2" }, "Layers": ["one", "two"],
            })
        );
        assert!(!template.contains_key("Globals"));
    }

    #[test]
    fn an_unknown_section_or_property_is_named() {
        let globals = json!({ "Function": { "FunctionName": "x" }, "StateMachine": {} });
        let faults = merge(&mut template(&globals, &json!({}))).unwrap_err();
        let text = faults.iter().map(ToString::to_string).collect::<String>();
        assert!(text.contains("FunctionName") && text.contains("StateMachine"), "{text}");
    }

    #[test]
    fn a_resource_may_ignore_globals() {
        let globals = json!({ "Function": { "Timeout": 5, "MemorySize": 128 } });
        let own = json!({ "Type": "AWS::Serverless::Function", "IgnoreGlobals": ["Timeout"] });
        let mut template = template(&globals, &own);
        merge(&mut template).unwrap();
        assert_eq!(template["Resources"]["R"]["Properties"], json!({ "MemorySize": 128 }));
    }
}
