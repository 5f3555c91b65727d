//! SSM Parameter Store: versions, labels, tiers, policies, secure strings, paths and tags.
//!
//! `Overwrite=false` is an atomic creation. The other families of Systems Manager (documents, Run Command, inventory …)
//! are not run.

mod filter;
mod labels;
mod name;
mod parameter;
mod policy;
mod read;
mod secret;
mod state;
mod tag_set;
mod tags;
#[cfg(test)]
mod tests;
mod write;

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};

use crate::core::{AwsEvent, Driver, Hub, Input, PlaneIdentity, Reply, Request, Service, ServiceError};
use crate::model::Dialect;
use crate::operations::{Modelled, Operation, Table};
use name::{Reference, not_found};
use parameter::{Circumstances, Parameter};
use policy::{Change, Deadlines, Due, Rule};
use secret::Vault;
use state::{ParameterService, ParameterStore, Parameters, named};
use write::{Tier, Write};

/// The most standard, and the most advanced parameters of an account in a region.
const STANDARD_PARAMETERS: usize = 10_000;
const ADVANCED_PARAMETERS: usize = 100_000;

/// Parameter Store as a service of the plane; the deadlines of policies run from now on.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    let store = Arc::new(ParameterStore { hub: Arc::clone(hub), parameters: Mutex::default(), vault: Vault::new() });
    let enforcing = Arc::clone(&store);
    let deadlines = Driver::start(Deadlines::default(), hub.clock.clone(), move |due: Due| {
        let store = Arc::clone(&enforcing);
        Box::pin(async move {
            store.enforce(due).await;
            Vec::new()
        })
    });
    Arc::new(Modelled::new(hub, ParameterService { store, deadlines }, &TABLE))
}

static TABLE: Table<ParameterService> = Table::new(
    "ssm",
    Dialect::Listed("ValidationException"),
    &[OPERATIONS, read::OPERATIONS, labels::OPERATIONS, tags::OPERATIONS],
);

type Op = Operation<ParameterService>;

/// The operations that write and delete.
const OPERATIONS: &[Op] = &[
    Op::later(
        "PutParameter",
        "Name Description Value Type KeyId Overwrite AllowedPattern Tags{Key Value} Tier Policies DataType",
        |service, request| Box::pin(service.put(request)),
    )
    .on_found(named)
    .asking(|_, input| {
        let overwrite = input.opt_bool("Overwrite").unwrap_or(false).to_string();
        let policies = input.opt_str("Policies").map(|policies| ("ssm:Policies".to_owned(), vec![policies.to_owned()]));
        policies.into_iter().chain([("ssm:Overwrite".to_owned(), vec![overwrite])]).collect()
    }),
    Op::later("DeleteParameter", "Name", |service, request| {
        Box::pin(async { service.store.delete(request.input.str("Name")?).await })
    })
    .on_found(named),
    Op::later("DeleteParameters", "Names", |service, request| {
        Box::pin(async { service.store.delete_several(&request.input.strings("Names")).await })
    })
    .on_found(named),
];

/// The error with which `PutParameter` would refuse an input, whatever is there: for callers that want to know before they ask.
pub(crate) fn refused(input: &Value) -> Option<ServiceError> {
    Write::read(&PlaneIdentity::default(), &Input::from(input.clone())).err()
}

impl ParameterService {
    async fn put(&self, request: &Request) -> Reply {
        let by = request.caller.arn(&self.store.hub.identity.account);
        let (reply, change) = self.store.put(&request.input, by).await?;
        self.deadlines.send(change);
        Ok(reply)
    }
}

impl ParameterStore {
    fn parameters(&self) -> Parameters<'_> {
        self.parameters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn vault(&self) -> Result<&Vault, ServiceError> {
        self.vault.as_ref().map_err(Clone::clone)
    }

    /// The key, if the request wants secure strings decrypted.
    fn decryption(&self, input: &Input) -> Result<Option<&Vault>, ServiceError> {
        input.opt_bool("WithDecryption").unwrap_or(false).then(|| self.vault()).transpose()
    }

    async fn put(&self, input: &Input, by: String) -> Result<(Value, Change), ServiceError> {
        let write = Write::read(&self.hub.identity, input)?;
        let (reply, change, event) = self.write(write, by)?;
        self.hub.publish(event).await;
        Ok((reply, change))
    }

    /// The look and the write are one step: of two creations of the same name, one fails.
    fn write(&self, write: Write, by: String) -> Result<(Value, Change, AwsEvent), ServiceError> {
        let key = name::key(&write.name).to_owned();
        let mut parameters = self.parameters();
        let count = |tier: Tier| parameters.values().filter(|p| p.latest.tier == tier).count();
        let full = parameters.len() >= STANDARD_PARAMETERS && count(Tier::Standard) >= STANDARD_PARAMETERS;
        let fuller = parameters.len() >= ADVANCED_PARAMETERS && count(Tier::Advanced) >= ADVANCED_PARAMETERS;
        let circumstances = Circumstances { vault: self.vault()?, now: self.hub.now(), by, full };
        let (parameter, operation) = match parameters.get_mut(&key) {
            Some(_) if !write.overwrite => {
                let message = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
                return Err(ServiceError::new("ParameterAlreadyExists", message));
            }
            Some(parameter) => {
                parameter.overwrite(write, circumstances)?;
                (parameter, "Update")
            }
            None => {
                let arn = name::arn(&self.hub.identity, &write.name);
                let created = Parameter::create(write, arn, circumstances)?;
                if if created.latest.tier == Tier::Standard { full } else { fuller } {
                    let message = "You have exceeded the number of parameters for this AWS account. Delete one or more parameters and try again.";
                    return Err(ServiceError::new("ParameterLimitExceeded", message));
                }
                (&mut *parameters.entry(key.clone()).or_insert(created), "Create")
            }
        };
        let latest = &parameter.latest;
        let reply = json!({ "Version": latest.number, "Tier": latest.tier.name() });
        let deadlines = policy::deadlines(&latest.policies, latest.written);
        Ok((reply, Change { key, deadlines }, parameter.event(operation)))
    }

    async fn delete(&self, asked: &str) -> Reply {
        let reference = Reference::read(&self.hub.identity, asked)?;
        let removed = self.parameters().remove(name::key(&reference.name));
        let event = removed.ok_or_else(|| not_found(asked))?.event("Delete");
        self.hub.publish(event).await;
        Ok(Value::Null)
    }

    async fn delete_several(&self, names: &[String]) -> Reply {
        let (mut deleted, mut invalid) = (Vec::new(), Vec::new());
        for name in names {
            match self.delete(name).await {
                Ok(_) => deleted.push(name),
                Err(_) => invalid.push(name),
            }
        }
        Ok(json!({ "DeletedParameters": deleted, "InvalidParameters": invalid }))
    }

    /// Does what a policy says, if the parameter still has it.
    async fn enforce(&self, due: Due) {
        let event = {
            let mut parameters = self.parameters();
            let Some(parameter) = parameters.get_mut(&due.key) else { return };
            let held = parameter.latest.policies.iter_mut().find(|policy| **policy == due.policy);
            let Some(policy) = held else { return };
            policy.finished = true;
            let event = parameter.policy_event(&due.policy.text, due.policy.rule);
            if let Rule::Expiration(_) = due.policy.rule {
                parameters.remove(&due.key);
            }
            event
        };
        self.hub.publish(event).await;
    }
}

impl Parameter {
    /// `Parameter Store Change`, as rules see it.
    fn event(&self, operation: &str) -> AwsEvent {
        let mut detail = json!({ "operation": operation, "name": self.name, "type": self.latest.kind.name() });
        if let Some(description) = &self.latest.description {
            detail["description"] = json!(description);
        }
        self.aws_event("Parameter Store Change", detail)
    }

    /// `Parameter Store Policy Action`. Documented are the parameter's name and the policy's type; assumed: the rest.
    fn policy_event(&self, text: &str, rule: Rule) -> AwsEvent {
        let detail = json!({
            "parameter-name": self.name, "parameter-type": self.latest.kind.name(), "policy-type": rule.kind(),
            "policy-content": text, "action-status": "Success",
        });
        self.aws_event("Parameter Store Policy Action", detail)
    }

    fn aws_event(&self, detail_type: &str, detail: Value) -> AwsEvent {
        AwsEvent { source: "aws.ssm", detail_type: detail_type.to_owned(), resources: vec![self.arn.clone()], detail }
    }
}
