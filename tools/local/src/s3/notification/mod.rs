//! Event notifications: a bucket tells its destinations of the changes of its objects.

mod configuration;
mod delivery;
mod happened;
mod record;

pub(super) use configuration::{get, put};

use s3s::dto::NotificationConfiguration;

use super::asked::Asked;
use super::bucket::{settings, versioning};
use super::context::Context;

pub(super) use happened::Happened;

/// The name of the bucket's setting that holds the configuration.
const NAME: &str = "notification";

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
