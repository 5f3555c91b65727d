//! Callers before buckets with policies, on a plane whose IAM decides.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::core::{Caller, Document, Hub, ObjectStore, Principal, ServiceError, StoredObject, User};
use crate::{Plane, PlaneOptions};

const ACCOUNT: &str = "000000000000";

/// A plane with the bucket `files`, the object `a/k` in it, and the user `u` without policies.
struct World {
    plane: Plane,
}

impl World {
    async fn new() -> Self {
        let plane = Plane::start(PlaneOptions { enforce_iam: true, ..PlaneOptions::default() }).await.unwrap();
        let hub = plane.hub();
        let objects = hub.objects().unwrap();
        objects.create_bucket("files").await.unwrap();
        objects.put("files", "a/k", StoredObject::default()).await.unwrap();
        hub.call("iam", "CreateUser", json!({ "UserName": "u" })).await.unwrap();
        Self { plane }
    }

    fn objects_as(&self, caller: &Caller) -> Arc<dyn ObjectStore> {
        self.plane.hub().objects_as(caller).unwrap()
    }

    async fn get(&self, caller: &Caller, key: &str) -> Result<(), ServiceError> {
        self.objects_as(caller).get("files", key).await.map(drop)
    }

    /// Gives the user a policy of their own.
    async fn grant(&self, action: &str, resource: &str, condition: Value) {
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition,
        }] });
        let input = json!({ "UserName": "u", "PolicyName": "own", "PolicyDocument": policy.to_string() });
        self.plane.hub().call("iam", "PutUserPolicy", input).await.unwrap();
    }

    /// Gives the bucket a policy of one statement.
    async fn police(&self, effect: &str, principal: Value, action: &str) -> Result<(), ServiceError> {
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": effect, "Principal": principal, "Action": action,
            "Resource": ["arn:aws:s3:::files", "arn:aws:s3:::files/*"],
        }] });
        let objects = self.plane.hub().objects().unwrap();
        objects.configure("files", "policy", Some(Document::text(policy.to_string()))).await
    }

    async fn blocks(&self, members: Value) {
        let document = Document::xml("PublicAccessBlockConfiguration", members);
        let objects = self.plane.hub().objects().unwrap();
        objects.configure("files", "publicAccessBlock", Some(document)).await.unwrap();
    }

    /// The status that somebody who does not sign is told.
    async fn told_to_strangers(&self) -> u16 {
        reqwest::get(format!("{}/files/a/k", self.plane.hub().endpoint)).await.unwrap().status().as_u16()
    }
}

fn arn() -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/u")
}

fn user() -> Caller {
    Principal::User(Arc::new(User { name: "u".to_owned(), id: "AIDAU".to_owned(), arn: arn() })).into()
}

fn denied(result: Result<(), ServiceError>) -> String {
    let error = result.unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("AccessDenied", 403));
    error.message
}

#[tokio::test]
async fn a_denial_names_the_resource_in_quotes() {
    let world = World::new().await;
    let expected = format!(
        "User: {} is not authorized to perform: s3:GetObject on resource: \"arn:aws:s3:::files/a/k\" because no identity-based policy allows the s3:GetObject action",
        arn()
    );
    assert_eq!(denied(world.get(&user(), "a/k").await), expected);
    world.plane.shutdown().await;
}

#[tokio::test]
async fn a_buckets_policy_lets_in_and_keeps_out() {
    let world = World::new().await;
    world.police("Allow", json!({ "AWS": arn() }), "s3:GetObject").await.unwrap();
    world.get(&user(), "a/k").await.unwrap();
    world.grant("s3:*", "*", json!({})).await;
    world.police("Deny", json!("*"), "s3:*").await.unwrap();
    assert!(denied(world.get(&user(), "a/k").await).ends_with("with an explicit deny in a resource-based policy"));
    // The root is locked out, too, but for mending the policy.
    denied(world.get(&Caller::root(), "a/k").await);
    world.objects_as(&Caller::root()).configure("files", "policy", None).await.unwrap();
    world.get(&user(), "a/k").await.unwrap();
    world.plane.shutdown().await;
}

#[tokio::test]
async fn strangers_are_let_in_by_a_public_policy_of_a_bucket_that_may_have_one() {
    let world = World::new().await;
    assert_eq!(world.told_to_strangers().await, 403);
    let blocked = world.police("Allow", json!("*"), "s3:GetObject").await;
    assert!(denied(blocked).contains("BlockPublicPolicy"));
    world.blocks(json!({ "BlockPublicPolicy": false })).await;
    world.police("Allow", json!("*"), "s3:GetObject").await.unwrap();
    assert_eq!(world.told_to_strangers().await, 200);
    world.blocks(json!({ "RestrictPublicBuckets": true })).await;
    assert_eq!(world.told_to_strangers().await, 403);
    world.get(&user(), "a/k").await.unwrap();
    world.plane.shutdown().await;
}

#[tokio::test]
async fn who_may_not_list_a_bucket_is_not_told_which_keys_it_lacks() {
    let world = World::new().await;
    world.grant("s3:GetObject", "arn:aws:s3:::files/*", json!({})).await;
    assert!(denied(world.get(&user(), "none").await).contains("s3:ListBucket on resource: \"arn:aws:s3:::files\""));
    world.grant("s3:*", "arn:aws:s3:::files*", json!({})).await;
    assert_eq!(world.get(&user(), "none").await.unwrap_err().code, "NoSuchKey");
    let nowhere = world.objects_as(&user()).get("nowhere", "k").await.unwrap_err();
    assert_eq!(nowhere.code, "NoSuchBucket", "that a bucket is not there is no secret");
    world.plane.shutdown().await;
}

#[tokio::test]
async fn the_tags_of_an_object_are_conditions() {
    let world = World::new().await;
    world.grant("s3:*", "*", json!({ "StringEquals": { "s3:ExistingObjectTag/open": "yes" } })).await;
    denied(world.get(&user(), "a/k").await);
    let tags = Document::xml("Tagging", json!({ "TagSet": { "Tag": [{ "Key": "open", "Value": "yes" }] } }));
    world.plane.hub().objects().unwrap().configure("files/a/k", "tagging", Some(tags)).await.unwrap();
    world.get(&user(), "a/k").await.unwrap();
    world.plane.shutdown().await;
}

#[tokio::test]
async fn a_list_lets_everybody_read_where_lists_are_in_force() {
    let world = World::new().await;
    let objects = world.plane.hub().objects().unwrap();
    let owner = Document::xml("OwnershipControls", json!({ "Rule": [{ "ObjectOwnership": "ObjectWriter" }] }));
    objects.configure("files", "ownershipControls", Some(owner)).await.unwrap();
    world.blocks(json!({ "IgnorePublicAcls": true })).await;
    let open = || Document::headers(vec![("x-amz-acl", "public-read".to_owned())]);
    objects.configure("files/a/k", "acl", Some(open())).await.unwrap();
    assert_eq!(world.told_to_strangers().await, 403, "public lists are ignored");
    world.blocks(json!({ "IgnorePublicAcls": false })).await;
    assert_eq!(world.told_to_strangers().await, 200);
    world.police("Deny", json!("*"), "s3:GetObject").await.unwrap();
    assert_eq!(world.told_to_strangers().await, 403, "a deny outweighs a list");
    world.plane.shutdown().await;
}

#[tokio::test]
async fn a_policy_names_users_that_are_there() {
    let world = World::new().await;
    world.police("Allow", json!({ "AWS": arn() }), "s3:GetObject").await.unwrap();
    let unknown = json!({ "AWS": format!("arn:aws:iam::{ACCOUNT}:user/nobody") });
    let refused = world.police("Allow", unknown, "s3:GetObject").await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.message.as_str()), ("MalformedPolicy", "Invalid principal in policy"));
    world.plane.shutdown().await;
}

#[tokio::test]
async fn cloudtrail_hears_of_buckets_and_of_the_objects_that_a_trail_selects() {
    let world = World::new().await;
    let hub = world.plane.hub();
    let root = world.objects_as(&Caller::root());
    root.create_bucket("more").await.unwrap();
    let names = |value: &str, reply: &Value| {
        let events = reply["Events"].as_array().unwrap().iter();
        events.filter(|event| event["EventName"] == value).cloned().collect::<Vec<_>>()
    };
    let seen = hub.call("cloudtrail", "LookupEvents", json!({})).await.unwrap();
    let made = names("CreateBucket", &seen);
    let record: Value = serde_json::from_str(made[0]["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(record["requestParameters"]["bucketName"], "more");
    assert_eq!((&record["eventSource"], &record["userIdentity"]["type"]), (&json!("s3.amazonaws.com"), &json!("Root")));
    assert_eq!(record["resources"][0]["ARN"], "arn:aws:s3:::more");

    let_the_trail_write(hub, "more").await;
    hub.call("cloudtrail", "CreateTrail", json!({ "Name": "all", "S3BucketName": "more" })).await.unwrap();
    hub.call("cloudtrail", "StartLogging", json!({ "Name": "all" })).await.unwrap();
    let select = |values: Value| {
        json!({ "TrailName": "all", "EventSelectors": [{
            "ReadWriteType": "WriteOnly", "DataResources": [{ "Type": "AWS::S3::Object", "Values": values }],
        }] })
    };
    let refused = hub.call("cloudtrail", "PutEventSelectors", select(json!(["arn:aws:s3:::files"]))).await.unwrap_err();
    assert_eq!(refused.code, "InvalidEventSelectorsException");
    hub.call("cloudtrail", "PutEventSelectors", select(json!(["arn:aws:s3:::files/a/"]))).await.unwrap();
    for key in ["a/1", "b/1"] {
        root.put("files", key, StoredObject::default()).await.unwrap();
    }
    root.get("files", "a/1").await.unwrap();
    let seen = hub.call("cloudtrail", "LookupEvents", json!({})).await.unwrap();
    assert_eq!(names("PutObject", &seen), Vec::<Value>::new(), "data events are delivered, not looked up");
    world.plane.shutdown().await;
}

/// Gives a bucket the policy that AWS documents for the trail `all`.
async fn let_the_trail_write(hub: &Hub, bucket: &str) {
    let statement = |action: &str, resource: &str| {
        json!({
            "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" }, "Action": action,
            "Resource": resource, "Condition": { "ArnLike": { "aws:SourceArn": "arn:aws:cloudtrail:*:*:trail/all" } },
        })
    };
    let (bucket_arn, write) = (format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/AWSLogs/{ACCOUNT}/*"));
    let statements = [statement("s3:GetBucketAcl", &bucket_arn), statement("s3:PutObject", &write)];
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    hub.objects().unwrap().configure(bucket, "policy", Some(Document::text(policy))).await.unwrap();
}

#[tokio::test]
async fn a_trail_needs_a_bucket_whose_policy_lets_cloudtrail_write() {
    let world = World::new().await;
    let hub = world.plane.hub();
    let trail = json!({ "Name": "all", "S3BucketName": "files" });
    let refused = hub.call("cloudtrail", "CreateTrail", trail.clone()).await.unwrap_err();
    assert_eq!(refused.code, "InsufficientS3BucketPolicyException", "a bucket without a policy lets nobody in");
    world.police("Allow", json!({ "Service": "cloudtrail.amazonaws.com" }), "s3:GetObject").await.unwrap();
    let refused = hub.call("cloudtrail", "CreateTrail", trail.clone()).await.unwrap_err();
    assert_eq!(refused.code, "InsufficientS3BucketPolicyException");
    assert_eq!(refused.message, "Incorrect S3 bucket policy is detected for bucket: files");
    let_the_trail_write(hub, "files").await;
    let elsewhere = json!({ "Name": "all", "S3BucketName": "files", "S3KeyPrefix": "p" });
    let refused = hub.call("cloudtrail", "CreateTrail", elsewhere).await.unwrap_err();
    assert_eq!(refused.code, "InsufficientS3BucketPolicyException");
    hub.call("cloudtrail", "CreateTrail", trail).await.unwrap();
    world.plane.shutdown().await;
}
