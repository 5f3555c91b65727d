//! The service: the table of its operations.

use super::state::CloudWatch;
use super::{alarms, dashboards, data, metrics, put, tags};
use crate::model::{Dialect, Fault, Wording};
use crate::operations::Table;

/// The operations that CloudWatch runs.
pub(super) static TABLE: Table<CloudWatch> = Table {
    vendor: "cloudwatch",
    denial: "AccessDenied",
    ..Table::new(
        "monitoring",
        Dialect::Worded("ValidationError", wording),
        &[
            put::OPERATIONS,
            metrics::OPERATIONS,
            data::OPERATIONS,
            alarms::OPERATIONS,
            tags::OPERATIONS,
            dashboards::OPERATIONS,
        ],
    )
};

/// The states of an alarm, in the order of AWS's own message.
fn wording(fault: &Fault) -> Wording {
    match fault {
        Fault::Constraint { path, .. } if path == "stateValue" => {
            Wording::Rule("Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]")
        }
        _ => Wording::Usual,
    }
}
