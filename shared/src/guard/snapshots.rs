//! The deployments of APIs whose integrations lead to an alias now.
//!
//! A deployment of an API is a copy of it: a stage goes on calling the function itself until there is a new one, and CloudFormation
//! makes a new one only under another logical id
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-deployment.html>). So that no stage calls
//! what it is not permitted to call any more, the logical id carries a hash of the integrations.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::fingerprint::digits;

/// The kinds that are parts of an API, and the property that names it.
const PARTS: &[(&str, &str)] = &[
    ("AWS::ApiGateway::Authorizer", "RestApiId"),
    ("AWS::ApiGateway::Method", "RestApiId"),
    ("AWS::ApiGatewayV2::Authorizer", "ApiId"),
    ("AWS::ApiGatewayV2::Integration", "ApiId"),
];
/// The kinds that are APIs themselves.
const APIS: &[&str] = &["AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"];
/// The kinds that are copies of an API, and the property that names it.
const COPIES: &[(&str, &str)] =
    &[("AWS::ApiGateway::Deployment", "RestApiId"), ("AWS::ApiGatewayV2::Deployment", "ApiId")];

/// Gives every deployment of an API of which a part has moved another logical id.
pub(super) fn renew(template: &mut Value, moved: &[String]) {
    let parts: Vec<(Value, Value)> = moved.iter().filter_map(|id| part(template, id)).collect();
    if parts.is_empty() {
        return;
    }
    let resources = template["Resources"].as_object().into_iter().flatten();
    let renamed: BTreeMap<String, String> = resources
        .filter_map(|(id, resource)| {
            let api = named(resource, COPIES)?;
            let own: Vec<&Value> = parts.iter().filter(|(of, _)| of == api).map(|(_, part)| part).collect();
            (!own.is_empty()).then(|| (id.clone(), format!("{id}{}", digits(json!(own)))))
        })
        .collect();
    if renamed.is_empty() {
        return;
    }
    rename(template, &renamed);
    if let Some(resources) = template["Resources"].as_object_mut() {
        let all = std::mem::take(resources).into_iter();
        *resources =
            all.map(|(id, resource)| (renamed.get(&id).cloned().unwrap_or(id), resource)).collect::<Map<_, _>>();
    }
}

/// The API that a resource is a part of, and what it says of it.
fn part(template: &Value, logical_id: &str) -> Option<(Value, Value)> {
    let resource = template["Resources"].get(logical_id)?;
    let properties = resource["Properties"].clone();
    if APIS.iter().any(|api| resource["Type"] == *api) {
        return Some((json!({ "Ref": logical_id }), properties));
    }
    named(resource, PARTS).map(|api| (api.clone(), properties))
}

fn named<'a>(resource: &'a Value, kinds: &[(&str, &str)]) -> Option<&'a Value> {
    let (_, property) = kinds.iter().find(|(kind, _)| resource["Type"] == *kind)?;
    resource["Properties"].get(property)
}

/// Rewrites every reference to the renamed resources.
fn rename(value: &mut Value, renamed: &BTreeMap<String, String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("Ref" | "DependsOn", Value::String(id)) => rename_text(id, renamed),
                    ("DependsOn", Value::Array(ids)) => {
                        ids.iter_mut().for_each(|id| {
                            if let Value::String(id) = id {
                                rename_text(id, renamed);
                            }
                        });
                    }
                    ("Fn::GetAtt", Value::Array(parts)) => {
                        if let Some(Value::String(id)) = parts.first_mut() {
                            rename_text(id, renamed);
                        }
                    }
                    ("Fn::GetAtt", Value::String(text)) => {
                        if let Some((id, attribute)) = text.split_once('.')
                            && let Some(new) = renamed.get(id)
                        {
                            *text = format!("{new}.{attribute}");
                        }
                    }
                    ("Fn::Sub", Value::String(text)) => rename_within(text, renamed),
                    ("Fn::Sub", Value::Array(parts)) => {
                        if let Some(Value::String(text)) = parts.first_mut() {
                            rename_within(text, renamed);
                        }
                        parts.iter_mut().skip(1).for_each(|part| rename(part, renamed));
                    }
                    (_, member) => rename(member, renamed),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rename(item, renamed)),
        _ => {}
    }
}

fn rename_text(id: &mut String, renamed: &BTreeMap<String, String>) {
    if let Some(new) = renamed.get(id) {
        id.clone_from(new);
    }
}

fn rename_within(text: &mut String, renamed: &BTreeMap<String, String>) {
    for (id, new) in renamed {
        *text = text.replace(&format!("${{{id}}}"), &format!("${{{new}}}"));
        *text = text.replace(&format!("${{{id}."), &format!("${{{new}."));
    }
}
