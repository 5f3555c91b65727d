//! Roles: trust, inline policies, attachments.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Iam, document, encoded, no_such};
use crate::core::{Input, Reply, ServiceError};

/// A stored role.
#[derive(Debug)]
pub(super) struct Role {
    name: String,
    id: String,
    arn: String,
    path: String,
    created: String,
    trust: String,
    description: String,
    max_session: i64,
    inline: BTreeMap<String, String>,
    attached: BTreeSet<String>,
    tags: Vec<Value>,
}

impl Role {
    pub(super) fn describe(&self) -> Value {
        json!({
            "RoleName": self.name, "RoleId": self.id, "Arn": self.arn, "Path": self.path, "CreateDate": self.created,
            "AssumeRolePolicyDocument": encoded(&self.trust), "Description": self.description,
            "MaxSessionDuration": self.max_session, "Tags": self.tags,
        })
    }

    pub(super) fn inline_policy(&self, name: &str) -> Reply {
        let text = self.inline.get(name).ok_or_else(|| no_such("role policy", name))?;
        Ok(json!({ "RoleName": self.name, "PolicyName": name, "PolicyDocument": encoded(text) }))
    }

    pub(super) fn inline_names(&self) -> Value {
        json!({ "PolicyNames": self.inline.keys().collect::<Vec<_>>(), "IsTruncated": false })
    }

    pub(super) fn attached(&self) -> Value {
        let attached: Vec<Value> = self
            .attached
            .iter()
            .map(|arn| json!({ "PolicyArn": arn, "PolicyName": arn.rsplit('/').next().unwrap_or_default() }))
            .collect();
        json!({ "AttachedPolicies": attached, "IsTruncated": false })
    }

    pub(super) fn tag(&mut self, tags: &[Value]) -> Reply {
        for tag in tags {
            self.tags.retain(|known| known["Key"] != tag["Key"]);
            self.tags.push(tag.clone());
        }
        Ok(Value::Null)
    }
}

impl Iam {
    pub(super) fn create_role(&self, input: &Input) -> Reply {
        let name = input.str("RoleName")?.to_owned();
        if name.len() > 64 {
            return Err(ServiceError::new("ValidationError", "a role name has at most 64 characters"));
        }
        let mut state = self.state();
        if state.roles.contains_key(&name) {
            let message = format!("Role with name {name} already exists.");
            return Err(ServiceError::new("EntityAlreadyExists", message).with_status(409));
        }
        let path = input.opt_str("Path").unwrap_or("/").to_owned();
        let role = Role {
            id: format!("AROA{}", self.hub.ids.capitals(17)),
            arn: format!("arn:aws:iam::{}:role{path}{name}", self.hub.identity.account),
            path,
            created: self.hub.now().iso8601(),
            trust: document(input.str("AssumeRolePolicyDocument")?)?,
            description: input.opt_str("Description").unwrap_or_default().to_owned(),
            max_session: input.opt_i64("MaxSessionDuration").unwrap_or(3600),
            inline: BTreeMap::new(),
            attached: BTreeSet::new(),
            tags: input.list("Tags").to_vec(),
            name: name.clone(),
        };
        let reply = json!({ "Role": role.describe() });
        state.roles.insert(name, role);
        Ok(reply)
    }

    pub(super) fn update_role(&self, input: &Input) -> Reply {
        self.with_role(input, |role| {
            if let Some(text) = input.opt_str("Description") {
                role.description = text.to_owned();
            }
            if let Some(seconds) = input.opt_i64("MaxSessionDuration") {
                role.max_session = seconds;
            }
            Ok(json!({ "Role": role.describe() }))
        })
    }

    pub(super) fn update_trust(&self, input: &Input) -> Reply {
        let trust = document(input.str("PolicyDocument")?)?;
        self.with_role(input, |role| {
            role.trust = trust;
            Ok(Value::Null)
        })
    }

    pub(super) fn delete_role(&self, input: &Input) -> Reply {
        let name = input.str("RoleName")?;
        let mut state = self.state();
        let role = state.roles.get(name).ok_or_else(|| no_such("role", name))?;
        if !role.inline.is_empty() || !role.attached.is_empty() {
            let message = "Cannot delete entity, must delete policies first.";
            return Err(ServiceError::new("DeleteConflict", message).with_status(409));
        }
        state.roles.remove(name);
        Ok(Value::Null)
    }

    pub(super) fn put_role_policy(&self, input: &Input) -> Reply {
        let (name, text) = (input.str("PolicyName")?.to_owned(), document(input.str("PolicyDocument")?)?);
        self.with_role(input, |role| {
            role.inline.insert(name, text);
            Ok(Value::Null)
        })
    }

    pub(super) fn delete_role_policy(&self, input: &Input) -> Reply {
        let name = input.str("PolicyName")?;
        self.with_role(input, |role| {
            role.inline.remove(name).map(|_| Value::Null).ok_or_else(|| no_such("role policy", name))
        })
    }

    pub(super) fn attach(&self, input: &Input, attach: bool) -> Reply {
        let arn = input.str("PolicyArn")?.to_owned();
        let managed_by_aws = arn.starts_with("arn:aws:iam::aws:policy/");
        if attach && !managed_by_aws && !self.state().policies.contains_key(&arn) {
            return Err(no_such("policy", &arn));
        }
        self.with_role(input, |role| {
            if attach {
                role.attached.insert(arn);
            } else if !role.attached.remove(&arn) {
                return Err(no_such("attached policy", &arn));
            }
            Ok(Value::Null)
        })
    }
}
