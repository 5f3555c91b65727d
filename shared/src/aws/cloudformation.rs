//! CloudFormation behind its ports.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types::{Capability, ChangeSetType, Parameter, Tag};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::time::timestamp;
use super::translate;
use crate::call::CallError;
use crate::stack_events::StackStatus;
use crate::stacks::{
    ChangeError, ChangeSet, ChangeSetKind, ChangeSetRequest, CreateChangeSet, DeleteChangeSet, DescribeChangeSet,
    DescribeStack, DescribeStackEvents, ExecuteChangeSet, Stack, StackEvent, TemplateSource,
};

/// Pages of a stack's events that are read at most: a page has 100, and no operation needs more than a few hundred.
const EVENT_PAGES: usize = 20;

/// CloudFormation.
#[derive(Debug, Clone)]
pub struct AwsStacks {
    client: Client,
}

impl AwsStacks {
    /// Over a client of [`super::cloudformation`].
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

impl DescribeStack for AwsStacks {
    async fn describe_stack(&self, stack: &str) -> Result<Option<Stack>, CallError> {
        match self.client.describe_stacks().stack_name(stack).send().await {
            Ok(output) => Ok(output.stacks.unwrap_or_default().into_iter().next().map(stack_from_sdk)),
            // There is no code of its own for a stack that does not exist.
            Err(error) if is_validation(&error, |message| message.contains("does not exist")) => Ok(None),
            Err(error) => Err(translate("DescribeStacks", error)),
        }
    }
}

impl DescribeStackEvents for AwsStacks {
    async fn describe_stack_events(&self, stack: &str, token: &str) -> Result<Vec<StackEvent>, CallError> {
        let mut events = Vec::new();
        let mut pages = self.client.describe_stack_events().stack_name(stack).into_paginator().send();
        for _ in 0..EVENT_PAGES {
            let Some(page) = pages.next().await else { break };
            let page = match page {
                Ok(page) => page,
                Err(error) if is_validation(&error, |message| message.contains("does not exist")) => break,
                Err(error) => return Err(translate("DescribeStackEvents", error)),
            };
            events.extend(page.stack_events.unwrap_or_default().into_iter().map(event_from_sdk));
            if events.iter().any(|event| starts_operation(event, token)) {
                break;
            }
        }
        Ok(events)
    }
}

impl CreateChangeSet for AwsStacks {
    async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<String, ChangeError> {
        let builder = self.client.create_change_set();
        let builder = match &request.template {
            TemplateSource::Body(body) => builder.template_body(body),
            TemplateSource::Url(url) => builder.template_url(url),
        };
        let output = builder
            .stack_name(&request.stack)
            .change_set_name(&request.name)
            .change_set_type(match request.kind {
                ChangeSetKind::Create => ChangeSetType::Create,
                ChangeSetKind::Update => ChangeSetType::Update,
            })
            .set_role_arn(request.role_arn.clone())
            .capabilities(Capability::CapabilityIam)
            .capabilities(Capability::CapabilityNamedIam)
            .capabilities(Capability::CapabilityAutoExpand)
            .set_parameters(Some(request.parameters.iter().map(parameter_to_sdk).collect()))
            .set_tags(Some(
                request.tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect(),
            ))
            .client_token(&request.client_token)
            .send()
            .await
            .map_err(|error| change_error("CreateChangeSet", error))?;
        Ok(output.id.unwrap_or_else(|| request.name.clone()))
    }
}

impl DescribeChangeSet for AwsStacks {
    async fn describe_change_set(&self, stack: &str, name: &str) -> Result<Option<ChangeSet>, CallError> {
        let output = match self.client.describe_change_set().stack_name(stack).change_set_name(name).send().await {
            Ok(output) => output,
            Err(error) if is_validation(&error, |message| message.contains("does not exist")) => return Ok(None),
            Err(error) => {
                let error = translate("DescribeChangeSet", error);
                return if error.is_not_found() { Ok(None) } else { Err(error) };
            }
        };
        Ok(Some(ChangeSet {
            id: output.change_set_id.unwrap_or_else(|| name.to_owned()),
            status: output.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
            status_reason: output.status_reason,
            execution_status: output.execution_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        }))
    }
}

impl ExecuteChangeSet for AwsStacks {
    async fn execute_change_set(&self, stack: &str, name: &str, token: &str) -> Result<(), ChangeError> {
        let request = self.client.execute_change_set().stack_name(stack).change_set_name(name);
        let sent = request.client_request_token(token).send().await;
        sent.map(drop).map_err(|error| change_error("ExecuteChangeSet", error))
    }
}

impl DeleteChangeSet for AwsStacks {
    async fn delete_change_set(&self, stack: &str, name: &str) -> Result<(), ChangeError> {
        match self.client.delete_change_set().stack_name(stack).change_set_name(name).send().await {
            Ok(_) => Ok(()),
            Err(error) if is_validation(&error, |message| message.contains("does not exist")) => Ok(()),
            Err(error) => match change_error("DeleteChangeSet", error) {
                ChangeError::Call(error) if error.is_not_found() => Ok(()),
                error => Err(error),
            },
        }
    }
}

/// Whether CloudFormation answered `ValidationError`, its code for most refusals, with a certain message.
fn is_validation<E>(error: &SdkError<E, HttpResponse>, matches: impl Fn(&str) -> bool) -> bool
where
    E: ProvideErrorMetadata,
{
    error.as_service_error().is_some_and(|service| {
        service.meta().code() == Some("ValidationError") && service.meta().message().is_some_and(matches)
    })
}

/// Sorts a refused change: the stack is busy, the request is wrong, or what may happen to any call.
fn change_error<E>(operation: &'static str, error: SdkError<E, HttpResponse>) -> ChangeError
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let metadata = error.as_service_error().map(|service| service.meta().clone());
    let code = metadata.as_ref().and_then(|meta| meta.code()).unwrap_or_default();
    let message = metadata.as_ref().and_then(|meta| meta.message()).unwrap_or(code).to_owned();
    match code {
        // The message names the stack's status, such as "… is in UPDATE_IN_PROGRESS state and can not be updated."
        "ValidationError" | "InvalidChangeSetStatus" | "OperationInProgressException" if says_busy(&message) => {
            ChangeError::Busy { operation, message }
        }
        // A change set that CloudFormation is still making, or one that another update made obsolete.
        "InvalidChangeSetStatus" => ChangeError::Busy { operation, message },
        "ValidationError" | "InsufficientCapabilitiesException" | "LimitExceededException" => {
            ChangeError::Refused { operation, message }
        }
        _ => ChangeError::Call(translate(operation, error)),
    }
}

fn says_busy(message: &str) -> bool {
    message.contains("_IN_PROGRESS") && !message.contains("REVIEW_IN_PROGRESS")
}

/// Whether the event is the stack's own start of the operation `token`, or of any if events have no tokens.
fn starts_operation(event: &StackEvent, token: &str) -> bool {
    let begins = matches!(event.status.as_str(), "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS");
    begins && event.is_of_stack() && event.client_request_token.as_deref().is_none_or(|own| own == token)
}

fn parameter_to_sdk((key, value): (&String, &Option<String>)) -> Parameter {
    let parameter = Parameter::builder().parameter_key(key);
    match value {
        Some(value) => parameter.parameter_value(value),
        None => parameter.use_previous_value(true),
    }
    .build()
}

fn stack_from_sdk(stack: aws_sdk_cloudformation::types::Stack) -> Stack {
    let pairs = |key: Option<String>, value: Option<String>| Some((key?, value.unwrap_or_default()));
    Stack {
        id: stack.stack_id.unwrap_or_default(),
        status: StackStatus::new(stack.stack_status.map(|status| status.as_str().to_owned()).unwrap_or_default()),
        status_reason: stack.stack_status_reason,
        parameters: (stack.parameters.unwrap_or_default().into_iter())
            .filter_map(|parameter| pairs(parameter.parameter_key, parameter.parameter_value))
            .collect(),
        tags: (stack.tags.unwrap_or_default().into_iter()).filter_map(|tag| pairs(tag.key, tag.value)).collect(),
        outputs: (stack.outputs.unwrap_or_default().into_iter())
            .filter_map(|output| pairs(output.output_key, output.output_value))
            .collect(),
    }
}

fn event_from_sdk(event: aws_sdk_cloudformation::types::StackEvent) -> StackEvent {
    StackEvent {
        stack_id: event.stack_id.unwrap_or_default(),
        logical_id: event.logical_resource_id.unwrap_or_default(),
        physical_id: event.physical_resource_id.unwrap_or_default(),
        resource_type: event.resource_type.unwrap_or_default(),
        status: event.resource_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: event.resource_status_reason,
        client_request_token: event.client_request_token,
        timestamp: event.timestamp.as_ref().and_then(timestamp),
    }
}
