//! The condition keys of S3: what a request says of itself, and what is known of the object that it is about.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html>

use http::{HeaderMap, Uri};
use s3s::path::S3Path;

use crate::s3::asked::Asked;
use crate::s3::context::Context;
use crate::s3::tags;

/// Condition keys with their values.
pub(in crate::s3) type Conditions = Vec<(String, Vec<String>)>;

/// The URI and headers of a request, from which its condition keys are read.
pub(super) struct Said<'a> {
    pub(super) uri: &'a Uri,
    pub(super) headers: &'a HeaderMap,
}

impl Said<'_> {
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let query = self.uri.query()?;
        form_urlencoded::parse(query.as_bytes()).find(|(held, _)| held == name).map(|(_, value)| value.into_owned())
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.headers.contains_key(name)
    }
}

/// The headers that are keys under their own names.
const HEADERS: [&str; 17] = [
    "x-amz-acl",
    "x-amz-copy-source",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-metadata-directive",
    "x-amz-object-ownership",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    "if-match",
    "if-none-match",
    "x-amz-content-sha256",
];

/// The headers that are keys under other names.
const NAMED: [(&str, &str); 5] = [
    ("x-amz-object-lock-mode", "s3:object-lock-mode"),
    ("x-amz-object-lock-retain-until-date", "s3:object-lock-retain-until-date"),
    ("x-amz-object-lock-legal-hold", "s3:object-lock-legal-hold"),
    ("referer", "aws:Referer"),
    ("user-agent", "aws:UserAgent"),
];

/// The keys that a request fills.
pub(super) fn of_request(said: &Said<'_>, asked: &Asked, account: &str) -> Conditions {
    let parameters = ["prefix", "delimiter", "max-keys"].map(|name| (name, said.parameter(name)));
    let version = ("VersionId", said.parameter("versionId"));
    let headers = HEADERS.map(|name| (name, said.header(name).map(str::to_owned)));
    let filled = parameters.into_iter().chain([version]).chain(headers);
    let mut keys: Conditions = filled.filter_map(|(name, value)| Some((format!("s3:{name}"), vec![value?]))).collect();
    let named =
        NAMED.iter().filter_map(|(header, key)| Some(((*key).to_owned(), vec![said.header(header)?.to_owned()])));
    keys.extend(named);
    for (name, value) in [("s3:authType", asked.sent.auth_type), ("s3:signatureversion", asked.sent.signature)] {
        keys.extend(value.map(|value| (name.to_owned(), vec![value.to_owned()])));
    }
    keys.extend(asked.sent.age.map(|age| ("s3:signatureAge".to_owned(), vec![age.to_string()])));
    for name in ["s3:ResourceAccount", "aws:ResourceAccount"] {
        keys.push((name.to_owned(), vec![account.to_owned()]));
    }
    keys.extend(requested_tags(said.header("x-amz-tagging")));
    keys
}

fn requested_tags(header: Option<&str>) -> Conditions {
    let Some(requested) = header.and_then(|header| tags::of_header(header).ok()) else { return Vec::new() };
    let names = requested.keys().cloned().collect();
    let values = requested.into_iter().map(|(key, value)| (format!("s3:RequestObjectTag/{key}"), vec![value]));
    values.chain([("s3:RequestObjectTagKeys".to_owned(), names)]).collect()
}

/// The tags that the object of a request has already.
pub(super) fn of_object(context: &Context, path: &S3Path, version: Option<&str>) -> Conditions {
    let S3Path::Object { bucket, key } = path else { return Vec::new() };
    context.store.look(|index| {
        let Ok(bucket) = index.bucket(bucket) else { return Vec::new() };
        let found = version.map_or_else(|| bucket.newest(key), |version| bucket.version(key, version));
        let tags = found.and_then(|version| version.object.as_ref()).map(|object| &object.description.tags);
        let named = |(key, value): (&String, &String)| (format!("s3:ExistingObjectTag/{key}"), vec![value.clone()]);
        tags.into_iter().flatten().map(named).collect()
    })
}
