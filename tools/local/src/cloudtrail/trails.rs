//! Trails: what is delivered where.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>

use std::sync::Arc;

use serde_json::{Value, json};

use super::selector::Selectors;
use super::state::CloudTrail;
use super::trail::{Trail, checked};
use crate::core::{Input, Reply, Request, ServiceError};
use crate::operations::Operation;

/// The most trails of a region.
const TRAILS: usize = 5;

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
