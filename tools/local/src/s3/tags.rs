//! Tags of buckets and objects, and the rules for them.

use std::collections::BTreeMap;

use s3s::dto::Tag;

use super::refusal::Refusal;

/// The most tags that an object may have.
pub(super) const OBJECT_LIMIT: usize = 10;
/// The most tags that a bucket may have.
pub(super) const BUCKET_LIMIT: usize = 50;

/// The tags of a document.
pub(super) fn of_set(tags: &[Tag], limit: usize) -> Result<BTreeMap<String, String>, Refusal> {
    let pairs = tags.iter().map(|tag| match (&tag.key, &tag.value) {
        (Some(key), Some(value)) => Ok((key.clone(), value.clone())),
        _ => Err(Refusal::malformed_xml()),
    });
    check(pairs.collect::<Result<Vec<_>, _>>()?, limit)
}

/// The tags of the `x-amz-tagging` header: a query string.
pub(super) fn of_header(header: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(header.as_bytes()).into_owned().collect();
    let repeated = (1..pairs.len()).any(|at| pairs[..at].iter().any(|(key, _)| *key == pairs[at].0));
    if repeated {
        let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.";
        return Err(Refusal::argument("x-amz-tagging", header, message));
    }
    check(pairs, OBJECT_LIMIT)
}

fn check(pairs: Vec<(String, String)>, limit: usize) -> Result<BTreeMap<String, String>, Refusal> {
    if pairs.len() > limit {
        let what = if limit == OBJECT_LIMIT { "Object tags" } else { "Bucket tag count" };
        return Err(Refusal::new("BadRequest", 400, format!("{what} cannot be greater than {limit}")));
    }
    let invalid = |message: &'static str| Refusal::new("InvalidTag", 400, message);
    let mut tags = BTreeMap::new();
    for (key, value) in pairs {
        if key.is_empty() || key.chars().count() > 128 || !key.chars().all(is_legal) {
            return Err(invalid("The TagKey you have provided is invalid").with("TagKey", key));
        }
        if value.chars().count() > 256 || !value.chars().all(is_legal) {
            return Err(invalid("The TagValue you have provided is invalid")
                .with("TagKey", key)
                .with("TagValue", value));
        }
        if key.to_lowercase().starts_with("aws:") {
            return Err(invalid("System tags cannot be added/updated by requester").with("TagKey", key));
        }
        if tags.insert(key.clone(), value).is_some() {
            return Err(invalid("Cannot provide multiple Tags with the same key").with("TagKey", key));
        }
    }
    Ok(tags)
}

fn is_legal(character: char) -> bool {
    character.is_alphanumeric() || character == ' ' || "_.:/=+-@".contains(character)
}

/// Tags as a document has them.
pub(super) fn set(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

#[cfg(test)]
mod tests {
    use test_case::test_case;

    use super::*;

    #[test]
    fn a_header_is_a_query_string() {
        let tags = of_header("a=b%20c&d=&e").unwrap();
        assert_eq!(tags, BTreeMap::from([("a", "b c"), ("d", ""), ("e", "")].map(|(k, v)| (k.into(), v.into()))));
    }

    #[test_case("a=1&a=2", "InvalidArgument")]
    #[test_case("aws:x=1", "InvalidTag")]
    #[test_case("a=%3C", "InvalidTag")]
    #[test_case("=1", "InvalidTag")]
    #[test_case("a=&b=&c=&d=&e=&f=&g=&h=&i=&j=&k=", "BadRequest")]
    fn tags_keep_to_the_rules(header: &str, code: &str) {
        assert_eq!(of_header(header).unwrap_err().code, code);
    }
}
