//! The test that finds a bucket's policy public.

use serde_json::Value;

use super::form::texts;

/// Condition keys of which a fixed value keeps a policy from being public.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>
const NARROWING: [&str; 15] = [
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "aws:principalarn",
    "aws:principalaccount",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointarn",
    "s3:dataaccesspointaccount",
];

/// True if a statement allows everybody something, under no condition that narrows who that is.
pub(super) fn is_public(statement: &Value) -> bool {
    let everybody = statement["Principal"] == "*"
        || texts(statement.pointer("/Principal/AWS")).is_some_and(|names| names.contains(&"*"));
    let conditions = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    let narrowed = conditions.filter(|(operator, _)| !operator.contains("Not")).any(|(_, keys)| {
        keys.as_object().into_iter().flatten().any(|(key, values)| {
            let fixed = texts(Some(values)).is_some_and(|values| values.iter().all(|value| is_fixed(value)));
            fixed && NARROWING.iter().any(|narrowing| narrowing.eq_ignore_ascii_case(key))
        })
    });
    statement["Effect"] == "Allow" && everybody && !narrowed
}

/// A value without wildcards; of addresses, not the whole of the network.
fn is_fixed(value: &str) -> bool {
    !value.contains(['*', '?', '$']) && !value.ends_with("/0")
}

/// True if a policy that is kept lets everybody in.
pub(super) fn is_open(policy: &str) -> bool {
    let document: Value = serde_json::from_str(policy).unwrap_or_default();
    match &document["Statement"] {
        Value::Array(statements) => statements.iter().any(is_public),
        statement => is_public(statement),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_policy_is_public_when_everybody_may_do_something() {
        let mut open = json!({ "Effect": "Allow", "Principal": { "AWS": "123456789012" } });
        assert!(!is_public(&open));
        open["Principal"] = json!("*");
        assert!(is_public(&open));
        open["Condition"] = json!({ "StringEquals": { "aws:SourceAccount": "1" } });
        assert!(!is_public(&open));
        open["Condition"] = json!({ "Bool": { "aws:SecureTransport": "true" } });
        assert!(is_public(&open), "a condition that narrows nobody");
        open["Condition"] = json!({ "StringLike": { "aws:PrincipalArn": "*" } });
        assert!(is_public(&open));
    }
}
