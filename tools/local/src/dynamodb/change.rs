//! `UpdateTable`: what may be changed together, and what the library does not change.

use serde_json::{Value, json};

use super::description::{is_on_demand, warm};
use super::faults::refuse;
use super::members::listed;
use super::store::Tables;
use super::tables::{keep_both_images, requested_view};
use super::{encryption, indexes};
use crate::core::{Reply, ServiceError};

/// The changes that must be alone in their request, with AWS's text for each; a refusal names the first.
const ALONE: &[(&str, &str)] = &[
    ("SSESpecification", "Server-Side Encryption modification must be the only operation in the request"),
    ("TableClass", "TableClass modification must be the only operation in the request"),
    ("DeletionProtectionEnabled", "DeletionProtection modification must be the only operation in the request"),
];

/// All changes that a request can ask for.
const CHANGES: &[&str] = &[
    "BillingMode",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexUpdates",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "SSESpecification",
    "StreamSpecification",
    "TableClass",
    "VectorIndexUpdates",
];

impl Tables {
    /// Answers UpdateTable: the library changes the table, and the plane keeps what the library does not.
    pub(super) fn update(&mut self, mut input: Value) -> Reply {
        check_together(&input)?;
        let name = self.named(&input)?;
        let Some(table) = self.library.table(&name)? else {
            return self.library.run("UpdateTable", input);
        };
        if let Some(specification) = input.get("SSESpecification").cloned() {
            return self.change_key(&name, &specification);
        }
        Self::check_stream_view("UpdateTable", &input)?;
        let view = self.check_stream(&name, table.stream_enabled, &input)?;
        let before = self.library.run("DescribeTable", json!({ "TableName": name }))?;
        let before = before.get("Table").cloned().unwrap_or_default();
        let kept = self.settings.table(&name).index_throughput;
        let throughput = indexes::throughput(&name, &before, kept, &input)?;
        keep_both_images(&mut input);
        let mut reply = self.library.run("UpdateTable", input.clone())?;
        let after = self.library.run("DescribeTable", json!({ "TableName": name }))?;
        let (read, write) = warm(&after["Table"], is_on_demand(&after["Table"]));
        self.settings.change(&name, |kept| {
            kept.index_throughput = throughput;
            kept.warm = (read.max(kept.warm.0), write.max(kept.warm.1));
        })?;
        self.keep_changes(&name, &input, view, &before)?;
        let description = &mut reply["TableDescription"];
        tell_what_changes(description, &input, &before);
        self.describe(description);
        Ok(reply)
    }

    fn change_key(&mut self, name: &str, specification: &Value) -> Reply {
        let key = encryption::changed_key(&self.names, specification, &self.settings.table(name))?;
        let before = self.settings.table(name);
        self.settings.change(name, |kept| kept.encryption_key = key)?;
        let mut described = self.library.run("DescribeTable", json!({ "TableName": name }))?;
        let mut description = described["Table"].take();
        self.describe(&mut description);
        // The answer still tells the old key, or that there is going to be one.
        let after = self.settings.table(name);
        let told = if before.encryption_key.is_some() { before } else { after };
        description["SSEDescription"] = encryption::described(&told, "UPDATING").unwrap_or_default();
        Ok(json!({ "TableDescription": description }))
    }

    /// The view of a stream that is being enabled; a change that is none is refused.
    fn check_stream(&self, name: &str, streams: bool, input: &Value) -> Result<Option<String>, ServiceError> {
        let Some(specification) = input.get("StreamSpecification") else { return Ok(None) };
        let view = requested_view(input, "If stream is being enabled then UpdateViewType is required")?;
        let viewed = specification.get("StreamViewType").is_some_and(|view| !view.is_null());
        match (view.is_some(), streams) {
            (true, true) => {
                Err(ServiceError::validation(format!("Table already has an enabled stream: TableName: {name}")))
            }
            (false, _) if viewed => refuse("If stream is being disabled, then UpdateViewType must not be specified"),
            (false, false) => {
                Err(ServiceError::validation(format!("Table has no stream to disable: TableName: {name}")))
            }
            _ => Ok(view),
        }
    }

    fn keep_changes(
        &mut self,
        name: &str,
        input: &Value,
        view: Option<String>,
        before: &Value,
    ) -> Result<(), ServiceError> {
        let was_on_demand = before.get("BillingModeSummary").is_some();
        if input.get("BillingMode").is_some_and(|mode| mode == "PAY_PER_REQUEST") && !was_on_demand {
            let now = self.now();
            self.settings.change(name, |kept| kept.on_demand_since = Some(now))?;
        }
        match (view, input.get("StreamSpecification")) {
            (Some(view), _) => self.begin_stream(name, view, before["KeySchema"].clone()),
            (None, Some(_)) => self.end_stream(name),
            (None, None) => Ok(()),
        }
    }
}

/// Refuses changes that AWS does not make together.
fn check_together(input: &Value) -> Result<(), ServiceError> {
    let given = |member: &str| input.get(member).is_some_and(|value| !value.is_null());
    let changes = CHANGES.iter().filter(|member| given(member)).count();
    for (member, why) in ALONE {
        if given(member) && changes > 1 {
            return refuse(why);
        }
    }
    if given("OnDemandThroughput") && changes > 1 + usize::from(given("BillingMode")) {
        return refuse("OnDemandThroughput can only be combined with BillingMode in an UpdateTable request");
    }
    let throughput =
        given("ProvisionedThroughput") || input.get("BillingMode").is_some_and(|mode| mode == "PROVISIONED");
    if given("StreamSpecification") && throughput {
        return refuse("You cannot modify stream status while updating table IOPS");
    }
    let indexes = listed(input, "GlobalSecondaryIndexUpdates");
    if indexes.iter().any(|update| update.get("Create").is_some() || update.get("Delete").is_some()) {
        if given("StreamSpecification") {
            return refuse("You cannot create or delete index while changing stream status");
        }
        if throughput {
            return refuse("You cannot create or delete index while updating table IOPS");
        }
    }
    Ok(())
}

/// Shows a change as AWS does while it makes it.
fn tell_what_changes(description: &mut Value, input: &Value, before: &Value) {
    let changing =
        ["BillingMode", "GlobalSecondaryIndexUpdates", "ProvisionedThroughput", "StreamSpecification", "TableClass"];
    if changing.iter().any(|member| input.get(member).is_some()) {
        description["TableStatus"] = json!("UPDATING");
    }
    for update in listed(input, "GlobalSecondaryIndexUpdates") {
        for (action, status) in [("Create", "CREATING"), ("Update", "UPDATING"), ("Delete", "DELETING")] {
            let Some(name) = update.pointer(&format!("/{action}/IndexName")) else { continue };
            let gone = || listed(before, "GlobalSecondaryIndexes").iter().find(|index| index["IndexName"] == *name);
            let Some(indexes) = indexes_of(description) else { continue };
            if action == "Delete" {
                indexes.extend(gone().cloned());
            }
            for index in indexes.iter_mut().filter(|index| index["IndexName"] == *name) {
                index["IndexStatus"] = json!(status);
                if action == "Create" {
                    index["Backfilling"] = json!(false);
                }
            }
        }
    }
}

/// The indexes of a description, which may have had none.
fn indexes_of(description: &mut Value) -> Option<&mut Vec<Value>> {
    let indexes = description.as_object_mut()?.entry("GlobalSecondaryIndexes").or_insert_with(|| json!([]));
    indexes.as_array_mut()
}
