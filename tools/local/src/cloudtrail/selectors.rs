//! The choice of the events that a trail takes down.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html>

use std::sync::Arc;

use serde_json::{Value, json};

use super::CloudTrail;
use super::record::Event;
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

/// The names for every object of every bucket in a selector.
const EVERY_OBJECT: [&str; 2] = ["arn:aws:s3", "arn:aws:s3:::"];

/// One selector of a trail.
#[derive(Clone, Debug)]
struct Selector {
    /// `All`, `ReadOnly` or `WriteOnly`.
    kinds: String,
    management: bool,
    /// Beginnings of objects' ARNs.
    objects: Vec<String>,
    /// Services whose management events are left out.
    excluded: Vec<String>,
}

/// The selectors of a trail. Without any it takes down every management event.
#[derive(Clone, Debug, Default)]
pub(super) struct Selectors(Vec<Selector>);

impl Selectors {
    /// True if they were put.
    pub(super) fn are_custom(&self) -> bool {
        !self.0.is_empty()
    }

    /// True if any of them asks for data events.
    pub(super) fn select_data(&self) -> bool {
        self.0.iter().any(|selector| !selector.objects.is_empty())
    }

    /// True if any of them asks for this event.
    pub(super) fn want(&self, event: &Event) -> bool {
        if self.0.is_empty() {
            return event.data.is_none();
        }
        self.0.iter().any(|selector| selector.wants(event))
    }

    fn describe(&self) -> Value {
        let usual = Selector::read(&Input::from(json!({})));
        let all = if self.0.is_empty() { std::slice::from_ref(&usual) } else { &self.0 };
        all.iter().map(Selector::describe).collect()
    }
}

impl Selector {
    fn read(input: &Input) -> Self {
        let resources = input.list("DataResources");
        let values = |resource: &Value| Input::from(resource.clone()).strings("Values");
        Self {
            kinds: input.opt_str("ReadWriteType").unwrap_or("All").to_owned(),
            management: input.opt_bool("IncludeManagementEvents").unwrap_or(true),
            objects: resources.iter().flat_map(values).collect(),
            excluded: input.strings("ExcludeManagementEventSources"),
        }
    }

    fn wants(&self, event: &Event) -> bool {
        let kind = match self.kinds.as_str() {
            "ReadOnly" => event.read_only,
            "WriteOnly" => !event.read_only,
            _ => true,
        };
        let covers =
            |place: &String, arn: &str| EVERY_OBJECT.contains(&place.as_str()) || arn.starts_with(place.as_str());
        kind && match &event.data {
            Some(arn) => self.objects.iter().any(|place| covers(place, arn)),
            None => self.management && !self.excluded.contains(&event.source),
        }
    }

    fn describe(&self) -> Value {
        let resource = || json!([{ "Type": "AWS::S3::Object", "Values": self.objects }]);
        json!({
            "ReadWriteType": self.kinds, "IncludeManagementEvents": self.management,
            "DataResources": if self.objects.is_empty() { json!([]) } else { resource() },
            "ExcludeManagementEventSources": self.excluded,
        })
    }
}

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
