//! The trust policy of a role: who may assume it.

use serde_json::{Map, Value};

use super::super::principal::account_of;
use super::malformed::{Malformed, texts};
use super::unique_ids;

const ACTIONS: [&str; 6] = [
    "sts:AssumeRole",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:SetContext",
    "sts:SetSourceIdentity",
    "sts:TagSession",
];

/// Checks the form of a trust policy. [`trusted`] lists its principals, and IAM knows if they exist.
///
/// # Errors
/// The first fault.
pub(crate) fn trust(text: &str) -> Result<(), Malformed> {
    if text.starts_with(char::is_whitespace) {
        return Err(Malformed::because("JSON strings must not have leading spaces"));
    }
    let document: Value =
        serde_json::from_str(text).map_err(|_| Malformed::because("This policy contains invalid Json"))?;
    let document = document.as_object().ok_or_else(|| Malformed::because("This policy contains invalid Json"))?;
    if let Some(name) = document.keys().find(|name| !matches!(name.as_str(), "Version" | "Id" | "Statement")) {
        return Err(unknown(name));
    }
    if document.get("Version").is_some_and(|version| version != "2008-10-17" && version != "2012-10-17") {
        return Err(Malformed::because("The policy must contain a valid version string"));
    }
    let statements = match document.get("Statement") {
        None => return Err(missing("Statement")),
        Some(Value::Array(items)) => items.iter().map(Value::as_object).collect::<Option<Vec<_>>>(),
        Some(one) => one.as_object().map(|statement| vec![statement]),
    };
    let statements = statements.ok_or_else(|| Malformed::because(super::SYNTAX))?;
    if statements.is_empty() {
        return Err(Malformed::because("Could not parse the policy: Statement is empty!"));
    }
    statements.iter().try_for_each(|statement| check(statement))?;
    if !unique_ids(&statements) {
        return Err(Malformed::because("Statement IDs (SID) in a single policy must be unique."));
    }
    Ok(())
}

fn unknown(name: &str) -> Malformed {
    Malformed(format!("Unknown field {name}"))
}

fn missing(name: &str) -> Malformed {
    Malformed(format!("Missing required field {name}"))
}

fn check(statement: &Map<String, Value>) -> Result<(), Malformed> {
    for name in statement.keys() {
        match name.as_str() {
            "Resource" | "NotResource" => return Err(Malformed(format!("Has prohibited field {name}"))),
            "Sid" | "Effect" | "Principal" | "NotPrincipal" | "Action" | "NotAction" | "Condition" => {}
            other => return Err(unknown(other)),
        }
    }
    match statement.get("Effect").map(Value::as_str) {
        None => return Err(missing("Effect")),
        Some(Some("Allow" | "Deny")) => {}
        Some(other) => return Err(Malformed(format!("Invalid effect: {}", other.unwrap_or_default()))),
    }
    let element = statement.get("Principal").or_else(|| statement.get("NotPrincipal"));
    principals(element.ok_or_else(|| missing("Principal"))?)?;
    if !["Action", "NotAction"].iter().any(|name| texts(statement, name).next().is_some()) {
        return Err(missing("Action"));
    }
    let allowed = |text: &str| ACTIONS.iter().any(|action| action.eq_ignore_ascii_case(text));
    if !texts(statement, "Action").all(|text| allowed(text) || text.eq_ignore_ascii_case("sts:*")) {
        return Err(Malformed::because("AssumeRole policy may only specify STS AssumeRole actions."));
    }
    if !statement.get("Sid").is_none_or(Value::is_string)
        || !statement.get("Condition").is_none_or(super::is_condition)
        || !["Action", "NotAction"].iter().all(|name| super::is_texts(statement.get(*name)))
    {
        return Err(Malformed::because(super::SYNTAX));
    }
    Ok(())
}

fn principals(element: &Value) -> Result<(), Malformed> {
    let kinds = match element {
        Value::String(text) if text == "*" => return Ok(()),
        Value::Object(kinds) => kinds,
        other => return Err(invalid("AWS", other.as_str().unwrap_or_default())),
    };
    if kinds.is_empty() {
        return Err(Malformed::because("Missing required field Principal cannot be empty!"));
    }
    for (kind, values) in kinds {
        let values = values.as_array().map_or(std::slice::from_ref(values), Vec::as_slice);
        if values.is_empty() {
            return Err(Malformed::because("Missing required field Principal cannot be empty!"));
        }
        for value in values {
            let text = value.as_str().unwrap_or_default();
            if !is_principal(kind, text) {
                return Err(invalid(kind, text));
            }
        }
    }
    Ok(())
}

fn invalid(kind: &str, value: &str) -> Malformed {
    let kind = if kind == "AWS" { kind.to_owned() } else { kind.to_ascii_uppercase() };
    Malformed(format!("Invalid principal in policy: \"{kind}\":\"{value}\""))
}

fn is_principal(kind: &str, value: &str) -> bool {
    match kind {
        "AWS" => value == "*" || account_of(value).is_some() || is_identity_arn(value) || is_unique_id(value),
        // Assumed: AWS knows its services by name, and all of them end like this.
        "Service" => {
            let name = value.strip_suffix(".amazonaws.com").or_else(|| value.strip_suffix(".amazonaws.com.cn"));
            name.is_some_and(|name| !name.is_empty() && !name.contains(['*', ' ']))
                || value.ends_with(".aws.internal")
                || value.ends_with(".api.aws")
        }
        "Federated" => !value.is_empty(),
        "CanonicalUser" => !value.is_empty(),
        _ => false,
    }
}

/// The ARN of a user, a role or a session, without wildcards.
fn is_identity_arn(value: &str) -> bool {
    let parts: Vec<&str> = value.splitn(6, ':').collect();
    let [arn, partition, service, region, account, path] = parts[..] else { return false };
    let kinds: &[&str] = match service {
        "iam" => &["user/", "role/"],
        "sts" => &["assumed-role/", "federated-user/"],
        _ => return false,
    };
    arn == "arn"
        && partition.starts_with("aws")
        && region.is_empty()
        && account_of(account).is_some()
        && !path.contains('*')
        && kinds.iter().any(|kind| path.strip_prefix(kind).is_some_and(|name| !name.is_empty()))
}

/// True for the unique id that takes an ARN's place in a policy when its user or role is removed.
fn is_unique_id(value: &str) -> bool {
    (value.starts_with("AROA") || value.starts_with("AIDA")) && value.len() >= 16
}

/// The users and roles that a trust policy names, by ARN: IAM refuses those that do not exist.
pub(crate) fn trusted(text: &str) -> Vec<String> {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    let statements = document.get("Statement").unwrap_or(&Value::Null);
    let statements = statements.as_array().map_or(std::slice::from_ref(statements), Vec::as_slice);
    let elements = statements.iter().flat_map(|one| [one.get("Principal"), one.get("NotPrincipal")]).flatten();
    elements
        .filter_map(|element| element.as_object()?.get("AWS"))
        .flat_map(|values| values.as_array().map_or(std::slice::from_ref(values), Vec::as_slice))
        .filter_map(Value::as_str)
        .filter(|text| text.starts_with("arn:") && text.contains(":iam:") && !text.ends_with(":root"))
        .map(str::to_owned)
        .collect()
}
