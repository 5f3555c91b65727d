//! A bucket's properties as the documents of its subresources, in the order in which they can be put.

use serde_json::{Value, json};

use super::super::properties::{changed, list, text};
use super::super::tags;
use super::property_values::{is_on, members};
use super::{configurations, lifecycle, notification};
use crate::cloudformation::provider::ResourceContext;
use crate::core::Document;

/// One subresource that is put, or removed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Step {
    /// The name of the subresource, with the id where a bucket has several of the kind.
    pub(super) subresource: String,
    /// The new document; none removes the one that is there.
    pub(super) document: Option<Document>,
    /// True if the document only stands for the absence of one.
    pub(super) resets: bool,
}

impl Step {
    /// Puts a document.
    pub(super) fn put(subresource: impl Into<String>, document: Document) -> Self {
        Self { subresource: subresource.into(), document: Some(document), resets: false }
    }

    /// Removes the document that is there.
    pub(super) fn removal(subresource: impl Into<String>) -> Self {
        Self { subresource: subresource.into(), document: None, resets: false }
    }
}

/// The change of one property of a bucket.
struct Change<'a> {
    bucket: &'a str,
    old: Option<&'a Value>,
    new: Option<&'a Value>,
}

/// The steps that a change of a property takes.
type Steps = fn(&Change<'_>) -> Vec<Step>;

/// Every property but the name and the tags. The order is that in which S3 takes them: public access is let before a list
/// that grants it, versions are kept before objects are locked, and destinations are told last.
const SETTINGS: &[(&str, Steps)] = &[
    ("PublicAccessBlockConfiguration", |change| single("publicAccessBlock", change, public_access, None)),
    ("OwnershipControls", |change| single("ownershipControls", change, ownership, None)),
    ("AccessControl", |change| single("acl", change, canned, Some(|| canned(&json!("Private"))))),
    ("BucketEncryption", |change| single("encryption", change, encryption, None)),
    ("VersioningConfiguration", |change| single("versioning", change, versioning, Some(suspended))),
    ("ObjectLockEnabled", |change| single("object-lock", change, |_| lock(&json!({})), None)),
    ("ObjectLockConfiguration", |change| single("object-lock", change, lock, Some(|| lock(&json!({}))))),
    ("AccelerateConfiguration", |change| single("accelerate", change, accelerate, Some(unaccelerated))),
    ("CorsConfiguration", |change| single("cors", change, cors, None)),
    ("LifecycleConfiguration", |change| single("lifecycle", change, lifecycle::document, None)),
    ("LoggingConfiguration", |change| single("logging", change, |new| logging(change.bucket, new), Some(no_logging))),
    ("WebsiteConfiguration", |change| single("website", change, website, None)),
    ("AnalyticsConfigurations", |change| identified("analytics", change, configurations::analytics)),
    ("IntelligentTieringConfigurations", |change| identified("intelligent-tiering", change, configurations::tiering)),
    ("InventoryConfigurations", |change| identified("inventory", change, configurations::inventory)),
    ("MetricsConfigurations", |change| identified("metrics", change, configurations::metrics)),
    ("NotificationConfiguration", |change| {
        single("notification", change, notification::document, Some(notification::none))
    }),
];

/// The properties of the request that makes the bucket: they cannot be set later, or S3 checks them together.
const AT_CREATION: &[&str] = &["ObjectLockEnabled"];

/// The headers of the request that makes the bucket.
pub(super) fn at_creation(properties: &Value) -> Vec<(&'static str, String)> {
    let mut headers = Vec::new();
    if is_on(properties.get("ObjectLockEnabled")) {
        headers.push(("x-amz-bucket-object-lock-enabled", "true".to_owned()));
    }
    match properties.get("OwnershipControls").filter(|controls| !controls.is_null()) {
        Some(controls) => {
            let rule = controls.pointer("/Rules/0/ObjectOwnership").and_then(Value::as_str);
            headers.extend(rule.map(|rule| ("x-amz-object-ownership", rule.to_owned())));
        }
        // Without owners of their own, a list of a new bucket is refused with the bucket.
        None => headers.extend(text(properties, "AccessControl").map(|acl| ("x-amz-acl", spelled(acl)))),
    }
    headers
}

/// The steps from `old` properties, or from a new bucket, to `new` ones.
pub(super) fn steps(bucket: &str, old: Option<&Value>, new: &Value) -> Vec<Step> {
    let given = |properties: Option<&Value>, name: &str| -> Option<Value> {
        properties?.get(name).filter(|value| !value.is_null()).cloned()
    };
    let mut steps = Vec::new();
    for (name, of) in SETTINGS {
        let (before, after) = (given(old, name), given(Some(new), name));
        let said_already = old.is_none() && AT_CREATION.contains(name);
        let same = old.is_some_and(|old| !changed(old, new, &[name]));
        if said_already || same || (before.is_none() && after.is_none()) {
            continue;
        }
        steps.extend(of(&Change { bucket, old: before.as_ref(), new: after.as_ref() }));
    }
    steps
}

/// The tags of a bucket: the stack's, and its own over them. None where there are none.
pub(super) fn tags(context: &ResourceContext, properties: &Value) -> Option<Step> {
    let all = tags::list(&tags::all(context, properties));
    (!all.is_empty()).then(|| Step::put("tagging", Document::xml("Tagging", json!({ "TagSet": { "Tag": all } }))))
}

/// A subresource of which a bucket has one. `none` is what stands for its absence where it cannot be removed.
fn single(
    subresource: &str,
    change: &Change<'_>,
    document: impl Fn(&Value) -> Document,
    none: Option<fn() -> Document>,
) -> Vec<Step> {
    vec![match (change.new, none) {
        (Some(new), _) => Step::put(subresource, document(new)),
        (None, Some(none)) => Step { resets: true, ..Step::put(subresource, none()) },
        (None, None) => Step::removal(subresource),
    }]
}

/// A kind of which a bucket has several, each with an id.
fn identified(kind: &str, change: &Change<'_>, document: fn(&Value) -> Document) -> Vec<Step> {
    let items = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (old, new) = (items(change.old), items(change.new));
    let id = |item: &Value| text(item, "Id").unwrap_or_default().to_owned();
    let named = |item: &Value| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("id", &id(item)).finish();
        format!("{kind}&{query}")
    };
    let left = old.iter().filter(|before| !new.iter().any(|after| id(after) == id(before)));
    let removed = left.map(|item| Step::removal(named(item)));
    let put = new.iter().filter(|item| !old.contains(item)).map(|item| Step::put(named(item), document(item)));
    removed.chain(put).collect()
}

fn public_access(new: &Value) -> Document {
    Document::xml("PublicAccessBlockConfiguration", new.clone())
}

fn ownership(new: &Value) -> Document {
    Document::xml("OwnershipControls", json!({ "Rule": list(new, "Rules") }))
}

fn canned(new: &Value) -> Document {
    Document::headers(vec![("x-amz-acl", spelled(new.as_str().unwrap_or_default()))])
}

/// The name of a canned list as S3 spells it: `public-read` of `PublicRead`.
fn spelled(acl: &str) -> String {
    let mut spelled = String::new();
    for letter in acl.chars() {
        if letter.is_uppercase() && !spelled.is_empty() {
            spelled.push('-');
        }
        spelled.extend(letter.to_lowercase());
    }
    spelled
}

fn encryption(new: &Value) -> Document {
    let names = [
        ("ServerSideEncryptionByDefault", "ApplyServerSideEncryptionByDefault"),
        ("BucketKeyEnabled", "BucketKeyEnabled"),
    ];
    let rules: Vec<_> =
        list(new, "ServerSideEncryptionConfiguration").iter().map(|rule| members(rule, &names)).collect();
    Document::xml("ServerSideEncryptionConfiguration", json!({ "Rule": rules }))
}

fn versioning(new: &Value) -> Document {
    Document::xml("VersioningConfiguration", new.clone())
}

fn suspended() -> Document {
    versioning(&json!({ "Status": "Suspended" }))
}

fn lock(new: &Value) -> Document {
    let mut document = members(new, &[("Rule", "Rule")]);
    document.insert("ObjectLockEnabled".to_owned(), json!("Enabled"));
    Document::xml("ObjectLockConfiguration", document.into())
}

fn accelerate(new: &Value) -> Document {
    Document::xml("AccelerateConfiguration", members(new, &[("AccelerationStatus", "Status")]).into())
}

fn unaccelerated() -> Document {
    accelerate(&json!({ "AccelerationStatus": "Suspended" }))
}

fn cors(new: &Value) -> Document {
    const NAMES: [(&str, &str); 6] = [
        ("Id", "ID"),
        ("AllowedHeaders", "AllowedHeader"),
        ("AllowedMethods", "AllowedMethod"),
        ("AllowedOrigins", "AllowedOrigin"),
        ("ExposedHeaders", "ExposeHeader"),
        ("MaxAge", "MaxAgeSeconds"),
    ];
    let rules: Vec<_> = list(new, "CorsRules").iter().map(|rule| members(rule, &NAMES)).collect();
    Document::xml("CORSConfiguration", json!({ "CORSRule": rules }))
}

/// A log without a destination goes to the bucket itself.
fn logging(bucket: &str, new: &Value) -> Document {
    let mut enabled = members(new, &[("TargetObjectKeyFormat", "TargetObjectKeyFormat")]);
    enabled.insert("TargetBucket".to_owned(), json!(text(new, "DestinationBucketName").unwrap_or(bucket)));
    enabled.insert("TargetPrefix".to_owned(), json!(text(new, "LogFilePrefix").unwrap_or_default()));
    Document::xml("BucketLoggingStatus", json!({ "LoggingEnabled": enabled }))
}

fn no_logging() -> Document {
    Document::xml("BucketLoggingStatus", json!({}))
}

fn website(new: &Value) -> Document {
    let mut document = members(new, &[("RedirectAllRequestsTo", "RedirectAllRequestsTo")]);
    if let Some(suffix) = text(new, "IndexDocument") {
        document.insert("IndexDocument".to_owned(), json!({ "Suffix": suffix }));
    }
    if let Some(key) = text(new, "ErrorDocument") {
        document.insert("ErrorDocument".to_owned(), json!({ "Key": key }));
    }
    let names = [("RoutingRuleCondition", "Condition"), ("RedirectRule", "Redirect")];
    let rules: Vec<_> = list(new, "RoutingRules").iter().map(|rule| members(rule, &names)).collect();
    if !rules.is_empty() {
        document.insert("RoutingRules".to_owned(), json!({ "RoutingRule": rules }));
    }
    Document::xml("WebsiteConfiguration", document.into())
}
