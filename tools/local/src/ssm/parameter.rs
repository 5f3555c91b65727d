//! One parameter and its versions.
//! <https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html>

use std::collections::VecDeque;

use regex::Regex;
use serde_json::{Value, json};

use crate::core::{Input, ServiceError, Timestamp};

/// How large a standard parameter's value may be, in bytes.
const STANDARD_LIMIT: usize = 4096;
/// How large an advanced parameter's value may be, in bytes.
const ADVANCED_LIMIT: usize = 8192;
/// How many versions are kept.
const VERSIONS: usize = 100;

/// A checked `PutParameter`.
#[derive(Debug)]
pub(super) struct Write {
    pub(super) name: String,
    pub(super) overwrite: bool,
    value: String,
    kind: Option<String>,
    description: Option<String>,
    pattern: Option<String>,
    tags: Vec<Value>,
}

impl Write {
    /// Reads and checks the input.
    pub(super) fn read(input: &Input) -> Result<Self, ServiceError> {
        let name = input.str("Name")?.to_owned();
        let legal = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
        if !name.chars().all(legal) || name.is_empty() || name.len() > 2048 {
            return Err(ServiceError::validation(format!("Parameter name: {name}: only a-zA-Z0-9_.-/ may be used")));
        }
        let bare = name.trim_start_matches('/').to_ascii_lowercase();
        if bare.starts_with("aws") || bare.starts_with("ssm") {
            return Err(ServiceError::validation(format!(
                "Parameter name: {name}: can't be prefixed with \"aws\" or \"ssm\""
            )));
        }
        if name.matches('/').count() > 15 {
            return Err(ServiceError::new("HierarchyLevelLimitExceededException", "a hierarchy has at most 15 levels"));
        }
        let kind = input.opt_str("Type").map(str::to_owned);
        match kind.as_deref() {
            None | Some("String" | "StringList") => {}
            Some("SecureString") => return Err(ServiceError::not_implemented("ssm", "PutParameter of a SecureString")),
            Some(other) => {
                return Err(ServiceError::new(
                    "UnsupportedParameterType",
                    format!("the type {other} is not supported"),
                ));
            }
        }
        let value = input.str("Value")?.to_owned();
        let limit = if input.opt_str("Tier") == Some("Advanced") { ADVANCED_LIMIT } else { STANDARD_LIMIT };
        if value.is_empty() || value.len() > limit {
            return Err(ServiceError::validation(format!(
                "a parameter's value has 1 to {limit} bytes, this one {}",
                value.len()
            )));
        }
        Ok(Self {
            name,
            overwrite: input.opt_bool("Overwrite").unwrap_or(false),
            value,
            kind,
            description: input.opt_str("Description").map(str::to_owned),
            pattern: input.opt_str("AllowedPattern").map(str::to_owned),
            tags: input.list("Tags").to_vec(),
        })
    }
}

#[derive(Debug)]
struct Version {
    number: u64,
    value: String,
    written: Timestamp,
}

/// A parameter; its versions are in order, the newest last.
#[derive(Debug)]
pub(super) struct Parameter {
    name: String,
    arn: String,
    kind: String,
    description: String,
    pattern: Option<String>,
    tags: Vec<Value>,
    versions: VecDeque<Version>,
}

impl Parameter {
    /// The first version.
    pub(super) fn create(write: &Write, arn: String, now: Timestamp) -> Result<Self, ServiceError> {
        let kind = write
            .kind
            .clone()
            .ok_or_else(|| ServiceError::validation("A parameter type is required when you create a parameter."))?;
        let mut parameter = Self {
            name: write.name.clone(),
            arn,
            kind,
            description: String::new(),
            pattern: None,
            tags: write.tags.clone(),
            versions: VecDeque::new(),
        };
        parameter.overwrite(write, now)?;
        Ok(parameter)
    }

    /// One more version; the hundredth and first pushes out the oldest. Answers its number.
    pub(super) fn overwrite(&mut self, write: &Write, now: Timestamp) -> Result<u64, ServiceError> {
        if let Some(pattern) = &write.pattern {
            let matches = Regex::new(pattern)
                .map_err(|error| ServiceError::new("InvalidAllowedPatternException", error.to_string()))?
                .is_match(&write.value);
            if !matches {
                let message = format!("Parameter value, cannot be validated against allowedPattern: {pattern}");
                return Err(ServiceError::new("ParameterPatternMismatchException", message));
            }
            self.pattern = Some(pattern.clone());
        }
        if let Some(description) = &write.description {
            self.description.clone_from(description);
        }
        let number = self.versions.back().map_or(1, |version| version.number + 1);
        self.versions.push_back(Version { number, value: write.value.clone(), written: now });
        if self.versions.len() > VERSIONS {
            self.versions.pop_front();
        }
        Ok(number)
    }

    /// The `Parameter` structure of the newest or of one version.
    pub(super) fn value_at(&self, version: Option<u64>) -> Option<Value> {
        let found = match version {
            Some(number) => self.versions.iter().find(|version| version.number == number),
            None => self.versions.back(),
        }?;
        Some(json!({
            "Name": self.name, "Type": self.kind, "Value": found.value, "Version": found.number, "ARN": self.arn,
            "LastModifiedDate": found.written.epoch_seconds(), "DataType": "text",
        }))
    }

    /// The `ParameterMetadata` structure.
    pub(super) fn metadata(&self) -> Value {
        let newest = self.versions.back();
        json!({
            "Name": self.name, "ARN": self.arn, "Type": self.kind, "Description": self.description, "Tier": "Standard",
            "Version": newest.map(|v| v.number), "LastModifiedDate": newest.map(|v| v.written.epoch_seconds()),
            "AllowedPattern": self.pattern, "DataType": "text",
        })
    }

    /// Every kept version, oldest first.
    pub(super) fn history(&self) -> Vec<Value> {
        self.versions.iter().filter_map(|version| self.value_at(Some(version.number))).collect()
    }

    /// The tags, to read or change.
    pub(super) fn tags(&mut self) -> &mut Vec<Value> {
        &mut self.tags
    }
}
