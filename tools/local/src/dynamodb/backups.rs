//! Backups of tables on demand: a table's items in a file, and how to make the table again.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::backup::Backup;
use super::resources;
use super::state::{DynamoDb, act};
use super::store::Tables;
use crate::core::{Reply, ServiceError};
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Arc<DynamoDb>>] = &[
    Operation::later("CreateBackup", "*", |state, request| {
        act(state, request, |tables, _, input| tables.create_backup(&input))
    })
    .on("table/{TableName}"),
    Operation::later("DeleteBackup", "*", |state, request| {
        act(state, request, |tables, _, input| tables.delete_backup(&input))
    })
    .on("{BackupArn}"),
    Operation::later("DescribeBackup", "*", |state, request| {
        act(state, request, |tables, _, input| tables.describe_backup(&input))
    })
    .on("{BackupArn}"),
    Operation::later("ListBackups", "*", |state, request| {
        act(state, request, |tables, _, input| tables.list_backups(&input))
    }),
    Operation::later(
        "RestoreTableFromBackup",
        "TargetTableName BackupArn BillingModeOverride ProvisionedThroughputOverride LocalSecondaryIndexOverride \
         GlobalSecondaryIndexOverride{IndexName KeySchema Projection ProvisionedThroughput} OnDemandThroughputOverride \
         SSESpecificationOverride",
        |state, request| act(state, request, |tables, _, input| tables.restore_backup(&input)),
    )
    .on_found(resources::of_restore),
];

/// The number of backups on a page when nobody says so.
const PAGE: usize = 100;

impl Tables {
    fn create_backup(&mut self, input: &Value) -> Reply {
        Self::check("CreateBackup", input)?;
        let name = self.named(input)?;
        self.exists_for_backups(&name)?;
        let mut described = self.library.run("DescribeTable", json!({ "TableName": name }))?;
        let mut table = described["Table"].take();
        self.describe(&mut table);
        let created = self.now();
        let number = self.settings.backups.len();
        let digest = Sha256::digest(format!("{name}/{}/{number}", created.as_millis()));
        let id = format!("{:014}-{}", created.as_millis(), hex::encode(&digest[..4]));
        let items = self.all_items(&name)?;
        let written = serde_json::to_vec(&items).map_err(|error| ServiceError::internal(error.to_string()))?;
        let arn = self.names.arn(&format!("table/{name}/backup/{id}"));
        let file = self.items_of(&arn);
        file.parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&file, written))
            .map_err(|error| ServiceError::internal(format!("{}: {error}", file.display())))?;
        let size = table["TableSizeBytes"].as_u64().unwrap_or(0);
        let backup_name = input["BackupName"].as_str().unwrap_or_default().to_owned();
        let backup = Backup { arn, name: backup_name, created, size, table };
        let details = backup.details("CREATING");
        self.settings.backups.push(backup);
        self.settings.save()?;
        Ok(json!({ "BackupDetails": details }))
    }

    fn describe_backup(&self, input: &Value) -> Reply {
        let backup = self.backup(input)?;
        Ok(json!({ "BackupDescription": backup.described("AVAILABLE") }))
    }

    fn delete_backup(&mut self, input: &Value) -> Reply {
        let backup = self.backup(input)?.clone();
        self.settings.backups.retain(|kept| kept.arn != backup.arn);
        self.settings.save()?;
        let file = self.items_of(&backup.arn);
        std::fs::remove_file(&file).map_err(|error| ServiceError::internal(format!("{}: {error}", file.display())))?;
        Ok(json!({ "BackupDescription": backup.described("DELETED") }))
    }

    fn list_backups(&self, input: &Value) -> Reply {
        Self::check("ListBackups", input)?;
        let bound = |member: &str| input.get(member).and_then(Value::as_f64);
        let (lower, upper) = (bound("TimeRangeLowerBound"), bound("TimeRangeUpperBound"));
        if lower.zip(upper).is_some_and(|(lower, upper)| lower > upper) {
            return Err(ServiceError::validation(
                "One or more parameter values were invalid: Time range lower bound must be less than or equal to upper bound",
            ));
        }
        // The plane makes no backups of its own accord.
        let of_users =
            input.get("BackupType").and_then(Value::as_str).is_none_or(|kind| kind == "USER" || kind == "ALL");
        let table = input.get("TableName").and_then(Value::as_str);
        let mut backups: Vec<&Backup> = self.settings.backups.iter().filter(|_| of_users).collect();
        backups.retain(|backup| {
            let created = backup.created.epoch_seconds();
            table.is_none_or(|table| backup.table["TableName"] == table)
                && lower.is_none_or(|lower| created >= lower)
                && upper.is_none_or(|upper| created < upper)
        });
        if let Some(start) = input.get("ExclusiveStartBackupArn").and_then(Value::as_str) {
            let place = backups.iter().position(|backup| backup.arn == start);
            backups = place.map_or_else(Vec::new, |place| backups.split_off(place + 1));
        }
        let limit = input.get("Limit").and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
        let more = backups.len() > limit.unwrap_or(PAGE);
        backups.truncate(limit.unwrap_or(PAGE));
        let summaries: Vec<Value> = backups.iter().map(|backup| backup.summary()).collect();
        let mut reply = json!({ "BackupSummaries": summaries });
        if let Some(last) = backups.last().filter(|_| more) {
            reply["LastEvaluatedBackupArn"] = json!(last.arn);
        }
        Ok(reply)
    }

    fn restore_backup(&mut self, input: &Value) -> Reply {
        Self::check("RestoreTableFromBackup", input)?;
        let backup = self.backup(input)?.clone();
        let target = input["TargetTableName"].as_str().unwrap_or_default();
        if self.library.table(target)?.is_some() {
            return Err(ServiceError::new("TableAlreadyExistsException", format!("Table already exists: {target}")));
        }
        let file = self.items_of(&backup.arn);
        let items: Vec<Value> = std::fs::read(&file)
            .and_then(|kept| serde_json::from_slice(&kept).map_err(std::io::Error::from))
            .map_err(|error| ServiceError::internal(format!("{}: {error}", file.display())))?;
        let mut reply = self.create(backup.creation(target, input))?;
        for item in items {
            self.library.run("PutItem", json!({ "TableName": target, "Item": item }))?;
        }
        let restored = json!({
            "SourceBackupArn": backup.arn, "SourceTableArn": backup.table["TableArn"],
            "RestoreDateTime": backup.created.epoch_seconds(), "RestoreInProgress": false,
        });
        self.settings.change(target, |kept| kept.restored = Some(restored.clone()))?;
        reply["TableDescription"]["RestoreSummary"] = restored;
        reply["TableDescription"]["RestoreSummary"]["RestoreInProgress"] = json!(true);
        Ok(reply)
    }

    fn backup(&self, input: &Value) -> Result<&Backup, ServiceError> {
        let arn = input.get("BackupArn").and_then(Value::as_str).unwrap_or_default();
        if !(arn.starts_with(&self.names.arn("table/")) && arn.contains("/backup/")) {
            return Err(ServiceError::validation("Invalid Backup ARN"));
        }
        let found = self.settings.backups.iter().find(|backup| backup.arn == arn);
        found.ok_or_else(|| ServiceError::new("BackupNotFoundException", format!("Backup not found: {arn}")))
    }

    /// The file with the items of a backup.
    fn items_of(&self, arn: &str) -> PathBuf {
        let id = arn.rsplit('/').next().unwrap_or_default();
        self.settings.directory().join("backups").join(format!("{id}.json"))
    }

    fn all_items(&self, table: &str) -> Result<Vec<Value>, ServiceError> {
        let mut items = Vec::new();
        let mut input = json!({ "TableName": table, "ConsistentRead": true });
        loop {
            let mut page = self.library.run("Scan", input.clone())?;
            items.extend(page["Items"].as_array_mut().map(std::mem::take).unwrap_or_default());
            match page.get("LastEvaluatedKey") {
                Some(last) if !last.is_null() => input["ExclusiveStartKey"] = last.clone(),
                _ => return Ok(items),
            }
        }
    }
}
