//! `PutParameter`: what a request asks to be written, checked by itself.
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>

use serde_json::Value;

use super::policy::{self, Policy};
use super::{name, secret, tag_set};
use crate::core::{Input, PlaneIdentity, ServiceError};

/// The type of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    String,
    StringList,
    SecureString,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::String => "String",
            Self::StringList => "StringList",
            Self::SecureString => "SecureString",
        }
    }

    fn read(text: &str) -> Option<Self> {
        [Self::String, Self::StringList, Self::SecureString].into_iter().find(|kind| kind.name() == text)
    }
}

/// The tier that a request asks for, or that a parameter has: what a parameter has is never the intelligent one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tier {
    Standard,
    Advanced,
    Intelligent,
}

impl Tier {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Standard => "Standard",
            Self::Advanced => "Advanced",
            Self::Intelligent => "Intelligent-Tiering",
        }
    }

    fn read(text: &str) -> Option<Self> {
        [Self::Standard, Self::Advanced, Self::Intelligent].into_iter().find(|tier| tier.name() == text)
    }
}

/// A checked `PutParameter`. Members that it does not give are as they were before.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) name: String,
    pub(super) overwrite: bool,
    pub(super) value: String,
    pub(super) kind: Option<Kind>,
    pub(super) key_id: Option<String>,
    pub(super) description: Option<String>,
    pub(super) pattern: Option<String>,
    pub(super) tier: Option<Tier>,
    pub(super) policies: Option<Vec<Policy>>,
    pub(super) tags: Vec<Value>,
}

impl Write {
    /// Reads and checks the input.
    pub(super) fn read(identity: &PlaneIdentity, input: &Input) -> Result<Self, ServiceError> {
        let name = name::checked(identity, input.str("Name")?)?;
        let overwrite = input.opt_bool("Overwrite").unwrap_or(false);
        let tags = input.list("Tags").to_vec();
        if overwrite && !tags.is_empty() {
            return Err(ServiceError::validation(
                "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
            ));
        }
        let kind = input.opt_str("Type").and_then(Kind::read);
        let key_id = input.opt_str("KeyId").map(str::to_owned);
        if let Some(key) = &key_id {
            if kind != Some(Kind::SecureString) {
                return Err(ServiceError::validation("KeyId is required for SecureString type parameter only."));
            }
            secret::known_key(identity, key)?;
        }
        data_type(input.opt_str("DataType").unwrap_or("text"))?;
        Ok(Self {
            name,
            overwrite,
            value: value(input)?,
            kind,
            key_id,
            description: input.opt_str("Description").map(str::to_owned),
            pattern: input.opt_str("AllowedPattern").map(str::to_owned),
            tier: input.opt_str("Tier").and_then(Tier::read),
            policies: input.opt_str("Policies").map(policy::read).transpose()?,
            tags: tag_set::checked(Vec::new(), &tags)?,
        })
    }
}

fn value(input: &Input) -> Result<String, ServiceError> {
    let value = input.str("Value")?;
    if value.is_empty() {
        return Err(ServiceError::validation(
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
        ));
    }
    // "You can't include values wrapped in double brackets." Assumed: the text.
    if value.contains("{{") && value.contains("}}") {
        return Err(ServiceError::validation(
            "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.",
        ));
    }
    Ok(value.to_owned())
}

/// Data types that AWS checks values by. The plane has no AMIs and no integrations to check them against.
const CHECKED_TYPES: &[&str] = &[
    "aws:ec2:image",
    "aws:ssm:integration",
    "binary",
    "boolean",
    "email",
    "float",
    "hostname",
    "integer",
    "ipv4-address",
    "ipv6-address",
    "json",
    "jsonc",
    "url",
];

fn data_type(given: &str) -> Result<(), ServiceError> {
    match given {
        "text" => Ok(()),
        known if CHECKED_TYPES.contains(&known) => {
            Err(ServiceError::not_implemented("ssm", &format!("PutParameter with the DataType {known}")))
        }
        other => Err(ServiceError::validation(format!(
            "The following data type is not supported: {other} (Data type names are all lowercase.)"
        ))),
    }
}
