//! Creating and updating stacks directly.

use std::time::Duration;

use serde_json::json;

use super::protection::policy_of;
use super::request::{actor, is_retry, new_name, on_failure, refuse_rollback_configuration, required, tags_of};
use super::state::{CloudFormation, Declared, already_exists};
use crate::cloudformation::diff::difference;
use crate::cloudformation::driver::StackDriver;
use crate::cloudformation::engine::{Begin, Input as EngineInput, Kind};
use crate::cloudformation::errors::{cannot_update, no_stack, validation};
use crate::cloudformation::roles::ROLES;
use crate::cloudformation::stack::Stack;
use crate::cloudformation::status::{OnFailure, StackStatus};
use crate::core::{Engine, Input, Reply, Request, ServiceError};

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later(
        "CreateStack",
        "StackName TemplateBody TemplateURL Parameters DisableRollback RollbackConfiguration TimeoutInMinutes \
         NotificationARNs Capabilities ResourceTypes RoleARN OnFailure StackPolicyBody StackPolicyURL Tags \
         ClientRequestToken EnableTerminationProtection RetainExceptOnCreate",
        |service, request| Box::pin(service.create_stack(request)),
    )
    .on_found(CloudFormation::stack_arn)
    .passing(ROLES),
    Declared::later(
        "UpdateStack",
        "StackName TemplateBody TemplateURL UsePreviousTemplate StackPolicyDuringUpdateBody \
         StackPolicyDuringUpdateURL Parameters Capabilities ResourceTypes RoleARN RollbackConfiguration \
         StackPolicyBody StackPolicyURL NotificationARNs Tags DisableRollback ClientRequestToken RetainExceptOnCreate",
        |service, request| Box::pin(service.update_stack(request)),
    )
    .on_found(CloudFormation::stack_arn)
    .passing(ROLES),
];

impl CloudFormation {
    async fn create_stack(&self, request: &Request) -> Reply {
        let input = &request.input;
        refuse_rollback_configuration(input)?;
        let name = required(input, "StackName")?;
        new_name(name, "stackName")?;
        let token = input.opt_str("ClientRequestToken");
        let reviewed = match self.find(name) {
            Some(driver) => match self.existing(&driver, name, token) {
                Some(answer) => return answer,
                None => Some(driver),
            },
            None => None,
        };
        let failing = failure_mode(input)?;
        let policy = self.policy(request, "StackPolicy").await?;
        let before = match &reviewed {
            Some(driver) => driver.read(|engine| engine.stack.clone()),
            None => Stack::new(self.new_identity(name), self.hub.now()),
        };
        let target = self.prepare(request, &before, true).await.map_err(|refusal| refusal.error)?;
        let id = before.identity.id.clone();
        let minutes = input.opt_i64("TimeoutInMinutes");
        let begin = Begin {
            kind: Kind::Create,
            actor: actor(request, target.settings.role_arn.as_ref()),
            target,
            token: token.map(str::to_owned),
            on_failure: failing,
            retain_except_on_create: input.opt_bool("RetainExceptOnCreate").unwrap_or(false),
            timeout: minutes.and_then(|count| u64::try_from(count).ok()).map(|count| Duration::from_secs(count * 60)),
            exports: self.exports_but(&id),
            change_set: None,
            policy: None,
        };
        let driver = match reviewed {
            Some(driver) => driver,
            None => self.register(before.identity)?,
        };
        driver.apply(|engine, now| {
            let stack = &mut engine.stack;
            if stack.status != StackStatus::ReviewInProgress {
                return (Err(already_exists(name)), Vec::new());
            }
            token.map(|token| stack.tokens.insert(token.to_owned(), "CreateStack".to_owned()));
            stack.policy = policy;
            stack.timeout_minutes = minutes;
            stack.termination_protection = input.opt_bool("EnableTerminationProtection").unwrap_or(false);
            (Ok(()), engine.step(Some(EngineInput::Begin(Box::new(begin))), now))
        })?;
        Ok(json!({ "StackId": id }))
    }

    /// The answer for a name that a stack has; none where that stack is only reviewed, and may still be created.
    fn existing(&self, driver: &StackDriver, name: &str, token: Option<&str>) -> Option<Reply> {
        driver.read(|engine| {
            let stack = &engine.stack;
            if stack.status == StackStatus::ReviewInProgress {
                return None;
            }
            let taken = token.and_then(|token| stack.tokens.get(token)).is_some_and(|what| what == "CreateStack");
            Some(if taken { Ok(json!({ "StackId": stack.identity.id })) } else { Err(already_exists(name)) })
        })
    }

    async fn update_stack(&self, request: &Request) -> Reply {
        let input = &request.input;
        refuse_rollback_configuration(input)?;
        let name = required(input, "StackName")?;
        let driver = self.find(name).ok_or_else(|| no_stack(name))?;
        let before = driver.read(|engine| engine.stack.clone());
        let token = input.opt_str("ClientRequestToken");
        if token.and_then(|token| before.tokens.get(token)).is_some_and(|what| what == "UpdateStack") {
            return Ok(json!({ "StackId": before.identity.id }));
        }
        check_updatable(&before)?;
        let (policy, own) = (self.policy(request, "StackPolicy").await?, policy_of(&before));
        let during = self.policy(request, "StackPolicyDuringUpdate").await?;
        let target = self.prepare(request, &before, true).await.map_err(|refusal| refusal.error)?;
        let found = difference(&before, &target, self.lookup).map_err(|fault| validation(fault.message()))?;
        if found.is_empty() && target.settings.tags == tags_of(&before) {
            return Err(validation("No updates are to be performed."));
        }
        let disabled = input.opt_bool("DisableRollback").unwrap_or(false);
        let begin = Begin {
            kind: Kind::Update,
            actor: actor(request, target.settings.role_arn.as_ref()),
            target,
            token: token.map(str::to_owned),
            on_failure: if disabled { OnFailure::DoNothing } else { OnFailure::Rollback },
            retain_except_on_create: input.opt_bool("RetainExceptOnCreate").unwrap_or(false),
            timeout: None,
            exports: self.exports_but(&before.identity.id),
            change_set: None,
            policy: during.or_else(|| policy.clone()).or(own),
        };
        driver.apply(|engine, now| {
            if let Err(error) = check_updatable(&engine.stack) {
                return (Err(error), Vec::new());
            }
            if let Err(error) = is_retry(&mut engine.stack, token, "UpdateStack") {
                return (Err(error), Vec::new());
            }
            if policy.is_some() {
                engine.stack.policy = policy;
            }
            (Ok(()), engine.step(Some(EngineInput::Begin(Box::new(begin))), now))
        })?;
        Ok(json!({ "StackId": before.identity.id }))
    }
}

fn check_updatable(stack: &Stack) -> Result<(), ServiceError> {
    match stack.status {
        status if status.can_update() => Ok(()),
        StackStatus::ReviewInProgress => Err(no_stack(&stack.identity.name)),
        status => Err(cannot_update(&stack.identity.id, status.as_str())),
    }
}

fn failure_mode(input: &Input) -> Result<OnFailure, ServiceError> {
    match (input.opt_bool("DisableRollback"), input.opt_str("OnFailure")) {
        (Some(_), Some(_)) => Err(validation("Either DisableRollback or OnFailure can be specified, not both.")),
        (Some(true), None) => Ok(OnFailure::DoNothing),
        (_, name) => on_failure(name, "OnFailure"),
    }
}
