//! CloudFormation behind its ports.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::types::{
    Capability, ChangeSetType, ChangeSource, EvaluationType, Parameter, ResourceChangeDetail, Tag, TemplateStage,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use super::time::timestamp;
use super::translate;
use crate::call::CallError;
use crate::stack_events::StackStatus;
use crate::stacks::{
    ChangeError, ChangeSet, ChangeSetKind, ChangeSetRequest, CreateChangeSet, DeleteChangeSet, DescribeChangeSet,
    DescribeStack, DescribeStackEvents, ExecuteChangeSet, GetTemplate, PropertyChange, ResourceChange, Stack,
    StackEvent, TemplateSource,
};

/// Pages of a stack's events that are read at most: a page has 100, and no operation needs more than a few hundred.
const EVENT_PAGES: usize = 20;

/// CloudFormation over its SDK client.
#[derive(Debug, Clone)]
pub struct AwsStacks {
    client: Client,
}

impl AwsStacks {
    /// Over a client of [`super::cloudformation()`].
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
        let request = self.client.describe_change_set().stack_name(stack).change_set_name(name);
        let mut pages = request.into_paginator().send();
        let mut found: Option<ChangeSet> = None;
        while let Some(page) = pages.next().await {
            let output = match page {
                Ok(output) => output,
                Err(error) if is_validation(&error, |message| message.contains("does not exist")) => return Ok(None),
                Err(error) => {
                    let error = translate("DescribeChangeSet", error);
                    return if error.is_not_found() { Ok(None) } else { Err(error) };
                }
            };
            let listed = output.changes.unwrap_or_default().into_iter();
            let changes = listed.filter_map(|change| change.resource_change).map(change_from_sdk);
            let first = || ChangeSet {
                id: output.change_set_id.unwrap_or_else(|| name.to_owned()),
                status: output.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
                status_reason: output.status_reason,
                execution_status: output.execution_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
                changes: Vec::new(),
            };
            found.get_or_insert_with(first).changes.extend(changes);
        }
        Ok(found)
    }
}

impl GetTemplate for AwsStacks {
    async fn get_processed_template(&self, stack: &str, name: &str) -> Result<String, CallError> {
        let request = self.client.get_template().stack_name(stack).change_set_name(name);
        let sent = request.template_stage(TemplateStage::Processed).send().await;
        Ok(sent.map_err(|error| translate("GetTemplate", error))?.template_body.unwrap_or_default())
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

/// True if CloudFormation answered `ValidationError`, its code for most refusals, with a certain message.
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

/// True if the event is the stack's own start of the operation `token`, or of any if events have no tokens.
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
        updated_at: stack.last_updated_time.as_ref().and_then(timestamp),
        parameters: (stack.parameters.unwrap_or_default().into_iter())
            .filter_map(|parameter| pairs(parameter.parameter_key, parameter.parameter_value))
            .collect(),
        tags: (stack.tags.unwrap_or_default().into_iter()).filter_map(|tag| pairs(tag.key, tag.value)).collect(),
        outputs: (stack.outputs.unwrap_or_default().into_iter())
            .filter_map(|output| pairs(output.output_key, output.output_value))
            .collect(),
    }
}

fn change_from_sdk(change: aws_sdk_cloudformation::types::ResourceChange) -> ResourceChange {
    ResourceChange {
        logical_id: change.logical_resource_id.unwrap_or_default(),
        physical_id: change.physical_resource_id,
        resource_type: change.resource_type.unwrap_or_default(),
        action: change.action.map(|action| action.as_str().to_owned()).unwrap_or_default(),
        replacement: change.replacement.map(|replacement| replacement.as_str().to_owned()).unwrap_or_default(),
        properties: change.details.unwrap_or_default().into_iter().filter_map(property_from_sdk).collect(),
    }
}

/// A reference to what is not made yet is evaluated when it is executed; that the template says something else now is certain before.
fn property_from_sdk(detail: ResourceChangeDetail) -> Option<PropertyChange> {
    let is_certain = detail.evaluation == Some(EvaluationType::Static)
        || detail.change_source == Some(ChangeSource::DirectModification);
    Some(PropertyChange { name: detail.target?.name?, is_certain })
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::testing::{Connection, settings};
    use super::*;

    fn stacks(connection: &Connection) -> AwsStacks {
        AwsStacks::new(super::super::cloudformation(&settings(connection)))
    }

    fn error(code: &str, message: &str) -> String {
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
        )
    }

    fn answer(operation: &str, result: &str) -> String {
        format!("<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>")
    }

    fn request() -> ChangeSetRequest {
        ChangeSetRequest {
            stack: "app-qa".into(),
            name: "slipway-1".into(),
            kind: ChangeSetKind::Update,
            template: TemplateSource::Body("{}".into()),
            role_arn: Some("role".into()),
            parameters: BTreeMap::from([("Commit".into(), Some("abc".into())), ("Kept".into(), None)]),
            tags: BTreeMap::from([("slipway:stage".into(), "qa".into())]),
            client_token: "1".into(),
        }
    }

    #[tokio::test]
    async fn a_stack_that_does_not_exist_is_none_and_has_no_events() {
        let missing = error("ValidationError", "Stack with id app-qa does not exist");
        assert_eq!(stacks(&Connection::answering_text(400, &missing)).describe_stack("app-qa").await.unwrap(), None);
        let missing = error("ValidationError", "Stack [app-qa] does not exist");
        let connection = Connection::answering_text(400, &missing);
        assert_eq!(stacks(&connection).describe_stack_events("app-qa", "1").await.unwrap(), []);
    }

    #[tokio::test]
    async fn another_validation_error_about_a_stack_is_an_error() {
        let connection = Connection::answering_text(400, &error("ValidationError", "1 validation error detected"));
        assert!(stacks(&connection).describe_stack("!").await.is_err());
    }

    #[tokio::test]
    async fn a_stack_has_its_parameters_and_tags() {
        let stack = "<Stacks><member><StackName>app-qa</StackName><StackId>arn</StackId><CreationTime>2026-11-20T10:00:00Z\
            </CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus><Parameters><member><ParameterKey>Stage</ParameterKey>\
            <ParameterValue>qa</ParameterValue></member></Parameters><Tags><member><Key>slipway:commit</Key><Value>abc</Value>\
            </member></Tags></member></Stacks>";
        let connection = Connection::answering_text(200, &answer("DescribeStacks", stack));
        let stack = stacks(&connection).describe_stack("app-qa").await.unwrap().unwrap();
        assert_eq!(stack.status, StackStatus::new("UPDATE_COMPLETE"));
        assert_eq!((stack.parameters["Stage"].as_str(), stack.tags["slipway:commit"].as_str()), ("qa", "abc"));
    }

    #[tokio::test]
    async fn a_change_set_is_asked_for_with_everything_a_sam_template_needs() {
        let connection = Connection::answering_text(200, &answer("CreateChangeSet", "<Id>arn:set</Id>"));
        assert_eq!(stacks(&connection).create_change_set(&request()).await.unwrap(), "arn:set");
        let body = connection.only_request().body;
        for part in [
            "Action=CreateChangeSet",
            "ChangeSetType=UPDATE",
            "ClientToken=1",
            "RoleARN=role",
            "Capabilities.member.1=CAPABILITY_IAM",
            "Capabilities.member.2=CAPABILITY_NAMED_IAM",
            "Capabilities.member.3=CAPABILITY_AUTO_EXPAND",
            "Parameters.member.1.ParameterValue=abc",
            "Parameters.member.2.UsePreviousValue=true",
            "Tags.member.1.Key=slipway%3Astage",
        ] {
            assert!(body.contains(part), "{part} is not in {body}");
        }
    }

    #[tokio::test]
    async fn a_busy_stack_is_told_from_a_wrong_request_and_from_a_repetition() {
        let refused = async |code: &str, message: &str| {
            let connection = Connection::answering_text(400, &error(code, message));
            stacks(&connection).create_change_set(&request()).await.unwrap_err()
        };
        let busy = refused("ValidationError", "Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated.").await;
        assert!(matches!(busy, ChangeError::Busy { .. }), "{busy}");
        let wrong = refused("ValidationError", "Parameters: [Nobody] do not exist in the template").await;
        assert!(matches!(&wrong, ChangeError::Refused { message, .. } if message.contains("Nobody")), "{wrong}");
        let again = refused("AlreadyExistsException", "ChangeSet slipway-1 cannot be created").await;
        assert!(matches!(&again, ChangeError::Call(error) if error.is_already_exists()), "{again}");
        let denied = refused("AccessDenied", "not authorized to perform: iam:PassRole").await;
        assert!(matches!(denied, ChangeError::Call(CallError::Denied { .. })), "{denied}");
    }

    #[tokio::test]
    async fn a_change_set_that_does_not_exist_is_none_and_deleted() {
        let missing = error("ChangeSetNotFound", "ChangeSet [slipway-1] does not exist");
        let connection = Connection::answering_text(404, &missing).then_text(404, &missing);
        assert_eq!(stacks(&connection).describe_change_set("app-qa", "slipway-1").await.unwrap(), None);
        stacks(&connection).delete_change_set("app-qa", "slipway-1").await.unwrap();
    }

    #[tokio::test]
    async fn a_change_set_without_changes_says_so() {
        let result = "<ChangeSetId>arn:set</ChangeSetId><Status>FAILED</Status><ExecutionStatus>UNAVAILABLE</ExecutionStatus>\
            <StatusReason>No updates are to be performed.</StatusReason>";
        let connection = Connection::answering_text(200, &answer("DescribeChangeSet", result));
        let change_set = stacks(&connection).describe_change_set("app-qa", "slipway-1").await.unwrap().unwrap();
        assert_eq!((change_set.status.as_str(), change_set.execution_status.as_str()), ("FAILED", "UNAVAILABLE"));
        assert_eq!(change_set.status_reason.as_deref(), Some("No updates are to be performed."));
    }

    #[tokio::test]
    async fn an_execution_carries_its_token() {
        let connection = Connection::answering_text(200, &answer("ExecuteChangeSet", ""));
        stacks(&connection).execute_change_set("app-qa", "slipway-1", "execution").await.unwrap();
        assert!(connection.only_request().body.contains("ClientRequestToken=execution"));
    }

    #[tokio::test]
    async fn events_are_read_back_to_the_start_of_the_operation_and_no_further() {
        let event = |status: &str, physical: &str, token: &str| {
            format!(
                "<member><StackId>arn</StackId><EventId>e</EventId><StackName>app-qa</StackName><PhysicalResourceId>{physical}\
                 </PhysicalResourceId><ResourceStatus>{status}</ResourceStatus><ClientRequestToken>{token}</ClientRequestToken>\
                 <Timestamp>2026-11-20T10:00:00Z</Timestamp></member>"
            )
        };
        let page = |events: &str| {
            answer("DescribeStackEvents", &format!("<StackEvents>{events}</StackEvents><NextToken>more</NextToken>"))
        };
        let connection = Connection::answering_text(200, &page(&event("UPDATE_COMPLETE", "arn", "2")))
            .then_text(200, &page(&event("UPDATE_IN_PROGRESS", "arn", "2")))
            .then_text(200, &page(&event("UPDATE_IN_PROGRESS", "arn", "1")));
        let events = stacks(&connection).describe_stack_events("app-qa", "2").await.unwrap();
        assert_eq!(events.len(), 2);
        assert!(events[0].is_of_stack());
        assert_eq!(events[0].client_request_token.as_deref(), Some("2"));
        assert_eq!(connection.requests().len(), 2);
    }
}
