//! CloudFormation as Slipway uses it: stacks are changed through change sets only.

use std::collections::BTreeMap;
use std::future::Future;

use jiff::Timestamp;

use crate::call::CallError;
use crate::stack_events::StackStatus;

/// A stack as `DescribeStacks` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// Its ARN.
    pub id: String,
    /// Its status, in CloudFormation's own word.
    pub status: StackStatus,
    /// CloudFormation's words on the status.
    pub status_reason: Option<String>,
    /// The time at which its last update began; none before the first.
    pub updated_at: Option<Timestamp>,
    /// The parameters it has, by key.
    pub parameters: BTreeMap<String, String>,
    /// Its tags, by key.
    pub tags: BTreeMap<String, String>,
    /// The values of its outputs, by the outputs' names.
    pub outputs: BTreeMap<String, String>,
}

impl Stack {
    /// Its name: the second segment of `arn:…:stack/<name>/<uuid>`.
    pub fn name(&self) -> &str {
        self.id.split('/').nth(1).unwrap_or(&self.id)
    }
}

/// A change set to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSetRequest {
    /// Name of the stack, which need not exist.
    pub stack: String,
    /// Name of the change set.
    pub name: String,
    /// The kind of change: the stack is made or changed.
    pub kind: ChangeSetKind,
    /// The source of the template.
    pub template: TemplateSource,
    /// The role CloudFormation works with; `None` for the caller's own rights.
    pub role_arn: Option<String>,
    /// The template's parameters; `None` keeps the value the stack has.
    pub parameters: BTreeMap<String, Option<String>>,
    /// The stack's tags.
    pub tags: BTreeMap<String, String>,
    /// Lets CloudFormation recognise a repeated request.
    pub client_token: String,
}

/// The kind of a change set: it makes a stack or changes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeSetKind {
    /// `CREATE`
    Create,
    /// `UPDATE`
    Update,
}

/// The source from which CloudFormation gets a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateSource {
    /// The text itself, at most [`TEMPLATE_BODY_BYTES`].
    Body(String),
    /// The URL of an object in S3.
    Url(String),
}

/// Longest `TemplateBody` that CloudFormation takes; more must come from S3.
pub const TEMPLATE_BODY_BYTES: usize = 51_200;

/// A change set as `DescribeChangeSet` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// Its ARN.
    pub id: String,
    /// `CREATE_PENDING`, `CREATE_IN_PROGRESS`, `CREATE_COMPLETE`, `FAILED`, …
    pub status: String,
    /// The reason for that status.
    pub status_reason: Option<String>,
    /// `UNAVAILABLE`, `AVAILABLE`, `EXECUTE_IN_PROGRESS`, `EXECUTE_COMPLETE`, `EXECUTE_FAILED`, `OBSOLETE`.
    pub execution_status: String,
    /// Its changes of resources; none until it is made.
    pub changes: Vec<ResourceChange>,
}

/// A change of a resource, as `DescribeChangeSet` lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceChange {
    /// The resource's name in the template.
    pub logical_id: String,
    /// The resource's own id; none for one that is to be made.
    pub physical_id: Option<String>,
    /// `AWS::Lambda::Alias` …
    pub resource_type: String,
    /// `Add`, `Modify`, `Remove`, `Import`, `Dynamic`.
    pub action: String,
    /// `True`, `False`, `Conditional`; empty where it is not told.
    pub replacement: String,
    /// The properties that change, or may.
    pub properties: Vec<PropertyChange>,
}

/// A property that changes, or may.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PropertyChange {
    /// The property's name.
    pub name: String,
    /// True if CloudFormation knows already that it changes, or if the template's text for it is another.
    pub is_certain: bool,
}

/// One of a stack's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackEvent {
    /// ARN of the stack.
    pub stack_id: String,
    /// The resource's name in the template; the stack's name for the stack's own events.
    pub logical_id: String,
    /// The resource's own id; the stack's ARN for the stack's own events.
    pub physical_id: String,
    /// `AWS::Lambda::Alias` …
    pub resource_type: String,
    /// `UPDATE_FAILED` …
    pub status: String,
    /// The words of CloudFormation or of the resource's service.
    pub reason: Option<String>,
    /// The token of the operation that the event belongs to.
    pub client_request_token: Option<String>,
    /// The time at which it happened.
    pub timestamp: Option<Timestamp>,
}

impl StackEvent {
    /// True if this is about the stack itself and not one of its resources.
    pub fn is_of_stack(&self) -> bool {
        self.physical_id == self.stack_id
    }
}

/// The reason why CloudFormation did not take a request that changes something.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// Another operation is under way on the stack.
    #[error("{operation}: the stack is busy: {message}")]
    Busy {
        /// The AWS operation.
        operation: &'static str,
        /// CloudFormation's own words.
        message: String,
    },
    /// The request makes no sense to CloudFormation and will make none next time either.
    #[error("{operation}: {message}")]
    Refused {
        /// The AWS operation.
        operation: &'static str,
        /// CloudFormation's own words.
        message: String,
    },
    /// Anything that may happen to any call.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// `cloudformation:DescribeStacks`.
pub trait DescribeStack {
    /// The stack of that name or ARN; `None` if there is none.
    fn describe_stack(&self, stack: &str) -> impl Future<Output = Result<Option<Stack>, CallError>> + Send;
}

/// `cloudformation:DescribeStackEvents`.
pub trait DescribeStackEvents {
    /// The stack's events, newest first, back to the start of the operation with `token` (or, where the events carry no
    /// such token, back to the start of the newest operation). A stack that does not exist has none.
    fn describe_stack_events(
        &self,
        stack: &str,
        token: &str,
    ) -> impl Future<Output = Result<Vec<StackEvent>, CallError>> + Send;
}

/// `cloudformation:CreateChangeSet`, with `iam:PassRole` on the role of the request.
pub trait CreateChangeSet {
    /// Starts making a change set and returns its ARN. [`CallError::AlreadyExists`] if the stack has one of that name.
    fn create_change_set(&self, request: &ChangeSetRequest)
    -> impl Future<Output = Result<String, ChangeError>> + Send;
}

/// `cloudformation:DescribeChangeSet`, all its pages.
pub trait DescribeChangeSet {
    /// The change set of that name; `None` if the stack or the change set does not exist.
    fn describe_change_set(
        &self,
        stack: &str,
        name: &str,
    ) -> impl Future<Output = Result<Option<ChangeSet>, CallError>> + Send;
}

/// `cloudformation:GetTemplate`.
pub trait GetTemplate {
    /// The text of a change set's template after its transforms.
    fn get_processed_template(&self, stack: &str, name: &str)
    -> impl Future<Output = Result<String, CallError>> + Send;
}

/// `cloudformation:ExecuteChangeSet`.
pub trait ExecuteChangeSet {
    /// Starts executing a change set; repeating it with the same token starts nothing more.
    fn execute_change_set(
        &self,
        stack: &str,
        name: &str,
        client_request_token: &str,
    ) -> impl Future<Output = Result<(), ChangeError>> + Send;
}

/// `cloudformation:DeleteChangeSet`.
pub trait DeleteChangeSet {
    /// Deletes a change set; one that does not exist is no error.
    fn delete_change_set(&self, stack: &str, name: &str) -> impl Future<Output = Result<(), ChangeError>> + Send;
}
