//! The values of a template's parameters in a stage.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::reading::{At, Members};
use crate::template::Content;

/// The value of a parameter of the template: written out, or a reference to where it lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ParameterValue {
    /// A text; a number or a truth value is its text.
    Text(String),
    /// The items of a list.
    List(Vec<String>),
    /// The value of a parameter in Parameter Store.
    Ssm(SsmReference),
    /// A secret of Secrets Manager.
    Secret(SecretReference),
}

/// A parameter in Parameter Store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct SsmReference {
    /// Its name, and after a colon its version or label if it is not the newest.
    pub ssm: String,
}

/// A secret of Secrets Manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(deny_unknown_fields))]
pub struct SecretReference {
    /// Its name or ARN.
    pub secret: String,
    /// The member of its JSON that is the value; none if all of its text is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub key: Option<String>,
    /// The staging label or the id of the version; `AWSCURRENT` unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub version: Option<String>,
}

/// The parameters that Slipway itself fills in every stage.
const FILLED: [&str; 9] = [
    "ApplicationName",
    "ArtifactBucket",
    "Commit",
    "ExecutionRoleArn",
    "Manifest",
    "PipelineName",
    "Release",
    "ReleasesTable",
    "Stage",
];

/// The longest value of a parameter, in bytes
/// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>).
const LONGEST_VALUE: usize = 4096;

/// Reads the parameters of a stage. What cannot be used is left out and reported.
pub(super) fn parameters(at: &At<'_>) -> Option<BTreeMap<String, ParameterValue>> {
    let read = |(name, at): (&str, At<'_>)| {
        if name.is_empty() || name.len() > 255 || !name.chars().all(|sign| sign.is_ascii_alphanumeric()) {
            at.fault_of_key(format!("{name:?} is no parameter of a template: up to 255 letters and digits"));
        }
        if FILLED.contains(&name) {
            at.fault_of_key(format!("{name} is what Slipway says itself: it has no value here"));
        }
        Some((name.to_owned(), value(&at)?))
    };
    Some(at.entries()?.into_iter().filter_map(read).collect())
}

fn value(at: &At<'_>) -> Option<ParameterValue> {
    let value = match &at.node().content {
        Content::Map(_) => return reference(at),
        Content::List(_) => ParameterValue::List(at.each(item)?),
        _ => ParameterValue::Text(at.scalar()?),
    };
    let length = match &value {
        ParameterValue::List(items) => items.join(",").len(),
        ParameterValue::Text(text) => text.len(),
        ParameterValue::Ssm(_) | ParameterValue::Secret(_) => 0,
    };
    if length > LONGEST_VALUE {
        at.fault(format!("it has {length} bytes; CloudFormation takes {LONGEST_VALUE}"));
    }
    Some(value)
}

/// An item of a list, which CloudFormation tells from the next by a comma.
fn item(at: &At<'_>) -> Option<String> {
    let item = at.scalar()?;
    if item.contains(',') {
        at.fault("an item has no comma: CloudFormation would take it for two");
    }
    Some(item)
}

fn reference(at: &At<'_>) -> Option<ParameterValue> {
    let mut members = at.members()?;
    let value = match (members.optional("ssm"), members.optional("secret")) {
        (Some(ssm), None) => parameter_name(&ssm).map(|ssm| ParameterValue::Ssm(SsmReference { ssm })),
        (None, Some(secret)) => secret_of(&secret, &mut members),
        (Some(_), Some(_)) => {
            at.fault("a value lies in one place: ssm or secret");
            None
        }
        (None, None) => {
            at.fault("a reference has one of ssm and secret");
            None
        }
    };
    members.finish();
    value
}

/// The name of a parameter in Parameter Store
/// (<https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>).
fn parameter_name(at: &At<'_>) -> Option<String> {
    let text = at.text()?;
    let (name, selector) = text.split_once(':').map_or((text, None), |(name, selector)| (name, Some(selector)));
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|sign| is_plain(sign, "_.-"));
    let name = name.strip_prefix('/').unwrap_or(name);
    if text.len() <= 1011 && name.split('/').all(is_word) && selector.is_none_or(is_word) {
        return Some(text.to_owned());
    }
    at.fault(format!("{text:?} is no name of a parameter: /letters/digits_.- and perhaps :version"));
    None
}

/// A secret by its name or its ARN
/// (<https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>).
fn secret_of(at: &At<'_>, members: &mut Members<'_>) -> Option<ParameterValue> {
    let mut text = |name| members.optional(name).and_then(|at: At<'_>| at.text().map(str::to_owned));
    let (key, version) = (text("key"), text("version"));
    let text = at.text()?;
    let is_name = |name: &str| (1..=512).contains(&name.len()) && name.chars().all(|sign| is_plain(sign, "/_+=.@-"));
    let parts: Vec<&str> = text.splitn(7, ':').collect();
    let is_one = match parts[..] {
        ["arn", _, "secretsmanager", _, _, "secret", name] => is_name(name),
        _ => is_name(text),
    };
    if !is_one {
        at.fault(format!("{text:?} is no secret: its name (letters, digits and /_+=.@-), or its ARN"));
        return None;
    }
    Some(ParameterValue::Secret(SecretReference { secret: text.to_owned(), key, version }))
}

fn is_plain(sign: char, others: &str) -> bool {
    sign.is_ascii_alphanumeric() || others.contains(sign)
}

#[cfg(feature = "schema")]
mod schema {
    use super::{ParameterValue, SecretReference, SsmReference};

    /// The value of a parameter: written out, or a reference to where it lies.
    #[derive(schemars::JsonSchema)]
    #[schemars(untagged)]
    #[expect(dead_code, reason = "it is written down in the schema alone")]
    enum Written {
        /// A text, a whole number or a truth value.
        One(Literal),
        /// A list.
        List(Vec<Literal>),
        /// The value of a parameter in Parameter Store.
        Ssm(SsmReference),
        /// A secret of Secrets Manager.
        Secret(SecretReference),
    }

    #[derive(schemars::JsonSchema)]
    #[schemars(untagged)]
    #[expect(dead_code, reason = "it is written down in the schema alone")]
    enum Literal {
        Text(String),
        Whole(i64),
        Truth(bool),
    }

    impl schemars::JsonSchema for ParameterValue {
        fn schema_name() -> std::borrow::Cow<'static, str> {
            "ParameterValue".into()
        }

        fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
            Written::json_schema(generator)
        }
    }
}
