//! A trail, and the trails of a plane by name.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::event::Event;
use super::selector::Selectors;
use crate::core::{Input, Page, Reply, ServiceError, Timestamp};

/// The number of trails of a page of `ListTrails`.
const PAGE: usize = 100;

/// One trail, with its settings and the state of its deliveries.
#[derive(Clone, Debug)]
pub(super) struct Trail {
    pub(super) name: String,
    pub(super) arn: String,
    pub(super) region: String,
    pub(super) bucket: String,
    pub(super) prefix: Option<String>,
    pub(super) multi_region: bool,
    pub(super) global_events: bool,
    pub(super) started: Option<Timestamp>,
    pub(super) stopped: Option<Timestamp>,
    pub(super) delivered: Option<Timestamp>,
    pub(super) delivery_error: Option<String>,
    pub(super) selectors: Selectors,
    pub(super) tags: Vec<Value>,
}

/// The place to which a trail delivers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Destination<'a> {
    pub(super) bucket: &'a str,
    pub(super) prefix: Option<&'a str>,
    /// The trail's ARN.
    pub(super) trail: &'a str,
}

impl Trail {
    pub(super) fn is_logging(&self) -> bool {
        self.started.is_some() && self.stopped.is_none_or(|stopped| self.started.is_some_and(|at| at > stopped))
    }

    /// True if the trail takes this event down.
    pub(super) fn wants(&self, event: &Event) -> bool {
        self.selectors.want(event)
    }

    pub(super) fn describe(&self) -> Value {
        json!({
            "Name": self.name, "S3BucketName": self.bucket, "S3KeyPrefix": self.prefix, "TrailARN": self.arn,
            "IncludeGlobalServiceEvents": self.global_events, "IsMultiRegionTrail": self.multi_region,
            "HomeRegion": self.region, "LogFileValidationEnabled": false,
            "HasCustomEventSelectors": self.selectors.are_custom(),
            "HasInsightSelectors": false, "IsOrganizationTrail": false,
        })
    }

    pub(super) fn status(&self) -> Value {
        let seconds = |at: Option<Timestamp>| at.map(Timestamp::epoch_seconds);
        let text = |at: Option<Timestamp>| at.map(Timestamp::iso8601).unwrap_or_default();
        json!({
            "IsLogging": self.is_logging(), "StartLoggingTime": seconds(self.started),
            "StopLoggingTime": seconds(self.stopped), "LatestDeliveryTime": seconds(self.delivered),
            "LatestDeliveryError": self.delivery_error,
            // Members that are no longer in use: as text, and empty where nothing happened.
            "LatestDeliveryAttemptTime": text(self.delivered), "LatestDeliveryAttemptSucceeded": text(self.delivered),
            "LatestNotificationAttemptTime": "", "LatestNotificationAttemptSucceeded": "",
            "TimeLoggingStarted": text(self.started), "TimeLoggingStopped": text(self.stopped),
        })
    }

    /// Sets the members of `CreateTrail` and `UpdateTrail`; members that did not come stay as they are.
    pub(super) fn set(&mut self, input: &Input) -> Result<(), ServiceError> {
        if let Some(bucket) = input.opt_str("S3BucketName") {
            self.bucket = bucket.to_owned();
        }
        if let Some(prefix) = input.opt_str("S3KeyPrefix") {
            self.prefix = (!prefix.is_empty()).then(|| prefix.to_owned());
        }
        self.multi_region = input.opt_bool("IsMultiRegionTrail").unwrap_or(self.multi_region);
        self.global_events = input.opt_bool("IncludeGlobalServiceEvents").unwrap_or(self.global_events);
        if self.multi_region && !self.global_events {
            let text = "Multi-Region trail must include global service events.";
            return Err(ServiceError::new("InvalidParameterCombinationException", text));
        }
        Ok(())
    }

    /// The place to which the trail delivers.
    pub(super) fn destination(&self) -> Destination<'_> {
        Destination { bucket: &self.bucket, prefix: self.prefix.as_deref(), trail: &self.arn }
    }
}

/// Trails by name.
#[derive(Debug, Default)]
pub(super) struct Trails(pub(super) BTreeMap<String, Trail>);

impl Trails {
    /// True if any trail that logs selects data events.
    pub(super) fn any_selects_data(&self) -> bool {
        self.0.values().any(|trail| trail.is_logging() && trail.selectors.select_data())
    }

    /// The trails that log.
    pub(super) fn logging(&mut self) -> impl Iterator<Item = &mut Trail> {
        self.0.values_mut().filter(|trail| trail.is_logging())
    }

    pub(super) fn described(&self, names: &[String]) -> Value {
        let wanted =
            |trail: &&Trail| names.is_empty() || names.iter().any(|name| *name == trail.name || *name == trail.arn);
        json!({ "trailList": self.0.values().filter(wanted).map(Trail::describe).collect::<Vec<_>>() })
    }

    pub(super) fn list(&self, token: Option<&str>) -> Reply {
        let all = self.0.iter().map(|(name, trail)| {
            (name.as_str(), json!({ "TrailARN": trail.arn, "Name": trail.name, "HomeRegion": trail.region }))
        });
        let page = Page::cut(all, token, PAGE, "ListTrails")
            .map_err(|_| ServiceError::new("InvalidTokenException", "The token is not valid."))?;
        Ok(json!({ "Trails": page.items, "NextToken": page.next }))
    }
}
