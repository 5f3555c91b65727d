//! The permission of API Gateway to call a function: the function's resource policy has to give it.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

use serde_json::{Value, json};

use super::wildcard::{arn_matches, matches};
use crate::core::Hub;

/// The service principal that calls functions and authorizers.
pub(super) const SERVICE: &str = "apigateway.amazonaws.com";
const ACTION: &str = "lambda:InvokeFunction";

/// The text of the access log for a call that is not allowed.
pub(super) const NOT_ALLOWED: &str = "The IAM role configured on the integration or API Gateway doesn't have \
                                      permissions to call the integration. Check the permissions and try again.";

/// True if the function's policy lets API Gateway call it from a source such as
/// `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/ROUTE`. A function that is not there lets nobody.
pub(super) async fn allows(hub: &Hub, function: &str, source: &str) -> bool {
    // After `arn:aws:lambda:REGION:ACCOUNT:function:` come the name and, if there is one, the alias or version.
    let mut input = json!({ "FunctionName": function });
    if let (Some(qualifier), Some(name)) = (function.split(':').nth(7), function.rsplit_once(':')) {
        input = json!({ "FunctionName": name.0, "Qualifier": qualifier });
    }
    let Ok(reply) = hub.call("lambda", "GetPolicy", input).await else { return false };
    let policy = reply["Policy"].as_str().and_then(|text| serde_json::from_str::<Value>(text).ok());
    policy.is_some_and(|policy| is_allowed(&policy, source, &hub.identity.account))
}

fn is_allowed(policy: &Value, source: &str, account: &str) -> bool {
    let statements = policy["Statement"].as_array().map_or(&[][..], Vec::as_slice);
    let applying = || statements.iter().filter(|statement| applies(statement, source, account));
    applying().any(|statement| statement["Effect"] == "Allow")
        && !applying().any(|statement| statement["Effect"] == "Deny")
}

fn applies(statement: &Value, source: &str, account: &str) -> bool {
    let principal = &statement["Principal"];
    let is_us = principal == "*"
        || texts(&principal["AWS"]).any(|who| who == "*")
        || texts(&principal["Service"]).any(|who| who == SERVICE);
    let acts = texts(&statement["Action"]).any(|action| matches(action, ACTION));
    let mut conditions = statement["Condition"].as_object().into_iter().flatten();
    is_us && acts && conditions.all(|(operator, keys)| holds(operator, keys, source, account))
}

/// True if a condition holds. One that is of another operator or another key does not: the call has no such key.
fn holds(operator: &str, keys: &Value, source: &str, account: &str) -> bool {
    keys.as_object().into_iter().flatten().all(|(key, expected)| {
        let given = match key.to_ascii_lowercase().as_str() {
            "aws:sourcearn" => source,
            "aws:sourceaccount" => account,
            _ => return false,
        };
        texts(expected).any(|expected| match operator {
            "ArnLike" | "ArnEquals" => arn_matches(expected, given),
            "StringLike" => matches(expected, given),
            "StringEquals" => expected == given,
            _ => false,
        })
    })
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let many = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    value.as_str().into_iter().chain(many)
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    const SOURCE: &str = "arn:aws:execute-api:us-east-1:000000000000:a1/$default/GET/pets/{id}";

    fn allowed(change: Value) -> bool {
        let mut statement =
            json!({ "Effect": "Allow", "Principal": { "Service": SERVICE }, "Action": ACTION, "Resource": "f" });
        statement.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        is_allowed(&json!({ "Statement": [statement] }), SOURCE, "000000000000")
    }

    fn from(pattern: &str) -> Value {
        json!({ "Condition": { "ArnLike": { "AWS:SourceArn": pattern } } })
    }

    #[test_case(json!({}) => true; "without a condition")]
    #[test_case(from("arn:aws:execute-api:us-east-1:000000000000:a1/*") => true; "every route")]
    #[test_case(from("arn:aws:execute-api:us-east-1:000000000000:a1/*/GET/pets/*") => true; "this route")]
    #[test_case(from("arn:aws:execute-api:us-east-1:000000000000:a1/*/POST/pets/*") => false; "another method")]
    #[test_case(from("arn:aws:execute-api:us-east-1:000000000000:a2/*") => false; "another API")]
    #[test_case(from("arn:aws:execute-api:us-east-1:000000000000:a1/dev/*") => false; "another stage")]
    #[test_case(json!({ "Principal": { "Service": "events.amazonaws.com" } }) => false; "another service")]
    #[test_case(json!({ "Action": "lambda:GetFunction" }) => false; "another action")]
    #[test_case(json!({ "Action": "lambda:*" }) => true; "every action")]
    #[test_case(json!({ "Principal": "*" }) => true; "everybody")]
    #[test_case(json!({ "Effect": "Deny" }) => false; "a denial")]
    #[test_case(json!({ "Condition": { "StringEquals": { "AWS:SourceAccount": "000000000000" } } }) => true; "our account")]
    #[test_case(json!({ "Condition": { "StringEquals": { "AWS:SourceAccount": "1" } } }) => false; "another account")]
    #[test_case(json!({ "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o" } } }) => false; "a key that the call has not")]
    fn a_policy(change: Value) -> bool {
        allowed(change)
    }
}
