//! What IAM calls every operation, and what it is done to. The one place from which S3 asks whether a caller may.
//!
//! Names and resources are those of the Service Authorization Reference:
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>.

use std::sync::Arc;

use http::{HeaderMap, Uri};
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::dto::CopySource;
use s3s::path::S3Path;
use s3s::{S3Result, s3_error};

use super::asked::Asked;
use super::context::Context;
use super::refusal::Refusal;
use crate::core::Question;

/// An action on a resource, as IAM has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    /// Such as `s3:GetObject`.
    pub(super) action: String,
    /// Such as `arn:aws:s3:::bucket/key`.
    pub(super) resource: String,
}

/// What a request says beside its operation and path.
struct Said<'a> {
    uri: &'a Uri,
    headers: &'a HeaderMap,
}

impl Said<'_> {
    fn parameter(&self, name: &str) -> Option<String> {
        let query = self.uri.query()?;
        form_urlencoded::parse(query.as_bytes()).find(|(held, _)| held == name).map(|(_, value)| value.into_owned())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }
}

/// Everything that an operation needs. DeleteObjects asks for every key by itself.
fn needs(operation: &str, path: &S3Path, said: &Said<'_>) -> Vec<Need> {
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
const WRITING: [(&str, &str); 9] = [
    ("x-amz-tagging", "PutObjectTagging"),
    ("x-amz-acl", "PutObjectAcl"),
    ("x-amz-grant-read", "PutObjectAcl"),
    ("x-amz-grant-full-control", "PutObjectAcl"),
    ("x-amz-grant-read-acp", "PutObjectAcl"),
    ("x-amz-grant-write-acp", "PutObjectAcl"),
    ("x-amz-object-lock-mode", "PutObjectRetention"),
    ("x-amz-object-lock-legal-hold", "PutObjectLegalHold"),
    ("x-amz-bypass-governance-retention", "BypassGovernanceRetention"),
];

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

/// The action of an operation.
fn action(operation: &str, version: bool) -> String {
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

/// The condition keys of S3 that a request fills.
fn conditions(said: &Said<'_>) -> Vec<(String, Vec<String>)> {
    let parameters = ["prefix", "delimiter", "max-keys"].map(|name| (name, said.parameter(name)));
    let version = ("VersionId", said.parameter("versionId"));
    let headers = [
        "x-amz-acl",
        "x-amz-copy-source",
        "x-amz-metadata-directive",
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-storage-class",
        "x-amz-website-redirect-location",
        "if-match",
        "if-none-match",
    ]
    .map(|name| (name, said.header(name).map(str::to_owned)));
    let filled = parameters.into_iter().chain([version]).chain(headers);
    filled.filter_map(|(name, value)| Some((format!("s3:{name}"), vec![value?]))).collect()
}

/// `arn:aws:s3:::bucket`.
pub(super) fn bucket_arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

/// `arn:aws:s3:::bucket/key`.
pub(super) fn object_arn(bucket: &str, key: &str) -> String {
    format!("arn:aws:s3:::{bucket}/{key}")
}

/// Asks whether a caller may do what they need to.
pub(super) fn permit(
    context: &Context,
    asked: &Asked,
    need: Need,
    conditions: Vec<(String, Vec<String>)>,
) -> Result<(), Refusal> {
    let Some(hub) = context.hub() else { return Ok(()) };
    let Some(authority) = hub.authority().filter(|_| !asked.caller.is_plane()) else { return Ok(()) };
    let resources = [need.resource];
    let question = Question { caller: &asked.caller, action: &need.action, resources: &resources, context: conditions };
    authority.decide(&question).map_err(|denial| Refusal::new("AccessDenied", 403, denial.message))
}

/// Asks whether a caller may remove one object of several.
pub(super) fn permit_removal(
    context: &Context,
    asked: &Asked,
    (bucket, key): (&str, &str),
    version: bool,
) -> Result<(), Refusal> {
    let action = format!("s3:{}", action("DeleteObject", version));
    permit(context, asked, Need { action, resource: object_arn(bucket, key) }, Vec::new())
}

/// The library's question before every operation.
pub(super) struct Access(pub(super) Arc<Context>);

#[async_trait::async_trait]
impl S3Access for Access {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let asked = cx.extensions_mut().get::<Asked>().cloned().unwrap_or_default();
        let said = Said { uri: cx.uri(), headers: cx.headers() };
        for need in needs(cx.s3_op().name(), cx.s3_path(), &said) {
            permit(&self.0, &asked, need, conditions(&said))?;
        }
        Ok(())
    }
}

/// The library asks for access only where it knows of signatures. They are off before it sees a request.
pub(super) struct Unsigned;

#[async_trait::async_trait]
impl S3Auth for Unsigned {
    async fn get_secret_key(&self, _: &str) -> S3Result<SecretKey> {
        Err(s3_error!(InvalidAccessKeyId))
    }
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

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
