//! One parameter and its versions.

use std::collections::VecDeque;

use regex::Regex;
use serde_json::{Value, json};

use super::name::Selector;
use super::policy::{self, Policy};
use super::secret::{DEFAULT_KEY, Vault};
use super::write::{Kind, Tier, Write};
use crate::core::{ServiceError, Timestamp};

/// The largest value of a standard parameter, in bytes.
const STANDARD_LIMIT: usize = 4096;
/// The largest value of an advanced parameter, in bytes.
const ADVANCED_LIMIT: usize = 8192;
/// The number of versions that are kept.
const VERSIONS: usize = 100;

/// One version: everything that a `PutParameter` set, or left as it was.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) number: u64,
    pub(super) kind: Kind,
    pub(super) key_id: Option<String>,
    pub(super) tier: Tier,
    pub(super) policies: Vec<Policy>,
    pub(super) labels: Vec<String>,
    pub(super) description: Option<String>,
    pub(super) written: Timestamp,
    /// Ciphertext for a `SecureString`.
    value: String,
    pattern: Option<String>,
    by: String,
}

/// A parameter; its older versions are in order, the oldest first.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) tags: Vec<Value>,
    pub(super) latest: Version,
    older: VecDeque<Version>,
}

/// The circumstances of a write, beside the write itself.
pub(super) struct Circumstances<'a> {
    pub(super) vault: &'a Vault,
    pub(super) now: Timestamp,
    /// The ARN of who writes.
    pub(super) by: String,
    /// True if the account has all the standard parameters that it may have.
    pub(super) full: bool,
}

impl Version {
    /// The version that a write makes after `before`.
    fn next(
        write: Write,
        arn: &str,
        before: Option<&Self>,
        circumstances: Circumstances<'_>,
    ) -> Result<Self, ServiceError> {
        let kind = write
            .kind
            .or(before.map(|version| version.kind))
            .ok_or_else(|| ServiceError::validation("A parameter type is required when you create a parameter."))?;
        let policies = write.policies.unwrap_or_else(|| before.map_or_else(Vec::new, |v| policy::kept(&v.policies)));
        let demand = Demand { size: write.value.len(), policies: !policies.is_empty(), full: circumstances.full };
        let tier = demand.tier(write.tier, before.map(|version| version.tier))?;
        let pattern = write.pattern.or_else(|| before.and_then(|version| version.pattern.clone()));
        if let Some(pattern) = pattern.as_deref().filter(|pattern| !pattern.is_empty()) {
            allowed(pattern, kind, &write.value)?;
        }
        let secure = kind == Kind::SecureString;
        let key_id = write.key_id.or_else(|| before.and_then(|version| version.key_id.clone()));
        Ok(Self {
            number: before.map_or(1, |version| version.number + 1),
            kind,
            key_id: secure.then(|| key_id.unwrap_or_else(|| DEFAULT_KEY.to_owned())),
            tier,
            policies,
            labels: Vec::new(),
            description: write.description.or_else(|| before.and_then(|version| version.description.clone())),
            written: circumstances.now,
            value: if secure { circumstances.vault.seal(arn, &write.value)? } else { write.value },
            pattern,
            by: circumstances.by,
        })
    }

    /// The value as a reader gets it: a `SecureString` as ciphertext, unless it is to be decrypted.
    fn value(&self, arn: &str, decrypt: Option<&Vault>) -> Result<String, ServiceError> {
        match (self.kind, decrypt) {
            (Kind::SecureString, Some(vault)) => vault.open(arn, &self.value),
            _ => Ok(self.value.clone()),
        }
    }

    /// The members that metadata and history have in common.
    fn described(&self, name: &str) -> Value {
        let mut described = json!({
            "Name": name, "Type": self.kind.name(), "LastModifiedDate": self.written.epoch_seconds(),
            "LastModifiedUser": self.by, "Version": self.number, "Tier": self.tier.name(),
            "Policies": policy::shown(&self.policies), "DataType": "text",
        });
        let optional = [("KeyId", &self.key_id), ("Description", &self.description), ("AllowedPattern", &self.pattern)];
        for (member, value) in optional {
            if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
                described[member] = json!(value);
            }
        }
        described
    }
}

/// The properties of a write that decide the parameter's tier beside the request's own wish.
struct Demand {
    size: usize,
    policies: bool,
    full: bool,
}

impl Demand {
    fn tier(&self, asked: Option<Tier>, before: Option<Tier>) -> Result<Tier, ServiceError> {
        let tier = match (asked, before) {
            (Some(Tier::Standard), Some(Tier::Advanced)) => {
                return Err(ServiceError::validation(
                    "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter. Be aware that standard parameters have a value limit of 4096 characters.",
                ));
            }
            (Some(Tier::Advanced), _) | (_, Some(Tier::Advanced)) => Tier::Advanced,
            (Some(Tier::Intelligent), _) if self.size > STANDARD_LIMIT || self.policies || self.full => Tier::Advanced,
            _ => Tier::Standard,
        };
        let message = match tier {
            Tier::Standard if self.size > STANDARD_LIMIT => {
                "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
            }
            // Assumed: the text.
            Tier::Standard if self.policies => {
                "Standard tier parameters don't support parameter policies. To use parameter policies, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
            }
            // Assumed: the text, after the one of the other tier.
            _ if self.size > ADVANCED_LIMIT => {
                "Advanced tier parameters support a maximum parameter value of 8192 characters."
            }
            _ => return Ok(tier),
        };
        Err(ServiceError::validation(message))
    }
}

/// A value has to match its pattern as a whole, a list's items each by itself.
fn allowed(pattern: &str, kind: Kind, value: &str) -> Result<(), ServiceError> {
    if ["(?=", "(?!", "(?<=", "(?<!"].iter().any(|look| pattern.contains(look)) {
        return Err(ServiceError::not_implemented("ssm", "PutParameter with an AllowedPattern that looks around"));
    }
    let whole = Regex::new(&format!("^(?:{pattern})$")).map_err(|error| {
        // Assumed: the text.
        let message = format!("The request doesn't meet the regular expression requirement: {error}");
        ServiceError::new("InvalidAllowedPatternException", message)
    })?;
    let matches = match kind {
        Kind::StringList => value.split(',').all(|item| whole.is_match(item)),
        _ => whole.is_match(value),
    };
    if matches {
        return Ok(());
    }
    let message = format!("Parameter value, cannot be validated against allowedPattern: {pattern}");
    Err(ServiceError::new("ParameterPatternMismatchException", message))
}

impl Parameter {
    /// Makes the parameter with its first version, of number 1.
    pub(super) fn create(
        mut write: Write,
        arn: String,
        circumstances: Circumstances<'_>,
    ) -> Result<Self, ServiceError> {
        let (name, tags) = (write.name.clone(), std::mem::take(&mut write.tags));
        let latest = Version::next(write, &arn, None, circumstances)?;
        Ok(Self { name, arn, tags, latest, older: VecDeque::new() })
    }

    /// One more version. The hundredth and first pushes out the oldest, unless that has a label.
    pub(super) fn overwrite(&mut self, write: Write, circumstances: Circumstances<'_>) -> Result<(), ServiceError> {
        let next = Version::next(write, &self.arn, Some(&self.latest), circumstances)?;
        if self.older.len() + 1 >= VERSIONS {
            if let Some(oldest) = self.older.front().filter(|oldest| !oldest.labels.is_empty()) {
                let message = format!(
                    "You attempted to create a new version of {} by calling the PutParameter API with the overwrite flag. Version {}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.",
                    self.name, oldest.number
                );
                return Err(ServiceError::new("ParameterMaxVersionLimitExceeded", message));
            }
            self.older.pop_front();
        }
        self.older.push_back(std::mem::replace(&mut self.latest, next));
        Ok(())
    }

    /// Every kept version, oldest first.
    pub(super) fn versions(&self) -> impl Iterator<Item = &Version> {
        self.older.iter().chain(std::iter::once(&self.latest))
    }

    /// Every kept version, to be changed.
    pub(super) fn versions_mut(&mut self) -> impl Iterator<Item = &mut Version> {
        self.older.iter_mut().chain(std::iter::once(&mut self.latest))
    }

    /// The version that is meant.
    pub(super) fn version(&self, selector: &Selector) -> Option<&Version> {
        match selector {
            Selector::Latest => Some(&self.latest),
            Selector::Version(number) => self.versions().find(|version| version.number == *number),
            Selector::Label(label) => self.versions().find(|version| version.labels.contains(label)),
        }
    }

    /// The `Parameter` structure of the version that is meant, if there is one.
    pub(super) fn answer(&self, selector: &Selector, decrypt: Option<&Vault>) -> Result<Option<Value>, ServiceError> {
        let Some(found) = self.version(selector) else { return Ok(None) };
        let mut answer = Value::from_iter([
            ("Name", Value::from(self.name.as_str())),
            ("Type", found.kind.name().into()),
            ("Value", found.value(&self.arn, decrypt)?.into()),
            ("Version", found.number.into()),
            ("LastModifiedDate", found.written.epoch_seconds().into()),
            ("ARN", self.arn.as_str().into()),
            ("DataType", "text".into()),
        ]);
        if let Some(selector) = selector.shown() {
            answer["Selector"] = json!(selector);
        }
        Ok(Some(answer))
    }

    /// The `ParameterMetadata` structure, for `DescribeParameters`.
    pub(super) fn metadata(&self) -> Value {
        let mut metadata = self.latest.described(&self.name);
        metadata["ARN"] = json!(self.arn);
        metadata
    }

    /// The `ParameterHistory` structure of each kept version, oldest first, by number.
    pub(super) fn history(&self, decrypt: Option<&Vault>) -> Result<Vec<(String, Value)>, ServiceError> {
        let one = |version: &Version| {
            let mut entry = version.described(&self.name);
            entry["Value"] = json!(version.value(&self.arn, decrypt)?);
            entry["Labels"] = json!(version.labels);
            // Page tokens are compared as text.
            Ok((format!("{:020}", version.number), entry))
        };
        self.versions().map(one).collect()
    }
}
