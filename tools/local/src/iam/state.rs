//! The state of IAM: roles, users, groups, policies and instance profiles.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::errors::no_such;
use crate::authorization::managed::aws_policy;
use crate::authorization::validate::Malformed;
use crate::authorization::{NotAPolicy, Policy};
use crate::core::{ServiceError, Timestamp};

/// Tags by key, in the order in which they came.
pub(super) type Tags = IndexMap<String, String>;

/// Everything, by name; policies by ARN.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) roles: BTreeMap<String, Role>,
    pub(super) users: BTreeMap<String, User>,
    pub(super) groups: BTreeMap<String, Identity>,
    pub(super) policies: BTreeMap<String, ManagedPolicy>,
    pub(super) profiles: BTreeMap<String, InstanceProfile>,
    pub(super) alias: Option<String>,
    pub(super) passwords: Option<Map<String, Value>>,
    /// The tasks in which service-linked roles were deleted.
    pub(super) deletions: BTreeSet<String>,
}

/// The kind of an identity that policies are put on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Role,
    User,
    Group,
}

impl Kind {
    /// The member that names one.
    pub(super) fn member(self) -> &'static str {
        match self {
            Self::Role => "RoleName",
            Self::User => "UserName",
            Self::Group => "GroupName",
        }
    }

    /// The word for it in IAM's texts and ARNs.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::User => "user",
            Self::Group => "group",
        }
    }
}

/// A document as it was given, and compiled.
#[derive(Clone, Debug)]
pub(super) struct Document {
    pub(super) text: String,
    pub(super) compiled: Arc<Policy>,
}

impl Document {
    /// A document under a policy's name or ARN.
    pub(super) fn new(name: &str, text: &str) -> Result<Self, ServiceError> {
        let compiled =
            Policy::parse(name, text).map_err(|NotAPolicy| Malformed("Syntax errors in policy.".to_owned()))?;
        Ok(Self { text: text.to_owned(), compiled: Arc::new(compiled) })
    }
}

/// The part that roles, users and groups have in common.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) path: String,
    pub(super) created: Timestamp,
    pub(super) inline: BTreeMap<String, Document>,
    /// The ARNs of the managed policies.
    pub(super) attached: BTreeSet<String>,
    /// The ARN of the policy that is the permissions boundary.
    pub(super) boundary: Option<String>,
    pub(super) tags: Tags,
}

#[derive(Debug)]
pub(super) struct Role {
    pub(super) own: Identity,
    pub(super) trust: Document,
    pub(super) description: Option<String>,
    pub(super) max_session: i64,
    /// The time at which a session of it last made a call.
    pub(super) last_used: Option<Timestamp>,
}

#[derive(Debug)]
pub(super) struct User {
    pub(super) own: Identity,
    pub(super) groups: BTreeSet<String>,
    pub(super) keys: Vec<AccessKey>,
}

#[derive(Debug)]
pub(super) struct AccessKey {
    pub(super) id: String,
    pub(super) secret: String,
    pub(super) active: bool,
    pub(super) created: Timestamp,
    /// The time of the last use, and the service that was called.
    pub(super) last_used: Option<(Timestamp, String)>,
}

/// A managed policy of the account.
#[derive(Debug)]
pub(super) struct ManagedPolicy {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) path: String,
    pub(super) description: Option<String>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) default: u32,
    /// The number of versions that were ever made: a number is not used again.
    pub(super) last: u32,
    pub(super) versions: BTreeMap<u32, Version>,
    /// The default version's document.
    pub(super) current: Document,
    pub(super) tags: Tags,
}

/// A version of a managed policy.
#[derive(Debug)]
pub(super) struct Version {
    pub(super) document: Document,
    pub(super) created: Timestamp,
}

#[derive(Debug)]
pub(super) struct InstanceProfile {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) arn: String,
    pub(super) path: String,
    pub(super) created: Timestamp,
    pub(super) role: Option<String>,
    pub(super) tags: Tags,
}

/// Tags as IAM answers them.
pub(super) fn tag_list(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect()
}

/// Whole seconds, as IAM dates things.
pub(super) fn date(at: Timestamp) -> Value {
    json!(at.as_millis() / 1000)
}

impl Identity {
    /// The boundary as IAM answers it.
    pub(super) fn boundary(&self) -> Value {
        self.boundary
            .as_ref()
            .map_or(Value::Null, |arn| json!({ "PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn }))
    }
}

impl State {
    pub(super) fn role(&self, name: &str) -> Result<&Role, ServiceError> {
        self.roles.get(name).ok_or_else(|| no_such("role", name))
    }

    pub(super) fn role_mut(&mut self, name: &str) -> Result<&mut Role, ServiceError> {
        self.roles.get_mut(name).ok_or_else(|| no_such("role", name))
    }

    pub(super) fn user(&self, name: &str) -> Result<&User, ServiceError> {
        self.users.get(name).ok_or_else(|| no_such("user", name))
    }

    pub(super) fn user_mut(&mut self, name: &str) -> Result<&mut User, ServiceError> {
        self.users.get_mut(name).ok_or_else(|| no_such("user", name))
    }

    pub(super) fn group(&self, name: &str) -> Result<&Identity, ServiceError> {
        self.groups.get(name).ok_or_else(|| no_such("group", name))
    }

    pub(super) fn policy(&self, arn: &str) -> Result<&ManagedPolicy, ServiceError> {
        self.policies.get(arn).ok_or_else(|| super::errors::missing(format!("Policy {arn} was not found.")))
    }

    pub(super) fn policy_mut(&mut self, arn: &str) -> Result<&mut ManagedPolicy, ServiceError> {
        self.policies.get_mut(arn).ok_or_else(|| super::errors::missing(format!("Policy {arn} was not found.")))
    }

    pub(super) fn profile_mut(&mut self, name: &str) -> Result<&mut InstanceProfile, ServiceError> {
        self.profiles
            .get_mut(name)
            .ok_or_else(|| super::errors::missing(format!("Instance Profile {name} cannot be found.")))
    }

    pub(super) fn identity(&self, kind: Kind, name: &str) -> Result<&Identity, ServiceError> {
        match kind {
            Kind::Role => self.role(name).map(|role| &role.own),
            Kind::User => self.user(name).map(|user| &user.own),
            Kind::Group => self.group(name),
        }
    }

    pub(super) fn identity_mut(&mut self, kind: Kind, name: &str) -> Result<&mut Identity, ServiceError> {
        match kind {
            Kind::Role => self.role_mut(name).map(|role| &mut role.own),
            Kind::User => self.user_mut(name).map(|user| &mut user.own),
            Kind::Group => self.groups.get_mut(name).ok_or_else(|| no_such("group", name)),
        }
    }

    /// Every role, user and group.
    pub(super) fn identities(&self) -> impl Iterator<Item = (Kind, &Identity)> {
        let roles = self.roles.values().map(|role| (Kind::Role, &role.own));
        let users = self.users.values().map(|user| (Kind::User, &user.own));
        roles.chain(users).chain(self.groups.values().map(|group| (Kind::Group, group)))
    }

    /// The default version of a managed policy, the account's or AWS's, compiled.
    pub(super) fn compiled(&self, arn: &str) -> Option<Arc<Policy>> {
        match self.policies.get(arn) {
            Some(policy) => Some(Arc::clone(&policy.current.compiled)),
            None => aws_policy(arn)?.compiled(),
        }
    }
}
