//! The documents that destinations get, to the letter of
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>.

use serde_json::{Map, Value, json};

use super::happened::Happened;
use crate::core::Timestamp;
use crate::s3::asked::Asked;

/// The place and time of an event, and the request that caused it.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) region: String,
    pub(super) account: String,
    /// The canonical id of the bucket's owner.
    pub(super) owner: String,
    pub(super) at: Timestamp,
    /// Grows with every event.
    pub(super) sequencer: u64,
    pub(super) asked: Asked,
}

impl Scene {
    fn sequencer(&self) -> String {
        format!("{:018X}", self.sequencer)
    }
}

/// `{"Records": […]}` with one record, for a function, topic or queue.
pub(super) fn message(happened: &Happened, scene: &Scene, configuration: &str) -> Value {
    // Tagging came with a later version of the structure.
    let version = if happened.event.starts_with("ObjectTagging") { "2.3" } else { "2.1" };
    json!({ "Records": [{
        "eventVersion": version,
        "eventSource": "aws:s3",
        "awsRegion": scene.region,
        "eventTime": scene.at.iso8601(),
        "eventName": happened.event,
        "userIdentity": { "principalId": format!("AWS:{}", scene.asked.principal) },
        "requestParameters": { "sourceIPAddress": "127.0.0.1" },
        "responseElements": { "x-amz-request-id": scene.asked.request_id, "x-amz-id-2": scene.asked.host_id },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": configuration,
            "bucket": {
                "name": happened.bucket,
                "ownerIdentity": { "principalId": scene.owner },
                "arn": format!("arn:aws:s3:::{}", happened.bucket),
            },
            "object": object(happened, scene),
        },
    }] })
}

fn object(happened: &Happened, scene: &Scene) -> Value {
    let mut object = Map::new();
    object.insert("key".to_owned(), encoded(&happened.key).into());
    if let Some(size) = happened.size {
        object.insert("size".to_owned(), size.into());
    }
    if let Some(etag) = &happened.etag {
        object.insert("eTag".to_owned(), etag.clone().into());
    }
    if let Some(version) = &happened.version {
        object.insert("versionId".to_owned(), version.clone().into());
    }
    object.insert("sequencer".to_owned(), scene.sequencer().into());
    object.into()
}

/// A key as form data has it; slashes stay.
fn encoded(key: &str) -> String {
    form_urlencoded::byte_serialize(key.as_bytes()).collect::<String>().replace("%2F", "/")
}

/// The detail type and the detail of an event for EventBridge, where keys are as they are.
pub(super) fn event(happened: &Happened, scene: &Scene) -> Option<(&'static str, Value)> {
    let (kind, how) = happened.event.split_once(':')?;
    let detail_type = match (kind, how) {
        ("ObjectCreated", _) => "Object Created",
        ("ObjectRemoved", _) => "Object Deleted",
        ("ObjectTagging", "Put") => "Object Tags Added",
        ("ObjectTagging", _) => "Object Tags Deleted",
        _ => return None,
    };
    let mut object = json!({ "key": happened.key });
    if let (Some(size), Some(etag)) = (happened.size, &happened.etag) {
        // An event about tags says nothing of the size.
        if kind == "ObjectCreated" {
            object["size"] = size.into();
        }
        object["etag"] = etag.clone().into();
    }
    if let Some(version) = &happened.version {
        object["version-id"] = version.clone().into();
    }
    object["sequencer"] = scene.sequencer().into();
    let mut detail = json!({
        "version": "0",
        "bucket": { "name": happened.bucket },
        "object": object,
        "request-id": scene.asked.request_id,
        "requester": scene.account,
        "source-ip-address": "127.0.0.1",
    });
    let reason = match (kind, how) {
        ("ObjectCreated", "Put") => Some("PutObject"),
        ("ObjectCreated", "Copy") => Some("CopyObject"),
        ("ObjectCreated", "CompleteMultipartUpload") => Some("CompleteMultipartUpload"),
        ("ObjectRemoved", _) => Some("DeleteObject"),
        _ => None,
    };
    if let Some(reason) = reason {
        detail["reason"] = reason.into();
    }
    match happened.event.as_str() {
        "ObjectRemoved:Delete" => detail["deletion-type"] = "Permanently Deleted".into(),
        "ObjectRemoved:DeleteMarkerCreated" => detail["deletion-type"] = "Delete Marker Created".into(),
        _ => {}
    }
    Some((detail_type, detail))
}

/// The message for a topic or queue that becomes a destination.
pub(super) fn test_event(bucket: &str, at: Timestamp, asked: &Asked) -> Value {
    json!({
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": at.iso8601(),
        "Bucket": bucket,
        "RequestId": asked.request_id,
        "HostId": asked.host_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn happened(event: &str) -> Happened {
        Happened {
            event: event.to_owned(),
            bucket: "b-1".to_owned(),
            key: "a b/ü+.txt".to_owned(),
            size: Some(3),
            etag: Some("e".to_owned()),
            version: None,
        }
    }

    fn scene() -> Scene {
        Scene {
            region: "us-east-1".to_owned(),
            account: "000000000000".to_owned(),
            owner: "owner".to_owned(),
            at: Timestamp::from_millis(0),
            sequencer: 0xAB,
            asked: Asked::default(),
        }
    }

    #[test]
    fn a_record_has_the_key_as_form_data() {
        let message = message(&happened("ObjectCreated:Put"), &scene(), "id");
        let record = &message["Records"][0];
        assert_eq!(
            (&record["eventVersion"], &record["eventTime"]),
            (&json!("2.1"), &json!("1970-01-01T00:00:00.000Z"))
        );
        let object = json!({ "key": "a+b/%C3%BC%2B.txt", "size": 3, "eTag": "e", "sequencer": "0000000000000000AB" });
        assert_eq!(record["s3"]["object"], object);
    }

    #[test]
    fn an_event_has_the_key_as_it_is() {
        let (kind, detail) = event(&happened("ObjectCreated:Put"), &scene()).unwrap();
        assert_eq!((kind, &detail["object"]["key"]), ("Object Created", &json!("a b/ü+.txt")));
        let (kind, detail) = event(&happened("ObjectRemoved:DeleteMarkerCreated"), &scene()).unwrap();
        assert_eq!((kind, &detail["deletion-type"]), ("Object Deleted", &json!("Delete Marker Created")));
    }
}
