//! IAM: roles, managed policies and their documents as stored state.
//!
//! Nothing is enforced: what a role may do is decided on AWS. What is stored is checked for the rules that a stack would
//! trip over there (names, documents that are not JSON, roles still in use by a policy).

mod policies;
mod roles;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use serde_json::{Value, json};

use crate::core::{Hub, Input, Reply, Request, Service, ServiceError};
use policies::Policy;
use roles::Role;

#[derive(Default)]
struct State {
    roles: BTreeMap<String, Role>,
    policies: BTreeMap<String, Policy>,
}

struct Iam {
    hub: Arc<Hub>,
    state: Mutex<State>,
}

/// The service.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    Arc::new(Iam { hub: Arc::clone(hub), state: Mutex::default() })
}

impl Service for Iam {
    fn name(&self) -> &'static str {
        "iam"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        let reply = self.run(&request.operation, &request.input);
        Box::pin(async move { reply })
    }
}

impl Iam {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, operation: &str, input: &Input) -> Reply {
        match operation {
            "CreateRole" => self.create_role(input),
            "GetRole" => self.with_role(input, |role| Ok(json!({ "Role": role.describe() }))),
            "UpdateRole" | "UpdateRoleDescription" => self.update_role(input),
            "UpdateAssumeRolePolicy" => self.update_trust(input),
            "DeleteRole" => self.delete_role(input),
            "ListRoles" => Ok(json!({
                "Roles": self.state().roles.values().map(Role::describe).collect::<Vec<_>>(), "IsTruncated": false,
            })),
            "PutRolePolicy" => self.put_role_policy(input),
            "GetRolePolicy" => self.with_role(input, |role| role.inline_policy(input.str("PolicyName")?)),
            "DeleteRolePolicy" => self.delete_role_policy(input),
            "ListRolePolicies" => self.with_role(input, |role| Ok(role.inline_names())),
            "AttachRolePolicy" => self.attach(input, true),
            "DetachRolePolicy" => self.attach(input, false),
            "ListAttachedRolePolicies" => self.with_role(input, |role| Ok(role.attached())),
            "TagRole" => self.with_role(input, |role| role.tag(input.list("Tags"))),
            "CreatePolicy" => self.create_policy(input),
            "GetPolicy" => self.with_policy(input, |policy| Ok(json!({ "Policy": policy.describe() }))),
            "GetPolicyVersion" => self.with_policy(input, |policy| policy.version(input.str("VersionId")?)),
            "CreatePolicyVersion" => self.create_policy_version(input),
            "DeletePolicy" => self.delete_policy(input),
            other => Err(ServiceError::not_implemented("iam", other)),
        }
    }

    fn with_role(&self, input: &Input, act: impl FnOnce(&mut Role) -> Reply) -> Reply {
        let name = input.str("RoleName")?;
        act(self.state().roles.get_mut(name).ok_or_else(|| no_such("role", name))?)
    }

    fn with_policy(&self, input: &Input, act: impl FnOnce(&mut Policy) -> Reply) -> Reply {
        let arn = input.str("PolicyArn")?;
        act(self.state().policies.get_mut(arn).ok_or_else(|| no_such("policy", arn))?)
    }
}

fn no_such(kind: &str, name: &str) -> ServiceError {
    ServiceError::new("NoSuchEntity", format!("The {kind} with name {name} cannot be found.")).with_status(404)
}

/// A policy document as text, refused when it is not a JSON object with statements.
fn document(text: &str) -> Result<String, ServiceError> {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::Object(document)) if document.contains_key("Statement") => Ok(text.to_owned()),
        Ok(_) => Err(ServiceError::new("MalformedPolicyDocument", "The policy has no statements.")),
        Err(error) => {
            Err(ServiceError::new("MalformedPolicyDocument", format!("This policy contains invalid Json: {error}")))
        }
    }
}

/// Documents come back percent-encoded (RFC 3986), as IAM returns them.
fn encoded(document: &str) -> String {
    percent_encoding::utf8_percent_encode(document, percent_encoding::NON_ALPHANUMERIC).to_string()
}
