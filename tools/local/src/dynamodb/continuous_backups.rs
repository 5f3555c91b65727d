//! Point-in-time recovery, kept as a setting: the plane restores no table to a point in time.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::settings::Recovery;
use super::state::{DynamoDb, act};
use super::store::Tables;
use crate::core::{Reply, ServiceError};
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Arc<DynamoDb>>] = &[
    Operation::later("DescribeContinuousBackups", "*", |state, request| {
        act(state, request, |tables, _, input| tables.describe_continuous_backups(&input))
    })
    .on("table/{TableName}"),
    Operation::later("UpdateContinuousBackups", "*", |state, request| {
        act(state, request, |tables, _, input| tables.update_continuous_backups(&input))
    })
    .on("table/{TableName}"),
];

/// The days of the recovery period when nobody says so.
const DAYS: i64 = 35;

/// The time by which the latest restorable time is behind now.
const LAG: Duration = Duration::from_secs(300);

impl Tables {
    /// Answers DescribeContinuousBackups.
    fn describe_continuous_backups(&self, input: &Value) -> Reply {
        let name = self.named(input)?;
        self.exists_for_backups(&name)?;
        Ok(self.continuous_backups(&name))
    }

    /// Answers UpdateContinuousBackups, and keeps the new recovery period.
    fn update_continuous_backups(&mut self, input: &Value) -> Reply {
        let name = self.named(input)?;
        Self::check("UpdateContinuousBackups", input)?;
        let specification = &input["PointInTimeRecoverySpecification"];
        let days = specification.get("RecoveryPeriodInDays").and_then(Value::as_i64);
        let enabled = specification["PointInTimeRecoveryEnabled"] == true;
        if days.is_some() && !enabled {
            return Err(ServiceError::validation(
                "Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.",
            ));
        }
        self.exists_for_backups(&name)?;
        let now = self.now();
        self.settings.change(&name, |kept| {
            let before = kept.recovery;
            kept.recovery = enabled.then(|| Recovery {
                since: before.map_or(now, |recovery| recovery.since),
                days: days.or(before.map(|recovery| recovery.days)).unwrap_or(DAYS),
            });
        })?;
        Ok(self.continuous_backups(&name))
    }

    /// Refuses a table that is not there.
    pub(super) fn exists_for_backups(&self, name: &str) -> Result<(), ServiceError> {
        match self.library.table(name)? {
            Some(_) => Ok(()),
            None => Err(ServiceError::new("TableNotFoundException", format!("Table not found: {name}"))),
        }
    }

    fn continuous_backups(&self, name: &str) -> Value {
        let recovery = match self.settings.table(name).recovery {
            None => json!({ "PointInTimeRecoveryStatus": "DISABLED" }),
            Some(Recovery { since, days }) => {
                let latest = self.now() - LAG;
                json!({
                    "PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": days,
                    "EarliestRestorableDateTime": since.epoch_seconds(),
                    "LatestRestorableDateTime": latest.max(since).epoch_seconds(),
                })
            }
        };
        json!({
            "ContinuousBackupsDescription": {
                "ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": recovery,
            },
        })
    }
}
