//! The calls of each role: those that were denied, the grants that were used, and those that never were.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::authorization::{Decision, Effect, Policy, Source};

/// A call that was denied, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeniedCall {
    /// The action, such as `ssm:GetParameter`.
    pub action: String,
    /// The ARN of the resource that the call was about.
    pub resource: String,
    /// The refusal as the caller read it.
    pub message: String,
    /// The number of times that it was denied.
    pub times: u64,
}

/// An action that a policy grants and that no call needed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnusedGrant {
    /// The policy's name or ARN.
    pub policy: String,
    /// The statement's id, or its number from 1.
    pub statement: String,
    /// The action as the statement has it.
    pub action: String,
}

/// The access of one role: its denials, its calls and its unused grants.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleAccess {
    /// The ARN of the role.
    pub role: String,
    /// The calls that were denied.
    pub denied: Vec<DeniedCall>,
    /// The calls that were allowed: action, resource, number of times.
    pub allowed: Vec<(String, String, u64)>,
    /// The grants that were never used.
    pub unused: Vec<UnusedGrant>,
    /// The least policy that allows what was allowed.
    pub least_policy: Value,
}

/// The record, by the role's ARN.
#[derive(Debug, Default)]
pub(super) struct Usage(Mutex<BTreeMap<String, Role>>);

#[derive(Debug, Default)]
struct Role {
    /// The numbers of allowed calls, by action and resource.
    allowed: BTreeMap<String, BTreeMap<String, u64>>,
    denied: BTreeMap<(String, String), (String, u64)>,
    /// Policy, statement and action of grants that were used.
    granted: BTreeSet<(String, usize, String)>,
}

impl Usage {
    /// Notes one decision about a session of a role.
    pub(super) fn note(
        &self,
        role: &str,
        action: &str,
        resource: &str,
        decision: &Decision<'_>,
        refusal: Option<&str>,
    ) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains_key(role) {
            all.insert(role.to_owned(), Role::default());
        }
        let Some(known) = all.get_mut(role) else { return };
        if let Some(refusal) = refusal {
            let denied = known.denied.entry((action.to_owned(), resource.to_owned()));
            denied.or_insert_with(|| (refusal.to_owned(), 0)).1 += 1;
            return;
        }
        match known.allowed.get_mut(action).and_then(|resources| resources.get_mut(resource)) {
            Some(times) => *times += 1,
            None => {
                known.allowed.entry(action.to_owned()).or_default().insert(resource.to_owned(), 1);
                if let Decision::Allowed(Some(by)) = decision
                    && by.source == Source::Identity
                {
                    known.granted.insert((by.policy.name().to_owned(), by.statement, action.to_owned()));
                }
            }
        }
    }

    /// The access of a role, with the policies that it has now.
    pub(super) fn of(&self, role: &str, policies: &[Arc<Policy>]) -> RoleAccess {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let empty = Role::default();
        let known = all.get(role).unwrap_or(&empty);
        RoleAccess {
            role: role.to_owned(),
            denied: known
                .denied
                .iter()
                .map(|((action, resource), (message, times))| DeniedCall {
                    action: action.clone(),
                    resource: resource.clone(),
                    message: message.clone(),
                    times: *times,
                })
                .collect(),
            allowed: known
                .allowed
                .iter()
                .flat_map(|(action, on)| on.iter().map(|(resource, times)| (action.clone(), resource.clone(), *times)))
                .collect(),
            unused: known.unused(policies),
            least_policy: known.least_policy(),
        }
    }

    /// The roles of which there is something to tell.
    pub(super) fn roles(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }
}

impl Role {
    fn unused(&self, policies: &[Arc<Policy>]) -> Vec<UnusedGrant> {
        let mut unused = Vec::new();
        for policy in policies {
            for (number, statement) in policy.statements().iter().enumerate() {
                if statement.effect() != Effect::Allow {
                    continue;
                }
                let used = self.granted.iter().filter(|(name, at, _)| name == policy.name() && *at == number);
                let used: Vec<&str> = used.map(|(_, _, action)| action.as_str()).collect();
                for action in statement.named_actions().filter(|named| !used.iter().any(|used| is_like(named, used))) {
                    let statement = statement.sid().map_or_else(|| (number + 1).to_string(), str::to_owned);
                    unused.push(UnusedGrant { policy: policy.name().to_owned(), statement, action });
                }
            }
        }
        unused.sort();
        unused
    }

    /// One statement for the actions that were used on the same resources.
    fn least_policy(&self) -> Value {
        let mut by_resources: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
        for (action, resources) in &self.allowed {
            let resources = resources.keys().map(String::as_str).collect();
            by_resources.entry(resources).or_default().push(action);
        }
        let statements: Vec<Value> = by_resources
            .into_iter()
            .map(|(resources, actions)| json!({ "Effect": "Allow", "Action": actions, "Resource": resources }))
            .collect();
        json!({ "Version": "2012-10-17", "Statement": statements })
    }
}

/// True if an action as a statement has it means one that was called.
fn is_like(named: &str, called: &str) -> bool {
    crate::authorization::action_matches(named, called)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::Deciding;

    #[test]
    fn what_was_used_denied_and_never_needed_is_told() {
        let policy = Policy::compile(
            "app",
            &json!({ "Version": "2012-10-17", "Statement": [
            { "Sid": "Read", "Effect": "Allow", "Action": ["ssm:Get*", "ssm:PutParameter"], "Resource": "*" },
            { "Effect": "Allow", "Action": "logs:*", "Resource": "*" },
        ] }),
        );
        let policies = [Arc::new(policy.unwrap())];
        let usage = Usage::default();
        let by = Deciding { source: Source::Identity, policy: &policies[0], statement: 0 };
        for _ in 0..2 {
            usage.note("r", "ssm:GetParameter", "arn:p", &Decision::Allowed(Some(by)), None);
        }
        usage.note("r", "sns:Publish", "arn:t", &Decision::NotAllowed(Source::Identity), Some("no"));
        let told = usage.of("r", &policies);
        assert_eq!(told.allowed, [("ssm:GetParameter".to_owned(), "arn:p".to_owned(), 2)]);
        assert_eq!((told.denied.len(), told.denied[0].times), (1, 1));
        let unused: Vec<_> =
            told.unused.iter().map(|grant| (grant.statement.as_str(), grant.action.as_str())).collect();
        assert_eq!(unused, [("2", "logs:*"), ("Read", "ssm:PutParameter")]);
        let least = json!([{ "Effect": "Allow", "Action": ["ssm:GetParameter"], "Resource": ["arn:p"] }]);
        assert_eq!(told.least_policy["Statement"], least);
    }
}
