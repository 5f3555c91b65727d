//! The state of CloudWatch Logs, and the group that an input names.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::errors::invalid;
use super::store::Store;
use crate::core::{Arn, Hub, Input, ServiceError};

/// The state of CloudWatch Logs.
#[derive(Debug)]
pub(super) struct Logs {
    pub(super) hub: Arc<Hub>,
    pub(super) store: Mutex<Store>,
}

impl Logs {
    pub(super) fn new(hub: &Arc<Hub>) -> Self {
        Self { hub: Arc::clone(hub), store: Mutex::default() }
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The group that an input names by name, or by name or ARN in `logGroupIdentifier`.
    pub(super) fn group_name(input: &Input) -> Result<&str, ServiceError> {
        match (input.opt_str("logGroupName"), input.opt_str("logGroupIdentifier")) {
            (Some(name), None) => Ok(name),
            (None, Some(named)) => Ok(name_in_arn(named)),
            (None, None) => Err(invalid("Either logGroupName or logGroupIdentifier must be set.")),
            (Some(_), Some(_)) => {
                Err(ServiceError::validation("LogGroup name and LogGroup ARN are mutually exclusive parameters."))
            }
        }
    }

    /// A group, or all groups of a prefix, as IAM sees it: AWS's denials name it with an empty stream, which is why
    /// policies need `:*` behind a group's name.
    pub(super) fn group_resource(&self, input: &Input) -> Vec<String> {
        let prefix = || input.opt_str("logGroupNamePrefix").unwrap_or_default();
        let group = Self::group_name(input).unwrap_or_else(|_| prefix());
        vec![self.hub.arn("logs", &format!("log-group:{group}:log-stream:"))]
    }

    /// A stream as IAM sees it.
    pub(super) fn stream_resource(&self, input: &Input) -> Vec<String> {
        let stream = input.opt_str("logStreamName").unwrap_or_default();
        self.group_resource(input).into_iter().map(|group| format!("{group}{stream}")).collect()
    }
}

/// The group's name in `arn:…:log-group:NAME` or `arn:…:log-group:NAME:*`; other text is the name itself.
pub(super) fn name_in_arn(text: &str) -> &str {
    if Arn::parse(text).is_none() {
        return text;
    }
    text.split_once(":log-group:").map_or(text, |(_, name)| name.strip_suffix(":*").unwrap_or(name))
}
