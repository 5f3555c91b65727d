//! The operations by name.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;

use super::store::{Store, invalid};
use crate::core::{Hub, Input, Reply, Request, Service, ServiceError};

/// CloudWatch Logs.
#[derive(Debug)]
pub(super) struct Logs {
    pub(super) hub: Arc<Hub>,
    store: Mutex<Store>,
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

    fn answer(&self, request: &Request) -> Reply {
        let input = &request.input;
        match request.operation.as_str() {
            "CreateLogGroup" => self.create_log_group(input),
            "DeleteLogGroup" => self.delete_log_group(input),
            "DescribeLogGroups" => self.describe_log_groups(input),
            "PutRetentionPolicy" => self.put_retention_policy(input),
            "DeleteRetentionPolicy" => self.delete_retention_policy(input),
            "TagResource" => self.tag_resource(input),
            "UntagResource" => self.untag_resource(input),
            "ListTagsForResource" => self.list_tags_for_resource(input),
            "TagLogGroup" => self.tag_log_group(input),
            "UntagLogGroup" => self.untag_log_group(input),
            "ListTagsLogGroup" => self.list_tags_log_group(input),
            "CreateLogStream" => self.create_log_stream(input),
            "DeleteLogStream" => self.delete_log_stream(input),
            "DescribeLogStreams" => self.describe_log_streams(input),
            "GetLogEvents" => self.get_log_events(input),
            "FilterLogEvents" => self.filter_log_events(input),
            "PutMetricFilter" => self.put_metric_filter(input),
            "DescribeMetricFilters" => self.describe_metric_filters(input),
            "DeleteMetricFilter" => self.delete_metric_filter(input),
            "TestMetricFilter" => Self::test_metric_filter(input),
            "DescribeSubscriptionFilters" => self.describe_subscription_filters(input),
            "DeleteSubscriptionFilter" => self.delete_subscription_filter(input),
            other => Err(ServiceError::not_implemented("logs", other)),
        }
    }
}

/// The group's name in `arn:…:log-group:NAME` or `arn:…:log-group:NAME:*`; other text is the name itself.
pub(super) fn name_in_arn(text: &str) -> &str {
    text.split_once(":log-group:").map_or(text, |(_, name)| name.strip_suffix(":*").unwrap_or(name))
}

impl Service for Logs {
    fn name(&self) -> &'static str {
        "logs"
    }

    fn call(&self, request: Request) -> BoxFuture<'_, Reply> {
        Box::pin(async move {
            match request.operation.as_str() {
                "PutLogEvents" => self.take_log_events(&request.input, !request.over_the_wire).await,
                "PutSubscriptionFilter" => self.put_subscription_filter(&request.input).await,
                _ => self.answer(&request),
            }
        })
    }
}
