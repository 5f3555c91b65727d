//! A CloudFormation in memory: change sets and stacks with CloudFormation's rules, but nothing in the stacks.
//!
//! An execution goes on until the test ends it with [`Stacks::end`].

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use crate::call::{CallError, Source};
use crate::stack_events::{StackStanding, StackStatus, StackStatusChange};
use crate::stacks::{
    ChangeError, ChangeSet, ChangeSetKind, ChangeSetRequest, CreateChangeSet, DeleteChangeSet, DescribeChangeSet,
    DescribeStack, DescribeStackEvents, ExecuteChangeSet, GetTemplate, ResourceChange, Stack, StackEvent,
    TemplateSource,
};

/// Stacks and change sets in memory; clones share them.
#[derive(Debug, Clone, Default)]
pub struct Stacks {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    stacks: BTreeMap<String, Known>,
    /// The number of times that a change set is described before it is made.
    looks: usize,
    refusal: Option<String>,
    executions: Vec<String>,
    /// What every change set changes.
    changes: Vec<ResourceChange>,
    /// What every template is after its transforms.
    processed: String,
}

#[derive(Debug)]
struct Known {
    id: String,
    status: StackStatus,
    parameters: BTreeMap<String, String>,
    tags: BTreeMap<String, String>,
    template: Option<TemplateSource>,
    /// Oldest first.
    events: Vec<StackEvent>,
    change_sets: BTreeMap<String, Made>,
    executing: Option<(ChangeSetRequest, String)>,
    last_token: Option<String>,
    updated_at: Option<Timestamp>,
}

#[derive(Debug, Clone)]
struct Made {
    request: ChangeSetRequest,
    looks_left: usize,
    /// The reason why it cannot be made.
    refusal: Option<String>,
    /// The stack has changed since it was made.
    is_obsolete: bool,
}

impl Stacks {
    /// Makes every new change set show `CREATE_IN_PROGRESS` to that many looks.
    pub fn take_looks(&self, looks: usize) {
        self.lock().looks = looks;
    }

    /// Makes every new change set fail with a reason.
    pub fn refuse(&self, reason: &str) {
        self.lock().refusal = Some(reason.to_owned());
    }

    /// Makes every change set change these resources of a template that is this after its transforms.
    pub fn change(&self, changes: Vec<ResourceChange>, processed: &str) {
        let mut state = self.lock();
        state.changes = changes;
        processed.clone_into(&mut state.processed);
    }

    /// Puts a stack into a status, making it if need be.
    pub fn set_status(&self, stack: &str, status: &str) {
        self.lock().known(stack).status = StackStatus::new(status);
    }

    /// Sets the time at which the stack's last update began.
    pub fn set_updated(&self, stack: &str, at: Timestamp) {
        self.lock().known(stack).updated_at = Some(at);
    }

    /// Gives a stack a parameter, as an earlier release did.
    pub fn set_parameter(&self, stack: &str, key: &str, value: &str) {
        self.lock().known(stack).parameters.insert(key.to_owned(), value.to_owned());
    }

    /// Adds an event of a resource to the operation that goes on.
    pub fn add_event(&self, stack: &str, logical_id: &str, status: &str, reason: &str) {
        let mut state = self.lock();
        let known = state.known(stack);
        let event = StackEvent {
            stack_id: known.id.clone(),
            logical_id: logical_id.to_owned(),
            physical_id: format!("{logical_id}-1"),
            resource_type: "AWS::Lambda::Alias".to_owned(),
            status: status.to_owned(),
            reason: Some(reason.to_owned()),
            client_request_token: known.last_token.clone(),
            timestamp: None,
        };
        known.events.push(event);
    }

    /// Begins an update by a person, after which older change sets are of no use. Returns whether the stack was free for it.
    pub fn begin_by_hand(&self, stack: &str, token: Option<&str>) -> bool {
        let mut state = self.lock();
        let known = state.known(stack);
        if known.status.standing() != StackStanding::Updatable {
            return false;
        }
        known.status = StackStatus::new("UPDATE_IN_PROGRESS");
        known.last_token = token.map(str::to_owned);
        known.push_own_event("UPDATE_IN_PROGRESS");
        for made in known.change_sets.values_mut() {
            made.is_obsolete = true;
        }
        true
    }

    /// Ends the operation that goes on, and returns the event that CloudFormation sends about it.
    pub fn end(&self, stack: &str, status: &str) -> StackStatusChange {
        let mut state = self.lock();
        let known = state.known(stack);
        let status = StackStatus::new(status);
        if let Some((request, token)) = known.executing.take() {
            if matches!(status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE") {
                known.adopt(request);
            }
            known.last_token = Some(token);
        }
        known.status = status.clone();
        known.push_own_event(status.as_str());
        StackStatusChange {
            stack_id: known.id.clone(),
            status,
            reason: None,
            client_request_token: known.last_token.clone(),
        }
    }

    /// True while an operation is under way on a stack.
    #[must_use]
    pub fn is_busy(&self, stack: &str) -> bool {
        self.lock().stacks.get(stack).is_some_and(|known| known.status.standing() == StackStanding::Busy)
    }

    /// The tokens of all executions, in order.
    #[must_use]
    pub fn executions(&self) -> Vec<String> {
        self.lock().executions.clone()
    }

    /// The tags of a stack, by key; none for a stack that is not there.
    #[must_use]
    pub fn tags(&self, stack: &str) -> BTreeMap<String, String> {
        self.lock().stacks.get(stack).map(|known| known.tags.clone()).unwrap_or_default()
    }

    /// The parameters of a stack, by key; none for a stack that is not there.
    #[must_use]
    pub fn parameters(&self, stack: &str) -> BTreeMap<String, String> {
        self.lock().stacks.get(stack).map(|known| known.parameters.clone()).unwrap_or_default()
    }

    /// The change sets that the stack has.
    #[must_use]
    pub fn change_sets(&self, stack: &str) -> Vec<String> {
        self.lock().stacks.get(stack).map(|known| known.change_sets.keys().cloned().collect()).unwrap_or_default()
    }

    /// The request of the change set that is being executed.
    #[must_use]
    pub fn executing(&self, stack: &str) -> Option<ChangeSetRequest> {
        self.lock().stacks.get(stack)?.executing.as_ref().map(|(request, _)| request.clone())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn known(&mut self, stack: &str) -> &mut Known {
        // An event names a stack by its ARN, everything else by its name.
        let name = stack.split('/').nth(1).unwrap_or(stack).to_owned();
        self.stacks.entry(name.clone()).or_insert_with(|| Known {
            id: format!("arn:aws:cloudformation:eu-west-1:111122223333:stack/{name}/4f1c2a30"),
            status: StackStatus::new("REVIEW_IN_PROGRESS"),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
            template: None,
            events: Vec::new(),
            change_sets: BTreeMap::new(),
            executing: None,
            last_token: None,
            updated_at: None,
        })
    }

    fn find(&mut self, stack: &str) -> Option<&mut Known> {
        let name = stack.split('/').nth(1).unwrap_or(stack);
        self.stacks.get_mut(name)
    }
}

impl Known {
    fn adopt(&mut self, request: ChangeSetRequest) {
        self.parameters = self.resolved(&request);
        self.tags = request.tags;
        self.template = Some(request.template);
    }

    fn resolved(&self, request: &ChangeSetRequest) -> BTreeMap<String, String> {
        let value = |key: &String, value: &Option<String>| value.clone().or_else(|| self.parameters.get(key).cloned());
        request.parameters.iter().filter_map(|(key, given)| Some((key.clone(), value(key, given)?))).collect()
    }

    fn has_all_of(&self, request: &ChangeSetRequest) -> bool {
        self.template.as_ref() == Some(&request.template)
            && self.tags == request.tags
            && self.parameters == self.resolved(request)
    }

    fn push_own_event(&mut self, status: &str) {
        self.events.push(StackEvent {
            stack_id: self.id.clone(),
            logical_id: self.id.split('/').nth(1).unwrap_or_default().to_owned(),
            physical_id: self.id.clone(),
            resource_type: "AWS::CloudFormation::Stack".to_owned(),
            status: status.to_owned(),
            reason: None,
            client_request_token: self.last_token.clone(),
            timestamp: None,
        });
    }
}

impl DescribeStack for Stacks {
    async fn describe_stack(&self, stack: &str) -> Result<Option<Stack>, CallError> {
        Ok(self.lock().find(stack).map(|known| Stack {
            id: known.id.clone(),
            status: known.status.clone(),
            status_reason: None,
            updated_at: known.updated_at,
            parameters: known.parameters.clone(),
            tags: known.tags.clone(),
            outputs: BTreeMap::new(),
        }))
    }
}

impl DescribeStackEvents for Stacks {
    async fn describe_stack_events(&self, stack: &str, _token: &str) -> Result<Vec<StackEvent>, CallError> {
        Ok(self.lock().find(stack).map(|known| known.events.iter().rev().cloned().collect()).unwrap_or_default())
    }
}

impl CreateChangeSet for Stacks {
    async fn create_change_set(&self, request: &ChangeSetRequest) -> Result<String, ChangeError> {
        const OPERATION: &str = "CreateChangeSet";
        let mut state = self.lock();
        let (looks_left, refusal) = (state.looks, state.refusal.clone());
        let exists = state.find(&request.stack).is_some_and(|known| known.status.standing() != StackStanding::Empty);
        if exists != (request.kind == ChangeSetKind::Update) {
            let message = format!("Stack [{}] does not fit a change set of this type", request.stack);
            return Err(ChangeError::Refused { operation: OPERATION, message });
        }
        let known = state.known(&request.stack);
        if known.change_sets.contains_key(&request.name) {
            let source: Source = "AlreadyExistsException".into();
            return Err(CallError::AlreadyExists { operation: OPERATION, source }.into());
        }
        if known.status.standing() == StackStanding::Busy {
            let message = format!("Stack:{} is in {} state and can not be updated.", known.id, known.status);
            return Err(ChangeError::Busy { operation: OPERATION, message });
        }
        let unchanged = known.has_all_of(request).then(|| {
            "The submitted information didn't contain changes. Submit different information to create a change set."
                .into()
        });
        let made = Made { request: request.clone(), looks_left, refusal: refusal.or(unchanged), is_obsolete: false };
        known.change_sets.insert(request.name.clone(), made);
        Ok(change_set_id(&request.name))
    }
}

impl DescribeChangeSet for Stacks {
    async fn describe_change_set(&self, stack: &str, name: &str) -> Result<Option<ChangeSet>, CallError> {
        let mut state = self.lock();
        let changes = state.changes.clone();
        let Some(made) = state.find(stack).and_then(|known| known.change_sets.get_mut(name_of(name))) else {
            return Ok(None);
        };
        let (status, execution_status) = if made.looks_left > 0 {
            made.looks_left -= 1;
            ("CREATE_IN_PROGRESS", "UNAVAILABLE")
        } else if made.refusal.is_some() {
            ("FAILED", "UNAVAILABLE")
        } else if made.is_obsolete {
            ("CREATE_COMPLETE", "OBSOLETE")
        } else {
            ("CREATE_COMPLETE", "AVAILABLE")
        };
        Ok(Some(ChangeSet {
            id: change_set_id(name_of(name)),
            status: status.to_owned(),
            status_reason: made.refusal.clone().filter(|_| status == "FAILED"),
            execution_status: execution_status.to_owned(),
            changes: if status == "CREATE_COMPLETE" { changes } else { Vec::new() },
        }))
    }
}

impl GetTemplate for Stacks {
    async fn get_processed_template(&self, _stack: &str, _name: &str) -> Result<String, CallError> {
        Ok(self.lock().processed.clone())
    }
}

impl ExecuteChangeSet for Stacks {
    async fn execute_change_set(&self, stack: &str, name: &str, token: &str) -> Result<(), ChangeError> {
        const OPERATION: &str = "ExecuteChangeSet";
        let mut state = self.lock();
        let missing = || CallError::NotFound { operation: OPERATION, source: "ChangeSetNotFound".into() };
        let known = state.find(stack).ok_or_else(missing)?;
        if known.last_token.as_deref() == Some(token) {
            return Ok(());
        }
        if known.status.standing() == StackStanding::Busy {
            let message = format!("Stack:{} is in {} state and can not be updated.", known.id, known.status);
            return Err(ChangeError::Busy { operation: OPERATION, message });
        }
        let made = known.change_sets.get(name_of(name)).cloned().ok_or_else(missing)?;
        if made.is_obsolete || made.refusal.is_some() || made.looks_left > 0 {
            let message =
                format!("ChangeSet [{}] cannot be executed in its current status", change_set_id(name_of(name)));
            return Err(ChangeError::Refused { operation: OPERATION, message });
        }
        let status =
            if made.request.kind == ChangeSetKind::Create { "CREATE_IN_PROGRESS" } else { "UPDATE_IN_PROGRESS" };
        // An execution ends every change set of its stack: the others no longer fit it.
        known.change_sets.clear();
        known.status = StackStatus::new(status);
        known.last_token = Some(token.to_owned());
        known.push_own_event(status);
        known.executing = Some((made.request, token.to_owned()));
        state.executions.push(token.to_owned());
        Ok(())
    }
}

impl DeleteChangeSet for Stacks {
    async fn delete_change_set(&self, stack: &str, name: &str) -> Result<(), ChangeError> {
        if let Some(known) = self.lock().find(stack) {
            known.change_sets.remove(name_of(name));
        }
        Ok(())
    }
}

fn change_set_id(name: &str) -> String {
    format!("arn:aws:cloudformation:eu-west-1:111122223333:changeSet/{name}/9b3d")
}

/// A change set is named by its name or by its ARN.
fn name_of(change_set: &str) -> &str {
    change_set.strip_prefix("arn:").and_then(|arn| arn.split('/').nth(1)).unwrap_or(change_set)
}
