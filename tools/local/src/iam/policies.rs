//! Managed policies and their versions.

use serde_json::{Value, json};

use super::{Iam, document, encoded, no_such};
use crate::core::{Input, Reply, ServiceError};

/// A stored managed policy. Versions are `v1`, `v2` …, of which AWS keeps five.
#[derive(Debug)]
pub(super) struct Policy {
    name: String,
    id: String,
    arn: String,
    created: String,
    default_version: usize,
    documents: Vec<String>,
}

impl Policy {
    pub(super) fn describe(&self) -> Value {
        json!({
            "PolicyName": self.name, "PolicyId": self.id, "Arn": self.arn, "CreateDate": self.created,
            "DefaultVersionId": format!("v{}", self.default_version), "IsAttachable": true,
        })
    }

    pub(super) fn version(&self, version: &str) -> Reply {
        let number: usize = version.trim_start_matches('v').parse().unwrap_or(0);
        let text = number
            .checked_sub(1)
            .and_then(|index| self.documents.get(index))
            .ok_or_else(|| no_such("policy version", version))?;
        Ok(json!({ "PolicyVersion": {
            "Document": encoded(text), "VersionId": version, "IsDefaultVersion": number == self.default_version,
        } }))
    }
}

impl Iam {
    pub(super) fn create_policy(&self, input: &Input) -> Reply {
        let name = input.str("PolicyName")?.to_owned();
        let path = input.opt_str("Path").unwrap_or("/");
        let arn = format!("arn:aws:iam::{}:policy{path}{name}", self.hub.identity.account);
        let mut state = self.state();
        if state.policies.contains_key(&arn) {
            let message = format!("A policy called {name} already exists.");
            return Err(ServiceError::new("EntityAlreadyExists", message).with_status(409));
        }
        let policy = Policy {
            name,
            id: format!("ANPA{}", self.hub.ids.capitals(17)),
            arn: arn.clone(),
            created: self.hub.now().iso8601(),
            default_version: 1,
            documents: vec![document(input.str("PolicyDocument")?)?],
        };
        let reply = json!({ "Policy": policy.describe() });
        state.policies.insert(arn, policy);
        Ok(reply)
    }

    pub(super) fn create_policy_version(&self, input: &Input) -> Reply {
        let text = document(input.str("PolicyDocument")?)?;
        let make_default = input.opt_bool("SetAsDefault").unwrap_or(false);
        self.with_policy(input, |policy| {
            policy.documents.push(text);
            if make_default {
                policy.default_version = policy.documents.len();
            }
            policy.version(&format!("v{}", policy.documents.len()))
        })
    }

    pub(super) fn delete_policy(&self, input: &Input) -> Reply {
        let arn = input.str("PolicyArn")?;
        let mut state = self.state();
        if state
            .roles
            .values()
            .any(|role| role.attached()["AttachedPolicies"].to_string().contains(&format!("\"{arn}\"")))
        {
            let message = "Cannot delete a policy attached to entities.";
            return Err(ServiceError::new("DeleteConflict", message).with_status(409));
        }
        state.policies.remove(arn).map(|_| Value::Null).ok_or_else(|| no_such("policy", arn))
    }
}
