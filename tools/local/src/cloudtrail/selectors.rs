//! The choice of the events that a trail takes down.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html>

use std::sync::Arc;

use serde_json::json;

use super::selector::{EVERY_OBJECT, Selector, Selectors};
use super::state::CloudTrail;
use crate::core::{Input, Reply, ServiceError};
use crate::operations::Operation;

type Declared = Operation<Arc<CloudTrail>>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::now("GetEventSelectors", "TrailName", |trail, request| {
        trail.with_trail(request.input.str("TrailName")?, |trail| {
            json!({ "TrailARN": trail.arn, "EventSelectors": trail.selectors.describe() })
        })
    })
    .on("trail/{TrailName}"),
    Declared::now(
        "PutEventSelectors",
        "TrailName EventSelectors{ReadWriteType IncludeManagementEvents DataResources{Type=AWS::S3::Object Values} ExcludeManagementEventSources}",
        |trail, request| put(trail, &request.input),
    )
    .on("trail/{TrailName}"),
];

/// The most selectors of a trail, and the most resources that they name together.
const SELECTORS: usize = 5;
const RESOURCES: usize = 250;

fn put(service: &Arc<CloudTrail>, input: &Input) -> Reply {
    // Assumed: the texts. The limits are CloudTrail's own.
    let refused = |text: String| Err(ServiceError::new("InvalidEventSelectorsException", text));
    let all: Vec<Selector> =
        input.list("EventSelectors").iter().map(|one| Selector::read(&Input::from(one.clone()))).collect();
    if all.is_empty() || all.len() > SELECTORS {
        return refused(format!("A trail takes 1 to {SELECTORS} event selectors."));
    }
    let places: Vec<&String> = all.iter().flat_map(|selector| &selector.objects).collect();
    if places.len() > RESOURCES {
        return refused(format!("Event selectors name at most {RESOURCES} data resources."));
    }
    // A bucket alone is none of its objects: it ends in a slash.
    let legal = |place: &&&String| {
        EVERY_OBJECT.contains(&place.as_str())
            || place.strip_prefix("arn:aws:s3:::").is_some_and(|object| object.contains('/'))
    };
    if let Some(wrong) = places.iter().find(|place| !legal(place)) {
        return refused(format!("Value {wrong} for DataResources.Values is invalid."));
    }
    service.with_trail(input.str("TrailName")?, |trail| {
        trail.selectors = Selectors(all);
        json!({ "TrailARN": trail.arn, "EventSelectors": trail.selectors.describe() })
    })
}
