//! The selectors of a trail, by which it wants events.

use serde_json::{Value, json};

use super::event::Event;
use crate::core::Input;

/// The names for every object of every bucket in a selector.
pub(super) const EVERY_OBJECT: [&str; 2] = ["arn:aws:s3", "arn:aws:s3:::"];

/// One selector of a trail.
#[derive(Clone, Debug)]
pub(super) struct Selector {
    /// `All`, `ReadOnly` or `WriteOnly`.
    kinds: String,
    management: bool,
    /// Beginnings of objects' ARNs.
    pub(super) objects: Vec<String>,
    /// Services whose management events are left out.
    excluded: Vec<String>,
}

/// The selectors of a trail. Without any it takes down every management event.
#[derive(Clone, Debug, Default)]
pub(super) struct Selectors(pub(super) Vec<Selector>);

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
            return !event.is_data;
        }
        self.0.iter().any(|selector| selector.wants(event))
    }

    pub(super) fn describe(&self) -> Value {
        let usual = Selector::read(&Input::from(json!({})));
        let all = if self.0.is_empty() { std::slice::from_ref(&usual) } else { &self.0 };
        all.iter().map(Selector::describe).collect()
    }
}

impl Selector {
    pub(super) fn read(input: &Input) -> Self {
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
        kind && match event.data() {
            Some(arn) => self.objects.iter().any(|place| covers(place, &arn)),
            None => self.management && !self.excluded.contains(&event.source()),
        }
    }

    pub(super) fn describe(&self) -> Value {
        let resource = || json!([{ "Type": "AWS::S3::Object", "Values": self.objects }]);
        json!({
            "ReadWriteType": self.kinds, "IncludeManagementEvents": self.management,
            "DataResources": if self.objects.is_empty() { json!([]) } else { resource() },
            "ExcludeManagementEventSources": self.excluded,
        })
    }
}
