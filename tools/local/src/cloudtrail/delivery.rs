//! The delivery of events: to the default bus at once, to the buckets of trails every five minutes.
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html>

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::event::Event;
use super::record;
use super::state::CloudTrail;
use super::trail::Trail;
use crate::core::{AwsEvent, Hub, StoredObject};

/// The time between two deliveries of log files, in plane time: "about every 5 minutes".
const EVERY: Duration = Duration::from_secs(300);

/// Delivers until the service is gone.
pub(super) fn start(trail: &Arc<CloudTrail>) {
    let (weak, clock) = (Arc::downgrade(trail), trail.hub.clock.clone());
    tokio::spawn(async move {
        loop {
            clock.sleep(EVERY).await;
            let Some(trail) = weak.upgrade() else { return };
            trail.deliver().await;
        }
    });
}

/// Hands an event to EventBridge.
pub(super) fn publish(hub: &Arc<Hub>, event: &Event) {
    let Some(source) = source(event.service).filter(|_| hub.has_audience()) else { return };
    let sent = AwsEvent {
        source,
        detail_type: "AWS API Call via CloudTrail".to_owned(),
        resources: Vec::new(),
        detail: record::of(event, &hub.identity),
    };
    let hub = Arc::clone(hub);
    tokio::spawn(async move { hub.publish(sent).await });
}

/// The source of a service's events: `aws.iam` of `iam`.
fn source(service: &str) -> Option<&'static str> {
    const SOURCES: &[&str] = &[
        "aws.apigateway",
        "aws.cloudformation",
        "aws.cloudtrail",
        "aws.codebuild",
        "aws.codecommit",
        "aws.codedeploy",
        "aws.codepipeline",
        "aws.dynamodb",
        "aws.events",
        "aws.iam",
        "aws.lambda",
        "aws.logs",
        "aws.monitoring",
        "aws.s3",
        "aws.sns",
        "aws.ssm",
        "aws.sts",
    ];
    SOURCES.iter().copied().find(|source| source.strip_prefix("aws.") == Some(service))
}

impl CloudTrail {
    /// Puts what waits into the bucket of every trail that logs, as one file each.
    pub(super) async fn deliver(&self) {
        let waiting = self.history().take_waiting();
        let wanted = |trail: &mut Trail| {
            let records: Vec<Value> = waiting
                .iter()
                .filter(|event| trail.wants(event))
                .map(|event| record::of(event, &self.hub.identity))
                .collect();
            (trail.clone(), records)
        };
        let targets: Vec<_> = self.trails().logging().map(wanted).filter(|(_, records)| !records.is_empty()).collect();
        for (target, records) in targets {
            let Ok(body) = compressed(&json!({ "Records": records })) else { continue };
            let (bucket, key) = (&target.bucket, self.file_name(target.prefix.as_deref()));
            let object = StoredObject { body, ..StoredObject::default() };
            let stored = match self.may_write(target.destination()).and_then(|()| self.hub.objects()) {
                Ok(objects) => objects.put(bucket, &key, object).await,
                Err(error) => Err(error),
            };
            let now = self.hub.now();
            for trail in self.trails().logging().filter(|trail| trail.arn == target.arn) {
                trail.delivery_error = stored.as_ref().err().map(|error| error.code.clone());
                if stored.is_ok() {
                    trail.delivered = Some(now);
                }
            }
        }
    }

    /// `prefix/AWSLogs/ACCOUNT/CloudTrail/REGION/2026/01/31/ACCOUNT_CloudTrail_REGION_20260131T1200Z_….json.gz`
    fn file_name(&self, prefix: Option<&str>) -> String {
        let identity = &self.hub.identity;
        let (account, region) = (&identity.account, &identity.region);
        let now = self.hub.now().iso8601();
        let (date, time) = now.split_once('T').unwrap_or((&now, ""));
        let minute: String = time.chars().take(5).filter(char::is_ascii_digit).collect();
        let file = format!(
            "{account}_CloudTrail_{region}_{}T{minute}Z_{}.json.gz",
            date.replace('-', ""),
            self.hub.ids.hex(16)
        );
        let path = format!("AWSLogs/{account}/CloudTrail/{region}/{}/{file}", date.replace('-', "/"));
        prefix.map_or_else(|| path.clone(), |prefix| format!("{}/{path}", prefix.trim_end_matches('/')))
    }
}

fn compressed(value: &Value) -> std::io::Result<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(value.to_string().as_bytes())?;
    encoder.finish().map(Bytes::from)
}
