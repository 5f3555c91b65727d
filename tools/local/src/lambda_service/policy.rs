//! Resource policies: who may invoke a function, version or alias. They are kept and answered; IAM is not asked.

use serde_json::{Map, Value, json};

use super::errors::{conflict, constraint, not_found};
use super::names::FunctionRef;
use super::registry::{arn, check_revision};
use super::service::Lambda;
use crate::core::{Input, Reply, ServiceError};

/// The statements of one policy, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Policy {
    statements: Vec<Value>,
    revision: String,
}

impl Lambda {
    pub(super) fn add_permission(&self, input: &Input) -> Reply {
        let named = FunctionRef::of(input, &self.hub.identity)?;
        let sid = required(input, "StatementId")?;
        let statement = self.statement(&named, input)?;
        let mut registry = self.registry();
        registry.named_version(&self.hub, &named)?;
        let function = registry.function_mut(&self.hub, &named)?;
        let policy = function.policies.entry(named.qualifier.unwrap_or_default()).or_default();
        check_revision(input, &policy.revision, "GetPolicy")?;
        if policy.statements.iter().any(|held| held["Sid"] == sid) {
            return Err(conflict(format!(
                "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing statement."
            )));
        }
        let text = statement.to_string();
        policy.statements.push(statement);
        policy.revision = self.hub.ids.uuid();
        Ok(json!({ "Statement": text }))
    }

    fn statement(&self, named: &FunctionRef, input: &Input) -> Result<Value, ServiceError> {
        let principal = required(input, "Principal")?;
        let who = match principal {
            "*" => json!("*"),
            service if service.contains('.') && !service.starts_with("arn:") => json!({ "Service": service }),
            account if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) => {
                json!({ "AWS": format!("arn:aws:iam::{account}:root") })
            }
            other => json!({ "AWS": other }),
        };
        let mut statement = json!({
            "Sid": required(input, "StatementId")?,
            "Effect": "Allow",
            "Principal": who,
            "Action": required(input, "Action")?,
            "Resource": arn(&self.hub, &named.name, named.qualifier.as_deref()),
        });
        let mut condition = Map::new();
        if let Some(source) = input.opt_str("SourceArn") {
            condition.insert("ArnLike".to_owned(), json!({ "AWS:SourceArn": source }));
        }
        let mut equals = Map::new();
        for (member, key) in [
            ("SourceAccount", "AWS:SourceAccount"),
            ("PrincipalOrgID", "aws:PrincipalOrgID"),
            ("EventSourceToken", "lambda:EventSourceToken"),
            ("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
        ] {
            if let Some(value) = input.opt_str(member) {
                equals.insert(key.to_owned(), value.into());
            }
        }
        if !equals.is_empty() {
            condition.insert("StringEquals".to_owned(), equals.into());
        }
        if !condition.is_empty() {
            statement["Condition"] = condition.into();
        }
        Ok(statement)
    }

    pub(super) fn remove_permission(&self, input: &Input) -> Reply {
        let named = FunctionRef::of(input, &self.hub.identity)?;
        let sid = required(input, "StatementId")?;
        let mut registry = self.registry();
        let function = registry.function_mut(&self.hub, &named)?;
        let qualifier = named.qualifier.unwrap_or_default();
        let policy = function.policies.get_mut(&qualifier).ok_or_else(no_policy)?;
        check_revision(input, &policy.revision, "GetPolicy")?;
        let position = policy
            .statements
            .iter()
            .position(|held| held["Sid"] == sid)
            .ok_or_else(|| not_found(format!("Statement {sid} is not found in resource policy.")))?;
        policy.statements.remove(position);
        policy.revision = self.hub.ids.uuid();
        if policy.statements.is_empty() {
            function.policies.remove(&qualifier);
        }
        Ok(json!({}))
    }

    pub(super) fn get_policy(&self, input: &Input) -> Reply {
        let named = FunctionRef::of(input, &self.hub.identity)?;
        let registry = self.registry();
        let function = registry.function(&self.hub, &named)?;
        let policy = function.policies.get(named.qualifier.as_deref().unwrap_or_default()).ok_or_else(no_policy)?;
        let document = json!({ "Version": "2012-10-17", "Id": "default", "Statement": policy.statements });
        Ok(json!({ "Policy": document.to_string(), "RevisionId": policy.revision }))
    }
}

fn required<'a>(input: &'a Input, member: &str) -> Result<&'a str, ServiceError> {
    input.opt_str(member).ok_or_else(|| constraint("null", member, "Member must not be null"))
}

fn no_policy() -> ServiceError {
    not_found("The resource you requested does not exist.")
}
