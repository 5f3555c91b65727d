//! A topic's resource policy: the one that every topic begins with, and statements by label.
//! <https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html>

use serde_json::{Value, json};

use super::errors::invalid;
use crate::core::{Input, ServiceError};

/// The actions that a statement of a topic's policy may allow.
const ACTIONS: &[&str] = &[
    "AddPermission",
    "DeleteTopic",
    "GetTopicAttributes",
    "ListSubscriptionsByTopic",
    "Publish",
    "Receive",
    "RemovePermission",
    "SetTopicAttributes",
    "Subscribe",
];

/// The policy of a topic that was given none: its owner's account may do everything.
pub(super) fn default(topic: &str) -> Value {
    let owner = topic.split(':').nth(4).unwrap_or_default();
    let actions = [
        "SNS:GetTopicAttributes",
        "SNS:SetTopicAttributes",
        "SNS:AddPermission",
        "SNS:RemovePermission",
        "SNS:DeleteTopic",
        "SNS:Subscribe",
        "SNS:ListSubscriptionsByTopic",
        "SNS:Publish",
    ];
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": actions,
            "Resource": topic, "Condition": { "StringEquals": { "AWS:SourceOwner": owner } },
        }],
    })
}

/// Reads a policy document. An empty one is the default.
pub(super) fn read(topic: &str, text: &str) -> Result<Value, ServiceError> {
    if text.is_empty() {
        return Ok(default(topic));
    }
    let policy: Value = serde_json::from_str(text).unwrap_or_default();
    // Assumed: the text for what is no document.
    let statements = policy.get("Statement").is_some_and(|s| s.is_array() || s.is_object());
    if statements { Ok(policy) } else { Err(invalid("Policy Error: null")) }
}

/// `AddPermission`: a statement for accounts, by label.
pub(super) fn add(policy: &mut Value, topic: &str, input: &Input) -> Result<(), ServiceError> {
    let label = input.str("Label")?;
    let actions = input.strings("ActionName");
    if let Some(Value::Array(statements)) = policy.get("Statement")
        && statements.iter().any(|statement| statement["Sid"] == label)
    {
        return Err(invalid("Statement already exists"));
    }
    if actions.iter().any(|action| !ACTIONS.contains(&action.as_str())) {
        return Err(invalid("Policy statement action out of service scope!"));
    }
    let principals: Vec<String> =
        input.strings("AWSAccountId").iter().map(|account| format!("arn:aws:iam::{account}:root")).collect();
    let actions: Vec<String> = actions.iter().map(|action| format!("SNS:{action}")).collect();
    let statement = json!({
        "Sid": label, "Effect": "Allow", "Principal": { "AWS": one_or_all(&principals) },
        "Action": one_or_all(&actions), "Resource": topic,
    });
    match policy.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.push(statement),
        Some(one) => *one = json!([one.take(), statement]),
        None => {}
    }
    Ok(())
}

/// `RemovePermission`: a label that is not there changes nothing.
pub(super) fn remove(policy: &mut Value, label: &str) {
    if let Some(Value::Array(statements)) = policy.get_mut("Statement") {
        statements.retain(|statement| statement["Sid"] != label);
    }
}

fn one_or_all(texts: &[String]) -> Value {
    match texts {
        [one] => json!(one),
        all => json!(all),
    }
}
