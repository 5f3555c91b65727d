//! CloudTrail: who did what on the plane.
//!
//! Every management event is kept for `LookupEvents`. While a trail logs, events go to its bucket every five minutes of plane
//! time, and the ones that change something go to EventBridge's rules (`AWS API Call via CloudTrail`), which without a trail
//! hear of none, as on AWS. Data events are recorded where a trail's selectors ask for them, which can be S3's objects; those of
//! items and invocations cannot be selected on the plane.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html>

mod bucket;
mod delivery;
mod event;
mod history;
mod lookup;
mod names;
mod record;
mod redact;
mod s3;
mod selector;
mod selectors;
mod state;
mod tags;
mod trail;
mod trails;

use std::sync::{Arc, Mutex};

use crate::core::{Call, Hub, Service, Trail};
use crate::model::Dialect;
use crate::operations::{Modelled, Table};
use event::Event;
use state::CloudTrail;

static TABLE: Table<Arc<CloudTrail>> = Table::new(
    "cloudtrail",
    Dialect::Listed("InvalidParameterException"),
    &[trails::OPERATIONS, selectors::OPERATIONS, tags::OPERATIONS, lookup::OPERATIONS],
);

/// The service, which hears of every call from now on.
pub fn service(hub: &Arc<Hub>) -> Arc<dyn Service> {
    let trail = Arc::new(CloudTrail {
        hub: Arc::clone(hub),
        ids: hub.ids.series(),
        history: Mutex::default(),
        trails: Mutex::default(),
    });
    hub.set_trail(Arc::clone(&trail) as Arc<dyn Trail>);
    delivery::start(&trail);
    Arc::new(Modelled::new(hub, trail, &TABLE))
}

impl Trail for CloudTrail {
    fn record(&self, call: &Call<'_>) {
        // Selectors can ask for S3's data events alone.
        let is_data = event::is_data(call.service, call.operation);
        if is_data && !(call.service == "s3" && self.trails().any_selects_data()) {
            return;
        }
        let event = Event::of(call, self.hub.now(), self.ids);
        let wanted = self.trails().logging().any(|trail| trail.wants(&event));
        let event = self.history().add(event, wanted);
        if wanted && !event.read_only {
            delivery::publish(&self.hub, &event);
        }
    }
}

#[cfg(test)]
mod tests;
