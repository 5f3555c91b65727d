//! Destinations of other accounts' subscriptions. They lead to streams of Kinesis, of which the plane has none: none can be put,
//! and none is there.

use serde_json::json;

use super::state::Logs;
use crate::core::ServiceError;
use crate::operations::Operation;

/// Operations on destinations.
pub(super) const OPERATIONS: &[Operation<Logs>] = &[
    Operation::now("DescribeDestinations", "*", |_: &Logs, _| Ok(json!({ "destinations": [] }))),
    Operation::now("DeleteDestination", "*", |_: &Logs, _| {
        // Assumed: the text.
        Err(ServiceError::new("ResourceNotFoundException", "The specified destination does not exist."))
    })
    .on("destination:{destinationName}"),
];
