//! Buckets of stacks against the plane's own S3.

use axum::body::Body;
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tempfile::TempDir;
use test_case::test_case;

use super::super::s3_bucket_policy::BucketPolicy;
use super::super::testing::{self, Fake, Stage};
use super::*;
use crate::cloudformation::provider::Provider;
use crate::core::Principal;
use crate::s3::S3Endpoint;

/// A stack on a plane with S3, and a function that lets every bucket in.
struct World {
    context: ResourceContext,
    s3: S3Endpoint,
    _files: TempDir,
}

impl World {
    fn new() -> Self {
        let files = tempfile::tempdir().unwrap();
        let s3 = S3Endpoint::open(files.path()).unwrap();
        let policy = json!({ "Statement": { "Effect": "Allow", "Principal": { "Service": "s3.amazonaws.com" } } });
        let (lambda, _) = Fake::new("lambda", move |_, _| Ok(json!({ "Policy": policy.to_string() })));
        let stage = Stage::with_objects(vec![lambda], s3.objects());
        s3.attach(&stage.hub);
        // The hub is the stage's and lives in the context.
        Self { context: stage.context("Files"), s3, _files: files }
    }

    /// A subresource of a bucket as clients read it.
    async fn read(&self, bucket: &str, subresource: &str) -> String {
        let request = Request::get(format!("/{bucket}?{subresource}")).header("host", "127.0.0.1").body(()).unwrap();
        let reply = self.s3.answer(request.into_parts().0, Body::empty(), Ok(Principal::Plane.into())).await;
        String::from_utf8(reply.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }
}

#[tokio::test]
async fn a_bucket_gets_a_lower_case_name_and_goes_again() {
    let world = World::new();
    let made = testing::create(&Bucket, &world.context, json!({})).await;
    assert!(made.physical_id.starts_with("slipway-production-files-"), "{}", made.physical_id);
    assert_eq!(made.attributes["Arn"], json!(format!("arn:aws:s3:::{}", made.physical_id)));
    let url = format!("http://{}.s3-website-us-east-1.amazonaws.com", made.physical_id);
    assert_eq!(made.attributes["WebsiteURL"], json!(url));
    Bucket.delete(&world.context, &made, &json!({})).await.unwrap();
    Bucket.delete(&world.context, &made, &json!({})).await.unwrap();
    assert!(world.read(&made.physical_id, "location").await.contains("NoSuchBucket"));
}

#[tokio::test]
async fn a_name_that_is_taken_and_a_bucket_that_is_not_empty_are_errors() {
    let world = World::new();
    let named = json!({ "BucketName": "files" });
    let made = testing::create(&Bucket, &world.context, named.clone()).await;
    let taken = Bucket.create(&world.context, &named).await.unwrap_err();
    assert_eq!((taken.code.as_str(), taken.message.as_str()), ("BucketAlreadyExists", "files already exists"));
    world.context.hub.objects().unwrap().put("files", "k", Default::default()).await.unwrap();
    let full = Bucket.delete(&world.context, &made, &named).await.unwrap_err();
    assert_eq!(full.message, "The bucket you tried to delete is not empty");
}

#[tokio::test]
async fn a_bucket_whose_settings_are_refused_is_not_left_behind() {
    let world = World::new();
    let wrong = json!({ "BucketName": "files", "CorsConfiguration": { "CorsRules": [
        { "AllowedMethods": ["PATCH"], "AllowedOrigins": ["*"] },
    ] } });
    let refused = Bucket.create(&world.context, &wrong).await.unwrap_err();
    assert!(refused.message.starts_with("Found unsupported HTTP method in CORS config"), "{refused}");
    assert!(world.read("files", "location").await.contains("NoSuchBucket"));
    let listed = json!({ "BucketName": "files", "AccessControl": "LogDeliveryWrite" });
    let refused = Bucket.create(&world.context, &listed).await.unwrap_err();
    assert_eq!(refused.message, "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting");
}

const OWNED: &str = r#"{ "Rules": [{ "ObjectOwnership": "ObjectWriter" }] }"#;

/// A property is there after the create, is there after an update that adds it, and is gone after one that removes it.
#[test_case("AccelerateConfiguration", json!({ "AccelerationStatus": "Enabled" }), "accelerate", &["<Status>Enabled"], "<Status>Suspended")]
#[test_case("AnalyticsConfigurations", json!([{ "Id": "a b", "Prefix": "p/", "TagFilters": [{ "Key": "k", "Value": "v" }],
    "StorageClassAnalysis": { "DataExport": { "OutputSchemaVersion": "V_1", "Destination": { "BucketArn": "arn:aws:s3:::b-1", "Format": "CSV" } } } }]),
    "analytics&id=a+b", &["<Prefix>p/", "<Key>k", "<Bucket>arn:aws:s3:::b-1"], "NoSuchConfiguration")]
#[test_case("BucketEncryption", json!({ "ServerSideEncryptionConfiguration": [{ "BucketKeyEnabled": true,
    "ServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/k" } }] }),
    "encryption", &["<SSEAlgorithm>aws:kms", "<KMSMasterKeyID>alias/k", "<BucketKeyEnabled>true"], "<SSEAlgorithm>AES256")]
#[test_case("CorsConfiguration", json!({ "CorsRules": [{ "Id": "r", "AllowedHeaders": ["*"], "AllowedMethods": ["GET", "PUT"],
    "AllowedOrigins": ["https://example.com"], "ExposedHeaders": ["ETag"], "MaxAge": "300" }] }),
    "cors", &["<ID>r", "<AllowedMethod>PUT", "<ExposeHeader>ETag", "<MaxAgeSeconds>300"], "NoSuchCORSConfiguration")]
#[test_case("IntelligentTieringConfigurations", json!([{ "Id": "t", "Status": "Enabled", "Prefix": "p/",
    "Tierings": [{ "AccessTier": "ARCHIVE_ACCESS", "Days": 90 }] }]),
    "intelligent-tiering&id=t", &["<AccessTier>ARCHIVE_ACCESS", "<Days>90", "<Prefix>p/"], "NoSuchConfiguration")]
#[test_case("InventoryConfigurations", json!([{ "Id": "i", "Enabled": true, "IncludedObjectVersions": "All", "ScheduleFrequency": "Daily",
    "Prefix": "p/", "OptionalFields": ["Size", "ETag"],
    "Destination": { "BucketArn": "arn:aws:s3:::b-1", "BucketAccountId": "000000000000", "Format": "ORC", "Prefix": "to" } }]),
    "inventory&id=i", &["<IsEnabled>true", "<Field>ETag", "<AccountId>000000000000", "<Frequency>Daily", "<Format>ORC"], "NoSuchConfiguration")]
#[test_case("LifecycleConfiguration", json!({ "TransitionDefaultMinimumObjectSize": "varies_by_storage_class", "Rules": [
    { "Id": "r", "Status": "Enabled", "Prefix": "p/", "TagFilters": [{ "Key": "k", "Value": "v" }], "ExpirationInDays": 365,
      "NoncurrentVersionExpiration": { "NoncurrentDays": 7, "NewerNoncurrentVersions": 2 },
      "Transitions": [{ "StorageClass": "STANDARD_IA", "TransitionInDays": 30 }, { "StorageClass": "Glacier", "TransitionInDays": 90 }],
      "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 3 } },
    { "Id": "all", "Status": "Disabled", "ExpiredObjectDeleteMarker": true },
]}), "lifecycle", &["<And><Prefix>p/", "<StorageClass>GLACIER", "<NoncurrentDays>7", "<NewerNoncurrentVersions>2", "<DaysAfterInitiation>3", "<ExpiredObjectDeleteMarker>true"],
    "NoSuchLifecycleConfiguration")]
#[test_case("LoggingConfiguration", json!({ "LogFilePrefix": "log/", "TargetObjectKeyFormat": { "PartitionedPrefix": { "PartitionDateSource": "EventTime" } } }),
    "logging", &["<TargetBucket>files", "<TargetPrefix>log/", "<PartitionDateSource>EventTime"], "<BucketLoggingStatus")]
#[test_case("MetricsConfigurations", json!([{ "Id": "m", "TagFilters": [{ "Key": "k", "Value": "v" }] }]),
    "metrics&id=m", &["<Filter><Tag><Key>k"], "NoSuchConfiguration")]
#[test_case("NotificationConfiguration", json!({ "EventBridgeConfiguration": { "EventBridgeEnabled": "true" }, "LambdaConfigurations": [
    { "Event": "s3:ObjectCreated:*", "Function": "arn:aws:lambda:us-east-1:000000000000:function:f",
      "Filter": { "S3Key": { "Rules": [{ "Name": "suffix", "Value": ".json" }] } } },
] }), "notification", &["<CloudFunction>arn:aws:lambda", "<Value>.json", "<EventBridgeConfiguration"], "<NotificationConfiguration")]
#[test_case("OwnershipControls", serde_json::from_str(OWNED).unwrap(), "ownershipControls", &["<ObjectOwnership>ObjectWriter"],
    "OwnershipControlsNotFoundError")]
#[test_case("PublicAccessBlockConfiguration", json!({ "BlockPublicAcls": "false", "RestrictPublicBuckets": true }), "publicAccessBlock",
    &["<BlockPublicAcls>false", "<BlockPublicPolicy>false", "<RestrictPublicBuckets>true"], "NoSuchPublicAccessBlockConfiguration")]
#[test_case("Tags", json!([{ "Key": "team", "Value": "blue" }]), "tagging", &["<Key>team</Key><Value>blue"], "NoSuchTagSet")]
#[test_case("VersioningConfiguration", json!({ "Status": "Enabled" }), "versioning", &["<Status>Enabled"], "<Status>Suspended")]
#[test_case("WebsiteConfiguration", json!({ "IndexDocument": "index.html", "ErrorDocument": "404.html", "RoutingRules": [
    { "RoutingRuleCondition": { "KeyPrefixEquals": "old/" }, "RedirectRule": { "ReplaceKeyPrefixWith": "new/" } },
] }), "website", &["<Suffix>index.html", "<Key>404.html", "<KeyPrefixEquals>old/", "<ReplaceKeyPrefixWith>new/"], "NoSuchWebsiteConfiguration")]
#[tokio::test]
async fn a_property_is_the_buckets_own_setting(
    property: &str,
    value: Value,
    subresource: &str,
    has: &[&str],
    gone: &str,
) {
    let world = World::new();
    let (bare, with) = (json!({ "BucketName": "files" }), json!({ "BucketName": "files", property: value }));
    assert_eq!(objections::objections(None, &with), []);
    let mut made = testing::create(&Bucket, &world.context, with.clone()).await;
    for _ in 0..2 {
        let said = world.read("files", subresource).await;
        for part in has {
            assert!(said.contains(part), "{part} is not in {said}");
        }
        made = Bucket.update(&world.context, &made, &with, &bare).await.unwrap();
        let said = world.read("files", subresource).await;
        assert!(said.contains(gone) && !said.contains(has[0]), "{said}");
        made = Bucket.update(&world.context, &made, &bare, &with).await.unwrap();
    }
}

#[tokio::test]
async fn a_bucket_with_object_lock_has_it_for_good() {
    let world = World::new();
    let locked = json!({ "BucketName": "files", "ObjectLockEnabled": "true", "ObjectLockConfiguration": {
        "ObjectLockEnabled": "Enabled", "Rule": { "DefaultRetention": { "Mode": "GOVERNANCE", "Days": 1 } },
    } });
    let made = testing::create(&Bucket, &world.context, locked.clone()).await;
    assert!(world.read("files", "object-lock").await.contains("<Days>1"));
    assert!(world.read("files", "versioning").await.contains("Enabled"));
    let without_rule = json!({ "BucketName": "files", "ObjectLockEnabled": true });
    Bucket.update(&world.context, &made, &locked, &without_rule).await.unwrap();
    assert!(!world.read("files", "object-lock").await.contains("<Days>"));
    let objections = objections::objections(Some(&locked), &json!({}));
    assert_eq!(objections.iter().map(|objection| objection.property).collect::<Vec<_>>(), ["ObjectLockEnabled"]);
}

#[tokio::test]
async fn an_open_bucket_is_let_before_it_is_opened() {
    let world = World::new();
    let open = json!({
        "BucketName": "files", "AccessControl": "PublicRead", "OwnershipControls": serde_json::from_str::<Value>(OWNED).unwrap(),
        "PublicAccessBlockConfiguration": { "BlockPublicAcls": false },
    });
    let made = testing::create(&Bucket, &world.context, open.clone()).await;
    assert!(world.read("files", "acl").await.contains("AllUsers"));
    let mut closed = open.clone();
    closed.as_object_mut().unwrap().shift_remove("AccessControl");
    Bucket.update(&world.context, &made, &open, &closed).await.unwrap();
    assert!(!world.read("files", "acl").await.contains("AllUsers"));
}

#[tokio::test]
async fn of_several_configurations_those_that_differ_change() {
    let world = World::new();
    let metrics = |ids: &[&str]| {
        let items: Vec<Value> = ids.iter().map(|id| json!({ "Id": id })).collect();
        json!({ "BucketName": "files", "MetricsConfigurations": items })
    };
    let made = testing::create(&Bucket, &world.context, metrics(&["a", "b"])).await;
    Bucket.update(&world.context, &made, &metrics(&["a", "b"]), &metrics(&["b", "c"])).await.unwrap();
    let said = world.read("files", "metrics").await;
    assert!(said.contains("<Id>b") && said.contains("<Id>c") && !said.contains("<Id>a"), "{said}");
}

#[test_case(json!({ "NotificationConfiguration": { "QueueConfigurations": [{ "Event": "s3:ObjectCreated:*", "Queue": "arn:aws:sqs:us-east-1:000000000000:q" }] } }), "NotificationConfiguration")]
#[test_case(json!({ "BucketEncryption": { "ServerSideEncryptionConfiguration": [{ "BlockedEncryptionTypes": { "EncryptionType": ["SSE-C"] } }] } }), "BucketEncryption")]
fn what_is_not_run_is_refused_before_anything_is_done(properties: Value, property: &str) {
    let found = objections::objections(None, &properties);
    assert_eq!(
        found.iter().map(|one| (one.property, one.error.code.as_str())).collect::<Vec<_>>(),
        [(property, "NotImplemented")]
    );
}

#[test]
fn every_property_of_the_registry_is_run_or_named() {
    let known = crate::cloudformation::schema::resource_type("AWS::S3::Bucket").unwrap();
    let not_run: Vec<&str> = known
        .shape
        .properties
        .keys()
        .map(String::as_str)
        .filter(|name| known.is_writable(name) && !Bucket.properties().contains(name))
        .collect();
    let expected = [
        "AbacStatus",
        "BucketNamePrefix",
        "BucketNamespace",
        "MetadataConfiguration",
        "MetadataTableConfiguration",
        "ReplicationConfiguration",
    ];
    assert_eq!(not_run, expected);
}

#[tokio::test]
async fn a_policy_is_the_buckets_and_goes_with_its_resource() {
    let world = World::new();
    let made = testing::create(&Bucket, &world.context, json!({ "BucketName": "files" })).await;
    let policy = |action: &str| {
        json!({ "Bucket": "files", "PolicyDocument": { "Version": "2012-10-17", "Statement": [{
            "Effect": "Deny", "Principal": "*", "Action": action, "Resource": "arn:aws:s3:::files/*",
        }] } })
    };
    let held = testing::create(&BucketPolicy, &world.context, policy("s3:GetObject")).await;
    assert_eq!(held.physical_id, "files");
    BucketPolicy.update(&world.context, &held, &policy("s3:GetObject"), &policy("s3:PutObject")).await.unwrap();
    assert!(world.read("files", "policy").await.contains("s3:PutObject"));
    let malformed = BucketPolicy.create(&world.context, &json!({ "Bucket": "files", "PolicyDocument": {} })).await;
    assert_eq!(malformed.unwrap_err().code, "MalformedPolicy");
    BucketPolicy.delete(&world.context, &held, &json!({})).await.unwrap();
    assert!(world.read("files", "policy").await.contains("NoSuchBucketPolicy"));
    Bucket.delete(&world.context, &made, &json!({})).await.unwrap();
    BucketPolicy.delete(&world.context, &held, &json!({})).await.unwrap();
}
