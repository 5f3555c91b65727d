//! Trails: what is delivered where.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html>

use std::sync::Arc;

use serde_json::{Value, json};

use super::names::{checked, named};
use super::selector::Selectors;
use super::state::CloudTrail;
use super::tags;
use super::trail::Trail;
use crate::core::{Input, Reply, Request, ServiceError};
use crate::operations::Operation;

/// The most trails of a region.
const TRAILS: usize = 5;

/// The code of the error for a trail that is not there.
const UNKNOWN: &str = "TrailNotFoundException";

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
        let name = request.input.str("Name")?;
        let found = trail.with_trail(name, |trail| json!({ "Trail": trail.describe() }));
        // AWS tells the name alone here, and elsewhere the ARN.
        found.map_err(|error| if error.is(UNKNOWN) { trail.unknown(name) } else { error })
    })
    .on("trail/{Name}"),
    Declared::now("DescribeTrails", "trailNameList includeShadowTrails", |trail, request| {
        Ok(trail.trails().described(&request.input.strings("trailNameList")))
    }),
    Declared::now("ListTrails", "NextToken", |trail, request| trail.trails().list(request.input.opt_str("NextToken"))),
    Declared::now("DeleteTrail", "Name", |trail, request| trail.delete(request.input.str("Name")?))
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
        let name = named(name)?;
        match self.trails().0.get_mut(&name) {
            Some(trail) => Ok(act(trail)),
            None => Err(self.unknown(&self.arn(&name))),
        }
    }

    fn arn(&self, name: &str) -> String {
        self.hub.arn("cloudtrail", &format!("trail/{name}"))
    }

    /// The error for a trail that is not there.
    fn unknown(&self, shown: &str) -> ServiceError {
        ServiceError::new(UNKNOWN, format!("Unknown trail: {shown} for the user: {}", self.hub.identity.account))
    }

    fn delete(&self, asked: &str) -> Reply {
        let name = named(asked)?;
        let gone = self.trails().0.remove(&name);
        gone.map(|_| Value::Null).ok_or_else(|| self.unknown(&self.arn(&name)))
    }

    fn log(&self, request: &Request, on: bool) -> Reply {
        let now = self.hub.now();
        self.with_trail(request.input.str("Name")?, |trail| {
            let moment = if on { &mut trail.started } else { &mut trail.stopped };
            *moment = Some(now);
            Value::Null
        })
    }
}

async fn create(trail: &Arc<CloudTrail>, request: &Request) -> Reply {
    let input = &request.input;
    let (name, bucket) = (checked(input.str("Name")?)?, input.str("S3BucketName")?);
    let mut made = Trail {
        arn: trail.arn(&name),
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
        tags: tags::set(&[], input.list("TagsList"))?,
    };
    made.set(input)?;
    trail.check_bucket(made.destination()).await?;
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
    let name = input.str("Name")?;
    let mut changed = None;
    trail.with_trail(name, |trail| {
        changed = Some(trail.clone());
        Value::Null
    })?;
    if let Some(mut changed) = changed {
        changed.set(input)?;
        trail.check_bucket(changed.destination()).await?;
    }
    let mut set = Ok(());
    let described = trail.with_trail(name, |trail| {
        set = trail.set(input);
        trail.describe()
    })?;
    set.map(|()| described)
}
