//! Trails: what is delivered where.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::CloudTrail;
use super::record::Event;
use super::selectors::Selectors;
use crate::core::{Arn, Input, Page, Reply, Request, ServiceError, Timestamp};
use crate::operations::Operation;

/// The most trails of a region.
const TRAILS: usize = 5;
/// The number of trails of a page of `ListTrails`.
const PAGE: usize = 100;

type Declared = Operation<Arc<CloudTrail>>;

pub(super) const OPERATIONS: &[Declared] = &[
    Declared::later(
        "CreateTrail",
        "Name S3BucketName S3KeyPrefix IncludeGlobalServiceEvents IsMultiRegionTrail EnableLogFileValidation=false TagsList",
        |trail, request| Box::pin(create(trail, request)),
    )
    .on("trail/{Name}"),
    Declared::later(
        "UpdateTrail",
        "Name S3BucketName S3KeyPrefix IncludeGlobalServiceEvents IsMultiRegionTrail EnableLogFileValidation=false",
        |trail, request| Box::pin(update(trail, &request.input)),
    )
    .on("trail/{Name}"),
    Declared::now("GetTrail", "Name", |trail, request| {
        trail.with_trail(request.input.str("Name")?, |trail| json!({ "Trail": trail.describe() }))
    })
    .on("trail/{Name}"),
    Declared::now("DescribeTrails", "trailNameList includeShadowTrails", |trail, request| {
        Ok(trail.trails().described(&request.input.strings("trailNameList")))
    }),
    Declared::now("ListTrails", "NextToken", |trail, request| trail.trails().list(request.input.opt_str("NextToken"))),
    Declared::now("DeleteTrail", "Name", |trail, request| trail.trails().delete(request.input.str("Name")?))
        .on("trail/{Name}"),
    Declared::now("StartLogging", "Name", |trail, request| trail.log(request, true)).on("trail/{Name}"),
    Declared::now("StopLogging", "Name", |trail, request| trail.log(request, false)).on("trail/{Name}"),
    Declared::now("GetTrailStatus", "Name", |trail, request| {
        trail.with_trail(request.input.str("Name")?, |trail| trail.status())
    })
    .on("trail/{Name}"),
];

/// One trail, with its settings and the state of its deliveries.
#[derive(Clone, Debug)]
pub(super) struct Trail {
    name: String,
    pub(super) arn: String,
    region: String,
    pub(super) bucket: String,
    pub(super) prefix: Option<String>,
    multi_region: bool,
    global_events: bool,
    started: Option<Timestamp>,
    stopped: Option<Timestamp>,
    pub(super) delivered: Option<Timestamp>,
    pub(super) delivery_error: Option<String>,
    pub(super) selectors: Selectors,
}

impl Trail {
    pub(super) fn is_logging(&self) -> bool {
        self.started.is_some() && self.stopped.is_none_or(|stopped| self.started.is_some_and(|at| at > stopped))
    }

    /// True if the trail takes this event down.
    pub(super) fn wants(&self, event: &Event) -> bool {
        self.selectors.want(event)
    }

    fn describe(&self) -> Value {
        json!({
            "Name": self.name, "S3BucketName": self.bucket, "S3KeyPrefix": self.prefix, "TrailARN": self.arn,
            "IncludeGlobalServiceEvents": self.global_events, "IsMultiRegionTrail": self.multi_region,
            "HomeRegion": self.region, "LogFileValidationEnabled": false,
            "HasCustomEventSelectors": self.selectors.are_custom(),
            "HasInsightSelectors": false, "IsOrganizationTrail": false,
        })
    }

    fn status(&self) -> Value {
        let seconds = |at: Option<Timestamp>| at.map(Timestamp::epoch_seconds);
        json!({
            "IsLogging": self.is_logging(), "StartLoggingTime": seconds(self.started),
            "StopLoggingTime": seconds(self.stopped), "LatestDeliveryTime": seconds(self.delivered),
            "LatestDeliveryError": self.delivery_error,
        })
    }

    /// Sets the members of `CreateTrail` and `UpdateTrail`; members that did not come stay as they are.
    fn set(&mut self, input: &Input) {
        if let Some(bucket) = input.opt_str("S3BucketName") {
            self.bucket = bucket.to_owned();
        }
        if let Some(prefix) = input.opt_str("S3KeyPrefix") {
            self.prefix = (!prefix.is_empty()).then(|| prefix.to_owned());
        }
        self.multi_region = input.opt_bool("IsMultiRegionTrail").unwrap_or(self.multi_region);
        self.global_events = input.opt_bool("IncludeGlobalServiceEvents").unwrap_or(self.global_events);
    }
}

/// Trails by name.
#[derive(Debug, Default)]
pub(super) struct Trails(BTreeMap<String, Trail>);

impl Trails {
    /// True if any trail that logs selects data events.
    pub(super) fn any_selects_data(&self) -> bool {
        self.0.values().any(|trail| trail.is_logging() && trail.selectors.select_data())
    }

    /// The trails that log.
    pub(super) fn logging(&mut self) -> impl Iterator<Item = &mut Trail> {
        self.0.values_mut().filter(|trail| trail.is_logging())
    }

    fn find(&mut self, asked: &str) -> Result<&mut Trail, ServiceError> {
        let name = named(asked)?;
        self.0
            .get_mut(&name)
            .ok_or_else(|| ServiceError::new("TrailNotFoundException", format!("Unknown trail: {asked}")))
    }

    fn described(&self, names: &[String]) -> Value {
        let wanted =
            |trail: &&Trail| names.is_empty() || names.iter().any(|name| *name == trail.name || *name == trail.arn);
        json!({ "trailList": self.0.values().filter(wanted).map(Trail::describe).collect::<Vec<_>>() })
    }

    fn list(&self, token: Option<&str>) -> Reply {
        let all = self.0.iter().map(|(name, trail)| {
            (name.as_str(), json!({ "TrailARN": trail.arn, "Name": trail.name, "HomeRegion": trail.region }))
        });
        let page = Page::cut(all, token, PAGE, "ListTrails")
            .map_err(|_| ServiceError::new("InvalidTokenException", "The token is not valid."))?;
        Ok(json!({ "Trails": page.items, "NextToken": page.next }))
    }

    fn delete(&mut self, asked: &str) -> Reply {
        let name = self.find(asked)?.name.clone();
        self.0.remove(&name);
        Ok(Value::Null)
    }
}

impl CloudTrail {
    pub(super) fn with_trail(&self, name: &str, act: impl FnOnce(&mut Trail) -> Value) -> Reply {
        self.trails().find(name).map(act)
    }

    fn log(&self, request: &Request, on: bool) -> Reply {
        let now = self.hub.now();
        self.with_trail(request.input.str("Name")?, |trail| {
            let moment = if on { &mut trail.started } else { &mut trail.stopped };
            *moment = Some(now);
            Value::Null
        })
    }

    /// Refuses a bucket that is not there.
    async fn check_bucket(&self, bucket: &str) -> Result<(), ServiceError> {
        match self.hub.objects()?.get(bucket, "AWSLogs").await {
            Err(error) if error.is("NoSuchBucket") => {
                let text = format!("S3 bucket {bucket} does not exist!");
                Err(ServiceError::new("S3BucketDoesNotExistException", text))
            }
            _ => Ok(()),
        }
    }
}

async fn create(trail: &Arc<CloudTrail>, request: &Request) -> Reply {
    let input = &request.input;
    let (name, bucket) = (checked(input.str("Name")?)?, input.str("S3BucketName")?);
    trail.check_bucket(bucket).await?;
    let mut made = Trail {
        arn: trail.hub.arn("cloudtrail", &format!("trail/{name}")),
        name: name.clone(),
        region: trail.hub.identity.region.clone(),
        bucket: bucket.to_owned(),
        prefix: None,
        multi_region: false,
        global_events: true,
        started: None,
        stopped: None,
        delivered: None,
        delivery_error: None,
        selectors: Selectors::default(),
    };
    made.set(input);
    let mut trails = trail.trails();
    if trails.0.contains_key(&name) {
        let account = &trail.hub.identity.account;
        let text = format!("Trail {name} already exists for customer: {account}");
        return Err(ServiceError::new("TrailAlreadyExistsException", text));
    }
    if trails.0.len() >= TRAILS {
        let text = format!("User: {} already has {TRAILS} trails in {}.", trail.hub.identity.account, made.region);
        return Err(ServiceError::new("MaximumNumberOfTrailsExceededException", text));
    }
    let reply = made.describe();
    trails.0.insert(name, made);
    Ok(reply)
}

async fn update(trail: &Arc<CloudTrail>, input: &Input) -> Reply {
    trail.with_trail(input.str("Name")?, |_| Value::Null)?;
    if let Some(bucket) = input.opt_str("S3BucketName") {
        trail.check_bucket(bucket).await?;
    }
    trail.with_trail(input.str("Name")?, |trail| {
        trail.set(input);
        trail.describe()
    })
}

/// The name in an ARN, or the name itself.
fn named(asked: &str) -> Result<String, ServiceError> {
    match Arn::parse(asked) {
        Some(arn) => Ok(arn.of_kind("trail").unwrap_or_default().to_owned()),
        None => checked(asked),
    }
}

/// A trail's name, by the rules of `CreateTrail`.
fn checked(name: &str) -> Result<String, ServiceError> {
    let refused = |text: &str| Err(ServiceError::new("InvalidTrailNameException", text));
    if name.chars().count() < 3 {
        return refused(
            "Trail name too short. Minimum allowed length: 3 characters. Specified name length: less than 3 characters.",
        );
    }
    if name.chars().count() > 128 {
        return refused("Trail name too long. Maximum allowed length: 128 characters.");
    }
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
    if !name.chars().all(plain) {
        return refused(
            "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.), hyphens (-), and underscores (_).",
        );
    }
    let edges =
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.ends_with(|c: char| c.is_ascii_alphanumeric());
    let doubled = name.as_bytes().windows(2).any(|pair| pair.iter().all(|byte| b"._-".contains(byte)));
    if !edges {
        return refused("Trail name must start and end with a letter or number.");
    }
    if doubled {
        return refused("Trail name cannot have adjacent periods, underscores or hyphens.");
    }
    Ok(name.to_owned())
}
