//! The execution role that a function gets when it brings none.

use serde_json::{Value, json};

use super::policies::{RolePolicies, aws_managed};
use super::resource::{Generated, SamResource};
use super::transform_error::TransformError;

/// A trust policy for one service, as the translator writes it.
pub(super) fn trusts(service: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Action": ["sts:AssumeRole"], "Effect": "Allow", "Principal": { "Service": [service] } }],
    })
}

/// The role of `function`. `extra` are policies that other properties of the function need.
pub(super) fn execution_role(
    function: &SamResource,
    tags: Vec<Value>,
    extra: Vec<Value>,
) -> Result<Generated, TransformError> {
    let mut policies = RolePolicies { inline: extra, ..RolePolicies::default() };
    policies.manage(aws_managed("service-role/AWSLambdaBasicExecutionRole"));
    if traced(function) {
        policies.manage(aws_managed("AWSXrayWriteOnlyAccess"));
    }
    policies.add_all(&function.logical_id, &function.property("Policies"))?;

    let mut role = Generated::new(format!("{}Role", function.logical_id), "AWS::IAM::Role", function.passed_on());
    let trust = function.property("AssumeRolePolicyDocument");
    role.set("AssumeRolePolicyDocument", if trust.is_null() { trusts("lambda.amazonaws.com") } else { trust });
    role.set("ManagedPolicyArns", Value::Array(policies.managed));
    if !policies.inline.is_empty() {
        role.set("Policies", Value::Array(policies.inline));
    }
    role.set("Path", function.property("RolePath"));
    role.set("PermissionsBoundary", function.property("PermissionsBoundary"));
    role.set("Tags", Value::Array(tags));
    Ok(role)
}

/// True if X-Ray is asked for: `Disabled` is the same as leaving it out.
pub(super) fn traced(function: &SamResource) -> bool {
    !matches!(function.property("Tracing"), Value::Null | Value::Bool(false))
        && function.property("Tracing") != json!("Disabled")
}

/// The inline policy that a destination of asynchronous invocations needs.
pub(super) fn destination_policy(kind: &str, arn: &Value, name: &str) -> Option<Value> {
    let (suffix, action) = match kind {
        "SQS" => ("SQSPolicy", "sqs:SendMessage"),
        "SNS" => ("SNSPolicy", "sns:publish"),
        "EventBridge" => ("EventBridgePolicy", "events:PutEvents"),
        "Lambda" => ("LambdaPolicy", "lambda:InvokeFunction"),
        _ => return None,
    };
    Some(json!({
        "PolicyName": format!("{name}{suffix}"),
        "PolicyDocument": { "Statement": [{ "Action": action, "Effect": "Allow", "Resource": arn }] },
    }))
}
