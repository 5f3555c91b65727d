//! Event notifications: a bucket tells its destinations of the changes of its objects.

mod configuration;
mod delivery;
mod record;

pub(super) use configuration::{get, put};

use s3s::dto::{Event, NotificationConfiguration, NotificationConfigurationFilter};

use super::asked::Asked;
use super::bucket::{settings, versioning};
use super::context::Context;
use super::store::{NULL, Version};

/// The name of the bucket's setting that holds the configuration.
const NAME: &str = "notification";

/// A change of an object that destinations may want to hear of.
#[derive(Clone, Debug)]
pub(super) struct Happened {
    /// The name of the event, such as `ObjectCreated:Put`.
    event: String,
    bucket: String,
    key: String,
    size: Option<u64>,
    etag: Option<String>,
    /// The version's id, where it has one.
    version: Option<String>,
}

impl Happened {
    /// An object was made by `Put`, `Copy` or `CompleteMultipartUpload`.
    pub(super) fn created(how: &str, bucket: &str, key: &str, version: &Version) -> Self {
        Self::new(format!("ObjectCreated:{how}"), bucket, key, version)
    }

    /// A version went (`Delete`), or a delete marker came (`DeleteMarkerCreated`).
    pub(super) fn removed(how: &str, bucket: &str, key: &str, version: &Version) -> Self {
        let happened = Self::new(format!("ObjectRemoved:{how}"), bucket, key, version);
        Self { size: None, etag: None, ..happened }
    }

    /// Tags were set (`Put`) or taken off (`Delete`).
    pub(super) fn tagged(how: &str, bucket: &str, key: &str, version: &Version) -> Self {
        Self::new(format!("ObjectTagging:{how}"), bucket, key, version)
    }

    fn new(event: String, bucket: &str, key: &str, version: &Version) -> Self {
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

/// Tells the destinations of the bucket, in the background. Nobody waits for them, as on AWS.
pub(super) fn tell(context: &Context, happened: Happened, extensions: &http::Extensions) {
    let Some(hub) = context.hub() else { return };
    let found = context.store.look(|index| {
        let bucket = index.bucket(&happened.bucket).ok()?;
        let configuration = settings::read::<NotificationConfiguration>(bucket.setting(NAME)?).ok()?;
        Some((configuration, versioning::of(bucket).is_some()))
    });
    let Some((configuration, versioned)) = found else { return };
    let happened = Happened { version: happened.version.filter(|_| versioned), ..happened };
    let asked = extensions.get::<Asked>().cloned().unwrap_or_default();
    let scene = record::Scene {
        region: hub.identity.region.clone(),
        account: hub.identity.account.clone(),
        owner: context.owner_id(),
        at: context.now(),
        sequencer: context.sequencer(),
        asked,
    };
    let deliveries = delivery::due(&configuration, &happened, &scene);
    if !deliveries.is_empty() {
        tokio::spawn(async move { delivery::deliver(&hub, deliveries, &happened.bucket).await });
    }
}

/// True if a configuration asks for this event.
fn wants(events: &[Event], filter: Option<&NotificationConfigurationFilter>, happened: &Happened) -> bool {
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
