//! The operations that concern no table.

use std::sync::Arc;

use serde_json::{Value, json};

use super::state::DynamoDb;
use crate::operations::Operation;

pub(super) const OPERATIONS: &[Operation<Arc<DynamoDb>>] = &[
    Operation::now("DescribeEndpoints", "*", |state, _| Ok(endpoints(&state.endpoint))),
    Operation::now("DescribeLimits", "*", |_, _| Ok(limits())),
];

/// The quotas that an account of AWS begins with.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>
fn limits() -> Value {
    json!({
        "AccountMaxReadCapacityUnits": 80_000, "AccountMaxWriteCapacityUnits": 80_000,
        "TableMaxReadCapacityUnits": 40_000, "TableMaxWriteCapacityUnits": 40_000,
    })
}

/// The endpoint for requests: the plane, which has no other address.
fn endpoints(endpoint: &str) -> Value {
    let address = endpoint.split_once("://").map_or(endpoint, |(_, address)| address);
    json!({ "Endpoints": [{ "Address": address, "CachePeriodInMinutes": 1440 }] })
}
