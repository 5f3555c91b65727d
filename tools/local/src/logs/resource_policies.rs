//! Resource policies of the account: what services may write to groups.
//!
//! Policies of one group alone, which name it in `resourceArn`, are not run.

use serde_json::{Map, Value, json};

use super::errors::{invalid, limit_exceeded};
use super::page::page;
use super::resource_policy::ResourcePolicy;
use super::state::Logs;
use crate::authorization::Policy;
use crate::core::{Input, Reply, ServiceError, Timestamp};
use crate::operations::Operation;

/// The most policies of an account in a region.
const MOST_POLICIES: usize = 10;

/// Operations on resource policies.
pub(super) const OPERATIONS: &[Operation<Logs>] = &[
    Operation::now("PutResourcePolicy", "policyName policyDocument", |logs: &Logs, request| {
        logs.put_resource_policy(&request.input)
    }),
    Operation::now("DescribeResourcePolicies", "nextToken limit policyScope=ACCOUNT", |logs: &Logs, request| {
        logs.describe_resource_policies(&request.input)
    }),
    Operation::now("DeleteResourcePolicy", "policyName", |logs: &Logs, request| {
        logs.delete_resource_policy(&request.input)
    }),
];

impl Logs {
    fn put_resource_policy(&self, input: &Input) -> Reply {
        let name = policy_name(input)?;
        let document = input.opt_str("policyDocument").ok_or_else(|| invalid("policyDocument must be set"))?;
        // Assumed: the text.
        Policy::parse(name, document).map_err(|_| invalid("The policy document is not a valid policy."))?;
        let policy = ResourcePolicy { document: document.to_owned(), updated: self.hub.now() };
        let policies = &mut self.store().resource_policies;
        if policies.len() >= MOST_POLICIES && !policies.contains_key(name) {
            return Err(limit_exceeded());
        }
        let answer = described(name, document, policy.updated);
        policies.insert(name.to_owned(), policy);
        Ok(json!({ "resourcePolicy": answer }))
    }

    fn describe_resource_policies(&self, input: &Input) -> Reply {
        let store = self.store();
        let show = |(name, policy): (&String, &ResourcePolicy)| {
            let normal = normal(&policy.document).unwrap_or_else(|| policy.document.clone());
            (name.clone(), described(name, &normal, policy.updated))
        };
        let found: Vec<(String, Value)> = store.resource_policies.iter().map(show).collect();
        page("resourcePolicies", &found, input)
    }

    fn delete_resource_policy(&self, input: &Input) -> Reply {
        let name = policy_name(input)?;
        self.store().resource_policies.remove(name).ok_or_else(|| {
            ServiceError::new("ResourceNotFoundException", format!("Policy with name [{name}] does not exist."))
        })?;
        Ok(json!({}))
    }

    /// Every statement of the account's policies: each says itself which groups it is about.
    pub(super) fn resource_policy(&self) -> Option<String> {
        let store = self.store();
        let documents = store.resource_policies.values().filter_map(|policy| document(&policy.document));
        let statements: Vec<Value> = documents.flat_map(|mut document| list(document["Statement"].take())).collect();
        let whole = json!({ "Version": "2012-10-17", "Statement": statements });
        (!statements.is_empty()).then(|| whole.to_string())
    }
}

fn policy_name(input: &Input) -> Result<&str, ServiceError> {
    input.opt_str("policyName").ok_or_else(|| invalid("policyName must be set"))
}

fn described(name: &str, document: &str, updated: Timestamp) -> Value {
    json!({
        "policyName": name, "policyDocument": document, "lastUpdatedTime": updated.as_millis(),
        "policyScope": "ACCOUNT",
    })
}

fn document(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        one => vec![one],
    }
}

/// A document as it is described: with its version, and a principal that is alone out of its list.
fn normal(text: &str) -> Option<String> {
    let mut given = document(text)?;
    let mut statements = list(given["Statement"].take());
    for statement in &mut statements {
        let principals = statement.get_mut("Principal").and_then(Value::as_object_mut);
        for names in principals.into_iter().flat_map(Map::values_mut) {
            if let Value::Array(items) = names
                && let [one] = items.as_mut_slice()
            {
                *names = one.take();
            }
        }
    }
    let version = given.get("Version").cloned().unwrap_or_else(|| json!("2008-10-17"));
    let mut document = Map::from_iter([("Version".to_owned(), version)]);
    document.extend(given.get("Id").map(|id| ("Id".to_owned(), id.clone())));
    document.insert("Statement".to_owned(), statements.into());
    Some(Value::Object(document).to_string())
}
