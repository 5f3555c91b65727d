//! The registry: functions with their versions, aliases and settings.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::errors::{conflict, function_not_found, invalid, not_found, stale_revision};
use super::event_invoke_config::EventInvokeConfig;
use super::execution::Runnable;
use super::names::{FunctionRef, LATEST};
use super::resource_policy::Policy;
use super::settings::Settings;
use crate::core::{Hub, Input, ServiceError, Timestamp};

/// Concurrent executions of an account, by default.
pub(super) const ACCOUNT_LIMIT: usize = 1000;

/// A version, or `$LATEST` as it is at one moment: immutable, replaced as a whole.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) runnable: Arc<Runnable>,
    pub(super) revision: String,
    /// The revision in the answer that makes it: it becomes another one as soon as the work is done.
    pub(super) revision_at_work: String,
    pub(super) modified: Timestamp,
}

/// An alias, which points to one version or shares the invocations between two.
#[derive(Clone, Debug)]
pub(super) struct Alias {
    pub(super) name: String,
    pub(super) description: String,
    pub(super) version: String,
    /// The other version and its share of the invocations.
    pub(super) additional: Option<(String, f64)>,
    pub(super) revision: String,
}

/// A function with all that hangs on it.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: String,
    pub(super) latest: Version,
    pub(super) versions: BTreeMap<u64, Version>,
    /// The number of the last version that was published; numbers are never used again.
    pub(super) last_number: u64,
    /// Code and settings of `$LATEST` when that version was published.
    pub(super) last_published: Option<(String, Settings)>,
    pub(super) aliases: BTreeMap<String, Alias>,
    /// The policies by qualifier; the function itself has an empty one.
    pub(super) policies: BTreeMap<String, Policy>,
    /// The configurations by qualifier; the function itself has `$LATEST`.
    pub(super) event_invoke: BTreeMap<String, EventInvokeConfig>,
    pub(super) reserved: Option<usize>,
    pub(super) running: Arc<AtomicUsize>,
    pub(super) tags: BTreeMap<String, String>,
    /// True while new code is on its way: nothing else may change meanwhile.
    pub(super) updating: bool,
}

impl Function {
    /// The version a qualifier names by number or as `$LATEST`.
    pub(super) fn version(&self, qualifier: &str) -> Option<&Version> {
        if qualifier == LATEST {
            return Some(&self.latest);
        }
        self.versions.get(&qualifier.parse::<u64>().ok()?)
    }

    /// The revision of what a qualifier names: an alias, a version, or the function itself.
    pub(super) fn revision(&self, qualifier: Option<&str>) -> &str {
        let qualifier = qualifier.unwrap_or(LATEST);
        match self.aliases.get(qualifier) {
            Some(alias) => &alias.revision,
            None => self.version(qualifier).map_or("", |version| &version.revision),
        }
    }

    /// Fails while new code is on its way.
    pub(super) fn refuse_while_updating(&self, hub: &Hub) -> Result<(), ServiceError> {
        if !self.updating {
            return Ok(());
        }
        Err(conflict(format!(
            "The operation cannot be performed at this time. An update is in progress for resource: {}",
            arn(hub, &self.name, None)
        )))
    }

    /// `$LATEST` and every published version.
    pub(super) fn all_versions(&self) -> impl Iterator<Item = &Version> {
        std::iter::once(&self.latest).chain(self.versions.values())
    }
}

/// All functions, by name.
#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) functions: BTreeMap<String, Function>,
    /// Invocations running on concurrency that no function has reserved.
    pub(super) unreserved: Arc<AtomicUsize>,
}

impl Registry {
    /// The function, or the error that names its ARN.
    pub(super) fn function(&self, hub: &Hub, named: &FunctionRef) -> Result<&Function, ServiceError> {
        self.functions.get(&named.name).ok_or_else(|| function_not_found(&arn(hub, &named.name, None)))
    }

    /// The same, to change it.
    pub(super) fn function_mut(&mut self, hub: &Hub, named: &FunctionRef) -> Result<&mut Function, ServiceError> {
        self.functions.get_mut(&named.name).ok_or_else(|| function_not_found(&arn(hub, &named.name, None)))
    }

    /// The version that a reference names directly or through an alias; where there is no function, the reference itself is
    /// missed.
    pub(super) fn named_version(&self, hub: &Hub, named: &FunctionRef) -> Result<&Version, ServiceError> {
        let missing = || function_not_found(&arn(hub, &named.name, named.qualifier.as_deref()));
        let function = self.functions.get(&named.name).ok_or_else(missing)?;
        let qualifier = named.qualifier.as_deref().unwrap_or(LATEST);
        let number = function.aliases.get(qualifier).map_or(qualifier, |alias| alias.version.as_str());
        function.version(number).ok_or_else(|| function_not_found(&arn(hub, &named.name, Some(qualifier))))
    }

    /// A function by its ARN, for tags.
    pub(super) fn by_arn(&mut self, hub: &Hub, arn: &str) -> Result<&mut Function, ServiceError> {
        let named = FunctionRef::parse(arn, None, &hub.identity)?;
        if named.qualifier.is_some() {
            return Err(invalid(
                "Tags on function aliases and versions are not supported. Please specify a function ARN.",
            ));
        }
        self.function_mut(hub, &named)
    }

    /// The version that a reference names by its number, or the one behind its alias; the error says which of the two is
    /// not there.
    pub(super) fn check_qualifier(&self, hub: &Hub, named: &FunctionRef) -> Result<(), ServiceError> {
        let function = self.function(hub, named)?;
        let Some(qualifier) = named.qualifier.as_deref() else { return Ok(()) };
        if function.aliases.contains_key(qualifier) || function.version(qualifier).is_some() {
            return Ok(());
        }
        let arn = arn(hub, &named.name, Some(qualifier));
        let is_alias = !qualifier.contains('$') && !qualifier.bytes().all(|byte| byte.is_ascii_digit());
        Err(if is_alias { not_found(format!("Cannot find alias arn: {arn}")) } else { function_not_found(&arn) })
    }

    /// Concurrency that no function has reserved.
    pub(super) fn unreserved_limit(&self) -> usize {
        let reserved: usize = self.functions.values().filter_map(|function| function.reserved).sum();
        ACCOUNT_LIMIT.saturating_sub(reserved)
    }
}

/// The ARN of a function, a version or an alias.
pub(super) fn arn(hub: &Hub, function: &str, qualifier: Option<&str>) -> String {
    match qualifier {
        Some(qualifier) => hub.arn("lambda", &format!("function:{function}:{qualifier}")),
        None => hub.arn("lambda", &format!("function:{function}")),
    }
}

/// Fails when the caller expects another revision than there is.
pub(super) fn check_revision(input: &Input, revision: &str, api: &str) -> Result<(), ServiceError> {
    match input.opt_str("RevisionId") {
        Some(expected) if expected != revision => Err(stale_revision(api)),
        _ => Ok(()),
    }
}

/// The ARN of the one version of a runtime.
pub(super) fn runtime_version(hub: &Hub, runtime: &str) -> String {
    format!("arn:aws:lambda:{}::runtime:{}", hub.identity.region, hex::encode(Sha256::digest(runtime)))
}

/// The moment in a function's life at which its configuration is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// The answer that creates it: AWS is still at work then.
    Created,
    /// The answer that changes it.
    Updated,
    /// Every later answer. A package is unpacked before its operation answers, so that nothing is pending when somebody looks.
    Settled,
    /// A list, which does not tell states.
    Listed,
}

impl Version {
    /// The `FunctionConfiguration` of this version at one moment, under the ARN that `qualifier` makes.
    pub(super) fn describe(&self, hub: &Hub, qualifier: Option<&str>, moment: Moment) -> Value {
        let program = &self.runnable.program;
        let mut described = json!({
            "FunctionName": program.function,
            "FunctionArn": arn(hub, &program.function, qualifier),
            "CodeSize": program.code.size,
            "CodeSha256": program.code.sha256,
            // Such as 2026-01-31T12:00:00.123+0000.
            "LastModified": self.modified.iso8601().replace('Z', "+0000"),
            "Version": program.version,
            "RevisionId": match moment {
                Moment::Created | Moment::Updated => &self.revision_at_work,
                Moment::Settled | Moment::Listed => &self.revision,
            },
        });
        let states: &[(&str, &str)] = match moment {
            Moment::Created => &[
                ("State", "Pending"),
                ("StateReason", "The function is being created."),
                ("StateReasonCode", "Creating"),
            ],
            Moment::Updated => &[
                ("State", "Active"),
                ("LastUpdateStatus", "InProgress"),
                ("LastUpdateStatusReason", "The function is being created."),
                ("LastUpdateStatusReasonCode", "Creating"),
            ],
            Moment::Settled => &[("State", "Active"), ("LastUpdateStatus", "Successful")],
            Moment::Listed => &[],
        };
        for (member, value) in states {
            described[*member] = (*value).into();
        }
        if moment != Moment::Listed {
            let runtime = runtime_version(hub, &program.settings.runtime);
            described["RuntimeVersionConfig"] = json!({ "RuntimeVersionArn": runtime });
        }
        if let (Value::Object(all), Value::Object(settings)) = (&mut described, program.settings.describe()) {
            all.extend(settings);
        }
        described
    }

    /// The place among the versions of its function: `$LATEST` is the first.
    pub(super) fn place(&self) -> String {
        format!("{:020}", self.runnable.program.version.parse::<u64>().unwrap_or_default())
    }

    /// The same under the version's own ARN: with its number, without one for `$LATEST`.
    pub(super) fn describe_itself(&self, hub: &Hub, moment: Moment) -> Value {
        let number = &self.runnable.program.version;
        self.describe(hub, (number != LATEST).then_some(number), moment)
    }
}
