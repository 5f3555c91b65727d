//! References to a function itself, and those of them that become its alias.
//!
//! SAM's own `Events` follow the alias without help. A resource that the template's authors wrote out does not: an event source that
//! names the function calls `$LATEST`. Those places are known by type and property; a reference anywhere else is not an event (a
//! function that calls another, a policy), is left as it is, and is told.

use serde_json::{Value, json};

/// The places from which events reach a function: the resource's type, and the path below `Properties`, `*` for every item of a list.
const EVENT_PLACES: &[(&str, &[&str])] = &[
    ("AWS::Lambda::EventSourceMapping", &["FunctionName"]),
    ("AWS::Lambda::Permission", &["FunctionName"]),
    ("AWS::Events::Rule", &["Targets", "*", "Arn"]),
    ("AWS::Scheduler::Schedule", &["Target", "Arn"]),
    ("AWS::SNS::Subscription", &["Endpoint"]),
    ("AWS::Logs::SubscriptionFilter", &["DestinationArn"]),
    ("AWS::S3::Bucket", &["NotificationConfiguration", "LambdaConfigurations", "*", "Function"]),
    ("AWS::ApiGatewayV2::Integration", &["IntegrationUri"]),
    ("AWS::ApiGateway::Method", &["Integration", "Uri"]),
    ("AWS::ApiGateway::RestApi", &["Body"]),
    ("AWS::ApiGatewayV2::Api", &["Body"]),
    ("AWS::Serverless::Api", &["DefinitionBody"]),
    ("AWS::Serverless::HttpApi", &["DefinitionBody"]),
    ("AWS::Cognito::UserPool", &["LambdaConfig", "*"]),
    ("AWS::IoT::TopicRule", &["TopicRulePayload", "Actions", "*", "Lambda", "FunctionArn"]),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", &["Targets", "*", "Id"]),
];

/// Makes every event place that names the function name its alias. Answers the JSON pointers of the references that are left.
pub(super) fn to_alias(template: &mut Value, function: &str) -> Vec<String> {
    let mut left = Vec::new();
    let Some(resources) = template["Resources"].as_object_mut() else { return left };
    for (logical_id, resource) in resources {
        if logical_id == function {
            continue;
        }
        let kind = resource["Type"].as_str().unwrap_or_default().to_owned();
        // The kit's alarms name the function as a dimension, which is what a metric is called by.
        if kind == "AWS::CloudWatch::Alarm" {
            continue;
        }
        let Some(properties) = resource.get_mut("Properties") else { continue };
        for (_, path) in EVENT_PLACES.iter().filter(|(of, _)| *of == kind) {
            at(properties, path, &mut |place| follow(place, function));
        }
        references(properties, function, &format!("/Resources/{logical_id}/Properties"), &mut left);
    }
    left
}

/// Visits every value at a path.
fn at(value: &mut Value, path: &[&str], visit: &mut dyn FnMut(&mut Value)) {
    match (path, value) {
        ([], value) => visit(value),
        (["*", rest @ ..], Value::Array(items)) => items.iter_mut().for_each(|item| at(item, rest, visit)),
        (["*", rest @ ..], Value::Object(members)) => members.values_mut().for_each(|member| at(member, rest, visit)),
        ([name, rest @ ..], Value::Object(members)) => {
            if let Some(member) = members.get_mut(*name) {
                at(member, rest, visit);
            }
        }
        _ => {}
    }
}

/// Rewrites references to the function in one place, within other intrinsic functions too.
fn follow(value: &mut Value, function: &str) {
    if is_reference(value, function) {
        *value = json!({ "Ref": format!("{function}.Alias") });
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), &mut *member) {
                    ("Fn::Sub", Value::String(text)) => *text = substituted(text, function),
                    ("Fn::Sub", Value::Array(parts)) => {
                        if let Some(Value::String(text)) = parts.first_mut() {
                            *text = substituted(text, function);
                        }
                        parts.iter_mut().skip(1).for_each(|part| follow(part, function));
                    }
                    _ => follow(member, function),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| follow(item, function)),
        _ => {}
    }
}

/// `${Function.Arn}` is the alias's ARN then; so is an ARN that is put together around the function's name.
fn substituted(text: &str, function: &str) -> String {
    text.replace(&format!("${{{function}.Arn}}"), &format!("${{{function}.Alias}}"))
}

/// True for a reference to the function's name or ARN.
fn is_reference(value: &Value, function: &str) -> bool {
    let attribute = &value["Fn::GetAtt"];
    value["Ref"] == function
        || attribute.as_str() == Some(&format!("{function}.Arn"))
        || (attribute[0] == function && attribute[1] == "Arn")
}

/// The places of references to the function within a value.
fn references(value: &Value, function: &str, pointer: &str, found: &mut Vec<String>) {
    let within = |text: &Value| {
        let names = [format!("${{{function}}}"), format!("${{{function}.Arn}}")];
        text.as_str().is_some_and(|text| names.iter().any(|name| text.contains(name)))
    };
    let text = &value["Fn::Sub"];
    if is_reference(value, function) || within(text) || within(&text[0]) {
        found.push(pointer.to_owned());
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let step = name.replace('~', "~0").replace('/', "~1");
                references(member, function, &format!("{pointer}/{step}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                references(item, function, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}
