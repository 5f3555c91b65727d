//! The policy of a form: until when it may be posted, and with which fields.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::fields::Fields;
use crate::core::Timestamp;
use crate::s3::refusal::Refusal;

/// Fields that need no condition.
const FREE: [&str; 6] = ["awsaccesskeyid", "bucket", "file", "policy", "signature", "x-amz-signature"];

/// The condition on one field, or on the file.
#[derive(Debug)]
enum Rule {
    Equals(String, String),
    StartsWith(String, String),
    Length(u64, u64),
}

/// A policy: its end, and its rules.
#[derive(Debug)]
pub(super) struct Policy {
    expires: Timestamp,
    /// Rules, with the condition as it was written.
    rules: Vec<(Rule, Value)>,
}

fn invalid(what: &str) -> Refusal {
    Refusal::new("InvalidPolicyDocument", 400, format!("Invalid Policy: {what}"))
}

fn denied(why: &str) -> Refusal {
    Refusal::new("AccessDenied", 403, format!("Invalid according to Policy: {why}"))
}

impl Policy {
    /// Reads a policy from the base64 of its document.
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        let plain: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
        let document = STANDARD.decode(plain).map_err(|_| invalid("Invalid Base64 encoding."))?;
        let document: Value = serde_json::from_slice(&document).map_err(|_| invalid("Invalid JSON."))?;
        let expires = document["expiration"].as_str().ok_or_else(|| invalid("Policy missing expiration."))?;
        let expires: jiff::Timestamp =
            expires.parse().map_err(|_| invalid(&format!("Invalid 'expiration' value: '{expires}'")))?;
        let conditions = document["conditions"].as_array().ok_or_else(|| invalid("Policy missing conditions."))?;
        let mut rules = Vec::new();
        for condition in conditions {
            rules.extend(rules_of(condition)?);
        }
        Ok(Self { expires: Timestamp::from_millis(expires.as_millisecond()), rules })
    }

    /// Refuses a form that is not as the policy says.
    pub(super) fn check(&self, fields: &Fields, bucket: &str, now: Timestamp) -> Result<(), Refusal> {
        if now >= self.expires {
            return Err(denied("Policy expired."));
        }
        for (rule, written) in &self.rules {
            self.hold(rule, written, fields, bucket)?;
        }
        let named = |name: &str| {
            self.rules.iter().any(|(rule, _)| match rule {
                Rule::Equals(known, _) | Rule::StartsWith(known, _) => known == name,
                Rule::Length(..) => false,
            })
        };
        let extra: Vec<&str> = fields
            .iter()
            .map(|(name, _)| name)
            .filter(|name| !FREE.contains(name) && !name.starts_with("x-ignore-") && !named(name))
            .collect();
        if extra.is_empty() { Ok(()) } else { Err(denied(&format!("Extra input fields: {}", extra.join(", ")))) }
    }

    fn hold(&self, rule: &Rule, written: &Value, fields: &Fields, bucket: &str) -> Result<(), Refusal> {
        let value = |name: &str| if name == "bucket" { Some(bucket) } else { fields.get(name) };
        let holds = match rule {
            Rule::Equals(name, wanted) => value(name).unwrap_or_default() == wanted,
            Rule::StartsWith(name, start) => match name.as_str() {
                // Several types may be listed, each of which begins so.
                "content-type" => value(name).unwrap_or_default().split(',').all(|kind| kind.trim().starts_with(start)),
                _ => value(name).unwrap_or_default().starts_with(start),
            },
            Rule::Length(least, most) => return of_length(fields.file_size() as u64, *least, *most),
        };
        if holds { Ok(()) } else { Err(denied(&format!("Policy Condition failed: {}", spaced(written)))) }
    }
}

/// A condition as S3 writes it back.
fn spaced(condition: &Value) -> String {
    let list = |items: &[Value]| format!("[{}]", items.iter().map(Value::to_string).collect::<Vec<_>>().join(", "));
    match condition {
        Value::Array(items) => list(items),
        other => other.to_string(),
    }
}

fn of_length(size: u64, least: u64, most: u64) -> Result<(), Refusal> {
    if size > most {
        let message = "Your proposed upload exceeds the maximum allowed size";
        return Err(Refusal::new("EntityTooLarge", 400, message)
            .with("ProposedSize", size.to_string())
            .with("MaxSizeAllowed", most.to_string()));
    }
    if size < least {
        let message = "Your proposed upload is smaller than the minimum allowed size";
        return Err(Refusal::new("EntityTooSmall", 400, message)
            .with("ProposedSize", size.to_string())
            .with("MinSizeAllowed", least.to_string()));
    }
    Ok(())
}

/// The rules of a condition: an object of equal values, or a list that begins with its kind.
fn rules_of(condition: &Value) -> Result<Vec<(Rule, Value)>, Refusal> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match condition {
        Value::Object(members) => Ok(members
            .iter()
            .map(|(name, value)| {
                let written = serde_json::json!(["eq", format!("${name}"), text(value)]);
                (Rule::Equals(name.to_lowercase(), text(value)), written)
            })
            .collect()),
        Value::Array(items) => {
            let [kind, one, other] = items.as_slice() else {
                return Err(invalid("Invalid Condition: wrong number of arguments."));
            };
            let kind = kind.as_str().unwrap_or_default().to_lowercase();
            let name = || text(one).trim_start_matches('$').to_lowercase();
            let number = |value: &Value| {
                text(value).parse().map_err(|_| invalid("Invalid Condition: content-length-range takes two numbers."))
            };
            let rule = match kind.as_str() {
                "eq" => Rule::Equals(name(), text(other)),
                "starts-with" => Rule::StartsWith(name(), text(other)),
                "content-length-range" => Rule::Length(number(one)?, number(other)?),
                _ => return Err(invalid(&format!("Invalid Condition: unknown operation '{kind}'."))),
            };
            Ok(vec![(rule, condition.clone())])
        }
        _ => Err(invalid("Invalid Condition: must be a JSON object or array.")),
    }
}
