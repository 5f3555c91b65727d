//! Resource policies: who may invoke a function, version or alias. IAM reads them here and decides.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::errors::{conflict, invalid, not_found};
use super::names::{FunctionRef, LATEST};
use super::registry::{Registry, arn, check_revision};
use super::resource_policy::Policy;
use super::state::Lambda;
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

/// The most bytes of one policy.
const LARGEST_POLICY: usize = 20_480;

/// Operations on policies.
pub(super) const OPERATIONS: &[Operation<Arc<Lambda>>] = &[
    Operation::now("AddPermission", "*", |lambda: &Arc<Lambda>, request| lambda.add_permission(&request.input))
        .on_found(Lambda::resource),
    Operation::now("RemovePermission", "*", |lambda: &Arc<Lambda>, request| lambda.remove_permission(&request.input))
        .on_found(Lambda::resource),
    Operation::now("GetPolicy", "*", |lambda: &Arc<Lambda>, request| lambda.get_policy(&request.input))
        .on_found(Lambda::resource),
];

impl Lambda {
    fn add_permission(&self, input: &Input) -> Reply {
        let named = FunctionRef::of(input, &self.hub.identity)?;
        if named.qualifier.as_deref() == Some(LATEST) {
            return Err(invalid("We currently do not support adding policies for $LATEST."));
        }
        let sid = input.str("StatementId")?;
        let statement = self.statement(&named, input)?;
        let mut registry = self.registry();
        registry.check_qualifier(&self.hub, &named)?;
        let function = registry.function_mut(&self.hub, &named)?;
        let own = function.revision(named.qualifier.as_deref()).to_owned();
        let policy = function.policies.entry(named.qualifier.unwrap_or_default()).or_default();
        // Before there is a policy, the revision is that of the function, version or alias itself.
        let revision = if policy.statements.is_empty() { &own } else { &policy.revision };
        check_revision(input, revision, "GetPolicy")?;
        if policy.statements.iter().any(|held| held["Sid"] == sid) {
            return Err(conflict(format!(
                "The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the existing statement."
            )));
        }
        let text = statement.to_string();
        let size = policy.document().len() + text.len();
        if size > LARGEST_POLICY {
            return Err(ServiceError::new(
                "PolicyLengthExceededException",
                format!("The final policy size ({size}) is bigger than the limit ({LARGEST_POLICY})."),
            ));
        }
        policy.statements.push(statement);
        policy.revision = self.hub.ids.uuid();
        Ok(json!({ "Statement": text }))
    }

    fn statement(&self, named: &FunctionRef, input: &Input) -> Result<Value, ServiceError> {
        let who = principal(input.str("Principal")?)?;
        let mut statement = json!({
            "Sid": input.str("StatementId")?,
            "Effect": "Allow",
            "Principal": who,
            "Action": input.str("Action")?,
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
        if let Some(by_url) = input.opt_bool("InvokedViaFunctionUrl") {
            condition.insert("Bool".to_owned(), json!({ "lambda:InvokedViaFunctionUrl": by_url.to_string() }));
        }
        if !condition.is_empty() {
            statement["Condition"] = condition.into();
        }
        Ok(statement)
    }

    fn remove_permission(&self, input: &Input) -> Reply {
        let named = FunctionRef::of(input, &self.hub.identity)?;
        let sid = input.str("StatementId")?;
        let mut registry = self.registry();
        if !registry.functions.contains_key(&named.name) {
            return Err(not_found(format!("No policy found for: {}", arn(&self.hub, &named.name, None))));
        }
        registry.check_qualifier(&self.hub, &named)?;
        let function = registry.function_mut(&self.hub, &named)?;
        let qualifier = named.qualifier.unwrap_or_default();
        let policy = function
            .policies
            .get_mut(&qualifier)
            .ok_or_else(|| not_found("No policy is associated with the given resource."))?;
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

    fn get_policy(&self, input: &Input) -> Reply {
        let named = FunctionRef::of(input, &self.hub.identity)?;
        let registry = self.registry();
        let policy = registry.policy(&named).ok_or_else(no_policy)?;
        Ok(json!({ "Policy": policy.document(), "RevisionId": policy.revision }))
    }

    /// The policy of a function, a version or an alias, by its ARN, as IAM asks for it.
    pub(super) fn resource_policy(&self, arn: &str) -> Option<String> {
        let named = FunctionRef::parse(arn, None, &self.hub.identity).ok()?;
        self.registry().policy(&named).map(Policy::document)
    }
}

impl Registry {
    fn policy(&self, named: &FunctionRef) -> Option<&Policy> {
        self.functions.get(&named.name)?.policies.get(named.qualifier.as_deref().unwrap_or_default())
    }
}

/// The principal that a statement lets in: everybody, a service, an account or one of its principals.
fn principal(text: &str) -> Result<Value, ServiceError> {
    let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    match text {
        "*" => Ok(json!("*")),
        account if is_account => Ok(json!({ "AWS": format!("arn:aws:iam::{account}:root") })),
        arn if arn.starts_with("arn:aws:iam::") || arn.starts_with("arn:aws:sts::") => Ok(json!({ "AWS": arn })),
        service if [".amazonaws.com", ".amazon.com"].iter().any(|domain| service.ends_with(domain)) => {
            Ok(json!({ "Service": service }))
        }
        _ => Err(invalid("The provided principal was invalid. Please check the principal and try again.")),
    }
}

fn no_policy() -> ServiceError {
    not_found("The resource you requested does not exist.")
}
