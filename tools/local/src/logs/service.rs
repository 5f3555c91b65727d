//! The service: the table of its operations.

use super::errors::invalid;
use super::state::Logs;
use super::{destinations, events, groups, ingest, metric_filters, resource_policies, streams, subscriptions, tags};
use crate::model::{Dialect, Fault, Shown, Wording};
use crate::operations::Table;

/// The operations that CloudWatch Logs runs.
pub(super) static TABLE: Table<Logs> = Table {
    resource_policy: |logs, _| logs.resource_policy(),
    ..Table::new(
        "logs",
        Dialect::Worded("InvalidParameterException", wording),
        &[
            groups::OPERATIONS,
            tags::OPERATIONS,
            streams::OPERATIONS,
            ingest::OPERATIONS,
            events::OPERATIONS,
            metric_filters::OPERATIONS,
            subscriptions::OPERATIONS,
            resource_policies::OPERATIONS,
            destinations::OPERATIONS,
        ],
    )
};

/// CloudWatch Logs says some things otherwise than its model: a name that is too long has a text of its own, a group's identifier is
/// not shown, and a metric's namespace may hold a colon.
fn wording(fault: &Fault) -> Wording {
    let Fault::Constraint { path, shown, rule } = fault else { return Wording::Usual };
    match (path.as_str(), shown) {
        ("logGroupName" | "logStreamName", _) if rule.contains("length less than") => {
            Wording::Alone(invalid("Invalid LogGroup or LogStream, both must have length less than or equal to 512."))
        }
        ("logGroupIdentifier", _) => Wording::Unshown,
        (path, Shown::Text(text)) if path.ends_with("metricNamespace") && !text.contains(['*', '$']) => {
            if rule.contains("pattern") { Wording::Waived } else { Wording::Usual }
        }
        _ => Wording::Usual,
    }
}
