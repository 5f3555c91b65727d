//! The IAM actions of every operation, and the resources that they are done to.
//!
//! Names and resources are those of the Service Authorization Reference:
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>.

use s3s::dto::CopySource;
use s3s::path::S3Path;

use super::conditions::Said;

/// An action on a resource, as IAM has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::s3) struct Need {
    /// The action, such as `s3:GetObject`.
    pub(in crate::s3) action: String,
    /// The ARN of the resource, such as `arn:aws:s3:::bucket/key`.
    pub(in crate::s3) resource: String,
}

/// Everything that an operation needs. DeleteObjects asks for every key by itself.
pub(super) fn needs(operation: &str, path: &S3Path, said: &Said<'_>) -> Vec<Need> {
    let resource = match path {
        S3Path::Root => "*".to_owned(),
        S3Path::Bucket { bucket } => bucket_arn(bucket),
        S3Path::Object { bucket, key } => object_arn(bucket, key),
    };
    let one = |action: &str| vec![Need { action: format!("s3:{action}"), resource: resource.clone() }];
    match operation {
        "DeleteObjects" => Vec::new(),
        "PutObject" | "CreateMultipartUpload" | "CopyObject" | "PostObject" => {
            let mut needs = source(said);
            needs.extend(one("PutObject"));
            for (header, action) in WRITING {
                if said.has(header) {
                    needs.extend(one(action));
                }
            }
            needs
        }
        "CreateBucket" => {
            let mut needs = one("CreateBucket");
            for (header, actions) in MAKING {
                if said.has(header) {
                    needs.extend(actions.iter().flat_map(|action| one(action)));
                }
            }
            needs
        }
        "DeleteObject" | "PutObjectRetention" => {
            let mut needs = one(&action(operation, said.parameter("versionId").is_some()));
            if said.header(BYPASS).is_some_and(|bypass| bypass.eq_ignore_ascii_case("true")) {
                needs.extend(one("BypassGovernanceRetention"));
            }
            needs
        }
        "UploadPart" | "CompleteMultipartUpload" => one("PutObject"),
        "UploadPartCopy" => source(said).into_iter().chain(one("PutObject")).collect(),
        "GetObjectAttributes" => {
            let versioned = if said.parameter("versionId").is_some() { "Version" } else { "" };
            let mut needs = one(&format!("GetObject{versioned}"));
            needs.extend(one(&format!("GetObject{versioned}Attributes")));
            needs
        }
        _ => one(&action(operation, said.parameter("versionId").is_some())),
    }
}

/// Headers of a write that need an action of their own.
const WRITING: [(&str, &str); 8] = [
    ("x-amz-tagging", "PutObjectTagging"),
    ("x-amz-acl", "PutObjectAcl"),
    ("x-amz-grant-read", "PutObjectAcl"),
    ("x-amz-grant-full-control", "PutObjectAcl"),
    ("x-amz-grant-read-acp", "PutObjectAcl"),
    ("x-amz-grant-write-acp", "PutObjectAcl"),
    ("x-amz-object-lock-mode", "PutObjectRetention"),
    ("x-amz-object-lock-legal-hold", "PutObjectLegalHold"),
];

/// Headers of the request that makes a bucket, with the actions that they need.
const MAKING: [(&str, &[&str]); 8] = [
    ("x-amz-acl", &["PutBucketAcl"]),
    ("x-amz-grant-full-control", &["PutBucketAcl"]),
    ("x-amz-grant-read", &["PutBucketAcl"]),
    ("x-amz-grant-read-acp", &["PutBucketAcl"]),
    ("x-amz-grant-write", &["PutBucketAcl"]),
    ("x-amz-grant-write-acp", &["PutBucketAcl"]),
    ("x-amz-object-ownership", &["PutBucketOwnershipControls"]),
    ("x-amz-bucket-object-lock-enabled", &["PutBucketObjectLockConfiguration", "PutBucketVersioning"]),
];

/// Asks that a lock in governance mode does not hold.
const BYPASS: &str = "x-amz-bypass-governance-retention";

/// The operations that IAM calls otherwise.
const OTHERWISE: &[(&str, &str)] = &[
    ("DeleteBucketAnalyticsConfiguration", "PutAnalyticsConfiguration"),
    ("DeleteBucketCors", "PutBucketCORS"),
    ("DeleteBucketEncryption", "PutEncryptionConfiguration"),
    ("DeleteBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"),
    ("DeleteBucketInventoryConfiguration", "PutInventoryConfiguration"),
    ("DeleteBucketLifecycle", "PutLifecycleConfiguration"),
    ("DeleteBucketMetricsConfiguration", "PutMetricsConfiguration"),
    ("DeleteBucketOwnershipControls", "PutBucketOwnershipControls"),
    ("DeleteBucketReplication", "PutReplicationConfiguration"),
    ("DeleteBucketTagging", "PutBucketTagging"),
    ("DeletePublicAccessBlock", "PutBucketPublicAccessBlock"),
    ("GetBucketAccelerateConfiguration", "GetAccelerateConfiguration"),
    ("GetBucketAnalyticsConfiguration", "GetAnalyticsConfiguration"),
    ("GetBucketCors", "GetBucketCORS"),
    ("GetBucketEncryption", "GetEncryptionConfiguration"),
    ("GetBucketIntelligentTieringConfiguration", "GetIntelligentTieringConfiguration"),
    ("GetBucketInventoryConfiguration", "GetInventoryConfiguration"),
    ("GetBucketLifecycleConfiguration", "GetLifecycleConfiguration"),
    ("GetBucketMetricsConfiguration", "GetMetricsConfiguration"),
    ("GetBucketNotificationConfiguration", "GetBucketNotification"),
    ("GetBucketReplication", "GetReplicationConfiguration"),
    ("GetObjectLockConfiguration", "GetBucketObjectLockConfiguration"),
    ("GetPublicAccessBlock", "GetBucketPublicAccessBlock"),
    ("HeadBucket", "ListBucket"),
    ("HeadObject", "GetObject"),
    ("ListBucketAnalyticsConfigurations", "GetAnalyticsConfiguration"),
    ("ListBucketIntelligentTieringConfigurations", "GetIntelligentTieringConfiguration"),
    ("ListBucketInventoryConfigurations", "GetInventoryConfiguration"),
    ("ListBucketMetricsConfigurations", "GetMetricsConfiguration"),
    ("ListBuckets", "ListAllMyBuckets"),
    ("ListMultipartUploads", "ListBucketMultipartUploads"),
    ("ListObjectVersions", "ListBucketVersions"),
    ("ListObjects", "ListBucket"),
    ("ListObjectsV2", "ListBucket"),
    ("ListParts", "ListMultipartUploadParts"),
    ("PutBucketAccelerateConfiguration", "PutAccelerateConfiguration"),
    ("PutBucketAnalyticsConfiguration", "PutAnalyticsConfiguration"),
    ("PutBucketCors", "PutBucketCORS"),
    ("PutBucketEncryption", "PutEncryptionConfiguration"),
    ("PutBucketIntelligentTieringConfiguration", "PutIntelligentTieringConfiguration"),
    ("PutBucketInventoryConfiguration", "PutInventoryConfiguration"),
    ("PutBucketLifecycleConfiguration", "PutLifecycleConfiguration"),
    ("PutBucketMetricsConfiguration", "PutMetricsConfiguration"),
    ("PutBucketNotificationConfiguration", "PutBucketNotification"),
    ("PutBucketReplication", "PutReplicationConfiguration"),
    ("PutObjectLockConfiguration", "PutBucketObjectLockConfiguration"),
    ("PutPublicAccessBlock", "PutBucketPublicAccessBlock"),
    ("SelectObjectContent", "GetObject"),
];

/// The actions that have another name for a version.
const VERSIONED: [&str; 8] = [
    "GetObject",
    "GetObjectAcl",
    "GetObjectTagging",
    "GetObjectTorrent",
    "PutObjectAcl",
    "PutObjectTagging",
    "DeleteObject",
    "DeleteObjectTagging",
];

/// The action of an operation, without `s3:`; `version` is true if the request names a version.
pub(super) fn action(operation: &str, version: bool) -> String {
    let otherwise = OTHERWISE.iter().find(|(name, _)| *name == operation);
    let action = otherwise.map_or(operation, |(_, action)| *action);
    match action.split_once("Object") {
        Some((verb, what)) if version && VERSIONED.contains(&action) => format!("{verb}ObjectVersion{what}"),
        _ => action.to_owned(),
    }
}

/// Reading the source of a copy.
fn source(said: &Said<'_>) -> Vec<Need> {
    let source = said.header("x-amz-copy-source").and_then(|header| CopySource::parse(header).ok());
    match source {
        Some(CopySource::Bucket { bucket, key, version_id }) => {
            let action = action("GetObject", version_id.is_some());
            vec![Need { action: format!("s3:{action}"), resource: object_arn(&bucket, &key) }]
        }
        _ => Vec::new(),
    }
}

/// `arn:aws:s3:::bucket`.
pub(in crate::s3) fn bucket_arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

/// `arn:aws:s3:::bucket/key`.
pub(in crate::s3) fn object_arn(bucket: &str, key: &str) -> String {
    format!("arn:aws:s3:::{bucket}/{key}")
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Uri};
    use test_case::test_case;

    use super::*;
    use crate::authorization::reference;

    #[test]
    fn every_action_is_in_the_reference() {
        let renamed = OTHERWISE.iter().map(|(_, action)| *action);
        let made = MAKING.iter().flat_map(|(_, actions)| actions.iter().copied());
        let others = WRITING.iter().map(|(_, action)| *action).chain(VERSIONED).chain(made);
        for action in renamed.chain(others) {
            assert!(reference::action(&format!("s3:{action}")).is_some(), "{action}");
        }
    }

    #[test]
    fn a_bucket_with_object_lock_needs_to_set_it() {
        let found =
            needed("CreateBucket", &S3Path::bucket("b-1"), "", Some(("x-amz-bucket-object-lock-enabled", "true")));
        let actions: Vec<&str> = found.iter().map(|(action, _)| action.as_str()).collect();
        assert_eq!(actions, ["s3:CreateBucket", "s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning"]);
    }

    fn needed(
        operation: &str,
        path: &S3Path,
        query: &str,
        header: Option<(&'static str, &str)>,
    ) -> Vec<(String, String)> {
        let uri: Uri = format!("/b-1/k?{query}").parse().unwrap();
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = header {
            headers.insert(name, value.parse().unwrap());
        }
        let needs = needs(operation, path, &Said { uri: &uri, headers: &headers });
        needs.into_iter().map(|need| (need.action, need.resource)).collect()
    }

    #[test_case("HeadObject", "", "s3:GetObject")]
    #[test_case("GetObject", "versionId=1", "s3:GetObjectVersion")]
    #[test_case("GetObjectTagging", "versionId=1", "s3:GetObjectVersionTagging")]
    #[test_case("DeleteObject", "versionId=1", "s3:DeleteObjectVersion")]
    #[test_case("DeleteObjectTagging", "versionId=1", "s3:DeleteObjectVersionTagging")]
    #[test_case("CreateMultipartUpload", "uploads", "s3:PutObject")]
    #[test_case("CompleteMultipartUpload", "uploadId=1", "s3:PutObject")]
    #[test_case("ListParts", "uploadId=1", "s3:ListMultipartUploadParts")]
    #[test_case("GetObjectLegalHold", "", "s3:GetObjectLegalHold")]
    fn an_operation_on_an_object_is_an_action_on_its_arn(operation: &str, query: &str, action: &str) {
        let found = needed(operation, &S3Path::object("b-1", "k"), query, None);
        assert_eq!(found, [(action.to_owned(), "arn:aws:s3:::b-1/k".to_owned())]);
    }

    #[test_case("ListObjectsV2", "s3:ListBucket")]
    #[test_case("HeadBucket", "s3:ListBucket")]
    #[test_case("ListObjectVersions", "s3:ListBucketVersions")]
    #[test_case("PutBucketCors", "s3:PutBucketCORS")]
    #[test_case("DeletePublicAccessBlock", "s3:PutBucketPublicAccessBlock")]
    #[test_case("CreateBucket", "s3:CreateBucket")]
    fn an_operation_on_a_bucket_is_an_action_on_its_arn(operation: &str, action: &str) {
        let found = needed(operation, &S3Path::bucket("b-1"), "", None);
        assert_eq!(found, [(action.to_owned(), "arn:aws:s3:::b-1".to_owned())]);
    }

    #[test]
    fn a_copy_reads_its_source_and_writes() {
        let found =
            needed("CopyObject", &S3Path::object("b-1", "k"), "", Some(("x-amz-copy-source", "b-2/a%20b?versionId=7")));
        let expected = [("s3:GetObjectVersion", "arn:aws:s3:::b-2/a b"), ("s3:PutObject", "arn:aws:s3:::b-1/k")];
        assert_eq!(found, expected.map(|(action, resource)| (action.to_owned(), resource.to_owned())));
    }

    #[test]
    fn a_write_with_tags_needs_to_tag() {
        let found = needed("PutObject", &S3Path::object("b-1", "k"), "", Some(("x-amz-tagging", "a=b")));
        assert_eq!(
            found.iter().map(|(action, _)| action.as_str()).collect::<Vec<_>>(),
            ["s3:PutObject", "s3:PutObjectTagging"]
        );
    }
}
