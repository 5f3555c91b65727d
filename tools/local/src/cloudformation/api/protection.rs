//! Stack policies and termination protection.

use std::sync::Arc;

use serde_json::json;

use super::request::required;
use super::state::{CloudFormation, Declared};
use crate::cloudformation::errors::{no_stack, validation};
use crate::cloudformation::stack::Stack;
use crate::cloudformation::stack_policy::StackPolicy;
use crate::cloudformation::status::StackStatus;
use crate::core::{Input, Reply, Request, ServiceError};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later("SetStackPolicy", "StackName StackPolicyBody StackPolicyURL", |service, request| {
        Box::pin(service.set_stack_policy(request))
    })
    .on_found(CloudFormation::stack_arn),
    Declared::now("GetStackPolicy", "StackName", |service, request| service.get_stack_policy(&request.input))
        .on_found(CloudFormation::stack_arn),
    Declared::now("UpdateTerminationProtection", "StackName EnableTerminationProtection", |service, request| {
        service.update_termination_protection(&request.input)
    })
    .on_found(CloudFormation::stack_arn),
];

/// The most bytes of a stack policy.
const MAX_POLICY: usize = 16_384;

impl CloudFormation {
    async fn set_stack_policy(&self, request: &Request) -> Reply {
        let input = &request.input;
        let name = required(input, "StackName")?;
        let driver = self.find(name).ok_or_else(|| no_stack(name))?;
        let Some(policy) = self.policy(request, "StackPolicy").await? else {
            return Err(validation("Either StackPolicyBody or StackPolicyURL must be specified."));
        };
        driver.apply(|engine, _| {
            if engine.stack.status == StackStatus::DeleteComplete {
                return (Err(no_stack(name)), Vec::new());
            }
            engine.stack.policy = Some(policy);
            (Ok(json!({})), Vec::new())
        })
    }

    fn get_stack_policy(&self, input: &Input) -> Reply {
        let name = required(input, "StackName")?;
        let driver = self.find(name).ok_or_else(|| no_stack(name))?;
        let policy = driver.read(|engine| policy_of(&engine.stack));
        Ok(policy.map_or_else(|| json!({}), |policy| json!({ "StackPolicyBody": policy.body })))
    }

    fn update_termination_protection(&self, input: &Input) -> Reply {
        let name = required(input, "StackName")?;
        let driver = self.find(name).ok_or_else(|| no_stack(name))?;
        let enable = input.opt_bool("EnableTerminationProtection").unwrap_or(false);
        driver.apply(|engine, _| {
            let stack = &mut engine.stack;
            if matches!(stack.status, StackStatus::DeleteInProgress | StackStatus::DeleteComplete) {
                return (Err(no_stack(name)), Vec::new());
            }
            stack.termination_protection = enable;
            (Ok(json!({ "StackId": stack.identity.id })), Vec::new())
        })
    }

    /// The policy of a request, whose members begin with `prefix`; none when it has none.
    pub(super) async fn policy(
        &self,
        request: &Request,
        prefix: &str,
    ) -> Result<Option<Arc<StackPolicy>>, ServiceError> {
        let input = &request.input;
        let (body, url) = (format!("{prefix}Body"), format!("{prefix}URL"));
        let text = match (input.opt_str(&body), input.opt_str(&url)) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => return Err(validation(format!("You cannot specify both {url} and {body}"))),
            (Some(text), None) => text.to_owned(),
            (None, Some(location)) => self.read_object(&request.caller, location, &url, MAX_POLICY).await?,
        };
        StackPolicy::read(&text).map(|policy| Some(Arc::new(policy)))
    }
}

/// The policy that a stack has.
pub(super) fn policy_of(stack: &Stack) -> Option<Arc<StackPolicy>> {
    stack.policy.clone()
}
