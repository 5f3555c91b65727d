//! Bucket policies: checked for form, kept, and there for whoever decides on access.

use s3s::S3Request;
use s3s::dto::{
    DeleteBucketPolicyInput, DeleteBucketPolicyOutput, GetBucketPolicyInput, GetBucketPolicyOutput,
    GetBucketPolicyStatusInput, GetBucketPolicyStatusOutput, PolicyStatus, PutBucketPolicyInput, PutBucketPolicyOutput,
};
use serde_json::Value;

use super::public_access;
use super::settings::{missing, set, text};
use crate::core::Principal;
use crate::s3::context::{Answer, Context, done};
use crate::s3::refusal::Refusal;
use crate::s3::store::{Bucket, Change};

const NAME: &str = "policy";
const LIMIT: usize = 20 * 1024;

/// The policy of a bucket.
fn of(bucket: &Bucket) -> Option<&str> {
    bucket.setting(NAME)
}

pub(in crate::s3) async fn put(
    context: &Context,
    request: S3Request<PutBucketPolicyInput>,
) -> Answer<PutBucketPolicyOutput> {
    let input = request.input;
    let statements = check(&input.bucket, &input.policy)?;
    let public = statements.iter().any(is_public);
    context.store.change(|index| {
        let blocks = public_access::of(index.bucket(&input.bucket)?);
        if public && blocks.is_some_and(|blocks| blocks.block_public_policy == Some(true)) {
            let message = format!(
                "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access. Resource: \"arn:aws:s3:::{}\"",
                input.bucket
            );
            return Err(Refusal::new("AccessDenied", 403, format!("s3:PutBucketPolicy is not authorized {message}")));
        }
        let (bucket, name, value) = (input.bucket.clone(), NAME.to_owned(), Some(input.policy.clone()));
        Ok((vec![Change::Set { bucket, name, value }], ()))
    })?;
    done(PutBucketPolicyOutput::default())
}

fn malformed(message: impl Into<std::borrow::Cow<'static, str>>) -> Refusal {
    Refusal::new("MalformedPolicy", 400, message)
}

/// The statements of a policy whose form is right.
fn check(bucket: &str, policy: &str) -> Result<Vec<Value>, Refusal> {
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
    if !actions.iter().all(|action| *action == "*" || action.to_lowercase().starts_with("s3:")) {
        return Err(malformed("Policy has invalid action"));
    }
    let resources = texts("Resource", "NotResource").ok_or_else(|| malformed("Policy has invalid resource"))?;
    if !resources.iter().all(|resource| is_of(bucket, resource)) {
        return Err(malformed("Policy has invalid resource"));
    }
    check_principal(fields.get("Principal").or_else(|| fields.get("NotPrincipal")))
}

/// One text or a list of them.
fn texts(value: Option<&Value>) -> Option<Vec<&str>> {
    match value? {
        Value::String(one) => Some(vec![one]),
        Value::Array(many) if !many.is_empty() => many.iter().map(Value::as_str).collect(),
        _ => None,
    }
}

/// Whether a resource can be in this bucket: patterns may stand for its name.
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

/// Whether everybody is allowed something, under no condition that narrows who that is.
fn is_public(statement: &Value) -> bool {
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

/// Whether a policy that is kept lets everybody in.
fn is_open(policy: &str) -> bool {
    let document: Value = serde_json::from_str(policy).unwrap_or_default();
    match &document["Statement"] {
        Value::Array(statements) => statements.iter().any(is_public),
        statement => is_public(statement),
    }
}

/// The policy of a bucket as it bears on a caller: a bucket that restricts public access has none for strangers while its
/// policy is public.
pub(in crate::s3) fn for_caller<'a>(bucket: &'a Bucket, caller: &Principal) -> Option<&'a str> {
    let restricts = || public_access::of(bucket).is_some_and(|blocks| blocks.restrict_public_buckets == Some(true));
    of(bucket).filter(|policy| *caller != Principal::Anonymous || !restricts() || !is_open(policy))
}

pub(in crate::s3) async fn get(
    context: &Context,
    request: S3Request<GetBucketPolicyInput>,
) -> Answer<GetBucketPolicyOutput> {
    let policy = found(context, &request.input.bucket)?;
    done(GetBucketPolicyOutput { policy: Some(policy) })
}

fn found(context: &Context, bucket: &str) -> Result<String, Refusal> {
    let message = "The bucket policy does not exist";
    text(context, bucket, NAME)?.ok_or_else(|| missing("NoSuchBucketPolicy", message, bucket))
}

pub(in crate::s3) async fn status(
    context: &Context,
    request: S3Request<GetBucketPolicyStatusInput>,
) -> Answer<GetBucketPolicyStatusOutput> {
    let bucket = request.input.bucket;
    let is_public = check(&bucket, &found(context, &bucket)?)?.iter().any(is_public);
    done(GetBucketPolicyStatusOutput { policy_status: Some(PolicyStatus { is_public: Some(is_public) }) })
}

pub(in crate::s3) async fn delete(
    context: &Context,
    request: S3Request<DeleteBucketPolicyInput>,
) -> Answer<DeleteBucketPolicyOutput> {
    set(context, &request.input.bucket, NAME, None)?;
    done(DeleteBucketPolicyOutput::default())
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
    fn a_malformed_statement_is_refused(member: &str, value: Value, message: &str) {
        let mut statement = statement();
        statement[member] = value;
        let refusal = check("b-1", &json!({ "Statement": statement }).to_string()).unwrap_err();
        assert_eq!((refusal.code, refusal.message.as_ref()), ("MalformedPolicy", message));
    }

    #[test]
    fn a_policy_is_public_when_everybody_may_do_something() {
        let mut open = statement();
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
