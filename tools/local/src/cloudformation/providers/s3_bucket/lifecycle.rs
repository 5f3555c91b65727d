//! `LifecycleConfiguration` as S3's API has it: conditions under `Filter`, actions under their own names.

use serde_json::{Map, Value, json};

use super::super::properties::{list, text};
use super::configurations::filter;
use super::property_values::members;
use crate::core::Document;

const MINIMUM: &str = "x-amz-transition-default-minimum-object-size";

pub(super) fn document(new: &Value) -> Document {
    let rules: Vec<Map<String, Value>> = list(new, "Rules").iter().map(rule).collect();
    let mut document = Document::xml("LifecycleConfiguration", json!({ "Rule": rules }));
    if let Some(minimum) = text(new, "TransitionDefaultMinimumObjectSize") {
        document.headers.push((MINIMUM, minimum.to_owned()));
    }
    document
}

fn rule(rule: &Value) -> Map<String, Value> {
    let names =
        [("Id", "ID"), ("Status", "Status"), ("AbortIncompleteMultipartUpload", "AbortIncompleteMultipartUpload")];
    let mut document = members(rule, &names);
    let conditions = [
        ("Prefix", "Prefix"),
        ("TagFilters", "Tag"),
        ("ObjectSizeGreaterThan", "ObjectSizeGreaterThan"),
        ("ObjectSizeLessThan", "ObjectSizeLessThan"),
    ];
    let filter = filter(members(rule, &conditions)).unwrap_or_else(|| json!({ "Prefix": "" }));
    document.insert("Filter".to_owned(), filter);
    let expiration = members(
        rule,
        &[
            ("ExpirationDate", "Date"),
            ("ExpirationInDays", "Days"),
            ("ExpiredObjectDeleteMarker", "ExpiredObjectDeleteMarker"),
        ],
    );
    insert(&mut document, "Expiration", expiration);
    // The older property stands beside the newer one.
    let mut noncurrent = members(rule, &[("NoncurrentVersionExpirationInDays", "NoncurrentDays")]);
    if let Some(newer) = rule.get("NoncurrentVersionExpiration") {
        let names = ["NoncurrentDays", "NewerNoncurrentVersions"].map(|name| (name, name));
        noncurrent.extend(members(newer, &names));
    }
    insert(&mut document, "NoncurrentVersionExpiration", noncurrent);
    let names = [("StorageClass", "StorageClass"), ("TransitionDate", "Date"), ("TransitionInDays", "Days")];
    insert_all(&mut document, "Transition", transitions(rule, "Transition", &names));
    let names = [
        ("StorageClass", "StorageClass"),
        ("TransitionInDays", "NoncurrentDays"),
        ("NewerNoncurrentVersions", "NewerNoncurrentVersions"),
    ];
    insert_all(&mut document, "NoncurrentVersionTransition", transitions(rule, "NoncurrentVersionTransition", &names));
    document
}

/// The transitions of a kind: one under the older property, several under the newer one, whose name is in the plural.
fn transitions(rule: &Value, property: &str, names: &[(&str, &str)]) -> Vec<Map<String, Value>> {
    let one = rule.get(property).filter(|one| !one.is_null());
    let all = one.into_iter().chain(list(rule, &format!("{property}s")));
    all.map(|transition| {
        let mut transition = members(transition, names);
        // An older spelling of the same class.
        if transition.get("StorageClass").is_some_and(|class| class == "Glacier") {
            transition.insert("StorageClass".to_owned(), json!("GLACIER"));
        }
        transition
    })
    .collect()
}

fn insert(document: &mut Map<String, Value>, name: &str, members: Map<String, Value>) {
    if !members.is_empty() {
        document.insert(name.to_owned(), members.into());
    }
}

fn insert_all(document: &mut Map<String, Value>, name: &str, items: Vec<Map<String, Value>>) {
    if !items.is_empty() {
        document.insert(name.to_owned(), json!(items));
    }
}
