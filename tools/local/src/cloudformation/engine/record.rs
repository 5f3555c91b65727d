//! Recording what happens: statuses and stack events.

use std::time::Duration;

use serde_json::Value;

use super::operation::Kind;
use super::run::Run;
use super::stack_engine::StackEngine;
use crate::cloudformation::changeset::ExecutionStatus;
use crate::cloudformation::events::{STACK_TYPE, StackEvent};
use crate::cloudformation::stack::StackResource;
use crate::cloudformation::status::{ResourceStatus, StackStatus};
use crate::core::Timestamp;

/// The contents of a resource's event.
pub(super) struct Told<'a> {
    pub(super) logical_id: &'a str,
    pub(super) resource_type: &'a str,
    pub(super) physical_id: Option<&'a str>,
    pub(super) status: ResourceStatus,
    pub(super) reason: Option<String>,
    pub(super) properties: Option<&'a Value>,
}

impl StackEngine {
    /// Sets the stack's status and tells it.
    pub(super) fn set_status(
        &mut self,
        status: StackStatus,
        reason: Option<String>,
        token: Option<&String>,
        now: Timestamp,
    ) {
        self.stack.status = status;
        self.stack.status_reason.clone_from(&reason);
        if matches!(status, StackStatus::RollbackInProgress | StackStatus::DeleteInProgress) {
            self.stack.deleted = Some(now);
        }
        let at = self.moment(now);
        self.stack.events.push(StackEvent {
            id: self.ids.uuid(),
            logical_id: self.stack.identity.name.clone(),
            physical_id: self.stack.identity.id.clone(),
            resource_type: STACK_TYPE.to_owned(),
            status: status.as_str(),
            reason,
            at,
            token: token.cloned(),
            properties: None,
        });
    }

    /// Writes a resource's event and sets its status. A resource that is new to the stack is added to it.
    pub(super) fn tell(&mut self, run: &Run, told: Told<'_>, now: Timestamp) {
        let resource = self.stack.resources.entry(told.logical_id.to_owned()).or_insert_with(|| StackResource {
            resource_type: told.resource_type.to_owned(),
            status: told.status,
            reason: None,
            updated: now,
            live: None,
            physical_id: None,
        });
        resource.status = told.status;
        resource.reason.clone_from(&told.reason);
        resource.updated = now;
        if let Some(physical_id) = told.physical_id {
            resource.physical_id = Some(physical_id.to_owned());
        }
        self.tell_only(run, told, now);
    }

    /// Writes the event of a physical resource that its logical id no longer stands for.
    pub(super) fn tell_only(&mut self, run: &Run, told: Told<'_>, now: Timestamp) {
        let (status, at) = (told.status.as_str(), self.moment(now));
        self.stack.events.push(StackEvent {
            id: format!("{}-{status}-{}", told.logical_id, at.iso8601()),
            logical_id: told.logical_id.to_owned(),
            physical_id: told.physical_id.unwrap_or_default().to_owned(),
            resource_type: told.resource_type.to_owned(),
            status,
            reason: told.reason,
            at,
            token: run.token.clone(),
            properties: told.properties.map(Value::to_string),
        });
    }

    /// The time of the next event: no two of a stack's events share their time, so that clients can put them in order,
    /// and a resource's events are told apart by it.
    fn moment(&self, now: Timestamp) -> Timestamp {
        self.stack.events.last().map_or(now, |last| now.max(last.at + Duration::from_millis(1)))
    }

    /// Ends an operation, with its change set and the stack's status.
    pub(super) fn finish(&mut self, run: &Run, status: StackStatus, reason: Option<String>, now: Timestamp) {
        let succeeded = matches!(status, StackStatus::CreateComplete | StackStatus::UpdateComplete);
        if !succeeded && run.kind == Kind::Create {
            self.stack.change_set_id = None;
        }
        if let Some(change_set) = run.change_set.as_ref().and_then(|name| self.stack.change_sets.get_mut(name)) {
            change_set.execution = if succeeded { ExecutionStatus::Complete } else { ExecutionStatus::Failed };
        }
        self.set_status(status, reason, run.token.as_ref(), now);
    }
}
