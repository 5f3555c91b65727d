//! Overrides in the ledger's table: `pk` is `overrides`, `sk` the time and the alarm, and the act is one text of JSON beside them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use super::{AlarmOverride, ReadOverrides, WriteOverride};
use crate::aws::translate;
use crate::call::{CallError, Source};
use crate::ledger::{AwsLedger, EXPIRES_AT, RETENTION};

/// The partition of all overrides: there are few, and they are read together.
const PARTITION: &str = "overrides";
const ACT: &str = "override";

impl ReadOverrides for AwsLedger {
    async fn list_overrides(&self) -> Result<Vec<AlarmOverride>, CallError> {
        const OPERATION: &str = "Query";
        let request = self.client.query().table_name(&self.table).consistent_read(true);
        let request = request.key_condition_expression("pk = :pk").expression_attribute_values(":pk", text(PARTITION));
        let mut items = request.into_paginator().items().send();
        let mut acts = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| translate(OPERATION, error))?;
            let json = item.get(ACT).and_then(|value| value.as_s().ok());
            let json = json.ok_or_else(|| unusable(OPERATION, "the item holds no override"))?;
            acts.push(serde_json::from_str(json).map_err(|error| unusable(OPERATION, error))?);
        }
        Ok(acts)
    }
}

impl WriteOverride for AwsLedger {
    async fn write_override(&self, act: &AlarmOverride) -> Result<(), CallError> {
        const OPERATION: &str = "PutItem";
        let json = serde_json::to_string(act).map_err(|error| unusable(OPERATION, error))?;
        // Nanoseconds of a fixed width, so that the texts are in the order of the times.
        let sort = format!("{:032}#{}", act.at.as_nanosecond(), act.alarm);
        // It is kept for as long after its end as verdicts are.
        let expires = act.until.as_second().saturating_add_unsigned(RETENTION.as_secs());
        let item = HashMap::from([
            ("pk".to_owned(), text(PARTITION)),
            ("sk".to_owned(), text(sort)),
            (EXPIRES_AT.to_owned(), AttributeValue::N(expires.to_string())),
            ("alarm".to_owned(), text(&act.alarm)),
            ("by".to_owned(), text(&act.by)),
            (ACT.to_owned(), text(json)),
        ]);
        let request = self.client.put_item().table_name(&self.table).set_item(Some(item));
        // An act is never written over.
        let request = request.condition_expression("attribute_not_exists(pk)");
        request.send().await.map(|_| ()).map_err(|error| translate(OPERATION, error))
    }
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn unusable(operation: &'static str, source: impl Into<Source>) -> CallError {
    CallError::Unexpected { operation, source: source.into() }
}
