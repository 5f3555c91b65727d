//! Time to live: what may be asked for, and the sweep.

use std::sync::Arc;

use serde_json::Value;

use super::settings::STREAM_RETENTION;
use super::state::{DynamoDb, act};
use super::store::Tables;
use crate::core::{Reply, ServiceError};
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Arc<DynamoDb>>] = &[
    Operation::later("DescribeTimeToLive", "*", |state, request| {
        act(state, request, |tables, operation, input| tables.library.run(operation, input))
    })
    .on("table/{TableName}"),
    Operation::later("UpdateTimeToLive", "*", |state, request| {
        act(state, request, |tables, _, input| tables.update_time_to_live(input))
    })
    .on("table/{TableName}"),
];

impl Tables {
    /// Answers UpdateTimeToLive; a change that changes nothing is refused.
    fn update_time_to_live(&mut self, input: Value) -> Reply {
        Self::check("UpdateTimeToLive", &input)?;
        let specification = &input["TimeToLiveSpecification"];
        let enabled = specification["Enabled"] == true;
        let attribute = specification["AttributeName"].as_str().unwrap_or_default();
        let table = self.library.table(&self.named(&input)?)?;
        let exists = table.is_some();
        let current = table.and_then(|table| table.ttl_attribute.filter(|_| table.ttl_enabled));
        match current {
            Some(current) if current != attribute => Err(ServiceError::validation(format!(
                "TimeToLive is active on a different AttributeName: current AttributeName is {current}"
            ))),
            Some(_) if enabled => Err(ServiceError::validation("TimeToLive is already enabled")),
            None if !enabled && exists => Err(ServiceError::validation("TimeToLive is already disabled")),
            _ => self.library.run("UpdateTimeToLive", input),
        }
    }

    /// Removes items that are past their time to live, and changes that no stream tells any more.
    pub(super) fn sweep(&mut self) -> Result<usize, ServiceError> {
        self.library.forget_changes((self.now() - STREAM_RETENTION).as_millis() / 1000)?;
        self.library.sweep()
    }
}
