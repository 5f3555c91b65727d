//! The form of a bucket's policy: what S3 refuses, in S3's words.

use serde_json::Value;

use crate::authorization::{action_matches, is_operator, reference};
use crate::s3::refusal::Refusal;

const LIMIT: usize = 20 * 1024;

pub(super) fn malformed(message: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new("MalformedPolicy", 400, message)
}

/// The statements of a policy whose form is right.
pub(super) fn check(bucket: &str, policy: &str) -> Result<Vec<Value>, Refusal> {
    if policy.len() > LIMIT {
        return Err(malformed("Normalized policy document exceeds the maximum allowed size of 20480 bytes."));
    }
    if !policy.trim_start().starts_with('{') {
        return Err(malformed("Policies must be valid JSON and the first byte must be '{'"));
    }
    let document: Value = serde_json::from_str(policy).map_err(|_| malformed("This policy contains invalid Json"))?;
    if let Some(unknown) = document
        .as_object()
        .into_iter()
        .flatten()
        .find(|(name, _)| !["Version", "Id", "Statement"].contains(&name.as_str()))
    {
        return Err(malformed(format!("Unknown field {}", unknown.0)));
    }
    if document.get("Version").is_some_and(|version| version != "2012-10-17" && version != "2008-10-17") {
        return Err(malformed("The policy must contain a valid version string"));
    }
    let statements = match document.get("Statement") {
        Some(Value::Array(statements)) if !statements.is_empty() => statements.clone(),
        Some(statement @ Value::Object(_)) => vec![statement.clone()],
        Some(Value::Array(_)) => return Err(malformed("Could not parse the policy: Statement is empty!")),
        _ => return Err(malformed("Missing required field Statement")),
    };
    statements.iter().try_for_each(|statement| check_statement(bucket, statement))?;
    Ok(statements)
}

fn check_statement(bucket: &str, statement: &Value) -> Result<(), Refusal> {
    const FIELDS: [&str; 9] =
        ["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];
    let fields =
        statement.as_object().ok_or_else(|| malformed("Could not parse the policy: Statement is not an object"))?;
    if let Some((unknown, _)) = fields.iter().find(|(name, _)| !FIELDS.contains(&name.as_str())) {
        return Err(malformed(format!("Unknown field {unknown}")));
    }
    let has = |name: &str| fields.contains_key(name);
    match fields.get("Effect").and_then(Value::as_str) {
        Some("Allow" | "Deny") => {}
        Some(other) => return Err(malformed(format!("Invalid effect: {other}"))),
        None => return Err(malformed("Missing required field Effect")),
    }
    for (name, negated) in [("Principal", "NotPrincipal"), ("Action", "NotAction"), ("Resource", "NotResource")] {
        if !has(name) && !has(negated) {
            return Err(malformed(format!("Missing required field {name}")));
        }
        if has(name) && has(negated) {
            return Err(malformed(format!("Statement has both {name} and {negated}")));
        }
    }
    let texts = |name: &str, negated: &str| texts(fields.get(name).or_else(|| fields.get(negated)));
    let actions = texts("Action", "NotAction").ok_or_else(|| malformed("Policy has invalid action"))?;
    if !actions.iter().all(|action| kinds(action).next().is_some()) {
        return Err(malformed("Policy has invalid action"));
    }
    let resources = texts("Resource", "NotResource").ok_or_else(|| malformed("Policy has invalid resource"))?;
    if !resources.iter().all(|resource| is_of(bucket, resource)) {
        return Err(malformed("Policy has invalid resource"));
    }
    if has("Action") && has("Resource") && !actions.iter().all(|action| applies(action, &resources)) {
        return Err(malformed("Action does not apply to any resource(s) in statement"));
    }
    check_conditions(fields.get("Condition"))?;
    check_principal(fields.get("Principal").or_else(|| fields.get("NotPrincipal")))
}

/// The actions of S3 that a pattern stands for, as whether they are done to buckets and to objects.
fn kinds(pattern: &str) -> impl Iterator<Item = (bool, bool)> + '_ {
    let named = reference::actions("s3").filter(move |(name, _)| action_matches(pattern, &format!("s3:{name}")));
    named.map(|(_, action)| (action.is_done_to("bucket"), action.is_done_to("object")))
}

/// True if an action can be done to any of the resources: a bucket's to the bucket, an object's to its contents.
fn applies(action: &str, resources: &[&str]) -> bool {
    let bucket = resources.iter().any(|resource| !resource.contains('/'));
    let object = resources.iter().any(|resource| resource.contains('/') || resource.ends_with('*'));
    kinds(action).any(|(on_bucket, on_object)| (on_bucket && bucket) || (on_object && object))
}

fn check_conditions(conditions: Option<&Value>) -> Result<(), Refusal> {
    let Some(conditions) = conditions else { return Ok(()) };
    let conditions = conditions.as_object().ok_or_else(|| malformed("Conditions must be a JSON object"))?;
    for (operator, keys) in conditions {
        if !is_operator(operator) {
            return Err(malformed(format!("Invalid Condition type : {operator}")));
        }
        let keys = keys.as_object().ok_or_else(|| malformed("Condition values must be a JSON object"))?;
        if let Some((unknown, _)) = keys.iter().find(|(key, _)| !key.contains(':')) {
            return Err(malformed(format!("Policy has an invalid condition key: {unknown}")));
        }
    }
    Ok(())
}

/// One text or a list of them.
pub(super) fn texts(value: Option<&Value>) -> Option<Vec<&str>> {
    match value? {
        Value::String(one) => Some(vec![one]),
        Value::Array(many) if !many.is_empty() => many.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

/// True if a resource can be in this bucket: patterns may stand for its name.
fn is_of(bucket: &str, resource: &str) -> bool {
    let Some(name) = resource.strip_prefix("arn:aws:s3:::") else { return resource == "*" };
    let pattern = name.split('/').next().unwrap_or_default();
    pattern == bucket || pattern.contains(['*', '?', '$'])
}

fn check_principal(principal: Option<&Value>) -> Result<(), Refusal> {
    let right = match principal {
        Some(Value::String(all)) => all == "*",
        Some(Value::Object(kinds)) => {
            let known = ["AWS", "Service", "Federated", "CanonicalUser"];
            !kinds.is_empty()
                && kinds.iter().all(|(kind, names)| known.contains(&kind.as_str()) && texts(Some(names)).is_some())
        }
        _ => false,
    };
    let names = principal.and_then(|principal| texts(principal.get("AWS"))).unwrap_or_default();
    let account = |name: &&str| name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit());
    if right
        && names.iter().all(|name| {
            *name == "*"
                || name.starts_with("arn:aws:")
                || account(name)
                || name.starts_with("AIDA")
                || name.starts_with("AROA")
        })
    {
        return Ok(());
    }
    Err(malformed("Invalid principal in policy"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use test_case::test_case;

    use super::*;

    fn statement() -> Value {
        json!({ "Effect": "Allow", "Principal": { "AWS": "123456789012" }, "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::b-1/*" })
    }

    #[test_case(json!(["s3:*"]), json!("arn:aws:s3:::b-1"))]
    #[test_case(json!("s3:Get*"), json!("arn:aws:s3:::b-1/*"))]
    #[test_case(json!("s3:ListBucket"), json!("arn:aws:s3:::b-1*"))]
    #[test_case(json!(["s3:ListBucket", "s3:GetObject"]), json!(["arn:aws:s3:::b-1", "arn:aws:s3:::b-1/a"]))]
    #[test_case(json!("*"), json!("*"))]
    fn an_action_that_can_be_done_to_a_resource_is_right(action: Value, resource: Value) {
        let mut statement = statement();
        (statement["Action"], statement["Resource"]) = (action, resource);
        assert!(check("b-1", &json!({ "Statement": statement }).to_string()).is_ok());
    }

    #[test]
    fn a_policy_of_the_bucket_is_right() {
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement()] });
        assert_eq!(check("b-1", &policy.to_string()).unwrap().len(), 1);
    }

    #[test_case("Effect", json!("Perhaps"), "Invalid effect: Perhaps")]
    #[test_case("Action", json!("ec2:RunInstances"), "Policy has invalid action")]
    #[test_case("Resource", json!("arn:aws:s3:::other/*"), "Policy has invalid resource")]
    #[test_case("Principal", json!({ "AWS": "nobody" }), "Invalid principal in policy")]
    #[test_case("Principal", Value::Null, "Invalid principal in policy")]
    #[test_case("Unknown", json!(1), "Unknown field Unknown")]
    #[test_case("Action", json!("s3:Nothing"), "Policy has invalid action")]
    #[test_case("Action", json!("s3:ListBucket"), "Action does not apply to any resource(s) in statement")]
    #[test_case("Resource", json!("arn:aws:s3:::b-1"), "Action does not apply to any resource(s) in statement")]
    #[test_case("Condition", json!({ "Perhaps": { "aws:SourceIp": "10.0.0.0/8" } }), "Invalid Condition type : Perhaps")]
    fn a_malformed_statement_is_refused(member: &str, value: Value, message: &str) {
        let mut statement = statement();
        statement[member] = value;
        let refusal = check("b-1", &json!({ "Statement": statement }).to_string()).unwrap_err();
        assert_eq!((refusal.code, refusal.message.as_ref()), ("MalformedPolicy", message));
    }
}
