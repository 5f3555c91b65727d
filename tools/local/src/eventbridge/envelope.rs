//! An event as targets receive it.

use serde_json::{Value, json};

use crate::core::{Hub, Timestamp};

/// An event as targets receive it.
pub(super) fn envelope(
    hub: &Hub,
    time: Timestamp,
    source: &str,
    detail_type: &str,
    resources: &[String],
    detail: Value,
) -> Value {
    json!({
        "version": "0", "id": hub.ids.uuid(), "detail-type": detail_type, "source": source,
        "account": hub.identity.account, "time": whole_seconds(time), "region": hub.identity.region,
        "resources": resources, "detail": detail,
    })
}

/// A time as EventBridge writes it: without fractions of a second.
pub(super) fn whole_seconds(time: Timestamp) -> String {
    let text = time.iso8601();
    format!("{}Z", text.split('.').next().unwrap_or_default())
}
