//! The service: the table of its operations.

use std::sync::Arc;

use super::state::Lambda;
use super::{
    aliases, concurrency, download, event_invoke, functions, invoke, policy, runtime_management, tags, versions,
};
use crate::model::Dialect;
use crate::operations::Table;

/// The operations of Lambda that the plane runs.
pub(super) static TABLE: Table<Arc<Lambda>> = Table {
    resource_policy: |lambda, arn| lambda.resource_policy(arn),
    ..Table::new(
        "lambda",
        Dialect::Listed("ValidationException"),
        &[
            invoke::OPERATIONS,
            functions::OPERATIONS,
            versions::OPERATIONS,
            aliases::OPERATIONS,
            policy::OPERATIONS,
            event_invoke::OPERATIONS,
            concurrency::OPERATIONS,
            download::OPERATIONS,
            runtime_management::OPERATIONS,
            tags::OPERATIONS,
        ],
    )
};
