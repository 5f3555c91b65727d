//! A change of an object that destinations may want to hear of.

use s3s::dto::{Event, NotificationConfigurationFilter};

use super::super::store::{NULL, Version};

/// A change of an object that destinations may want to hear of.
#[derive(Clone, Debug)]
pub(in crate::s3) struct Happened {
    /// The name of the event, such as `ObjectCreated:Put`.
    pub(super) event: String,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) size: Option<u64>,
    pub(super) etag: Option<String>,
    /// The version's id, where it has one.
    pub(super) version: Option<String>,
}

impl Happened {
    /// An object was made by `Put`, `Copy` or `CompleteMultipartUpload`.
    pub(in crate::s3) fn created(how: &str, bucket: &str, key: &str, version: &Version) -> Self {
        Self::new(format!("ObjectCreated:{how}"), bucket, key, version)
    }

    /// A version went (`Delete`), or a delete marker came (`DeleteMarkerCreated`).
    pub(in crate::s3) fn removed(how: &str, bucket: &str, key: &str, version: &Version) -> Self {
        let happened = Self::new(format!("ObjectRemoved:{how}"), bucket, key, version);
        Self { size: None, etag: None, ..happened }
    }

    /// Tags were set (`Put`) or taken off (`Delete`).
    pub(in crate::s3) fn tagged(how: &str, bucket: &str, key: &str, version: &Version) -> Self {
        Self::new(format!("ObjectTagging:{how}"), bucket, key, version)
    }

    pub(super) fn new(event: String, bucket: &str, key: &str, version: &Version) -> Self {
        let object = version.object.as_ref();
        Self {
            event,
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            size: object.map(|object| object.size),
            etag: object.map(|object| object.etag.clone()),
            version: Some(version.id.clone()).filter(|id| id != NULL),
        }
    }
}

/// True if a configuration asks for this event.
pub(super) fn wants(events: &[Event], filter: Option<&NotificationConfigurationFilter>, happened: &Happened) -> bool {
    let named = |event: &Event| {
        let asked = event.as_ref().trim_start_matches("s3:");
        match asked.strip_suffix('*') {
            Some(start) => happened.event.starts_with(start),
            None => happened.event == asked,
        }
    };
    let mut rules =
        filter.and_then(|filter| filter.key.as_ref()).and_then(|key| key.filter_rules.as_ref()).into_iter().flatten();
    events.iter().any(named)
        && rules.all(|rule| {
            let value = rule.value.as_deref().unwrap_or_default();
            match rule.name.as_ref().map(|name| name.as_str().to_ascii_lowercase()).as_deref() {
                Some("prefix") => happened.key.starts_with(value),
                Some("suffix") => happened.key.ends_with(value),
                _ => false,
            }
        })
}
